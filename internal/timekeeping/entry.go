package timekeeping

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// tidy makes one line of a narrative, without control characters.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// Log records time worked without a clock: e gives Seconds, and may give Day (else today), Narrative and Billable. An
// entry of today ends now; one of another day is written at its noon, since nobody said when. Two trips, one more for
// a day before yesterday. Needs TrackTime. Errors: a look-up's; ErrDuration, ErrDay, ErrNote.
func (ts *Timesheets) Log(ctx context.Context, c firm.Caller, s clients.Spoken, e Entry) (done Stopped, err error) {
	type input struct {
		Spoken clients.Spoken
		Entry  Entry
	}
	if s == (clients.Spoken{}) {
		return done, clients.ErrNoName
	}
	err = ts.act(ctx, c, wish{Action: firm.Action{Name: "entry.log", Input: input{s, e}}, name: s, days: true}, &done, func(t *turn) ([]store.Op, error) {
		logged, err := t.logged(e)
		if err != nil {
			return nil, err
		}
		policy := t.Firm.Rounding
		if nearer := t.lookup.Rounding(); nearer != nil {
			policy = *nearer
		}
		done = Stopped{Ref: logged.Ref, Entries: []Entry{logged}, Seconds: logged.Seconds, Billed: Round(logged.Seconds, policy), Assumed: t.lookup.Assumed()}
		ops, err := t.used(logged.Ref)
		if err != nil {
			return nil, err
		}
		t.deed.Name, t.deed.Ref = logDeed, logged.Ref
		added, err := t.add(ctx, done.Entries, t.lookup.Rounding())
		return append(ops, added...), err
	})
	return done, err
}

// logged completes an entry that was told.
func (t *turn) logged(e Entry) (Entry, error) {
	start, day, err := t.when(e)
	if err != nil {
		return e, err
	}
	ref, err := t.lookup.Answer()
	if err != nil {
		return e, t.lastUsedFirst(err)
	}
	note := tidy(e.Narrative)
	if utf8.RuneCountInString(note) > maxNote {
		return e, ErrNote
	}
	done := Entry{
		ID: t.house.NewID(), Person: t.Caller.Person, Ref: ref, Start: start, Stop: start.Add(time.Duration(e.Seconds) * time.Second),
		Seconds: e.Seconds, Day: day, Zone: t.zone().String(), Narrative: note, Billable: e.Billable,
	}
	if day == t.today() {
		done.Overlap = t.sheet.keep(done, true, []Span{{done.Start, done.Stop}}, t.now())
	}
	return done, nil
}

// when returns where in time a told entry is put.
func (t *turn) when(e Entry) (start time.Time, day string, err error) {
	if e.Seconds <= 0 || e.Seconds > maxLog {
		return start, "", ErrDuration
	}
	start, day, err = t.onDay(e.Day)
	if day == t.today() {
		start = start.Add(-time.Duration(e.Seconds) * time.Second)
	}
	return start, day, err
}

// onDay is now, or the noon of a day of the last year. Errors: ErrDay.
func (t *turn) onDay(day string) (at time.Time, _ string, err error) {
	if day == "" || day == t.today() {
		return t.now(), t.today(), nil
	}
	noon, err := time.ParseInLocation("2006-01-02 15:04", day+" 12:00", t.zone())
	switch {
	case err != nil || noon.Before(t.now().AddDate(-1, 0, 0)):
		return at, "", ErrDay
	case day > t.today():
		return at, "", t.tooLate(noon)
	}
	return noon.UTC(), day, nil
}

// Later is the error of a day that is still to come. A weekday is heard as the next one and a date as the next of that
// name, so that the one before may be meant: that can be asked.
type Later struct{ Instead string } // YYYY-MM-DD

func (*Later) Error() string { return "timekeeping: that day is still to come" }

// Unwrap returns ErrDay, for those who do not ask.
func (*Later) Unwrap() error { return ErrDay }

// tooLate offers the day of that name before: a week earlier when it is near, else a year.
func (t *turn) tooLate(noon time.Time) error {
	instead := noon.AddDate(0, 0, -7)
	if instead.Format(dayFormat) > t.today() {
		instead = noon.AddDate(-1, 0, 0)
	}
	if instead.Format(dayFormat) > t.today() {
		return ErrDay
	}
	return &Later{instead.Format(dayFormat)}
}

// Confirm says that an entry of a clock that ran longer than Longest is right, and may be billed. A person confirms
// their own; another's needs Manage. Three trips. Errors: ErrNoEntry, ErrBilled, firm.ErrForbidden.
func (ts *Timesheets) Confirm(ctx context.Context, c firm.Caller, entry string) (done Entry, err error) {
	if entry == "" || len(entry) > 64 || strings.Contains(entry, "/") {
		return done, ErrNoEntry
	}
	action := firm.Action{Name: "entry.confirm", Input: entry}
	err = ts.House.Retry(ctx, func() error {
		a := ts.House.Begin(c, action)
		pointer, screens := a.Batch.Get(pointerKey(ts.House.View(c), entry)), clients.ReadScreens(a)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if found, err := a.Done(&done); found {
			return err
		}
		e, r, err := ts.pointed(ctx, a, pointer)
		if err != nil {
			return err
		}
		if hide, err := screens.Hide(e.Ref.Matter); err != nil || hide {
			return cmp.Or(err, error(ErrNoEntry))
		}
		needs := firm.Manage
		if e.Person == c.Person {
			needs = firm.TrackTime
		}
		switch err := a.May(needs); {
		case err != nil:
			return err
		case e.Bill != "":
			return ErrBilled
		}
		done = e
		done.Unconfirmed = false
		return a.Commit(ctx, done, firm.Entry{Subject: "entry/" + e.ID, Before: e, After: done}, changeOps(ts.House.View(c), r, done)...)
	})
	return done, err
}

// pointed reads the entry that a pointer leads to.
func (ts *Timesheets) pointed(ctx context.Context, a *firm.Act, pointer *store.Record) (Entry, store.Record, error) {
	var h home
	if !pointer.Exists() {
		return Entry{}, store.Record{}, ErrNoEntry
	}
	if err := store.Decode(*pointer, &h); err != nil {
		return Entry{}, store.Record{}, err
	}
	s := readEntry(a.Batch, h)
	if err := a.Run(ctx); err != nil {
		return Entry{}, store.Record{}, err
	}
	return s.entry()
}
