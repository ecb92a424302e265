// Package store is the port to the one database: records under keys, read consistently and committed all or
// nothing. Backends are store/memory, store/sqlite and store/dynamo; store/storetest holds the conformance suite
// they all pass and the wrapper that injects faults.
//
// The way in is a View: a firm's view can only reach that firm's records. Reads that belong to one moment go
// through a Batch, which is one trip. DynamoDB's limits are the contract of every backend.
package store

import (
	"context"
	"errors"
	"time"
)

// The limits, DynamoDB's own (TransactWriteItems, item and key sizes), kept by every backend.
const (
	MaxOps       = 100        // operations in one Commit, and keys in one Get
	MaxBytes     = 4080 << 10 // bytes of all values and keys in one Commit: 4 MB, less room for attributes
	MaxItem      = 390 << 10  // bytes of one value: 400 KB an item, less room for its key and attributes
	MaxPartition = 1024       // bytes of Key.Partition
	MaxSort      = 1000       // bytes of Key.Sort
	MaxPage      = 1000       // records in one Page
	DefaultPage  = 100        // records in one Page when Query.Limit is 0
)

// Errors that a caller must tell apart. Backends wrap them with what was being done.
var (
	// ErrConflict: the commit lost a race inside the database. Nothing was written; re-read and try again.
	ErrConflict = errors.New("store: conflict")
	// ErrPrecondition: a version or an absence named by an operation did not hold. Nothing was written.
	ErrPrecondition = errors.New("store: precondition failed")
	// ErrUnknown: the commit may or may not have happened. Re-read before doing anything else.
	ErrUnknown = errors.New("store: outcome unknown")
	// ErrThrottled: the database has no capacity now. Nothing was written.
	ErrThrottled = errors.New("store: throttled")
	// ErrLimit: a call broke one of the limits above. Nothing was sent.
	ErrLimit = errors.New("store: limit exceeded")
	// ErrNoTable: the table or the file does not exist, or is not ours.
	ErrNoTable = errors.New("store: no such table")
	// ErrNewer: the data were written by a newer version of this program.
	ErrNewer = errors.New("store: data from a newer version")
	// ErrCursor: a cursor is broken, or belongs to another query.
	ErrCursor = errors.New("store: cursor of another query")
	// ErrFull: the disk is full or read-only. Nothing was written.
	ErrFull = errors.New("store: no space")
)

// Key names a record. Both parts are UTF-8 and not empty; Sort orders records of a partition bytewise.
type Key struct{ Partition, Sort string }

// Record is a stored value. A record that is absent or expired has an empty Version.
type Record struct {
	Key
	Value   []byte
	Version string    // opaque; fresh for every write, never repeated for a key
	Expires time.Time // zero: never. Whole seconds, UTC. From that instant on the record counts as absent
}

// Exists reports whether the record was there when it was read.
func (r Record) Exists() bool { return r.Version != "" }

// Query asks for the records of one partition with From <= Sort < To, in order of Sort.
type Query struct {
	Partition string
	From, To  string // either may be empty: no bound on that side
	Desc      bool   // last first
	Limit     int    // at most this many; 0 means DefaultPage, more than MaxPage is ErrLimit
	Cursor    string // from the Page before; opaque, bound to the same Query
}

// Page is part of a Query's answer. Next is empty after the last record. A page may hold fewer records than the
// limit and still have a Next, but then never none.
type Page struct {
	Records []Record
	Next    string
}

// OpKind says what an Op does.
type OpKind int

// Operations on one key. An absent record is one that does not exist or has expired.
const (
	Create      OpKind = iota + 1 // writes; the record must be absent
	Replace                       // writes; the record must have Op.Version
	Delete                        // removes; the record must have Op.Version
	Check                         // writes nothing; the record must have Op.Version
	CheckAbsent                   // writes nothing; the record must be absent
)

// Op is one operation of a Commit. A commit has at most one Op for a key.
type Op struct {
	Kind    OpKind
	Key     Key
	Value   []byte    // Create, Replace
	Version string    // Replace, Delete, Check
	Expires time.Time // Create, Replace
}

// Backend is a database. Its methods are safe for concurrent use. Reads see every commit that returned nil
// before they began.
type Backend interface {
	// Get returns one record for each key, in the order of keys; see Record.Exists. At most MaxOps keys; a key may
	// be named twice. Values are the caller's own.
	Get(ctx context.Context, keys ...Key) ([]Record, error)
	// Query returns one page. Pages are consistent reads, but not a snapshot of each other.
	Query(ctx context.Context, q Query) (Page, error)
	// Commit applies all operations or none; none at all is no error and does nothing. Unless the error is
	// ErrUnknown, an error means that nothing was written.
	Commit(ctx context.Context, ops ...Op) error
	// Walk calls f for every record that has not expired, in any order, for backup and migration only.
	Walk(ctx context.Context, f func(Record) error) error
	// Close releases the database.
	Close() error
}
