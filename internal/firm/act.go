package firm

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
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

	Sleep  func(ctx context.Context, d time.Duration) error // between tries; nil: no pause
	Jitter func() float64                                   // in [0,1); nil: the whole pause
}

// View returns the caller's firm's view.
func (h *House) View(c Caller) store.View { return store.Firm(h.Store, c.Firm) }

// Action names what an act does, for the audit and for idempotency.
type Action struct {
	Name  string // "clock.start"; empty: the act only reads
	Key   string // idempotency key; empty: Caller.Request. One key does one action of one person once
	Input any    // what was asked; its keyed hash tells a repeat from another request under the same key
}

func (a Action) key(c Caller) string {
	if a.Key != "" {
		return a.Key
	}
	return c.Request
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
	hash    []byte
	known   bool // the caller was authenticated
	admits  bool // the caller was proven otherwise, and gets the grant by this act
	records struct{ firm, person, grant, done *store.Record }
}

// Begin starts an act: it adds the reads of the firm, the person, the grant and the idempotency record to a batch.
// Read-only questions use it too, with an empty Action, and never Commit. A caller without a firm panics: nothing
// that proves who asks ever yields one.
func (h *House) Begin(c Caller, action Action) *Act {
	v := h.View(c)
	a := &Act{Caller: c, Now: h.Now().UTC(), Batch: v.Batch(), house: h, action: action}
	a.records.firm = a.Batch.Get(firmKey(v))
	if c.Person != "" {
		a.records.person = a.Batch.Get(personKey(v, c.Person))
	}
	if c.Person != "" && c.Grant != "" {
		a.records.grant = a.Batch.Get(grantKey(v, c.Person, c.Grant))
	}
	if action.Name != "" && action.key(c) != "" {
		a.records.done = a.Batch.Get(doneKey(v, c, action))
	}
	return a
}

// Run reads the batch in one trip and authenticates: the firm exists, the person is active, the grant lives. Only
// setup acts for a person without a grant, and only the worker, setup and a payer's page act for none. The first Run
// does this; later Runs only read. Errors: fault.Unauthenticated; ErrCursor; the store's.
func (a *Act) Run(ctx context.Context) error {
	if a.action.Name != "" && a.records.done == nil {
		return fmt.Errorf("firm: %s needs an idempotency key", a.action.Name)
	}
	if err := a.Batch.Run(ctx); errors.Is(err, store.ErrCursor) {
		return ErrCursor.Because(err)
	} else if err != nil {
		return fmt.Errorf("firm: read for %q: %w", a.action.Name, err)
	}
	if a.known {
		return nil
	}
	if err := a.authenticate(); err != nil {
		return err
	}
	a.leave(ctx)
	return nil
}

func (a *Act) authenticate() (err error) {
	if err = store.Decode(*a.records.firm, &a.Firm); err != nil {
		return err
	}
	if !a.records.firm.Exists() {
		return ErrUnlinked
	}
	if a.Caller.Person == "" {
		err = a.nobody()
	} else if err = a.person(); err == nil {
		err = a.grant()
	}
	a.known = err == nil
	return err
}

// nobody lets in the callers that are no person.
func (a *Act) nobody() error {
	switch a.Caller.Channel {
	case ByWorker, BySetup, ByPayer:
		return nil
	}
	return ErrUnlinked
}

func (a *Act) person() error {
	if err := store.Decode(*a.records.person, &a.Person); err != nil {
		return err
	}
	if !a.Person.Active {
		return ErrUnlinked
	}
	return nil
}

func (a *Act) grant() error {
	if a.records.grant == nil {
		if a.Caller.Channel == BySetup || a.admits {
			return nil
		}
		return ErrUnlinked
	}
	var g Grant
	if err := store.Decode(*a.records.grant, &g); err != nil {
		return err
	}
	if !g.live() || g.overtaken(a.Person) {
		return ErrUnlinked
	}
	return nil
}

// Done reports whether the same request was already carried out, and then sets what result points to, which may
// be nil, to the stored result. The same key with another input is true and ErrReused: whatever a caller looks at first, it stops.
func (a *Act) Done(result any) (bool, error) {
	if a.records.done == nil || !a.records.done.Exists() {
		return false, nil
	}
	var d done[json.RawMessage]
	if err := store.Decode(*a.records.done, &d); err != nil {
		return true, err
	}
	hash, err := a.inputHash()
	if err != nil {
		return true, err
	}
	if !hmac.Equal(d.Hash, hash) {
		return true, ErrReused
	}
	if result == nil {
		return true, nil
	}
	reflect.ValueOf(result).Elem().SetZero() // nothing of the new try may show through
	if err := json.Unmarshal(d.Result, result); err != nil {
		return true, fmt.Errorf("firm: stored result of %s: %w", a.action.Name, err)
	}
	return true, nil
}

// May returns fault.Forbidden unless the person has the permission. The system may do anything; a payer may
// do nothing that asks for a permission.
func (a *Act) May(p Permission) error {
	switch {
	case !a.known, a.Caller.Channel == ByPayer:
		return ErrForbidden
	case a.Caller.Person == "", a.Person.May(p):
		return nil
	}
	return ErrForbidden
}

// Overhead is how many operations Commit may add to a module's own: the checks of grant and person, the audit and
// the idempotency record.
const Overhead = 4

// Commit commits ops with the checks that the grant and the person are as they were read, the audit record, and the
// idempotency record that holds result (anything that encodes as JSON), in one trip. An unknown outcome is resolved
// by re-reading the idempotency record: it returns nil when the commit did happen. When that record is absent the
// commit may still be on its way, so the outcome stays unknown; but since every commit of the same request creates
// the same record, at most one can ever win, and Retry may safely begin again.
// Errors: store's, wrapped; a lost race is store.ErrConflict or store.ErrPrecondition, for Retry.
func (a *Act) Commit(ctx context.Context, result any, entry Entry, ops ...store.Op) error {
	if a.action.Name == "" || !a.known {
		panic("firm: commit of an act that only reads, or was never run")
	}
	v, id := a.Batch.View(), a.house.NewID()
	hash, err := a.inputHash()
	if err != nil {
		return err
	}
	ops = append(a.checks(ops),
		store.CreateOp(auditKey(v, a.Now, id), a.audited(id, entry)),
		store.CreateOp(a.records.done.Key, done[any]{hash, id, result}).Until(a.Now.Add(keptDone)))
	err = v.Commit(ctx, ops...)
	if errors.Is(err, store.ErrUnknown) {
		err = a.resolve(ctx, id, err)
	}
	if err != nil {
		return fmt.Errorf("firm: %s: %w", a.action.Name, err)
	}
	return nil
}

// checks adds to ops that who asked still may, except where ops change that very record themselves. It leaves room for
// what Commit adds.
func (a *Act) checks(ops []store.Op) []store.Op {
	all := append(make([]store.Op, 0, len(ops)+4), ops...)
	for _, r := range []*store.Record{a.records.grant, a.records.person} {
		if r != nil && !slices.ContainsFunc(ops, func(op store.Op) bool { return op.Key == r.Key }) {
			all = append(all, store.CheckOp(*r))
		}
	}
	return all
}

// inputHash is keyed, because an input may hold a voice code, and a plain hash of 10,000 codes hides nothing. It is each
// person's own, so that nobody who reads the records sees who has the same code.
func (a *Act) inputHash() ([]byte, error) {
	if a.hash != nil {
		return a.hash, nil
	}
	input, err := json.Marshal(a.action.Input)
	if err != nil {
		return nil, fmt.Errorf("firm: input of %s: %w", a.action.Name, err)
	}
	mac, err := a.house.Hash("input", a.Caller.Firm, a.Caller.Person, a.action.Name, string(input))
	a.hash = mac
	return mac, err
}

// Hash is HMAC-SHA256 under the pepper over a purpose and parts, each with its length: for what must be found or compared
// and never read. Errors: a pepper that is too short.
func (h *House) Hash(purpose string, parts ...string) ([]byte, error) {
	if len(h.Pepper) < 32 {
		return nil, errors.New("firm: the pepper needs at least 32 bytes")
	}
	text := appendPart(make([]byte, 0, 256), purpose)
	for _, p := range parts {
		text = appendPart(text, p)
	}
	m := hmac.New(sha256.New, h.Pepper)
	m.Write(text)
	return m.Sum(nil), nil
}

func appendPart(text []byte, part string) []byte {
	return append(append(strconv.AppendInt(text, int64(len(part)), 10), ':'), part...)
}

// resolveTime is how long the re-read after an unknown outcome may take, even when the caller's time is up.
const resolveTime = time.Second

// resolve finds out what became of commit id: nil when it happened, a conflict when another commit of the same
// request did, unresolved when neither is there yet.
func (a *Act) resolve(ctx context.Context, id string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveTime)
	defer cancel()
	records, err := a.Batch.View().Get(ctx, a.records.done.Key)
	if err != nil {
		return unresolved{errors.Join(cause, err)}
	}
	var d done[json.RawMessage]
	if err := store.Decode(records[0], &d); err != nil {
		return unresolved{errors.Join(cause, err)}
	}
	switch d.Commit {
	case id:
		return nil
	case "":
		return unresolved{cause}
	}
	return fmt.Errorf("the same request was carried out meanwhile: %w", store.ErrConflict)
}

// Speakable faults that any domain method may return.
var (
	ErrForbidden = fault.New(fault.Forbidden, "firm.forbidden", "Your role in the firm does not allow that.")
	ErrUnlinked  = fault.New(fault.Unauthenticated, "firm.unlinked", "Your account is no longer linked.")
	ErrReused    = fault.New(fault.Conflict, "request.reused", "That request was already used for something else.")
)
