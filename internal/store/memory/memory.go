// Package memory keeps records in memory, with the whole contract of store.Backend. It is for tests and
// simulation: nothing survives the process. It never loses a race by itself (every commit holds one lock), so
// conflicts, lost replies and crashes come from storetest.Faulty.
package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/store"
)

var errClosed = errors.New("memory: closed")

// Backend is a store.Backend in memory.
type Backend struct {
	now func() time.Time

	mu         sync.RWMutex
	partitions map[string]*partition
	closed     bool
}

type partition struct {
	order   order
	records map[string]stored
}

type stored struct {
	value   []byte
	version string
	expires int64
}

// New returns an empty backend. Records expire by now.
func New(now func() time.Time) *Backend {
	return &Backend{now: now, partitions: map[string]*partition{}}
}

// Get implements store.Backend.
func (b *Backend) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	now := b.now()
	records := make([]store.Record, len(keys))
	for i, k := range keys {
		records[i] = b.read(k, now)
	}
	return records, nil
}

// Query implements store.Backend.
func (b *Backend) Query(ctx context.Context, q store.Query) (store.Page, error) {
	r, err := q.Resolve()
	if err != nil {
		return store.Page{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if err := b.open(ctx); err != nil {
		return store.Page{}, err
	}
	p := b.partitions[q.Partition]
	if p == nil {
		return store.Page{}, nil
	}
	var page store.Page
	now := b.now()
	p.order.between(r.From, r.To, r.Desc, func(sort string) bool {
		record := b.read(store.Key{Partition: q.Partition, Sort: sort}, now)
		if record.Exists() && len(page.Records) == r.Limit {
			page.Next = q.After(page.Records[r.Limit-1].Sort)
			return false
		}
		if record.Exists() {
			page.Records = append(page.Records, record)
		}
		return true
	})
	return page, nil
}

// Commit implements store.Backend.
func (b *Backend) Commit(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckOps(ops); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.open(ctx); err != nil {
		return err
	}
	now := b.now()
	for i, op := range ops {
		if !holds(op, b.live(op.Key, now).version) {
			return fmt.Errorf("memory: operation %d of %d: %w", i+1, len(ops), store.ErrPrecondition)
		}
	}
	version := uuid.NewString()
	for _, op := range ops {
		b.apply(op, version)
	}
	return nil
}

// Walk implements store.Backend. It does not hold the lock while f runs.
func (b *Backend) Walk(ctx context.Context, f func(store.Record) error) error {
	for _, k := range b.keys() {
		records, err := b.Get(ctx, k)
		if err != nil {
			return err
		}
		if !records[0].Exists() {
			continue
		}
		if err := f(records[0]); err != nil {
			return err
		}
	}
	return nil
}

// Close implements store.Backend.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

func (b *Backend) keys() []store.Key {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var keys []store.Key
	for name, p := range b.partitions {
		p.order.between("", "", false, func(sort string) bool {
			keys = append(keys, store.Key{Partition: name, Sort: sort})
			return true
		})
	}
	return keys
}

func (b *Backend) open(ctx context.Context) error {
	if b.closed {
		return errClosed
	}
	return ctx.Err()
}

func (b *Backend) read(k store.Key, now time.Time) store.Record {
	s := b.live(k, now)
	if s.version == "" {
		return store.Record{Key: k}
	}
	return store.Record{Key: k, Value: bytes.Clone(s.value), Version: s.version, Expires: store.Instant(s.expires)}
}

// live is what is stored under a key; without a version when there is nothing, or when it has expired.
func (b *Backend) live(k store.Key, now time.Time) stored {
	p := b.partitions[k.Partition]
	if p == nil {
		return stored{}
	}
	s := p.records[k.Sort]
	if store.Expired(s.expires, now) {
		return stored{}
	}
	return s
}

// holds reports whether an operation's condition is met by a record of this version, "" for an absent one.
func holds(op store.Op, version string) bool {
	if op.Kind == store.Create || op.Kind == store.CheckAbsent {
		return version == ""
	}
	return version != "" && version == op.Version
}

func (b *Backend) apply(op store.Op, version string) {
	switch op.Kind {
	case store.Create, store.Replace:
		p := b.partition(op.Key.Partition)
		if _, had := p.records[op.Key.Sort]; !had {
			p.order.insert(op.Key.Sort)
		}
		p.records[op.Key.Sort] = stored{bytes.Clone(op.Value), version, store.Seconds(op.Expires)}
	case store.Delete:
		p := b.partitions[op.Key.Partition]
		delete(p.records, op.Key.Sort)
		p.order.remove(op.Key.Sort)
	}
}

func (b *Backend) partition(name string) *partition {
	p := b.partitions[name]
	if p == nil {
		p = &partition{records: map[string]stored{}}
		b.partitions[name] = p
	}
	return p
}
