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

// Stop stops the clock of a client, running or paused, and makes its entries, one for each local day. With nothing
// named it stops what runs. A name that may mean several clients means the one that the person has a clock on. Two
// trips, one more when the clock reaches back before yesterday. Needs TrackTime. Errors: those of a look-up; ErrNoClock;
// ErrOther when another client's clock runs and the named one has none; ErrSkew; *Forgotten when the clock may have been
// left running and nobody said when it ended; of a moment that was said, ErrWhen, ErrFuture and ErrBefore.
func (ts *Timesheets) Stop(ctx context.Context, c firm.Caller, s clients.Spoken, w When) (done Stopped, err error) {
	asked := wish{Action: firm.Action{Name: "clock.stop", Input: saidOf(s, w)}, name: s, days: true}
	err = ts.act(ctx, c, asked, &done, func(t *turn) ([]store.Op, error) {
		clock, err := t.pick()
		if err != nil {
			return nil, err
		}
		if done, err = t.stop(clock, w); err != nil || len(done.Entries) == 0 {
			return nil, err
		}
		return t.add(ctx, done.Entries, clock.Rounding)
	})
	return done, err
}

func (t *turn) stop(c Clock, w When) (done Stopped, err error) {
	if f := t.leftRunning(&c); f != nil && !w.Said() {
		return done, f
	}
	at, err := t.end(c, w)
	if err != nil {
		return done, err
	}
	if c, err = t.sheet.take(c.ID, at.At); err != nil {
		return done, err
	}
	done = t.stopped(c)
	t.deed.Name, t.deed.Ref = stopDeed, c.Ref
	if last := len(c.Spans) - 1; last >= 0 {
		at.At = c.Spans[last].Stop // a paused clock may have ended before
		t.sheet.Until = later(t.sheet.Until, at.At)
	}
	if w.Said() && !w.Now {
		done.At = &at
	}
	if len(done.Entries) == 0 {
		t.sheet.Last = nil // a note that follows is for this clock, which kept nothing to note it on
	}
	return done, nil
}

// end is when a clock ends: now, or at the moment that was said, which must be after its last span began.
func (t *turn) end(c Clock, w When) (Moment, error) {
	back := t.now().Sub(c.since()) / (24 * time.Hour)
	return t.moment(w, min(maxDays, int(back)+1), t.ended(c.since()))
}

// stopped makes a clock's entries.
func (t *turn) stopped(c Clock) Stopped {
	policy := t.Firm.Rounding
	if c.Rounding != nil {
		policy = *c.Rounding
	}
	done := Stopped{Ref: c.Ref}
	for _, p := range pieces(c.Spans, t.zone()) {
		e := Entry{
			ID: t.house.NewID(), Person: t.Caller.Person, Ref: c.Ref, Start: p.start, Stop: p.stop, Seconds: p.seconds,
			Day: p.day, Zone: t.zone().String(), Billable: true, Unconfirmed: p.long,
		}
		e.Overlap = t.sheet.keep(e, false, p.within(c.Spans), t.now())
		done.Entries = append(done.Entries, e)
		done.Seconds += p.seconds
		done.Billed += Round(p.seconds, policy)
	}
	return done
}

// pick returns the clock that is meant.
func (t *turn) pick() (Clock, error) {
	if !t.named {
		if t.sheet.Running == nil {
			return Clock{}, ErrNoClock
		}
		return *t.sheet.Running, nil
	}
	ref, err := t.lookup.Answer()
	if err == nil && !t.lookup.Assumed() {
		return t.pickOf(ref)
	}
	meant, cannot := t.lookup.Candidates()
	if cannot != nil {
		return Clock{}, cannot
	}
	mine := slices.DeleteFunc(slices.Clone(t.known(t.sheet.all())), func(c Clock) bool {
		return !slices.ContainsFunc(meant, func(r clients.Ref) bool { return r.Client == c.Ref.Client && matches(r, c.Ref) })
	})
	if len(mine) == 1 {
		return mine[0], nil
	}
	return Clock{}, t.which(mine, err)
}

// pickOf returns the clock of a client and matter that are certain. A clock on another matter of the client is asked
// about.
func (t *turn) pickOf(ref clients.Ref) (Clock, error) {
	var mine []Clock
	for _, c := range t.known(t.sheet.all()) {
		if c.Ref.Matter == ref.Matter {
			return c, nil
		}
		if c.Ref.Client == ref.Client {
			mine = append(mine, c)
		}
	}
	return Clock{}, t.which(mine, nil)
}

// matches reports whether what was asked for may be this clock's matter.
func matches(asked, have clients.Ref) bool { return asked.Matter == "" || asked.Matter == have.Matter }

// which asks which of several clocks is meant. Without any it says so; err is what the look-up said.
func (t *turn) which(mine []Clock, err error) error {
	switch {
	case len(mine) == 0 && errors.Is(err, clients.ErrNone):
		return err
	case len(mine) == 0 && t.sheet.Running != nil:
		return ErrOther
	case len(mine) == 0:
		return ErrNoClock
	}
	ask := &clients.Ask{}
	for _, c := range mine {
		known := func(r clients.Ref) bool { return r.Client == c.Ref.Client }
		if !slices.ContainsFunc(ask.Clients, known) {
			ask.Clients = append(ask.Clients, c.Ref)
		}
		ask.Matters = append(ask.Matters, c.Ref)
	}
	if len(ask.Clients) == 1 {
		ask.Clients = nil
	} else {
		ask.Matters = nil
	}
	return ask
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
