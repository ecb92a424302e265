package timekeeping

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Start starts the clock of a matter, now or at a moment that was said, and pauses the one that runs. Two trips. Needs
// TrackTime. Errors: those of clients.Lookup.Answer; ErrSkew when the other clock began later than now; ErrFull; of a
// moment that was said, ErrWhen, ErrFuture, ErrLongAgo, and ErrOver when another clock ran until after it.
func (ts *Timesheets) Start(ctx context.Context, c firm.Caller, s clients.Spoken, w When) (done Started, err error) {
	if s == (clients.Spoken{}) {
		return done, clients.ErrNoName
	}
	asked := wish{Action: firm.Action{Name: "clock.start", Input: saidOf(s, w)}, name: s}
	err = ts.act(ctx, c, asked, &done, func(t *turn) (ops []store.Op, err error) {
		ref, err := t.lookup.Answer()
		if err != nil {
			return nil, t.lastUsedFirst(err)
		}
		done, err = t.start(Clock{ID: t.house.NewID(), Ref: ref, Rounding: t.lookup.Rounding()}, w)
		if err != nil {
			return nil, err
		}
		done.Assumed = t.lookup.Assumed()
		return t.used(done.Ref)
	})
	return done, err
}

// saidOf is what was asked, for telling a repeat from another request.
func saidOf(s clients.Spoken, w When) any {
	if !w.Said() {
		return s
	}
	return struct {
		Spoken clients.Spoken
		When   When
	}{s, w}
}

// start makes a clock run, and tells of the one that ran too long beside it.
func (t *turn) start(c Clock, w When) (Started, error) {
	from, err := t.moment(w, 1, t.began)
	if err != nil {
		return Started{}, err
	}
	if w.Said() && t.sheet.over(from.At) {
		return Started{}, ErrOver
	}
	var forgotten *Forgotten
	if r := t.sheet.Running; r != nil && r.Ref.Matter != c.Ref.Matter {
		forgotten = t.leftRunning(r)
	}
	done, err := t.sheet.start(c, from.At)
	if w.Said() && !done.Already {
		done.From = &from
	}
	done.Forgotten = forgotten
	t.deed.Name, t.deed.Ref, t.deed.From = startDeed, done.Ref, from.At
	return done, err
}

// used returns the operations that commit only if the client and matter that were found stay as they were read, and that
// note the matter as the person's last used.
func (t *turn) used(ref clients.Ref) ([]store.Op, error) {
	ops, err := t.lookup.Used(ref)
	return append(ops, t.lookup.Check()...), err
}

// lastUsedFirst puts the matters on which the person has clocks first in a question.
func (t *turn) lastUsedFirst(err error) error {
	var ask *clients.Ask
	if !errors.As(err, &ask) || len(ask.Matters) == 0 {
		return err
	}
	all := t.known(t.sheet.all())
	rank := func(r clients.Ref) int {
		if i := slices.IndexFunc(all, func(c Clock) bool { return c.Ref.Matter == r.Matter }); i >= 0 {
			return i
		}
		return len(all)
	}
	slices.SortStableFunc(ask.Matters, func(a, b clients.Ref) int { return rank(a) - rank(b) })
	return ask
}

// Pause pauses what runs, now or at a moment that was said; with a name, only if that is what runs. Two trips. Needs
// TrackTime. Errors: ErrNoClock; ErrOther when another clock than the named one runs; a look-up's; a moment's; ErrSkew;
// ErrFull.
func (ts *Timesheets) Pause(ctx context.Context, c firm.Caller, s clients.Spoken, w When) (done Paused, err error) {
	asked := wish{Action: firm.Action{Name: "clock.pause", Input: saidOf(s, w)}, name: s}
	err = ts.act(ctx, c, asked, &done, func(t *turn) ([]store.Op, error) {
		clock, err := t.pick()
		switch {
		case err != nil:
			return nil, err
		case t.sheet.Running == nil || t.sheet.Running.ID != clock.ID:
			return nil, t.notRunning()
		}
		done, err = t.pause(w)
		return nil, err
	})
	return done, err
}

func (t *turn) notRunning() error {
	if t.sheet.Running == nil {
		return ErrNoClock
	}
	return ErrOther
}

func (t *turn) pause(w When) (done Paused, err error) {
	at, err := t.end(*t.sheet.Running, w)
	if err != nil {
		return done, err
	}
	if w.Said() {
		done.At = &at
	} else {
		done.Forgotten = t.leftRunning(t.sheet.Running)
	}
	ref, err := t.sheet.pause(at.At)
	if err == nil {
		done.Ref = *ref
		t.deed.Name, t.deed.Ref = pauseDeed, done.Ref
	}
	return done, err
}

// Resume goes on with the clock paused last, or with the named one, and pauses the one that runs. Two trips. Needs
// TrackTime. Errors: ErrNoPaused; those of a look-up; a moment's, as Start's; ErrSkew.
func (ts *Timesheets) Resume(ctx context.Context, c firm.Caller, s clients.Spoken, w When) (done Started, err error) {
	asked := wish{Action: firm.Action{Name: "clock.resume", Input: saidOf(s, w)}, name: s}
	err = ts.act(ctx, c, asked, &done, func(t *turn) ([]store.Op, error) {
		clock, err := t.paused()
		if err != nil {
			return nil, err
		}
		if done, err = t.start(clock, w); err != nil || !t.named {
			return nil, err
		}
		return t.used(done.Ref)
	})
	return done, err
}

// paused returns the clock that is to go on; it may be running already.
func (t *turn) paused() (Clock, error) {
	if t.named {
		if _, err := t.lookup.Answer(); errors.Is(err, clients.ErrClosed) {
			return Clock{}, err
		}
		clock, err := t.pick()
		if errors.Is(err, ErrNoClock) || errors.Is(err, ErrOther) {
			err = ErrNoPaused
		}
		return clock, err
	}
	paused := t.known(t.sheet.Paused)
	if len(paused) == 0 {
		return Clock{}, ErrNoPaused
	}
	return paused[0], nil
}

// Running is the answer to "what's running?".
type Running struct {
	Clock   *Clock  // nil: nothing runs
	Paused  []Clock // last used first
	Since   time.Time
	Seconds int64 // of the running clock, all its spans until now
	Today   int64 // raw seconds of entries dated today, in the person's zone, without clocks

	Forgotten *Forgotten // when the running clock may have been left running
}

// Running tells what runs. One trip. Needs TrackTime.
func (ts *Timesheets) Running(ctx context.Context, c firm.Caller) (Running, error) {
	if c.Person == "" {
		return Running{}, firm.ErrForbidden
	}
	t := ts.begin(c, wish{days: true})
	if err := t.run(ctx); err != nil {
		return Running{}, err
	}
	var today worked
	if err := store.Decode(*t.day(t.today()), &today); err != nil {
		return Running{}, err
	}
	r := Running{Clock: t.sheet.Running, Paused: t.known(t.sheet.Paused), Today: today.Seconds}
	if r.Clock != nil && slices.Contains(t.hidden, r.Clock.ID) {
		r.Clock = nil
	}
	if r.Clock != nil {
		r.Since, r.Seconds, r.Forgotten = r.Clock.since(), r.Clock.Seconds(t.now()), t.leftRunning(r.Clock)
	}
	return r, nil
}
