package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

var queryRules = []rule{
	{"a query gives its range in bytewise order, both ways, in pages of any size", ranges},
	{"a page defaults to 100 records", defaultPage},
	{"pages hold under inserts and deletes between them", betweenPages},
	{"a cursor belongs to its query", cursors},
	{"a query of large records gives them all", largeRecords},
	{"a query keeps to its partition", partitions},
	{"a record that was deleted and made again is listed once", listedOnce},
}

// ranges compares every combination of bounds, direction and page size with a model: a sorted list.
func ranges(b *bench) {
	sorts := []string{"A", "a", "a\x00", "a\x00\x00", "a!", "a/b", "aa", "ab", "b", "ba", "z", "é", "\uffff", "\U0001F600", "2026-03-02T15:00:00Z/x"}
	b.fill("p", sorts...)
	slices.Sort(sorts)
	bounds := []string{"", "a", "a\x00", "a0", "b", "m", "é", "\U0001F600", "\U0010FFFF"}
	for _, from := range bounds {
		for _, to := range bounds {
			for i, limit := range []int{1, 4, len(sorts), store.MaxPage} {
				q := store.Query{Partition: "p", From: from, To: to, Limit: limit, Desc: (i+len(from)+len(to))%2 == 0}
				if got, want := b.all(q, nil), model(sorts, q); !slices.Equal(got, want) {
					b.Errorf("%+v gave %q, want %q", q, got, want)
				}
			}
		}
	}
}

func model(sorts []string, q store.Query) (within []string) {
	for _, s := range sorts {
		if s >= q.From && (q.To == "" || s < q.To) {
			within = append(within, s)
		}
	}
	if q.Desc {
		slices.Reverse(within)
	}
	return within
}

func defaultPage(b *bench) {
	var sorts []string
	for i := range store.DefaultPage + 1 {
		sorts = append(sorts, fmt.Sprintf("%03d", i))
	}
	b.fill("p", sorts...)
	if n := len(b.page(store.Query{Partition: "p"}).Records); n > store.DefaultPage {
		b.Errorf("a page of %d records", n)
	}
	if got := b.all(store.Query{Partition: "p"}, nil); !slices.Equal(got, sorts) {
		b.Errorf("%d records in all, want %d", len(got), len(sorts))
	}
}

// betweenPages writes before and behind the reader, and deletes the record its cursor stands on.
func betweenPages(b *bench) {
	for _, desc := range []bool{false, true} {
		p := fmt.Sprint("desc ", desc)
		b.fill(p, "b", "d", "f", "h")
		first, ahead, behind := []string{"b", "d"}, []string{"e", "f", "h", "i"}, []string{"a", "c"}
		if desc {
			first, ahead, behind = []string{"h", "f"}, []string{"e", "d", "b", "a"}, []string{"g", "i"}
		}
		q := store.Query{Partition: p, Desc: desc, Limit: 2}
		var once bool
		got := b.all(q, func() {
			if !once {
				once = true
				b.commit(store.DeleteOp(b.get(key(p, first[1]))))
				b.fill(p, append(behind, ahead[0], ahead[3])...)
			}
		})
		if want := slices.Concat(first, ahead); !slices.Equal(got, want) {
			b.Errorf("descending %t: got %q, want %q", desc, got, want)
		}
	}
}

func cursors(b *bench) {
	b.fill("p", "a", "b", "c", "d")
	b.fill("q", "a", "b", "c", "d")
	q := store.Query{Partition: "p", From: "a", To: "z", Limit: 2}
	q.Cursor = b.page(q).Next
	if q.Cursor == "" {
		b.Fatal("no cursor after half of the records")
	}
	others := []func(*store.Query){
		func(q *store.Query) { q.Partition = "q" }, func(q *store.Query) { q.From = "b" }, func(q *store.Query) { q.To = "y" },
		func(q *store.Query) { q.Desc = true }, func(q *store.Query) { q.Cursor = "x" + q.Cursor }, func(q *store.Query) { q.Cursor = "%" },
		func(q *store.Query) { q.Cursor = "YWJj" },
	}
	for i, change := range others {
		other := q
		change(&other)
		if _, err := b.Query(b.ctx, other); !errors.Is(err, store.ErrCursor) {
			b.Errorf("change %d: a cursor of another query: %v", i, err)
		}
	}
	q.Limit = 1
	if got := b.all(q, nil); !slices.Equal(got, []string{"c", "d"}) {
		b.Errorf("a cursor under another limit gave %q", got)
	}
}

// largeRecords is more than DynamoDB puts in one answer (1 MB).
func largeRecords(b *bench) {
	value := strings.Repeat("v", store.MaxItem)
	sorts := []string{"1", "2", "3", "4", "5", "6", "7"}
	for _, s := range sorts {
		b.commit(create(key("p", s), value))
	}
	if got := b.all(store.Query{Partition: "p"}, nil); !slices.Equal(got, sorts) {
		b.Errorf("got %q", got)
	}
	var keys []store.Key
	for _, s := range sorts {
		keys = append(keys, key("p", s))
	}
	for _, r := range b.gets(keys...) {
		if string(r.Value) != value {
			b.Errorf("record %q holds %d bytes", r.Sort, len(r.Value))
		}
	}
}

func partitions(b *bench) {
	b.fill("f/1/entries", "a")
	b.fill("f/1/entries/x", "b")
	b.fill("f/1", "c")
	b.fill("f/10/entries", "d")
	if got := b.all(store.Query{Partition: "f/1/entries"}, nil); !slices.Equal(got, []string{"a"}) {
		b.Errorf("got %q", got)
	}
}

func listedOnce(b *bench) {
	b.fill("p", "a", "b", "c")
	for range 3 {
		b.commit(store.DeleteOp(b.get(key("p", "b"))))
		if got := b.all(store.Query{Partition: "p"}, nil); !slices.Equal(got, []string{"a", "c"}) {
			b.Errorf("after a delete: %q", got)
		}
		b.fill("p", "b")
	}
	if got := b.all(store.Query{Partition: "p"}, nil); !slices.Equal(got, []string{"a", "b", "c"}) {
		b.Errorf("got %q", got)
	}
}

var expiryRules = []rule{
	{"an expired record is absent everywhere", expires},
	{"an expiry is a whole second, rounded up", expirySeconds},
	{"expired records do not end a query", expiredBetween},
	{"a version from before the expiry is stale", staleAfterExpiry},
}

func expires(b *bench) {
	k := key("p", "s")
	b.commit(create(k, "soon").Until(b.clock.Now().Add(time.Minute)))
	b.clock.Advance(time.Minute - time.Nanosecond)
	b.holds(k, "soon")
	b.refuse(store.ErrPrecondition, create(k, "early"))
	b.clock.Advance(time.Nanosecond)
	b.holds(k, "")
	if got := b.all(store.Query{Partition: "p"}, nil); len(got) != 0 {
		b.Errorf("a query gave the expired %q", got)
	}
	if err := b.Walk(b.ctx, func(r store.Record) error { return errors.New("walked over it") }); err != nil {
		b.Error(err)
	}
	b.commit(create(k, "again"))
	b.holds(k, "again")
}

func expirySeconds(b *bench) {
	k := key("p", "s")
	op := create(k, "soon")
	op.Expires = b.clock.Now().Add(1500 * time.Millisecond)
	b.commit(op)
	if got, want := b.get(k).Expires, b.clock.Now().Add(2*time.Second); !got.Equal(want) {
		b.Errorf("expires %v, want %v", got, want)
	}
	b.clock.Advance(1999 * time.Millisecond)
	b.holds(k, "soon")
	b.clock.Advance(time.Millisecond)
	b.holds(k, "")
}

func expiredBetween(b *bench) {
	until := b.clock.Now().Add(time.Second)
	var want []string
	for i := range 40 {
		op := create(key("p", fmt.Sprintf("%02d", i)), "v")
		if i%10 != 9 {
			op = op.Until(until)
		} else {
			want = append(want, op.Key.Sort)
		}
		b.commit(op)
	}
	b.clock.Advance(time.Second)
	if page := b.page(store.Query{Partition: "p", Limit: 1}); len(page.Records) != 1 {
		b.Errorf("a page of %d records where a live one follows expired ones", len(page.Records))
	}
	for _, limit := range []int{1, 3, 0} {
		if got := b.all(store.Query{Partition: "p", Limit: limit}, nil); !slices.Equal(got, want) {
			b.Errorf("limit %d gave %q, want %q", limit, got, want)
		}
	}
}

func staleAfterExpiry(b *bench) {
	k := key("p", "s")
	b.commit(create(k, "soon").Until(b.clock.Now().Add(time.Second)))
	stale := b.get(k)
	b.clock.Advance(time.Hour)
	b.commit(create(k, "again"))
	b.refuse(store.ErrPrecondition, store.DeleteOp(stale))
	b.refuse(store.ErrPrecondition, replace(stale, "stale"))
	b.holds(k, "again")
}
