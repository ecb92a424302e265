package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

const firmID = "firm-1"

// office is a post with its store, its clock, and a book of what its handler was given.
type office struct {
	t     *testing.T
	post  *outbox.Post
	store *storetest.Faulty
	view  store.View

	mu      sync.Mutex
	now     time.Time
	handled []outbox.Message
	errs    []error
	handle  outbox.Handler // after the book was kept; nil: all is well
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}
	o.store = storetest.NewFaulty(memory.New(o.clock), nil)
	o.view = store.Firm(o.store, firmID)
	o.post = o.another()
	return o
}

// another is a second worker on the same store.
func (o *office) another() *outbox.Post {
	return &outbox.Post{
		Store: o.store, Now: o.clock, Jitter: func() float64 { return 1 }, Workers: 1,
		Handlers: map[string]outbox.Handler{"test": o.book},
		Failed: func(_ context.Context, _ outbox.Message, err error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.errs = append(o.errs, err)
		},
	}
}

func (o *office) book(ctx context.Context, m outbox.Message) error {
	o.mu.Lock()
	o.handled = append(o.handled, m)
	o.mu.Unlock()
	if o.handle == nil {
		return nil
	}
	return o.handle(ctx, m)
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) advance(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// send commits a message that is due in d.
func (o *office) send(id string, d time.Duration) {
	o.t.Helper()
	o.commit(outbox.New(o.view, o.message(id, d)))
}

func (o *office) message(id string, d time.Duration) outbox.Message {
	return outbox.Message{ID: id, Firm: firmID, Kind: "test", Payload: json.RawMessage(`{"n":0}`), Due: o.clock().Add(d)}
}

func (o *office) commit(ops []store.Op, errs ...error) {
	o.t.Helper()
	if err := errors.Join(errs...); err != nil {
		o.t.Fatal(err)
	}
	if err := o.view.Commit(o.t.Context(), ops...); err != nil {
		o.t.Fatal(err)
	}
}

// read reads a message as an act does.
func (o *office) read(id string) *outbox.Handle {
	o.t.Helper()
	batch := o.view.Batch()
	h := outbox.Read(batch, id)
	if err := batch.Run(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	return h
}

func (o *office) sweep(want int) {
	o.t.Helper()
	if n, err := o.post.Sweep(o.t.Context()); err != nil || n != want {
		o.t.Fatalf("delivered %d, %v; want %d", n, err, want)
	}
}

// records counts what is left in the store.
func (o *office) records() (n int) {
	o.t.Helper()
	if err := o.store.Walk(o.t.Context(), func(store.Record) error { n++; return nil }); err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) empty() {
	o.t.Helper()
	if n := o.records(); n != 0 {
		o.t.Fatalf("%d records are left", n)
	}
}

func TestAMessageIsDeliveredWhenItIsDueAndNotBefore(t *testing.T) {
	o := open(t)
	o.send("a", 1500*time.Microsecond)
	o.sweep(0)
	o.advance(1500 * time.Microsecond)
	o.sweep(0)
	o.advance(500 * time.Microsecond)
	o.sweep(1)
	if m := o.handled[0]; m.ID != "a" || m.Firm != firmID || string(m.Payload) != `{"n":0}` || m.Attempts != 1 {
		t.Fatalf("%+v", m)
	}
	o.sweep(0)
	o.empty()
}

func TestASweepTakesAllFirmsAndMoreThanAPageOldestFirst(t *testing.T) {
	o := open(t)
	for i := range 1500 {
		m := o.message(fmt.Sprintf("m-%d", i), -time.Duration(i)*time.Second)
		m.Firm = fmt.Sprintf("firm-%d", i%3)
		o.commit(outbox.New(store.Firm(o.store, m.Firm), m))
	}
	o.sweep(1500)
	if o.handled[0].ID != "m-1499" {
		t.Error("the oldest was not first")
	}
	o.empty()
}

func TestAMessageOfAnotherFirmsViewIsADefect(t *testing.T) {
	o := open(t)
	defer func() {
		if recover() == nil {
			t.Fatal("no panic")
		}
	}()
	outbox.New(store.Firm(o.store, "firm-2"), o.message("a", 0))
}

func TestADroppedMessageIsNeverDeliveredAndItsPointerIsSwept(t *testing.T) {
	o := open(t)
	o.send("a", 0)
	h := o.read("a")
	if !h.Exists() {
		t.Fatal("not there")
	}
	ops, err := h.Drop(o.view)
	o.commit(ops, err)
	if o.read("a").Exists() || o.records() != 1 {
		t.Fatal("still there")
	}
	o.sweep(0)
	o.empty()
	if _, err := o.read("a").Drop(o.view); !errors.Is(err, outbox.ErrGone) {
		t.Fatal(err)
	}
}

func TestWhatIsBeingDeliveredCantBeDropped(t *testing.T) {
	o := open(t)
	o.send("a", 0)
	o.handle = func(context.Context, outbox.Message) error {
		if _, err := o.read("a").Drop(o.view); !errors.Is(err, outbox.ErrLeased) {
			t.Error(err)
		}
		return nil
	}
	o.sweep(1)
}

// A drop that was read before the lease must fail when it commits after it.
func TestADropThatLosesToALeaseFails(t *testing.T) {
	o := open(t)
	o.send("a", 0)
	ops, err := o.read("a").Drop(o.view)
	if err != nil {
		t.Fatal(err)
	}
	o.handle = func(ctx context.Context, _ outbox.Message) error {
		if err := o.view.Commit(ctx, ops...); !errors.Is(err, store.ErrPrecondition) {
			t.Error(err)
		}
		return nil
	}
	o.sweep(1)
}

func TestDeliverTakesOneMessageThatIsDue(t *testing.T) {
	o := open(t)
	o.send("a", time.Second)
	o.send("b", 0)
	deliver := func(id string, handled int) {
		t.Helper()
		if err := o.post.Deliver(t.Context(), firmID, id); err != nil || len(o.handled) != handled {
			t.Fatal(err, o.handled)
		}
	}
	deliver("a", 0)
	deliver("none", 0)
	o.advance(time.Second)
	deliver("a", 1)
	deliver("a", 1)
	o.sweep(1)
	o.empty()
}

func TestAFailureIsRetriedWithBackoffThenBuried(t *testing.T) {
	o := open(t)
	o.handle = func(context.Context, outbox.Message) error {
		return fault.New(fault.Busy, "mail.busy", "No names here.")
	}
	o.send("a", 0)
	start := o.clock()
	var waits []time.Duration
	for range outbox.MaxAttempts {
		o.sweep(0)
		due, err := o.post.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !due.IsZero() {
			waits = append(waits, due.Sub(o.clock()))
			o.advance(due.Sub(o.clock()) - time.Millisecond)
			o.sweep(0)
			o.advance(time.Millisecond)
		}
	}
	if len(o.handled) != outbox.MaxAttempts || len(o.errs) != outbox.MaxAttempts {
		t.Fatal(len(o.handled), len(o.errs))
	}
	if waits[0] != outbox.FirstBackoff || waits[1] != 2*outbox.FirstBackoff || waits[len(waits)-1] != outbox.MaxBackoff {
		t.Fatal(waits, start)
	}
	letters, next, err := outbox.DeadLetters(t.Context(), o.view, "")
	if err != nil || next != "" || len(letters) != 1 || letters[0].LastErr != "mail.busy" || letters[0].State != outbox.Dead {
		t.Fatal(letters, next, err)
	}
	if o.records() != 1 {
		t.Fatal("a pointer is left")
	}
}

// bury makes a dead letter.
func (o *office) bury(id string) {
	o.t.Helper()
	o.handle = func(context.Context, outbox.Message) error { return errors.New("no") }
	o.send(id, 0)
	for range outbox.MaxAttempts {
		o.sweep(0)
		o.advance(outbox.MaxBackoff)
	}
	o.handle, o.handled = nil, nil
}

func TestAPersonRevivesOrDiscardsADeadLetter(t *testing.T) {
	o := open(t)
	o.bury("a")
	o.bury("b")
	letters, _, err := outbox.DeadLetters(t.Context(), o.view, "")
	if err != nil || len(letters) != 2 || letters[0].ID != "a" || letters[0].LastErr != "internal" {
		t.Fatal(letters, err)
	}
	ops, err := o.read("a").Revive(o.view, o.clock())
	o.commit(ops, err)
	ops, err = o.read("b").Drop(o.view)
	o.commit(ops, err)
	if _, err := o.read("a").Revive(o.view, o.clock()); !errors.Is(err, outbox.ErrNotDead) {
		t.Fatal(err)
	}
	o.sweep(1)
	if o.handled[0].Attempts != 1 {
		t.Fatal("not all attempts given back")
	}
	o.empty()
}

func TestAResumableJobGoesOnWhereItWas(t *testing.T) {
	o := open(t)
	type state struct{ N int }
	o.handle = func(_ context.Context, m outbox.Message) error {
		var s state
		if err := json.Unmarshal(m.Payload, &s); err != nil {
			return err
		}
		if s.N++; s.N == 30 {
			return nil
		}
		return fmt.Errorf("chunk done: %w", outbox.Again{Payload: s})
	}
	o.send("a", 0)
	o.sweep(1)
	if len(o.handled) != 30 || len(o.errs) != 0 {
		t.Fatal(len(o.handled), o.errs)
	}
	o.empty()
}

func TestAPollComesAgainWhenItSaid(t *testing.T) {
	o := open(t)
	o.handle = func(context.Context, outbox.Message) error { return outbox.Again{At: o.clock().Add(time.Hour)} }
	o.send("a", 0)
	for i := range 2 * outbox.MaxAttempts {
		o.sweep(0)
		if len(o.handled) != i+1 || string(o.handled[i].Payload) != `{"n":0}` {
			t.Fatal(o.handled)
		}
		o.advance(time.Hour)
	}
}

func TestAJobWhoseStateDoesNotEncodeHasFailed(t *testing.T) {
	o := open(t)
	o.handle = func(context.Context, outbox.Message) error { return outbox.Again{Payload: func() {}} }
	o.send("a", 0)
	o.sweep(0)
	m, err := o.read("a").Message()
	if err != nil || m.LastErr == "" || m.Attempts != 1 || string(m.Payload) != `{"n":0}` {
		t.Fatal(m, err)
	}
}

func TestAFailureIsNamedWithoutItsText(t *testing.T) {
	for want, handler := range map[string]outbox.Handler{
		"timeout":  func(context.Context, outbox.Message) error { return fmt.Errorf("Acme: %w", context.DeadlineExceeded) },
		"stopped":  func(context.Context, outbox.Message) error { return fmt.Errorf("Acme: %w", context.Canceled) },
		"internal": func(context.Context, outbox.Message) error { return errors.New("Acme") },
		"panic":    func(context.Context, outbox.Message) error { panic("Acme") },
	} {
		o := open(t)
		o.handle = handler
		o.send("a", 0)
		o.sweep(0)
		if m, err := o.read("a").Message(); err != nil || m.LastErr != want || m.State != outbox.Waiting {
			t.Errorf("%s: %+v, %v", want, m, err)
		}
	}
	o := open(t)
	m := o.message("a", 0)
	m.Kind = "unheard"
	o.commit(outbox.New(o.view, m))
	o.sweep(0)
	if m, err := o.read("a").Message(); err != nil || m.LastErr != "no-handler" {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestAHandlerGetsLessTimeThanTheLease(t *testing.T) {
	o := open(t)
	o.handle = func(ctx context.Context, m outbox.Message) error {
		deadline, ok := ctx.Deadline()
		if !ok || time.Until(deadline) > outbox.HandlerTime || outbox.HandlerTime >= outbox.LeaseTime {
			t.Error("no deadline, or one past the lease")
		}
		if !m.Due.Equal(o.clock().Add(outbox.LeaseTime)) {
			t.Error("not leased")
		}
		return nil
	}
	o.send("a", 0)
	o.sweep(1)
}

func TestNextDueIsTheEarliestOfAllShards(t *testing.T) {
	o := open(t)
	next := func(want time.Time) {
		t.Helper()
		if got, err := o.post.NextDue(t.Context()); err != nil || !got.Equal(want) {
			t.Fatal(got, err)
		}
	}
	next(time.Time{})
	for i := range 20 {
		o.send(fmt.Sprint(i), time.Duration(20-i)*time.Minute)
	}
	next(o.clock().Add(time.Minute))
}

func TestASweepEndsWithItsContext(t *testing.T) {
	o := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.handle = func(context.Context, outbox.Message) error { cancel(); return outbox.Again{} }
	o.send("a", 0)
	o.send("b", 0)
	if _, err := o.post.Sweep(ctx); !errors.Is(err, context.Canceled) || len(o.handled) != 1 {
		t.Fatal(err, o.handled)
	}
	if m, err := o.read(o.handled[0].ID).Message(); err != nil || m.State != outbox.Waiting {
		t.Fatal("the outcome was not kept", m, err)
	}
}
