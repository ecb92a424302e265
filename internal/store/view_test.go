package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

const firmA, firmB = "0190aaaa-0000-7000-8000-000000000001", "0190bbbb-0000-7000-8000-000000000002"

type note struct {
	Text string `json:"text"`
}

func open() (*storetest.Faulty, *storetest.Clock) {
	clock := storetest.NewClock()
	return storetest.NewFaulty(memory.New(clock.Now), nil), clock
}

func commit(t *testing.T, v store.View, ops ...store.Op) {
	t.Helper()
	if err := v.Commit(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s did not panic", what)
		}
	}()
	f()
}

// A firm's view cannot reach another firm's records, by no key it could be given.
func TestAViewReachesItsOwnRecordsOnly(t *testing.T) {
	b, _ := open()
	a, other := store.Firm(b, firmA), store.Firm(b, firmB)
	foreign := other.Key("s", "clocks")
	panics(t, "get", func() { _, _ = a.Get(t.Context(), foreign) })
	panics(t, "query", func() { _, _ = a.Query(t.Context(), store.Query{Partition: foreign.Partition}) })
	panics(t, "batch get", func() { a.Batch().Get(foreign) })
	panics(t, "batch query", func() { a.Batch().Query(store.Query{Partition: foreign.Partition}) })
	panics(t, "a system key", func() { a.Batch().Get(store.System(b, store.SignIn).Key("s", "x")) })
	panics(t, "a firm's key in a system view", func() { store.System(b, store.SignIn).Batch().Get(foreign) })
	for _, id := range []string{"", "a/b", "../" + firmB} {
		panics(t, "firm "+id, func() { store.Firm(b, id) })
	}
	for _, part := range []string{"", "a/b", "/"} {
		panics(t, "part "+part, func() { a.Key("s", "clocks", part) })
	}
	if b.Calls().Reads() != 0 {
		t.Error("something was read")
	}
}

// No view's name begins with another's, so that a prefix check is enough.
func TestViewsDoNotOverlap(t *testing.T) {
	b, _ := open()
	short := store.Firm(b, "0190")
	panics(t, "a firm whose id begins alike", func() { short.Batch().Get(store.Firm(b, "0190a").Key("s", "clocks")) })
	panics(t, "a family whose name begins alike", func() {
		store.System(b, store.Family("due")).Batch().Get(store.System(b, store.Family("dues")).Key("s", "x"))
	})
}

// What is added to a batch is read in one wave: one get for all keys, each key once, and the queries beside it.
func TestABatchIsOneTrip(t *testing.T) {
	b, _ := open()
	v := store.Firm(b, firmA)
	one, two := v.Key("1", "notes", "x"), v.Key("2", "notes", "x")
	commit(t, v, store.CreateOp(one, note{"one"}), store.CreateOp(two, note{"two"}))
	before := b.Calls()
	ctx, trips := store.CountTrips(t.Context())
	batch := v.Batch()
	first, again, missing := batch.Get(one), batch.Get(one), batch.Get(v.Key("3", "notes", "x"))
	page, none := batch.Query(store.Query{Partition: v.Partition("notes", "x")}), batch.Query(store.Query{Partition: v.Partition("notes", "y")})
	if err := batch.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := trips(); got != (store.Trips{Reads: 1}) {
		t.Errorf("counted %+v", got)
	}
	after := b.Calls()
	if after.Gets-before.Gets != 1 || after.Keys-before.Keys != 2 || after.Queries-before.Queries != 2 {
		t.Errorf("sent %+v, before %+v", after, before)
	}
	var n note
	if err := store.Decode(*first, &n); err != nil || n.Text != "one" || again != first || missing.Exists() || len(page.Records) != 2 || len(none.Records) != 0 {
		t.Errorf("got %+v, %+v, %+v, %+v, %v", first, missing, page, none, err)
	}
	if err := batch.Run(ctx); err != nil || trips().Total() != 1 {
		t.Errorf("an empty batch cost a trip: %+v, %v", trips(), err)
	}
}

func TestEveryCallOfAViewIsATrip(t *testing.T) {
	b, _ := open()
	v := store.Firm(b, firmA)
	ctx, trips := store.CountTrips(t.Context())
	k := v.Key("1", "notes")
	if err := v.Commit(ctx, store.CreateOp(k, note{"one"})); err != nil {
		t.Fatal(err)
	}
	_, getErr := v.Get(ctx, k)
	_, queryErr := v.Query(ctx, store.Query{Partition: k.Partition})
	if err := errors.Join(getErr, queryErr); err != nil {
		t.Fatal(err)
	}
	if got := trips(); got != (store.Trips{Reads: 2, Commits: 1}) || got.Total() != 3 {
		t.Errorf("counted %+v", got)
	}
	if v.Backend() != store.Backend(b) || v.Batch().View().Backend() != v.Backend() {
		t.Error("a view's backend is another")
	}
}

// A failing read fails the batch, whichever it is.
func TestABatchFailsWhole(t *testing.T) {
	for n := range 3 {
		faults := make([]storetest.Fault, 3)
		faults[n] = storetest.Throttle
		b, _ := open()
		b.Use(storetest.ReadScript(faults...))
		v := store.Firm(b, firmA)
		batch := v.Batch()
		batch.Get(v.Key("1", "notes"))
		batch.Query(store.Query{Partition: v.Partition("notes")})
		batch.Query(store.Query{Partition: v.Partition("others")})
		if err := batch.Run(t.Context()); !errors.Is(err, store.ErrThrottled) {
			t.Errorf("read %d throttled: %v", n, err)
		}
	}
}

// The operations carry what was read: whoever changed the record meanwhile makes them fail.
func TestOperationsNameWhatWasRead(t *testing.T) {
	b, clock := open()
	v := store.Firm(b, firmA)
	k := v.Key("1", "notes")
	read := func() store.Record {
		records, err := v.Get(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		return records[0]
	}
	absent := read()
	commit(t, v, store.PutOp(absent, note{"one"}).Until(clock.Now().Add(1500*time.Millisecond)))
	present := read()
	if want := clock.Now().Add(2 * time.Second); !present.Expires.Equal(want) {
		t.Errorf("expires %v, want %v: whole seconds, rounded up", present.Expires, want)
	}
	commit(t, v, store.CheckOp(present))
	commit(t, v, store.PutOp(present, note{"two"}))
	if got := read(); !got.Expires.Equal(present.Expires) || !strings.Contains(string(got.Value), "two") {
		t.Errorf("after a replacement: %+v", got)
	}
	for what, op := range map[string]store.Op{
		"put over an absent one": store.PutOp(absent, note{"x"}), "put": store.PutOp(present, note{"x"}), "replace": store.ReplaceOp(present, note{"x"}),
		"delete": store.DeleteOp(present), "check": store.CheckOp(present), "check of absence": store.CheckOp(absent), "create": store.CreateOp(k, note{"x"}),
	} {
		if err := v.Commit(t.Context(), op); !errors.Is(err, store.ErrPrecondition) {
			t.Errorf("a stale %s: %v", what, err)
		}
	}
	commit(t, v, store.DeleteOp(read()))
	commit(t, v, store.CheckOp(absent))
}

// An unreadable record is an error that names its family and none of its ids or content.
func TestDecode(t *testing.T) {
	b, _ := open()
	v := store.Firm(b, firmA)
	k := v.Key("Acme", "names", "acme")
	n := note{"kept"}
	if err := store.Decode(store.Record{Key: k}, &n); err != nil || n.Text != "kept" {
		t.Errorf("an absent record: %+v, %v", n, err)
	}
	err := store.Decode(store.Record{Key: k, Version: "1", Value: []byte(`{"text":`)}, &n)
	if err == nil || !strings.Contains(err.Error(), "names") || strings.Contains(strings.ToLower(err.Error()), "acme") {
		t.Errorf("a broken record: %v", err)
	}
	panics(t, "a value that has no JSON", func() { store.CreateOp(k, func() {}) })
}
