package memory

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The chunks behave as one sorted set, through splits and emptied chunks.
func TestOrderIsASortedSet(t *testing.T) {
	defer func(was int) { maxChunk = was }(maxChunk)
	maxChunk = 4
	rapid.Check(t, func(t *rapid.T) {
		var o order
		var want []string
		text := rapid.StringMatching(`[a-c]{1,3}`)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			key := text.Draw(t, "key")
			at, have := slices.BinarySearch(want, key)
			if have {
				o.remove(key)
				want = slices.Delete(want, at, at+1)
			} else {
				o.insert(key)
				want = slices.Insert(want, at, key)
			}
		}
		from, to := text.Draw(t, "from"), text.Draw(t, "to")
		within := slices.DeleteFunc(slices.Clone(want), func(k string) bool { return k < from || k >= to })
		same(t, collect(&o, from, to, false), within)
		slices.Reverse(within)
		same(t, collect(&o, from, to, true), within)
		same(t, collect(&o, "", "", false), want)
	})
}

// Enough keys for many chunks, put in backwards.
func TestOrderSplitsChunks(t *testing.T) {
	var o order
	var want []string
	for i := 5000; i > 0; i-- {
		key := strings.Repeat("x", i%7) + string(rune(0x4e00+i))
		o.insert(key)
		want = append(want, key)
	}
	slices.Sort(want)
	if got := collect(&o, "", "", false); !slices.Equal(got, want) {
		t.Errorf("got %d keys, not the %d that were inserted in order", len(got), len(want))
	}
	for _, c := range o.chunks {
		if len(c) > maxChunk {
			t.Errorf("a chunk of %d", len(c))
		}
	}
}

func same(t *rapid.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func collect(o *order, from, to string, desc bool) (keys []string) {
	o.between(from, to, desc, func(key string) bool {
		keys = append(keys, key)
		return true
	})
	return keys
}
