package timekeeping

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// turn is one thing that a person does with their clocks and entries: what was read for it in one wave.
type turn struct {
	*firm.Act
	house  *firm.House
	view   store.View
	named  bool // a client was named
	lookup *clients.Lookup
	second *clients.Lookup // of the other name
	screen *clients.Screens
	record *store.Record // the sheet
	sheet  sheet
	hidden []string // clocks of matters that the person is screened from by now
	days   map[string]*store.Record

	deed          deed // what the turn does, for Undo
	before, after any  // for the audit, when they are not the clocks and the result
}

// now is the instant of the turn, in whole seconds.
func (t *turn) now() time.Time { return t.Act.Now.UTC().Truncate(time.Second) }

func (t *turn) zone() *time.Location { return t.Person.Location(t.Firm) }

func (t *turn) today() string { return t.now().In(t.zone()).Format(dayFormat) }

// wish is what a person asks for: it says what their turn reads in its first wave.
type wish struct {
	firm.Action
	name  clients.Spoken // zero: nobody was named
	other clients.Spoken // beside name, of who shares with it
	days  bool           // entries are made or summed
}

// begin adds the reads of a turn to a new act.
func (ts *Timesheets) begin(c firm.Caller, w wish) *turn {
	a := ts.House.Begin(c, w.Action)
	t := &turn{Act: a, house: ts.House, view: ts.House.View(c), days: map[string]*store.Record{}}
	t.record, t.screen = a.Batch.Get(clocksKey(t.view, c.Person)), clients.ReadScreens(a)
	if w.days {
		t.around()
	}
	if t.named = w.name != (clients.Spoken{}); t.named {
		t.lookup = ts.Directory.Find(a, w.name)
	}
	if w.other != (clients.Spoken{}) {
		t.second = ts.Directory.Find(a, w.other)
	}
	return t
}

// around adds the reads of the days that an entry that ends now may fall in, wherever the person's home is, so that most
// turns need no second wave.
func (t *turn) around() {
	for _, at := range []time.Time{t.Act.Now.Add(-26 * time.Hour), t.Act.Now, t.Act.Now.Add(14 * time.Hour)} {
		t.day(at.UTC().Format(dayFormat))
	}
}

// day returns the read of a day's sums, which is added to the batch when it is not there yet.
func (t *turn) day(day string) *store.Record {
	if t.days[day] == nil {
		t.days[day] = t.Batch.Get(hoursKey(t.view, t.Caller.Person, day))
	}
	return t.days[day]
}

// run reads the wave, authenticates and authorises.
func (t *turn) run(ctx context.Context) error {
	if err := t.Run(ctx); err != nil {
		return err
	}
	if err := t.May(firm.TrackTime); err != nil {
		return err
	}
	if err := store.Decode(*t.record, &t.sheet); err != nil {
		return err
	}
	for _, c := range t.sheet.all() {
		hide, err := t.screen.Hide(c.Ref.Matter)
		if err != nil {
			return err
		}
		if hide {
			t.hidden = append(t.hidden, c.ID)
		}
	}
	return nil
}

// known returns the person's clocks, but for those of matters that they are screened from by now. Such a clock can only
// be stopped or paused, as what runs: the work until then was done.
func (t *turn) known(all []Clock) []Clock {
	if len(t.hidden) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(c Clock) bool { return slices.Contains(t.hidden, c.ID) })
}

// act carries out one turn that writes: read, make, commit once, again when it lost a race. make returns the
// operations beside the sheet's.
func (ts *Timesheets) act(ctx context.Context, c firm.Caller, w wish, result any, make func(*turn) ([]store.Op, error)) error {
	if c.Person == "" {
		return firm.ErrForbidden
	}
	return ts.House.Retry(ctx, func() error {
		t := ts.begin(c, w)
		if err := t.run(ctx); err != nil {
			return err
		}
		if done, err := t.Done(result); done {
			return err
		}
		before, marks := clocksOf(t.sheet), t.sheet.marks
		ops, err := make(t)
		if err != nil {
			return err
		}
		t.remember(before, marks)
		entry := firm.Entry{Subject: "person/" + c.Person, Before: before, After: result}
		if t.before != nil {
			entry.Before, entry.After = t.before, t.after
		}
		return t.Commit(ctx, result, entry, append(ops, store.PutOp(*t.record, t.sheet))...)
	})
}

// clocksOf encodes the clocks as they are: the turn changes them in place.
func clocksOf(s sheet) json.RawMessage {
	b, err := json.Marshal(s.Clocks)
	if err != nil {
		panic("timekeeping: clocks must encode as JSON: " + err.Error())
	}
	return b
}

// remember keeps the deed with what was before it. A deed without a name is none that could be taken back.
func (t *turn) remember(clocks json.RawMessage, m marks) {
	if t.deed.Name == "" {
		t.sheet.Deed = nil
		return
	}
	if t.deed.At = t.now(); t.deed.Clocks == nil {
		t.deed.Clocks, t.deed.Marks = clocks, m
	}
	size := len(t.deed.Clocks)
	for _, e := range t.deed.Entries {
		size += len(e.Was)
	}
	if t.deed.Large = size > maxUndo || len(t.deed.Entries) > 2*maxMoved; t.deed.Large {
		t.deed.Clocks, t.deed.Marks, t.deed.Entries = nil, marks{}, nil
	}
	t.sheet.Deed = &t.deed
}

// add returns the operations that make entries, with the days' sums, and notes them as the person's last. What is more
// than the day has is marked on them.
func (t *turn) add(ctx context.Context, entries []Entry, rounding *firm.Rounding) ([]store.Op, error) {
	var ops []store.Op
	for _, e := range entries {
		t.day(e.Day)
	}
	if err := t.Run(ctx); err != nil {
		return nil, err
	}
	sums := map[string]worked{}
	t.sheet.Last, t.sheet.LastAt = nil, t.now()
	for i, e := range entries {
		if err := t.sum(sums, e, e.Seconds); err != nil {
			return nil, err
		}
		e.Overlap = max(e.Overlap, min(e.Seconds, beyond(e.Day, sums[e.Day].Seconds, t.zone())))
		entries[i] = e
		ops = append(ops, createOps(t.view, e)...)
		m := made{homeOf(e), e.Day, rounding}
		t.sheet.Last = append(t.sheet.Last, m)
		t.deed.Entries = append(t.deed.Entries, altered{Is: &m})
	}
	for day, w := range sums {
		ops = append(ops, store.PutOp(*t.days[day], w))
	}
	return ops, nil
}

// sum adds an entry's seconds, or takes them off, on its day.
func (t *turn) sum(sums map[string]worked, e Entry, seconds int64) error {
	w, ok := sums[e.Day]
	if !ok {
		if err := store.Decode(*t.day(e.Day), &w); err != nil {
			return err
		}
	}
	w.add(e.Ref, seconds)
	sums[e.Day] = w
	return nil
}
