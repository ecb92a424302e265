package firm

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// House is what every module stands on: the database, the clock and the ids.
type House struct {
	Store  store.Backend
	Now    func() time.Time // UTC
	NewID  func() string    // a UUIDv7
	Pepper []byte           // secret key of the codes' HMAC, at least 32 bytes
}

// View returns the caller's firm's view.
func (h *House) View(c Caller) store.View { return store.Firm(h.Store, c.Firm) }

// Action names what an act does, for the audit and for idempotency.
type Action struct {
	Name  string // "clock.start"
	Key   string // idempotency key; empty: Caller.Request. One key does one action once
	Input any    // what was asked; its hash tells a repeat from another request under the same key
}

// Act is one write by one caller, from its first read to its commit.
type Act struct {
	Caller Caller
	Firm   Firm   // after Run
	Person Person // after Run; zero for the system
	Now    time.Time

	Batch *store.Batch // the module adds its own reads before Run, and reuses it for later waves

	house   *House
	action  Action
	hash    string
	records struct{ firm, person, grant, done *store.Record }
}

// Begin starts an act: it adds the reads of the firm, the person, the grant and the idempotency record to a batch.
// Read-only questions use it too, with an empty Action, and never Commit.
func (h *House) Begin(c Caller, a Action) *Act { panic("firm: to be written") }

// Run reads the batch in one trip and authenticates: the firm exists, the person is active, the grant lives.
// Errors: fault.Unauthenticated. The first Run does this; later Runs only read.
func (a *Act) Run(ctx context.Context) error { panic("firm: to be written") }

// Done reports whether the same request was already carried out, and then reads its stored result into result.
// The same key with another input is fault.Conflict "request.reused".
func (a *Act) Done(result any) (bool, error) { panic("firm: to be written") }

// May returns fault.Forbidden unless the person's role has the permission. The system may do anything.
func (a *Act) May(p Permission) error { panic("firm: to be written") }

// Commit commits ops with the grant's check, the audit record and the idempotency record that holds result, in one
// trip. An unknown outcome is resolved by re-reading the idempotency record: it returns nil when the commit did
// happen. Errors: store's, wrapped; a lost race is store.ErrConflict or store.ErrPrecondition, for Retry.
func (a *Act) Commit(ctx context.Context, result any, entry Entry, ops ...store.Op) error {
	panic("firm: to be written")
}

// Entry is the audit's view of an act: ids and states, before and after. It may hold names and narratives, since it
// stays in the firm's own records; it is never logged.
type Entry struct {
	Subject string `json:"subject"` // what it is about: "client/<id>", "invoice/<id>"
	Before  any    `json:"before,omitempty"`
	After   any    `json:"after,omitempty"`
}

// Retry runs f, a whole read-to-commit round, again when it lost a race, at most five times with jitter, and turns
// what is left into a fault: Conflict, Busy or Unknown.
func (h *House) Retry(ctx context.Context, f func() error) error { panic("firm: to be written") }

// Speakable faults that any domain method may return.
var (
	ErrForbidden = fault.New(fault.Forbidden, "firm.forbidden", "Your role in the firm does not allow that.")
	ErrUnlinked  = fault.New(fault.Unauthenticated, "firm.unlinked", "Your account is no longer linked.")
	ErrReused    = fault.New(fault.Conflict, "request.reused", "That request was already used for something else.")
)
