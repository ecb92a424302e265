// Package outbox carries out effects after the commit that caused them: a message is created in the very commit,
// delivered at least once when it is due, retried with backoff, and kept as a dead letter for a person when it
// keeps failing. A handler may be a resumable job that returns with its state to go on later.
//
// The way in is New, whose operations join a commit; the way out is a Post, which leases what is due, runs its
// handler and removes it. A crash between any two steps leaves the message due at the end of its lease.
package outbox

import (
	"encoding/json"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Message is an effect to be carried out.
type Message struct {
	ID       string          `json:"id"`
	Firm     string          `json:"firm"`
	Kind     string          `json:"kind"`     // "mail.invoice", "charge.resume"
	Payload  json.RawMessage `json:"payload"`  // ids only: never a name, a narrative or an address
	Due      time.Time       `json:"due"`      // UTC, whole milliseconds, rounded up; of a leased message its lease's end
	Attempts int             `json:"attempts"` // deliveries begun since the last that went well
	State    State           `json:"state"`
	LastErr  string          `json:"lastErr,omitempty"` // a fault's code or a short class, never content
}

// State of a message. A delivered message is deleted.
type State string

// States.
const (
	Waiting State = "waiting"
	Leased  State = "leased"
	Dead    State = "dead"
)

// New returns the operations that create a message: its record in the firm's view, and its due pointer in the
// system's view. A message of another firm than the view's panics.
func New(v store.View, m Message) []store.Op {
	if liveKey(v, m.ID) != liveKey(store.Firm(v.Backend(), m.Firm), m.ID) {
		panic("outbox: message for another firm's view")
	}
	m.State, m.Attempts, m.LastErr, m.Due = Waiting, 0, "", whole(m.Due)
	return []store.Op{store.CreateOp(liveKey(v, m.ID), m), createPointer(v.Backend(), m)}
}

// Handle is a message that was read so that an act can change it in its own commit.
type Handle struct{ live, dead *store.Record }

// Read adds the read of a message, living or dead, to a batch of its firm's view.
func Read(b *store.Batch, id string) *Handle {
	return &Handle{live: b.Get(liveKey(b.View(), id)), dead: b.Get(deadKey(b.View(), id))}
}

// Exists reports whether the message is still there after the batch ran, as a living message or a dead letter.
func (h *Handle) Exists() bool { return h.live.Exists() || h.dead.Exists() }

// Message returns the message as it was read. Errors: ErrGone.
func (h *Handle) Message() (m Message, err error) {
	record := h.live
	if h.dead.Exists() {
		record = h.dead
	}
	if !record.Exists() {
		return m, ErrGone
	}
	return m, store.Decode(*record, &m)
}

// Drop returns the operations that remove a message that has not been delivered, a dead letter included. What is
// being delivered at this moment can't be taken back. The due pointer, which is not read here, is removed by the
// next sweep. Errors: ErrGone, ErrLeased.
func (h *Handle) Drop(store.View) ([]store.Op, error) {
	m, err := h.Message()
	switch {
	case err != nil:
		return nil, err
	case m.State == Leased:
		return nil, ErrLeased
	case m.State == Dead:
		return []store.Op{store.DeleteOp(*h.dead)}, nil
	}
	return []store.Op{store.DeleteOp(*h.live)}, nil
}

// Revive returns the operations that give a dead letter its attempts back and make it due now. Errors: ErrGone, ErrNotDead.
func (h *Handle) Revive(v store.View, now time.Time) ([]store.Op, error) {
	m, err := h.Message()
	if err != nil {
		return nil, err
	}
	if m.State != Dead {
		return nil, ErrNotDead
	}
	m.Due = now
	return append(New(v, m), store.DeleteOp(*h.dead)), nil
}

// Faults of messages.
var (
	ErrGone    = fault.New(fault.Missing, "outbox.gone", "That is no longer waiting to be sent.")
	ErrLeased  = fault.New(fault.State, "outbox.leased", "That is being sent right now.")
	ErrNotDead = fault.New(fault.State, "outbox.not-dead", "That has not been given up.")
)
