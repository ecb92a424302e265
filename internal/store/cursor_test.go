package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Resolving a cursor leaves exactly the records after it, in the query's direction and within its bounds.
func TestACursorNarrowsTheRange(t *testing.T) {
	text := rapid.StringMatching(`[abé\x00]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		q := store.Query{Partition: "p", From: text.Draw(t, "from"), To: text.Draw(t, "to"), Desc: rapid.Bool().Draw(t, "desc")}
		last := "a" + text.Draw(t, "last")
		next := q
		next.Cursor = q.After(last)
		r, err := next.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		s := text.Draw(t, "sort")
		within := func(q store.Query) bool { return s >= q.From && (q.To == "" || s < q.To) }
		after := s > last
		if q.Desc {
			after = s < last
		}
		if got, want := within(r), within(q) && after; got != want {
			t.Fatalf("%q after %q in %+v: %t, want %t (resolved %+v)", s, last, q, got, want, r)
		}
		if r.Empty() && within(r) {
			t.Fatalf("%+v is called empty and holds %q", r, s)
		}
	})
}

func TestAForgedCursorIsRefused(t *testing.T) {
	q := store.Query{Partition: "p"}
	for _, forged := range []string{"x", "====", q.After(""), q.After("\xff"), q.After(strings.Repeat("s", store.MaxSort+1)), "AAAAAAAAAAAx"} {
		q.Cursor = forged
		if _, err := q.Resolve(); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%q: %v", forged, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	q := store.Query{Partition: "p", From: "a", To: "z"}
	f.Add(q.After("m"))
	f.Add("")
	f.Add("%%%")
	f.Fuzz(func(t *testing.T, cursor string) {
		q := q
		q.Cursor = cursor
		r, err := q.Resolve()
		if err == nil && (r.From < "a" || r.To != "z") {
			t.Errorf("%q widens the range to %+v", cursor, r)
		}
	})
}

// An expiry is kept as whole seconds, rounded up, and never mistaken for none.
func TestSeconds(t *testing.T) {
	base := time.Unix(1_800_000_000, 0).UTC()
	for in, want := range map[time.Time]int64{
		{}: 0, base: 1_800_000_000, base.Add(1): 1_800_000_001, base.Add(time.Second): 1_800_000_001, time.Unix(0, 0): 1, time.Unix(-5, 0): 1,
	} {
		if got := store.Seconds(in); got != want {
			t.Errorf("%v is %d, want %d", in, got, want)
		}
	}
	if !store.Instant(0).IsZero() || !store.Instant(1_800_000_000).Equal(base) {
		t.Error("Instant is not the inverse of Seconds")
	}
	if store.Expired(0, base) || store.Expired(1_800_000_000, base.Add(-1)) || !store.Expired(1_800_000_000, base) {
		t.Error("a record lives until its second, and for ever without one")
	}
}
