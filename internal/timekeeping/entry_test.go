package timekeeping_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// unbilled reads what billing reads.
func (o *office) unbilled(t testing.TB, matter, person string) (*firm.Act, *timekeeping.Unbilled) {
	t.Helper()
	a := o.House.Begin(o.ada(), firm.Action{Name: "test.bill"})
	u := o.sheets.ReadUnbilled(a, matter, person)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a, u
}

// stop runs a clock for a while and returns what stopping it made.
func (o *office) work(t testing.TB, c firm.Caller, name string, d time.Duration) timekeeping.Stopped {
	t.Helper()
	if _, err := o.sheets.Start(t.Context(), o.Ask(c), heard(name), timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(d)
	s, err := o.sheets.Stop(t.Context(), o.Ask(c), heard(name), timekeeping.When{Now: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func last(t testing.TB, u *timekeeping.Unbilled) string {
	t.Helper()
	e, err := u.Last()
	if err != nil {
		t.Fatal(err)
	}
	if e == nil {
		return ""
	}
	return e.ID
}

func TestAStopTellsWhatThePolicyWouldBill(t *testing.T) {
	o := open(t, "Acme Corporation")
	exact := firm.Rounding{Mode: firm.RoundNone}
	c := clients.Client{Name: "Exact Works", Number: "7", Rounding: &exact}
	if _, _, err := o.dir.Open(t.Context(), o.ada(), c, clients.Matter{Name: "advice"}); err != nil {
		t.Fatal(err)
	}
	if s := o.work(t, o.Admin, "acme", 20*time.Minute); s.Seconds != 1200 || s.Billed != 1440 || !s.Entries[0].Billable {
		t.Error(s)
	}
	if s := o.work(t, o.Admin, "exact works", 20*time.Minute); s.Billed != 1200 {
		t.Error(s)
	}
}

func TestWorkOverMidnightIsTwoEntriesInThePersonsZone(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.Clock.Set(time.Date(2026, 12, 1, 4, 30, 0, 0, time.UTC)) // 23:30 on the last of November in New York
	s := o.work(t, o.Admin, "acme", time.Hour)
	if len(s.Entries) != 2 || s.Entries[0].Day != "2026-11-30" || s.Entries[1].Day != "2026-12-01" || s.Entries[1].Zone != "America/New_York" {
		t.Fatal(s.Entries)
	}
	o.play(t, "running -> nothing, today 1800\nnote reviewed the lease -> noted Acme Corporation")
	_, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	if e, err := u.Last(); err != nil || e.Day != "2026-12-01" || e.Narrative != "reviewed the lease" {
		t.Error(e, err)
	}
}

func TestAClockThatReachesBackForMonthsIsSummedInEach(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.play(t, "start acme -> started Acme Corporation\nwait 1m\npause -> paused Acme Corporation")
	o.Clock.Set(time.Date(2027, 2, 10, 15, 0, 0, 0, time.UTC))
	o.play(t, "resume -> resumed Acme Corporation\nwait 2m\nstop -> stopped Acme Corporation/lease: 180 in 2\nrunning -> nothing, today 120")
	o.Clock.Set(time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC))
	o.play(t, "running -> nothing, today 60")
}

func TestANoteIsForOnesOwnLastEntryAndSoon(t *testing.T) {
	o := open(t, "Acme Corporation")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	s := o.work(t, o.Admin, "acme", time.Minute)
	if _, err := o.sheets.Note(t.Context(), o.Ask(ben), "mine"); or(err, "") != "entry.none" {
		t.Error("a colleague's entry:", err)
	}
	o.Clock.Advance(timekeeping.Recent)
	o.play(t, "note first  draft -> noted Acme Corporation\nnote second -> noted Acme Corporation")
	if _, err := o.sheets.Note(t.Context(), o.ada(), " \n\x00"); or(err, "") != "entry.note" {
		t.Error(err)
	}
	if _, err := o.sheets.Note(t.Context(), o.ada(), strings.Repeat("x", 1001)); or(err, "") != "entry.note" {
		t.Error(err)
	}
	_, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	if e, err := u.Last(); err != nil || e.Narrative != "second" {
		t.Error(e, err)
	}
	o.Clock.Advance(time.Second)
	o.play(t, "note too late -> entry.none")
}

func TestABilledEntryIsLockedAndNoLongerUnbilled(t *testing.T) {
	o := open(t, "Acme Corporation")
	first := o.work(t, o.Admin, "acme", time.Minute)
	second := o.work(t, o.Admin, "acme", time.Minute)
	a, u := o.unbilled(t, first.Ref.Matter, o.Admin.Person)
	if last(t, u) != second.Entries[0].ID {
		t.Fatal("the latest comes first")
	}
	e, _ := u.Last()
	if err := a.Commit(t.Context(), nil, firm.Entry{}, u.Bill(e, "bill-1")...); err != nil {
		t.Fatal(err)
	}
	if e.Bill != "" {
		t.Error("the entry as it was read must stay")
	}
	if ops := u.Bill(&first.Entries[0], "bill-1"); ops != nil {
		t.Error("an entry that was not read cannot be billed")
	}
	o.play(t, "note late -> entry.billed")
	a, u = o.unbilled(t, first.Ref.Matter, o.Admin.Person)
	if last(t, u) != first.Entries[0].ID || !u.Any() {
		t.Error("the other is left")
	}
	e, _ = u.Last()
	if err := a.Commit(t.Context(), nil, firm.Entry{}, u.Bill(e, "bill-1")...); err != nil {
		t.Fatal(err)
	}
	if _, u = o.unbilled(t, first.Ref.Matter, o.Admin.Person); u.Any() || last(t, u) != "" {
		t.Error("nothing is left")
	}
}

func TestAnEntryChangedSinceItWasReadCannotBeBilled(t *testing.T) {
	o := open(t, "Acme Corporation")
	s := o.work(t, o.Admin, "acme", time.Minute)
	a, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	o.play(t, "note changed -> noted Acme Corporation")
	e, _ := u.Last()
	if err := a.Commit(t.Context(), nil, firm.Entry{}, u.Bill(e, "bill-1")...); err == nil {
		t.Error("billed as it was before the note")
	}
}

func TestAColleaguesWorkIsMentionedNotTaken(t *testing.T) {
	o := open(t, "Acme Corporation")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	s := o.work(t, ben, "acme", time.Minute)
	_, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	if last(t, u) != "" || !u.Others() || !u.Any() {
		t.Error("Ben's entry")
	}
	_, u = o.unbilled(t, s.Ref.Matter, ben.Person)
	if last(t, u) != s.Entries[0].ID || u.Others() {
		t.Error("Ben asks himself")
	}
	_, u = o.unbilled(t, s.Ref.Matter, "")
	if last(t, u) != "" || !u.Others() {
		t.Error("nobody asks")
	}
}

func TestAForgottenClockIsNotBilledUntilConfirmed(t *testing.T) {
	o := open(t, "Acme Corporation")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	s := o.work(t, ben, "acme", timekeeping.Longest+time.Second)
	if !s.Entries[0].Unconfirmed {
		t.Fatal("more than twelve hours")
	}
	_, u := o.unbilled(t, s.Ref.Matter, ben.Person)
	if u.Any() {
		t.Error("it could be billed")
	}
	if e, err := u.Waiting(); err != nil || e == nil || e.Person != ben.Person {
		t.Error("it waits", e, err)
	}
	eve := o.Hire(t, "Eve", firm.Lawyer)
	if _, err := o.sheets.Confirm(t.Context(), o.Ask(eve), s.Entries[0].ID); or(err, "") != "firm.forbidden" {
		t.Error(err)
	}
	for _, e := range s.Entries {
		if _, err := o.sheets.Confirm(t.Context(), o.Ask(ben), e.ID); err != nil {
			t.Error(err)
		}
	}
	_, u = o.unbilled(t, s.Ref.Matter, ben.Person)
	if e, err := u.Last(); err != nil || e == nil || e.Unconfirmed {
		t.Error("confirmed", e, err)
	}
	for _, id := range []string{"", "a/b", "unknown"} {
		if _, err := o.sheets.Confirm(t.Context(), o.ada(), id); or(err, "") != "entry.none" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestTwelveHoursWithPausesAreNotForgotten(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 7h
		pause -> paused Acme Corporation
		resume -> resumed Acme Corporation`)
	o.Clock.Advance(time.Second)
	o.play(t, `
		pause -> paused Acme Corporation
		wait 1m
		resume -> resumed Acme Corporation
		wait 7h`)
	s, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), timekeeping.When{Now: true})
	if err != nil || s.Seconds != 14*3600+1 {
		t.Fatal(s, err)
	}
	for _, e := range s.Entries {
		if e.Unconfirmed {
			t.Error(e.Day)
		}
	}
}

func TestTimeIsLoggedWithoutAClock(t *testing.T) {
	o := open(t, "Acme Corporation")
	tests := []struct {
		entry timekeeping.Entry
		want  string
	}{
		{timekeeping.Entry{Seconds: 1200, Billable: true}, "2026-11-23"},
		{timekeeping.Entry{Seconds: 5400, Day: "2026-11-22", Billable: true}, "2026-11-22"},
		{timekeeping.Entry{Seconds: 86400, Day: "2026-03-08"}, "2026-03-08"},
		{timekeeping.Entry{Seconds: 0}, "entry.duration"},
		{timekeeping.Entry{Seconds: -60}, "entry.duration"},
		{timekeeping.Entry{Seconds: 86401}, "entry.duration"},
		{timekeeping.Entry{Seconds: 60, Day: "2026-11-24"}, "entry.day"},
		{timekeeping.Entry{Seconds: 60, Day: "2025-11-22"}, "entry.day"},
		{timekeeping.Entry{Seconds: 60, Day: "yesterday"}, "entry.day"},
		{timekeeping.Entry{Seconds: 60, Day: "2026-02-30"}, "entry.day"},
		{timekeeping.Entry{Seconds: 60, Narrative: strings.Repeat("x", 1001)}, "entry.note"},
	}
	for _, tt := range tests {
		s, err := o.sheets.Log(t.Context(), o.ada(), heard("acme"), tt.entry)
		day := ""
		if len(s.Entries) > 0 {
			day = s.Entries[0].Day
		}
		if got := or(err, day); got != tt.want {
			t.Errorf("%d s on %q: %s, want %s", tt.entry.Seconds, tt.entry.Day, got, tt.want)
		}
	}
	o.play(t, "running -> nothing, today 1200")
	ref, err := o.sheets.Log(t.Context(), o.ada(), heard("acme"), timekeeping.Entry{Seconds: 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, u := o.unbilled(t, ref.Ref.Matter, o.Admin.Person); last(t, u) == ref.Entries[0].ID {
		t.Error("what is not billable is not unbilled")
	}
}

func TestAClockIsKnownByItsMatter(t *testing.T) {
	o := open(t, "Acme Corporation")
	s, err := o.sheets.Start(t.Context(), o.ada(), heard("acme"), timekeeping.When{})
	if err != nil {
		t.Fatal(err)
	}
	a := o.House.Begin(o.ada(), firm.Action{})
	r := o.sheets.ReadClocks(a)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := r.On(s.Ref.Matter); err != nil || c == nil {
		t.Error("it runs", err)
	}
	if c, err := r.On("another"); err != nil || c != nil {
		t.Error("no clock there", err)
	}
	if c, err := o.sheets.ReadClocks(o.House.Begin(firm.System(o.Firm.ID, ""), firm.Action{})).On("any"); err != nil || c != nil {
		t.Error("the system has none", err)
	}
}

func TestANoteIsNotTakenByVoiceWhereTheFirmWantsNone(t *testing.T) {
	o := open(t, "Acme Corporation")
	f := o.Firm
	f.Voice.FreeNotes = false
	if _, err := o.House.ChangeFirm(t.Context(), firmtest.On(o.ada(), firm.ByConsole), f); err != nil {
		t.Fatal(err)
	}
	o.play(t, "start acme -> started Acme Corporation\nwait 1m\nstop -> stopped Acme Corporation/lease: 60 in 1\nnote a secret -> note.refused")
	if _, err := o.sheets.Note(t.Context(), firmtest.On(o.ada(), firm.ByConsole), "typed"); err != nil {
		t.Errorf("on the console: %v", err)
	}
}

// It is Monday, the 23rd. "On Friday" is heard as the 27th, "November 20th" as next year's.
func TestOfADayToComeTheOneBeforeIsOffered(t *testing.T) {
	o := open(t, "Acme Corporation")
	for day, instead := range map[string]string{
		"2026-11-27": "2026-11-20", "2026-11-24": "2026-11-17", "2026-11-30": "2026-11-23", "2026-12-01": "2025-12-01",
		"2027-11-20": "2026-11-20", "2028-01-01": "",
	} {
		_, err := o.sheets.Log(t.Context(), o.ada(), heard("acme"), timekeeping.Entry{Seconds: 60, Day: day})
		var later *timekeeping.Later
		if errors.As(err, &later) != (instead != "") || later != nil && later.Instead != instead || or(err, "") != "entry.day" {
			t.Errorf("%s: %v", day, err)
		}
	}
}
