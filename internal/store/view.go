package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	quick "github.com/segmentio/encoding/json"
)

// View reaches the records of one firm, or of one family of the system's. Families are partitions' first words
// ("clocks", "invoice"); a family's further parts are ids.
type View struct {
	backend Backend
	prefix  string
}

// Firm returns the view of one firm. The id is a UUID; one that is empty or holds a slash panics, since it would
// reach another's records.
func Firm(b Backend, firmID string) View {
	if firmID == "" || strings.Contains(firmID, "/") {
		panic("store: a firm's view needs a firm's id")
	}
	return View{b, "f/" + firmID + "/"}
}

// Family is one of the closed list of families that do not belong to a firm.
type Family string

// The system's families. Due holds the outbox's due pointers, in shards.
const (
	Meta     Family = "meta"     // the store's own facts: schema, demo or not
	Firms    Family = "firms"    // the list of firms
	SignIn   Family = "signin"   // keyed hash of an e-mail address -> firm and person
	Sessions Family = "sessions" // the console's sessions, by hash
	PayPages Family = "paypages" // pay page tokens, by hash -> firm and invoice
	Webhooks Family = "webhooks" // processor events seen, by endpoint and event id
	Due      Family = "due"      // when which outbox message is due
)

// System returns the view of one of the system's families.
func System(b Backend, f Family) View { return View{b, "s/" + string(f) + "/"} }

// Key builds a key of this view: partition parts are joined by slashes, and no part may be empty or hold one.
func (v View) Key(sort string, partition ...string) Key {
	return Key{Partition: v.Partition(partition...), Sort: sort}
}

// nameSize is the bytes that most partitions' names fit in.
const nameSize = 128

// Partition builds the name of a partition of this view. A part that is empty or holds a slash panics.
func (v View) Partition(parts ...string) string {
	name := make([]byte, 0, nameSize)
	name = append(name, v.prefix...)
	for i, p := range parts {
		if p == "" || strings.Contains(p, "/") {
			panic(fmt.Sprintf("store: bad partition part in %d parts", len(parts)))
		}
		if i > 0 {
			name = append(name, '/')
		}
		name = append(name, p...)
	}
	return string(name)
}

// Get reads records in one trip. Keys must be of this view.
func (v View) Get(ctx context.Context, keys ...Key) ([]Record, error) {
	v.own(keys...)
	count(ctx, &Trips{Reads: 1})
	return v.backend.Get(ctx, keys...)
}

// Query reads a page in one trip. The partition must be of this view.
func (v View) Query(ctx context.Context, q Query) (Page, error) {
	v.own(Key{Partition: q.Partition})
	count(ctx, &Trips{Reads: 1})
	return v.backend.Query(ctx, q)
}

// Batch returns an empty batch of reads for this view.
func (v View) Batch() *Batch { return &Batch{view: v} }

// Commit applies operations, of this view or others, all or none, in one trip.
func (v View) Commit(ctx context.Context, ops ...Op) error {
	count(ctx, &Trips{Commits: 1})
	return v.backend.Commit(ctx, ops...)
}

// Backend returns the database behind the view, for the system's views that an operation joins in.
func (v View) Backend() Backend { return v.backend }

func (v View) own(keys ...Key) {
	for _, k := range keys {
		if !strings.HasPrefix(k.Partition, v.prefix) {
			panic("store: key of another view")
		}
	}
}

// CreateOp writes a record that must be absent. The value is encoded as JSON.
func CreateOp(k Key, value any) Op { return Op{Kind: Create, Key: k, Value: encode(value)} }

// ReplaceOp writes a record that must still be as it was read.
func ReplaceOp(r Record, value any) Op {
	return Op{Kind: Replace, Key: r.Key, Version: r.Version, Value: encode(value), Expires: r.Expires}
}

// PutOp creates the record if it was absent when read, and replaces it otherwise.
func PutOp(r Record, value any) Op {
	if r.Exists() {
		return ReplaceOp(r, value)
	}
	return CreateOp(r.Key, value)
}

// DeleteOp removes a record that must still be as it was read.
func DeleteOp(r Record) Op { return Op{Kind: Delete, Key: r.Key, Version: r.Version} }

// CheckOp demands that a record still is as it was read: the same version, or absent.
func CheckOp(r Record) Op {
	if !r.Exists() {
		return Op{Kind: CheckAbsent, Key: r.Key}
	}
	return Op{Kind: Check, Key: r.Key, Version: r.Version}
}

// Until returns the operation with an expiry: whole seconds, UTC, rounded up.
func (o Op) Until(t time.Time) Op {
	o.Expires = t.Add(time.Second - 1).UTC().Truncate(time.Second)
	return o
}

// Decode reads a record's JSON into value, whose strings are parts of the record's bytes: nobody may change those. An
// absent record leaves value as it is.
func Decode(r Record, value any) error {
	if !r.Exists() {
		return nil
	}
	rest, err := quick.Parse(r.Value, value, quick.ZeroCopy)
	if err == nil && len(rest) > 0 {
		err = errors.New("more follows the value")
	}
	if err != nil {
		return fmt.Errorf("store: record of family %s cannot be read: %w", family(r.Key), err)
	}
	return nil
}

func encode(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		panic("store: a record must encode as JSON: " + err.Error())
	}
	return b
}

// family names a key's family for an error, without its ids.
func family(k Key) string {
	parts := strings.Split(k.Partition, "/")
	if len(parts) > 2 && parts[0] == "f" {
		return parts[2]
	}
	return strings.Join(parts[:min(2, len(parts))], "/")
}
