package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

var commitRules = []rule{
	{"a record reads back as it was written", readsBack},
	{"an absent record has its key and no version", absent},
	{"an empty value is a value", emptyValue},
	{"values belong to the caller", copies},
	{"each operation's condition is kept", conditions},
	{"a commit is all or nothing", allOrNothing},
	{"a version never repeats", versions},
	{"a replacement replaces the expiry too", replacesExpiry},
	{"an empty commit and an empty get do nothing", empty},
	{"a cancelled context does nothing", cancelled},
	{"a walk sees every record once and may write", walk},
}

func readsBack(b *bench) {
	value := "\x00\x01\xff{\"amount\":-12345}\n"
	expires := b.clock.Now().Add(90 * time.Minute)
	keys := []store.Key{
		key("f/8d1f/clocks", "ada"), key("f/8d1f/clocks", "ada "), key("f/8d1f/clocks", "Ada"),
		key("f/8d1f/clocks", "a\x00b"), key("p' --", "é\"$%_\U0001F600"), key("p", "f/8d1f/clocks"),
	}
	for i, k := range keys {
		b.commit(store.Op{Kind: store.Create, Key: k, Value: fmt.Appendf(nil, "%s%d", value, i), Expires: expires})
	}
	asked := slices.Concat(keys, []store.Key{key("p", "missing"), keys[2]})
	for i, r := range b.gets(asked...) {
		if r.Key != asked[i] {
			b.Errorf("record %d is %q, want %q", i, r.Key, asked[i])
		}
		if i == 6 {
			if r.Exists() {
				b.Errorf("a record that nobody wrote exists")
			}
			continue
		}
		if want := fmt.Sprintf("%s%d", value, i%len(keys)); i < 6 && string(r.Value) != want {
			b.Errorf("%q holds %q, want %q", r.Key, r.Value, want)
		}
		if !r.Expires.Equal(expires) || r.Expires.Location() != time.UTC {
			b.Errorf("%q expires %v, want %v", r.Key, r.Expires, expires)
		}
	}
	b.holds(keys[2], value+"2")
}

func absent(b *bench) {
	k := key("p", "missing")
	r := b.get(k)
	if r.Exists() || r.Key != k || r.Value != nil || !r.Expires.IsZero() {
		b.Errorf("an absent record reads as %+v", r)
	}
}

func emptyValue(b *bench) {
	k := key("p", "s")
	b.commit(create(k, ""))
	r := b.get(k)
	if !r.Exists() || len(r.Value) != 0 {
		b.Errorf("an empty value reads as %+v", r)
	}
	b.refuse(store.ErrPrecondition, create(k, ""))
	b.commit(replace(r, "full"))
	b.holds(k, "full")
	b.commit(store.Op{Kind: store.Create, Key: key("p", "nil")})
	if r := b.get(key("p", "nil")); !r.Exists() || len(r.Value) != 0 {
		b.Errorf("no value at all reads as %+v", r)
	}
}

func copies(b *bench) {
	k := key("p", "s")
	op := create(k, "first")
	b.commit(op)
	op.Value[0] = 'X'
	r := b.get(k)
	r.Value[1] = 'X'
	page := b.page(store.Query{Partition: "p"})
	page.Records[0].Value[2] = 'X'
	b.holds(k, "first")
}

// conditions plays every kind of operation on a record in every state: only the marked pairs are allowed.
func conditions(b *bench) {
	const gone, current, stale, expired = "absent", "current", "stale", "expired"
	allowed := map[string]bool{
		"Create absent": true, "Create expired": true, "Replace current": true, "Delete current": true,
		"Check current": true, "CheckAbsent absent": true, "CheckAbsent expired": true,
	}
	kinds := map[string]store.OpKind{
		"Create": store.Create, "Replace": store.Replace, "Delete": store.Delete, "Check": store.Check, "CheckAbsent": store.CheckAbsent,
	}
	for name, kind := range kinds {
		for _, state := range []string{gone, current, stale, expired} {
			k := key("p", name+" "+state)
			op := store.Op{Kind: kind, Key: k, Version: b.prepare(k, state), Value: []byte("after")}
			beside := key("beside", k.Sort)
			err := b.Commit(b.ctx, op, create(beside, "written"))
			if allowed[k.Sort] != (err == nil) || err != nil && !errors.Is(err, store.ErrPrecondition) {
				b.Errorf("%s: %v", k.Sort, err)
			}
			b.checkAfter(op, state, err == nil)
			b.holds(beside, map[bool]string{true: "written"}[err == nil])
		}
	}
}

// prepare brings a record into a state and returns the version that an operation on it names.
func (b *bench) prepare(k store.Key, state string) (version string) {
	b.Helper()
	if state == "absent" {
		return "never"
	}
	op := create(k, "before")
	if state == "expired" {
		op.Expires = b.clock.Now().Add(time.Second)
	}
	b.commit(op)
	r := b.get(k)
	switch state {
	case "stale":
		b.commit(replace(r, "before"))
	case "expired":
		b.clock.Advance(time.Second)
	}
	return r.Version
}

func (b *bench) checkAfter(op store.Op, state string, done bool) {
	b.Helper()
	want := map[string]string{"current": "before", "stale": "before"}[state]
	if done {
		switch op.Kind {
		case store.Create, store.Replace:
			want = "after"
		case store.Delete:
			want = ""
		}
	}
	b.holds(op.Key, want)
}

func allOrNothing(b *bench) {
	b.commit(create(key("p", "old"), "old"))
	old := b.get(key("p", "old"))
	b.refuse(store.ErrPrecondition,
		create(key("p", "one"), "1"), replace(old, "new"), create(key("q", "two"), "2"),
		store.Op{Kind: store.Check, Key: key("q", "none"), Version: "some"})
	b.holds(key("p", "one"), "")
	b.holds(key("q", "two"), "")
	b.holds(key("p", "old"), "old")
	b.commit(create(key("p", "one"), "1"), replace(old, "new"), create(key("q", "two"), "2"),
		store.Op{Kind: store.CheckAbsent, Key: key("q", "none")})
	b.holds(key("p", "one"), "1")
	b.holds(key("q", "two"), "2")
	b.holds(key("p", "old"), "new")
}

// versions guards against counters: with them a stale Delete removed the record created after it.
func versions(b *bench) {
	k := key("p", "s")
	seen := map[string]bool{}
	for range 10 {
		b.commit(create(k, "first"))
		first := b.get(k)
		b.commit(replace(first, "second"))
		second := b.get(k)
		b.commit(store.DeleteOp(second))
		b.commit(create(k, "first"))
		third := b.get(k)
		for _, stale := range []store.Record{first, second} {
			b.refuse(store.ErrPrecondition, store.DeleteOp(stale))
			b.refuse(store.ErrPrecondition, replace(stale, "stale"))
			b.refuse(store.ErrPrecondition, store.CheckOp(stale))
		}
		b.holds(k, "first")
		b.commit(store.DeleteOp(third))
		b.holds(k, "")
		for _, r := range []store.Record{first, second, third} {
			if r.Version == "" || seen[r.Version] {
				b.Fatalf("version %q came twice", r.Version)
			}
			seen[r.Version] = true
		}
	}
}

func replacesExpiry(b *bench) {
	k := key("p", "s")
	b.commit(create(k, "soon").Until(b.clock.Now().Add(time.Minute)))
	b.commit(replace(b.get(k), "never"))
	b.clock.Advance(time.Hour)
	b.holds(k, "never")
	b.commit(replace(b.get(k), "soon").Until(b.clock.Now().Add(time.Minute)))
	b.clock.Advance(time.Hour)
	b.holds(k, "")
}

func empty(b *bench) {
	b.commit()
	if got := b.gets(); len(got) != 0 {
		b.Errorf("an empty get gave %d records", len(got))
	}
	if page := b.page(store.Query{Partition: "none"}); len(page.Records) != 0 || page.Next != "" {
		b.Errorf("an empty partition gave %+v", page)
	}
}

func cancelled(b *bench) {
	b.commit(create(key("p", "s"), "there"))
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	_, getErr := b.Get(ctx, key("p", "s"))
	_, queryErr := b.Query(ctx, store.Query{Partition: "p"})
	walkErr := b.Walk(ctx, func(store.Record) error { return nil })
	commitErr := b.Commit(ctx, create(key("p", "t"), "written"))
	for what, err := range map[string]error{"get": getErr, "query": queryErr, "walk": walkErr, "commit": commitErr} {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s under a cancelled context: %v", what, err)
		}
	}
	if errors.Is(commitErr, store.ErrUnknown) {
		b.Error("a commit that never began is not of unknown outcome")
	}
	b.holds(key("p", "t"), "")
}

func walk(b *bench) {
	b.fill("p", "1", "2", "3")
	b.fill("q", "1")
	b.commit(create(key("q", "expired"), "gone").Until(b.clock.Now().Add(time.Second)))
	b.clock.Advance(time.Second)
	seen := map[store.Key]int{}
	err := b.Walk(b.ctx, func(r store.Record) error {
		seen[r.Key]++
		return b.Commit(b.ctx, replace(b.get(r.Key), "walked"))
	})
	if err != nil || len(seen) != 4 || seen[key("q", "1")] != 1 || seen[key("p", "2")] != 1 {
		b.Errorf("a walk saw %v, %v", seen, err)
	}
	b.holds(key("p", "3"), "walked")
	stop := errors.New("stop")
	if err := b.Walk(b.ctx, func(store.Record) error { return stop }); !errors.Is(err, stop) {
		b.Errorf("a walk that is stopped returns %v", err)
	}
}
