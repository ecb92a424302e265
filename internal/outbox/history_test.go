package outbox_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// history is an office over which anything may come: its own acts go well, the post's calls meet faults.
type history struct {
	*office
	faults        storetest.Source
	sent, dropped map[string]bool
}

// The law: whatever befalls, a message is delivered at least once or ends with a person, unless it was dropped; in
// the end no record is left but the dead.
func TestTheOutboxKeepsItsPromiseOverAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{office: open(t), sent: map[string]bool{}, dropped: map[string]bool{}}
		h.faults = storetest.Seeded(rapid.Uint64().Draw(rt, "seed"), 300, storetest.Faults()...)
		rt.Repeat(map[string]func(*rapid.T){
			"send": h.send, "drop": h.drop, "sweep": h.sweep, "pass": h.pass,
		})
		for range 3 * outbox.MaxAttempts {
			if _, err := h.post.Sweep(t.Context()); err != nil {
				rt.Fatal(err)
			}
			h.advance(outbox.MaxBackoff)
		}
		h.end(rt)
	})
}

func (h *history) send(rt *rapid.T) {
	m := h.message(fmt.Sprint("m", len(h.sent)), time.Duration(rapid.IntRange(-5, 90).Draw(rt, "due"))*time.Second)
	h.commit(outbox.New(h.view, m))
	h.sent[m.ID] = true
}

func (h *history) pick(rt *rapid.T, from map[string]bool) string {
	if len(from) == 0 {
		rt.Skip("none")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(from))).Draw(rt, "id")
}

func (h *history) drop(rt *rapid.T) {
	id := h.pick(rt, h.sent)
	if ops, err := h.read(id).Drop(h.view); err == nil {
		h.commit(ops)
		h.dropped[id] = true
	}
}

// sweep is a worker that may die in it.
func (h *history) sweep(*rapid.T) {
	h.store.Use(h.faults)
	_, _ = h.post.Sweep(h.t.Context())
	h.store.Use(nil)
	h.store.Restart()
}

func (h *history) pass(rt *rapid.T) {
	h.advance(time.Duration(rapid.IntRange(1, 100).Draw(rt, "seconds")) * time.Second)
}

func (h *history) end(rt *rapid.T) {
	letters, _, err := outbox.DeadLetters(h.t.Context(), h.view, "")
	if err != nil {
		rt.Fatal(err)
	}
	met := maps.Clone(h.dropped)
	for _, m := range slices.Concat(h.handled, letters) {
		met[m.ID] = true
	}
	for id := range h.sent {
		if !met[id] {
			rt.Fatal("lost: ", id)
		}
	}
	if n := h.records(); n != len(letters) {
		rt.Fatal(n, " records are left")
	}
}
