// Package storetest holds what every backend of package store must pass (Run), and a Backend that injects faults
// into another (Faulty).
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Clock is the injected clock of tests: it moves only when told. It starts on a day of 2026, at a whole second.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at 2026-03-02 15:00:00 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Open returns an empty backend that expires records by now. It is called once for each rule, and closes the
// backend by t.Cleanup.
type Open func(t *testing.T, now func() time.Time) store.Backend

// Run checks that a backend keeps the contract of store.Backend, one subtest for each rule.
func Run(t *testing.T, open Open) {
	for _, rules := range [][]rule{commitRules, limitRules, queryRules, expiryRules, raceRules} {
		for _, r := range rules {
			t.Run(r.name, func(t *testing.T) {
				clock := NewClock()
				r.check(&bench{T: t, ctx: t.Context(), clock: clock, Backend: open(t, clock.Now)})
			})
		}
	}
}

type rule struct {
	name  string
	check func(*bench)
}

// bench is a backend under test, with the shortest words for what the rules do to it.
type bench struct {
	*testing.T
	store.Backend
	ctx   context.Context
	clock *Clock
}

func key(partition, sort string) store.Key { return store.Key{Partition: partition, Sort: sort} }

func create(k store.Key, value string) store.Op {
	return store.Op{Kind: store.Create, Key: k, Value: []byte(value)}
}

func replace(r store.Record, value string) store.Op {
	return store.Op{Kind: store.Replace, Key: r.Key, Version: r.Version, Value: []byte(value)}
}

// commit makes a commit that must succeed.
func (b *bench) commit(ops ...store.Op) {
	b.Helper()
	if err := b.Commit(b.ctx, ops...); err != nil {
		b.Fatalf("commit of %d operations: %v", len(ops), err)
	}
}

// refuse makes a commit that must fail with an error.
func (b *bench) refuse(want error, ops ...store.Op) {
	b.Helper()
	if err := b.Commit(b.ctx, ops...); !errors.Is(err, want) {
		b.Fatalf("commit of %d operations: %v, want %v", len(ops), err, want)
	}
}

// get reads one record.
func (b *bench) get(k store.Key) store.Record {
	b.Helper()
	return b.gets(k)[0]
}

func (b *bench) gets(keys ...store.Key) []store.Record {
	b.Helper()
	records, err := b.Get(b.ctx, keys...)
	if err != nil {
		b.Fatalf("get of %d keys: %v", len(keys), err)
	}
	if len(records) != len(keys) {
		b.Fatalf("get of %d keys gave %d records", len(keys), len(records))
	}
	return records
}

// holds demands that a record is there with a value, or is absent when the value is "".
func (b *bench) holds(k store.Key, value string) {
	b.Helper()
	r := b.get(k)
	if r.Key != k {
		b.Fatalf("asked for %q, got %q", k, r.Key)
	}
	if string(r.Value) != value || r.Exists() != (value != "") {
		b.Fatalf("%q holds %.40q (exists: %t), want %.40q", k, r.Value, r.Exists(), value)
	}
}

// page reads one page.
func (b *bench) page(q store.Query) store.Page {
	b.Helper()
	page, err := b.Query(b.ctx, q)
	if err != nil {
		b.Fatalf("query %+v: %v", q, err)
	}
	if q.Limit > 0 && len(page.Records) > q.Limit {
		b.Fatalf("a page of %d records for a limit of %d", len(page.Records), q.Limit)
	}
	return page
}

// all follows a query's cursors to the end. between is called between two pages.
func (b *bench) all(q store.Query, between func()) (sorts []string) {
	b.Helper()
	for pages := 0; ; pages++ {
		page := b.page(q)
		for _, r := range page.Records {
			sorts = append(sorts, r.Sort)
		}
		if page.Next == "" {
			return sorts
		}
		if pages > 5000 {
			b.Fatal("the cursors never end")
		}
		if between != nil {
			between()
		}
		q.Cursor = page.Next
	}
}

// fill creates records in a partition, in commits of the largest size.
func (b *bench) fill(partition string, sorts ...string) {
	b.Helper()
	var ops []store.Op
	for i, s := range sorts {
		ops = append(ops, create(key(partition, s), fmt.Sprintf("value %d", i)))
		if len(ops) == store.MaxOps || i == len(sorts)-1 {
			b.commit(ops...)
			ops = nil
		}
	}
}
