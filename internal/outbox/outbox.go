// Package outbox carries out effects after the commit that caused them: a message is created in the very commit,
// delivered at least once when it is due, retried with backoff, and kept as a dead letter for a person when it
// keeps failing. A handler may be a resumable job that returns with its state to go on later.
package outbox

import (
	"context"
	"encoding/json"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Message is an effect to be carried out.
type Message struct {
	ID       string          `json:"id"`
	Firm     string          `json:"firm"`
	Kind     string          `json:"kind"`    // "mail.invoice", "charge.resume"
	Payload  json.RawMessage `json:"payload"` // ids only: never a name, a narrative or an address
	Due      time.Time       `json:"due"`     // UTC, whole milliseconds
	Held     bool            `json:"held"`    // not delivered until released
	Attempts int             `json:"attempts"`
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

// New returns the operations that create a message: its record in the firm's view, and unless it is held, its due
// pointer in the system's view.
func New(v store.View, m Message) []store.Op { panic("outbox: to be written") }

// Handle is a message that was read so that an act can change it in its own commit.
type Handle struct{ record *store.Record }

// Read adds the read of a message to a batch.
func Read(b *store.Batch, id string) *Handle { panic("outbox: to be written") }

// Exists reports whether the message is still there after the batch ran.
func (h *Handle) Exists() bool { panic("outbox: to be written") }

// Release returns the operations that let a held message go at due.
func (h *Handle) Release(v store.View, due time.Time) ([]store.Op, error) {
	panic("outbox: to be written")
}

// Drop returns the operations that remove a message that has not been delivered.
func (h *Handle) Drop(v store.View) ([]store.Op, error) { panic("outbox: to be written") }

// Handler carries out one kind of message. It must be safe to run again: at least once is the promise. A returned
// Again puts the message back with a new payload; any other error is retried with backoff until MaxAttempts.
type Handler func(ctx context.Context, m Message) error

// Again is returned by a handler that wants to go on later: a job's next chunk, or a poll.
type Again struct {
	At      time.Time
	Payload any // nil: unchanged
}

func (Again) Error() string { return "outbox: again later" }

// MaxAttempts is how many failures in a row make a message a dead letter.
const MaxAttempts = 12

// LeaseTime is how long one delivery may take before another worker may try.
const LeaseTime = time.Minute

// Post delivers messages. Handlers are registered before the first delivery and not after.
type Post struct {
	Store    store.Backend
	Now      func() time.Time
	Jitter   func() float64 // in [0,1)
	Handlers map[string]Handler
}

// Sweep delivers everything that is due, across all firms, until nothing is or ctx ends; it returns how many
// messages it delivered. Two sweeps at once never run one message at the same time.
func (p *Post) Sweep(ctx context.Context) (delivered int, err error) { panic("outbox: to be written") }

// Deliver delivers one message now if it is due and not leased; the stream's way in. Not there any more is no error.
func (p *Post) Deliver(ctx context.Context, firmID, id string) error { panic("outbox: to be written") }

// NextDue returns when the next message is due, or the zero time when none is: how long a local worker may sleep.
func (p *Post) NextDue(ctx context.Context) (time.Time, error) { panic("outbox: to be written") }

// DeadLetters lists a firm's dead letters, oldest first.
func DeadLetters(ctx context.Context, v store.View, cursor string) (letters []Message, next string, err error) {
	panic("outbox: to be written")
}

// Revive returns the operations that give a dead letter its attempts back and make it due now.
func (h *Handle) Revive(v store.View, now time.Time) ([]store.Op, error) {
	panic("outbox: to be written")
}
