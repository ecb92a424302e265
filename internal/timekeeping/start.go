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

// Start starts the clock of a matter, and pauses the one that runs. Two trips. Needs TrackTime.
// Errors: those of clients.Lookup.Answer; ErrSkew when the other clock began later than now; ErrFull.
func (ts *Timesheets) Start(ctx context.Context, c firm.Caller, s clients.Spoken) (done Started, err error) {
	if s == (clients.Spoken{}) {
		return done, clients.ErrNoName
	}
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "clock.start", Input: s}, name: s}, &done, func(t *turn) (ops []store.Op, err error) {
		done, ops, err = t.start()
		return ops, err
	})
	return done, err
}

// start starts the clock that was named, if its client and matter stay as they were read.
func (t *turn) start() (Started, []store.Op, error) {
	ref, err := t.lookup.Answer()
	if err != nil {
		return Started{}, nil, t.lastUsedFirst(err)
	}
	done, err := t.sheet.start(Clock{ID: t.house.NewID(), Ref: ref, Rounding: t.lookup.Rounding()}, t.now())
	return done, t.lookup.Check(), err
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

// Pause pauses what runs. Two trips. Needs TrackTime. Errors: ErrNoClock; ErrSkew; ErrFull.
func (ts *Timesheets) Pause(ctx context.Context, c firm.Caller) (done clients.Ref, err error) {
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "clock.pause"}}, &done, func(t *turn) ([]store.Op, error) {
		paused, err := t.sheet.pause(t.now())
		switch {
		case err != nil:
			return nil, err
		case paused == nil:
			return nil, ErrNoClock
		}
		done = *paused
		return nil, nil
	})
	return done, err
}

// Resume goes on with the clock paused last, or with the named one, and pauses the one that runs. Two trips. Needs
// TrackTime. Errors: ErrNoPaused; those of a look-up; ErrSkew.
func (ts *Timesheets) Resume(ctx context.Context, c firm.Caller, s clients.Spoken) (done Started, err error) {
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "clock.resume", Input: s}, name: s}, &done, func(t *turn) (ops []store.Op, err error) {
		clock, err := t.paused()
		if err != nil {
			return nil, err
		}
		done, err = t.sheet.start(clock, t.now())
		if t.named {
			ops = t.lookup.Check()
		}
		return ops, err
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
		r.Since, r.Seconds = r.Clock.since(), r.Clock.Seconds(t.now())
	}
	return r, nil
}
