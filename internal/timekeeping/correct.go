package timekeeping

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Note sets the narrative of the caller's own last entries: a stop over midnight made several, and all get it. By voice,
// where the firm allows no free dictation, it must be one of its phrases. Three trips. Needs TrackTime. Errors: ErrNoEntry,
// ErrBilled, ErrNote, ErrDictation.
func (ts *Timesheets) Note(ctx context.Context, c firm.Caller, narrative string) (Corrected, error) {
	return ts.correct(ctx, c, wish{Action: firm.Action{Name: "entry.note", Input: narrative}}, false, func(t *turn, list []placed) ([]placed, error) {
		text := tidy(narrative)
		if text == "" || utf8.RuneCountInString(text) > maxNote {
			return nil, ErrNote
		}
		if t.Caller.Channel == firm.ByVoice && !t.Firm.Voice.FreeNotes {
			i := slices.IndexFunc(t.Firm.Voice.Phrases, func(p string) bool { return strings.EqualFold(tidy(p), text) })
			if i < 0 {
				return nil, ErrDictation
			}
			text = tidy(t.Firm.Voice.Phrases[i])
		}
		return each(list, func(e *Entry) { e.Narrative = text }), nil
	})
}

// Bill says whether the caller's own last entries are billable. Three trips. Needs TrackTime. Errors: ErrNoEntry, ErrBilled.
func (ts *Timesheets) Bill(ctx context.Context, c firm.Caller, billable bool) (Corrected, error) {
	action := firm.Action{Name: "entry.billable", Input: billable}
	return ts.correct(ctx, c, wish{Action: action}, false, func(_ *turn, list []placed) ([]placed, error) {
		return each(list, func(e *Entry) { e.Billable = billable }), nil
	})
}

// ConfirmLast says that the caller's own last entries, of a clock that ran longer than Longest, are right, and may be
// billed. Three trips. Needs TrackTime. Errors: ErrNoEntry, ErrBilled; ErrSure when none waits for that.
func (ts *Timesheets) ConfirmLast(ctx context.Context, c firm.Caller) (Corrected, error) {
	return ts.correct(ctx, c, wish{Action: firm.Action{Name: "entry.confirm-last"}}, false, func(_ *turn, list []placed) ([]placed, error) {
		if !slices.ContainsFunc(list, func(p placed) bool { return p.Unconfirmed }) {
			return nil, ErrSure
		}
		return each(list, func(e *Entry) { e.Unconfirmed = false }), nil
	})
}

func each(list []placed, change func(*Entry)) []placed {
	for i := range list {
		change(&list[i].Entry)
	}
	return list
}

// Measure says how long the caller's own last work took: together that many seconds, which also confirms it. Of several
// days' entries the last are cut, or the last is made longer. Three trips. Needs TrackTime. Errors: ErrNoEntry, ErrBilled,
// ErrMany, ErrDuration, ErrTimeless.
func (ts *Timesheets) Measure(ctx context.Context, c firm.Caller, seconds int64) (Corrected, error) {
	action := firm.Action{Name: "entry.measure", Input: seconds}
	return ts.correct(ctx, c, wish{Action: action}, true, func(_ *turn, list []placed) ([]placed, error) {
		if seconds <= 0 || seconds > maxLog {
			return nil, ErrDuration
		}
		if timeless(list) {
			return nil, ErrTimeless
		}
		left := seconds
		for i := range list {
			worked := min(left, list[i].Seconds)
			if i == len(list)-1 {
				worked = left
			}
			list[i].Entry = list[i].measured(worked)
			left -= worked
		}
		return slices.DeleteFunc(list, func(p placed) bool { return p.Seconds == 0 }), nil
	})
}

// timeless reports whether the entries are costs: no time was worked.
func timeless(list []placed) bool {
	return slices.ContainsFunc(list, func(p placed) bool { return p.Cost != nil })
}

// measured is the entry with other seconds. It ends when it ended; what was worked without a pause still is.
func (e Entry) measured(seconds int64) Entry {
	whole := e.Stop.Sub(e.Start) == time.Duration(e.Seconds)*time.Second
	if start := e.Stop.Add(-time.Duration(seconds) * time.Second); whole || start.Before(e.Start) {
		e.Start = start
	}
	e.Seconds, e.Overlap, e.Unconfirmed = seconds, min(seconds, e.Overlap), false
	return e
}

// Meant is what became of the last deed when it was meant for another client: a clock that was started, or entries.
type Meant struct {
	Started   *Started   `json:"started,omitempty"`
	Corrected *Corrected `json:"corrected,omitempty"`
}

// Meant does the caller's own last deed, of the last 15 minutes, for another client: the clock that was started is the
// other's, from the same instant on; of a stop or a log the entries are. Two trips for a clock, three for entries. Needs
// TrackTime. Errors: a look-up's; ErrNoEntry, ErrBilled, ErrMany; ErrSkew.
func (ts *Timesheets) Meant(ctx context.Context, c firm.Caller, s clients.Spoken) (done Meant, err error) {
	if s == (clients.Spoken{}) {
		return done, clients.ErrNoName
	}
	asked := wish{Action: firm.Action{Name: "entry.meant", Input: s}, name: s}
	err = ts.act(ctx, c, asked, &done, func(t *turn) ([]store.Op, error) {
		ref, err := t.lookup.Answer()
		if err != nil {
			return nil, t.lastUsedFirst(err)
		}
		ops, err := t.used(ref)
		if err != nil {
			return nil, err
		}
		if d := t.sheet.Deed; d != nil && d.Name == startDeed && !d.Large && t.now().Sub(d.At) <= Recent {
			done.Started, err = t.startedFor(ref)
			return ops, err
		}
		moved, corrected, err := t.movedTo(ctx, ref)
		done.Corrected = corrected
		return append(ops, moved...), err
	})
	return done, err
}

// startedFor starts another clock than the one that was started last, which goes back to what it was.
func (t *turn) startedFor(ref clients.Ref) (*Started, error) {
	d := *t.sheet.Deed
	if err := t.restore(d); err != nil {
		return nil, err
	}
	s, err := t.sheet.start(Clock{ID: t.house.NewID(), Ref: ref, Rounding: t.lookup.Rounding()}, d.From)
	t.deed = deed{Name: startDeed, Ref: ref, From: d.From, Clocks: d.Clocks, Marks: d.Marks}
	return &s, err
}

// movedTo makes the last entries another matter's.
func (t *turn) movedTo(ctx context.Context, ref clients.Ref) (ops []store.Op, done *Corrected, err error) {
	switch err := t.recent(); {
	case err != nil:
		return nil, nil, err
	case len(t.sheet.Last) > maxMoved:
		return nil, nil, ErrMany
	}
	was, err := t.places(ctx, t.sheet.Last, true)
	if err != nil {
		return nil, nil, err
	}
	is := slices.Clone(was)
	for i := range is {
		is[i].Ref, is[i].rounding = ref, t.lookup.Rounding()
	}
	t.deed.Name = correctDeed
	if ops, err = t.alter(was, is); err != nil {
		return nil, nil, err
	}
	last, corrected := t.left(is)
	t.sheet.Last = last
	return ops, &corrected, nil
}

// Other is an error about the second of two names.
type Other struct{ error }

// Unwrap returns what is wrong with the name.
func (o Other) Unwrap() error { return o.error }

// Split shares the caller's own last entries evenly between two clients: each gets half of every entry's seconds, the
// first one half of an odd second more, one after the other in time. Three trips. Needs TrackTime. Errors: a look-up's, as
// Other when it is of the second name; ErrSame; ErrNoEntry, ErrBilled, ErrMany; ErrDuration when there is nothing to share.
func (ts *Timesheets) Split(ctx context.Context, c firm.Caller, a, b clients.Spoken) (Corrected, error) {
	switch {
	case a == clients.Spoken{}:
		return Corrected{}, clients.ErrNoName
	case b == clients.Spoken{}:
		return Corrected{}, Other{clients.ErrNoName}
	}
	asked := wish{Action: firm.Action{Name: "entry.split", Input: []clients.Spoken{a, b}}, name: a, other: b}
	return ts.correct(ctx, c, asked, true, func(t *turn, list []placed) (is []placed, err error) {
		var refs [2]clients.Ref
		if refs[0], err = t.lookup.Answer(); err != nil {
			return nil, t.lastUsedFirst(err)
		}
		if refs[1], err = t.second.Answer(); err != nil {
			return nil, Other{t.lastUsedFirst(err)}
		}
		if refs[0].Matter == refs[1].Matter {
			return nil, ErrSame
		}
		if timeless(list) {
			return nil, ErrTimeless
		}
		for _, p := range list {
			first, second, err := p.halves(t.house.NewID())
			if err != nil {
				return nil, err
			}
			first.Ref, first.rounding = refs[0], t.lookup.Rounding()
			second.Ref, second.rounding = refs[1], t.second.Rounding()
			is = append(is, first, second)
		}
		return is, nil
	})
}

// halves cuts an entry in two; the second is a new one.
func (p placed) halves(id string) (first, second placed, err error) {
	if p.Seconds < 2 {
		return p, p, ErrDuration
	}
	first, second = p, p
	middle := p.Stop.Add(-(p.Stop.Sub(p.Start) / 2).Truncate(time.Second))
	first.Seconds, first.Stop = p.Seconds-p.Seconds/2, middle
	second.ID, second.Seconds, second.Start = id, p.Seconds/2, middle
	first.Overlap, second.Overlap = min(first.Seconds, p.Overlap), min(second.Seconds, p.Overlap)
	return first, second, nil
}
