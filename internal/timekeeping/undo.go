package timekeeping

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Undone is what was taken back.
type Undone struct {
	Deed    string       `json:"deed"` // "start", "pause", "stop", "log", "spend", "correct" or "discard"
	Ref     clients.Ref  `json:"ref"`  // what it was about
	Running *clients.Ref `json:"running,omitempty"`
}

// Undo takes back the caller's own last deed with clocks and entries, of the last 15 minutes: clocks go on as if nothing
// had been done, entries are what they were. It is no deed itself, and cannot be undone. Three trips. Needs TrackTime. Errors: ErrNothing,
// ErrMany, ErrBilled.
func (ts *Timesheets) Undo(ctx context.Context, c firm.Caller) (done Undone, err error) {
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "deed.undo"}}, &done, func(t *turn) ([]store.Op, error) {
		d := t.sheet.Deed
		switch {
		case d == nil || t.now().Sub(d.At) > Recent:
			return nil, ErrNothing
		case d.Large:
			return nil, ErrMany
		}
		ops, err := t.takeBack(ctx, *d)
		if err != nil {
			return nil, err
		}
		done = Undone{Deed: d.Name, Ref: d.Ref}
		if err := t.restore(*d); err != nil {
			return nil, err
		}
		if r := t.sheet.Running; r != nil && !slices.Contains(t.hidden, r.ID) {
			done.Running = &r.Ref
		}
		return ops, nil
	})
	return done, err
}

// restore brings the clocks and marks back to what they were before a deed.
func (t *turn) restore(d deed) error {
	var before Clocks
	if err := json.Unmarshal(d.Clocks, &before); err != nil {
		return fmt.Errorf("timekeeping: clocks before a deed: %w", err)
	}
	t.sheet.Clocks, t.sheet.marks = before, d.Marks
	return nil
}

// takeBack returns the operations that make a deed's entries what they were.
func (t *turn) takeBack(ctx context.Context, d deed) ([]store.Op, error) {
	var now []made
	var before []placed
	for _, a := range d.Entries {
		if a.Is != nil {
			now = append(now, *a.Is)
		}
		if a.Was == nil {
			continue
		}
		var e Entry
		if err := json.Unmarshal(a.Was, &e); err != nil {
			return nil, fmt.Errorf("timekeeping: entry before a deed: %w", err)
		}
		t.day(e.Day)
		before = append(before, placed{Entry: e})
	}
	if len(d.Entries) == 0 {
		return nil, nil
	}
	was, err := t.places(ctx, now, true)
	if err != nil {
		return nil, err
	}
	return t.alter(was, before)
}

// Discarding is what "discard it" would throw away: a clock, or the last entries.
type Discarding struct {
	ID      string // of the clock, or of the first entry
	Ref     clients.Ref
	Seconds int64
	Clock   bool  // it is a clock, not entries
	Cost    *Cost // it is a cost, not time
}

// ToDiscard tells what "discard it" would throw away, for reading back: what the caller's last deed was about, else the
// running clock. At most two trips. Needs TrackTime. Errors: ErrNothing, ErrBilled, ErrMany.
func (ts *Timesheets) ToDiscard(ctx context.Context, c firm.Caller) (Discarding, error) {
	if c.Person == "" {
		return Discarding{}, firm.ErrForbidden
	}
	t := ts.begin(c, wish{})
	if err := t.run(ctx); err != nil {
		return Discarding{}, err
	}
	d, _, err := t.discarding(ctx)
	return d, err
}

func (t *turn) discarding(ctx context.Context) (d Discarding, list []placed, err error) {
	last := t.sheet.Deed
	recent := last != nil && t.now().Sub(last.At) <= Recent
	if c := t.sheet.Running; (!recent || last.Name == startDeed) && c != nil && !slices.Contains(t.hidden, c.ID) {
		return Discarding{ID: c.ID, Ref: c.Ref, Seconds: c.Seconds(t.now()), Clock: true}, nil, nil
	}
	if t.recent() != nil {
		return d, nil, ErrNothing
	}
	list, err = t.places(ctx, t.sheet.Last, true)
	if err != nil {
		return d, nil, err
	}
	d.ID, d.Ref, d.Cost = list[0].ID, list[0].Ref, list[0].Cost
	for _, p := range list {
		d.Seconds += p.Seconds
	}
	return d, list, nil
}

// recent reports ErrNoEntry when there is no last entry of the last 15 minutes.
func (t *turn) recent() error {
	if len(t.sheet.Last) == 0 || t.now().Sub(t.sheet.LastAt) > Recent {
		return ErrNoEntry
	}
	return nil
}

// Discard throws away what ToDiscard told, if it still is that. Undo brings it back. Three trips. Needs TrackTime. Errors:
// ErrNothing, ErrBilled, ErrMany.
func (ts *Timesheets) Discard(ctx context.Context, c firm.Caller, id string) (done Discarding, err error) {
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "deed.discard", Input: id}}, &done, func(t *turn) (ops []store.Op, err error) {
		var list []placed
		if done, list, err = t.discarding(ctx); err != nil {
			return nil, err
		}
		if done.ID != id {
			return nil, ErrNothing
		}
		t.deed.Name, t.deed.Ref = discardDeed, done.Ref
		if done.Clock {
			_, err = t.sheet.take(done.ID, t.now())
			return nil, err
		}
		t.sheet.Last = nil
		return t.alter(list, nil)
	})
	return done, err
}
