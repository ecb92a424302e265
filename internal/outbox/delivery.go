package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// A delivery is three steps, each of which may be the last before a crash: lease (the message and its pointer move to
// the lease's end in one commit), run, settle (remove, put back, or bury). Whatever is left undone is due again at
// the lease's end.

// attempt leases a message, runs its handler and settles the outcome.
func (p *Post) attempt(ctx context.Context, m Message, record, ptr store.Record) (delivered bool, err error) {
	if m.Attempts >= MaxAttempts { // the worker died in the last of them
		m.LastErr = "crashed"
		return false, p.commit(ctx, "bury", p.bury(m, record, ptr)...)
	}
	m.Attempts++
	m.State, m.Due = Leased, whole(p.Now().Add(LeaseTime))
	ops := append(movePointer(p.Store, ptr, m), store.ReplaceOp(record, m))
	if err := p.commit(ctx, "lease", ops...); err != nil {
		return false, err // an unknown lease may be ours: it is left to end
	}
	outcome := p.run(ctx, m)
	if p.Failed != nil && outcome != nil && !errors.As(outcome, new(Again)) {
		p.Failed(ctx, m, outcome)
	}
	return outcome == nil, p.settle(ctx, m, outcome)
}

// run calls the handler; a panic is a failure like another.
func (p *Post) run(ctx context.Context, m Message) (err error) {
	handler, ok := p.Handlers[m.Kind]
	if !ok {
		return errNoHandler
	}
	ctx, cancel := context.WithTimeout(ctx, HandlerTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, r, debug.Stack())
		}
	}()
	return handler(ctx, m)
}

const (
	settleTries = 4
	settleTime  = 5 * time.Second // even when the worker is told to stop
)

// settle records the outcome of a delivery, if the lease is still ours. It tries more than once: a message that was
// delivered and not removed is delivered again.
func (p *Post) settle(ctx context.Context, m Message, outcome error) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for range settleTries {
		var ours bool
		if ours, err = p.settleOnce(ctx, m, outcome); err == nil || !ours {
			return err
		}
	}
	return err
}

// settleOnce reports whether the lease may still be ours, and what became of the commit.
func (p *Post) settleOnce(ctx context.Context, m Message, outcome error) (ours bool, err error) {
	now, record, err := p.read(ctx, m.Firm, m.ID)
	if err != nil {
		return true, err
	}
	if !record.Exists() || now.State != Leased || !now.Due.Equal(m.Due) {
		return false, nil
	}
	pointers, err := store.System(p.Store, store.Due).Get(ctx, pointerKey(p.Store, m))
	if err != nil {
		return true, fmt.Errorf("outbox: read a lease: %w", err)
	}
	return true, p.commit(ctx, "settle", p.after(m, outcome, record, pointers[0])...)
}

// after returns what a delivery's outcome makes of its message.
func (p *Post) after(m Message, outcome error, record, ptr store.Record) []store.Op {
	var later Again
	m.State = Waiting
	switch {
	case outcome == nil:
		return remove(record, ptr)
	case errors.As(outcome, &later) && later.into(&m):
		m.Attempts, m.LastErr, m.Due = 0, "", whole(latest(later.At, p.Now()))
	case m.Attempts >= MaxAttempts:
		m.LastErr = class(outcome)
		return p.bury(m, record, ptr)
	default:
		m.LastErr, m.Due = class(outcome), whole(p.Now().Add(backoff(m.Attempts, p.Jitter())))
	}
	return append(movePointer(p.Store, ptr, m), store.ReplaceOp(record, m))
}

// into puts the job's new state into the message; false if it does not encode, which is a failure.
func (a Again) into(m *Message) bool {
	if a.Payload == nil {
		return true
	}
	payload, err := json.Marshal(a.Payload)
	if err == nil {
		m.Payload = payload
	}
	return err == nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backoff is the pause after the given number of failures: at least half of what doubling says.
func backoff(failures int, jitter float64) time.Duration {
	d := MaxBackoff
	if failures < 10 {
		d = min(d, FirstBackoff<<(failures-1))
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}

func remove(record, ptr store.Record) []store.Op {
	ops := []store.Op{store.DeleteOp(record)}
	if ptr.Exists() {
		ops = append(ops, store.DeleteOp(ptr))
	}
	return ops
}

// bury makes a dead letter of a message.
func (p *Post) bury(m Message, record, ptr store.Record) []store.Op {
	m.State = Dead
	return append(remove(record, ptr), store.CreateOp(deadKey(store.Firm(p.Store, m.Firm), m.ID), m))
}

func (p *Post) read(ctx context.Context, firmID, id string) (m Message, r store.Record, err error) {
	v := store.Firm(p.Store, firmID)
	records, err := v.Get(ctx, liveKey(v, id))
	if err != nil {
		return m, r, fmt.Errorf("outbox: read message %s: %w", id, err)
	}
	return m, records[0], store.Decode(records[0], &m)
}

func (p *Post) commit(ctx context.Context, what string, ops ...store.Op) error {
	if err := store.System(p.Store, store.Due).Commit(ctx, ops...); err != nil {
		return fmt.Errorf("outbox: %s: %w", what, err)
	}
	return nil
}

// lost reports that somebody else took or changed the message first.
func lost(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrPrecondition)
}

var (
	errNoHandler = errors.New("outbox: no handler")
	errPanic     = errors.New("outbox: handler panicked")
)

// class names an error for the record, without its text: that may hold anything.
func class(err error) string {
	if f := fault.As(err); f != nil {
		return f.Code
	}
	switch {
	case errors.Is(err, errNoHandler):
		return "no-handler"
	case errors.Is(err, errPanic):
		return "panic"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return "internal"
}
