package timekeeping_test

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// It is ten in the morning in New York.
func TestAClockBeginsAtTheNearestPastInstantThatWasSaid(t *testing.T) {
	tests := []struct {
		at   string
		want int64 // seconds it has run
	}{
		{"20m", 1200}, {"12h", 43200}, {"1s", 1}, {"09:30", 1800}, {"10:00", 0}, {"09:30 this-morning", 1800},
		{"11:15", 38700}, {"23:00 last-night", 39600}, {"23:00 yesterday-evening", 39600}, {"01:00 last-night", 32400}, {"12:00", 36000},
		{"14:30 in Europe/London", 1800}, {"02:30 in Europe/London", 1800}, {"09:30 in Nowhere/Land", 1800}, {"09:30 in Local", 1800},
	}
	for _, tt := range tests {
		o := open(t, "Acme Corporation")
		if got := o.say(t, "start acme @ "+tt.at); got != "started Acme Corporation" {
			t.Errorf("at %s: %s", tt.at, got)
		}
		if r, err := o.sheets.Running(t.Context(), o.ada()); err != nil || r.Seconds != tt.want {
			t.Errorf("at %s: running for %d, want %d; %v", tt.at, r.Seconds, tt.want, err)
		}
	}
}

func TestAClockDoesNotBeginInTheFutureNorLongAgoNorOverAnother(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme @ 15:00 -> when.future
		start acme @ -20m -> when.long-ago
		start acme @ 12h1s -> when.long-ago
		start acme @ 15:00 yesterday -> when.long-ago
		start acme @ 18:00 this-morning -> when.future
		start acme @ MO -> when.unclear
		start acme @ 25:00 -> when.unclear
		start acme @ 9:5 -> when.unclear
		start acme @ 09:30 someday -> when.unclear
		running -> nothing, today 0
		start acme -> started Acme Corporation
		wait 1h
		start beta @ 1h1m -> when.over
		start beta @ 20m -> started Beta Industries, paused Acme Corporation
		start acme @ 21m -> when.over
		resume acme @ 5m -> resumed Acme Corporation, paused Beta Industries
		stop -> stopped Acme Corporation/lease: 2700 in 1
		stop -> clock.none
		start beta @ 1m -> when.over
		stop beta -> stopped Beta Industries/lease: 900 in 1
		wait 10m
		start acme @ 11m -> when.over
		start acme @ 10m -> started Acme Corporation`)
}

func TestAClockStopsWhenItIsSaidToHaveStopped(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 9h
		stop @ 09:00 this-morning -> when.before
		stop @ 20:00 -> when.future
		stop @ 17:00 -> stopped Acme Corporation/lease: 25200 in 1
		start acme -> started Acme Corporation
		wait 15h
		stop @ 08:00 -> stopped Acme Corporation/lease: 3600 in 1
		start acme -> started Acme Corporation
		wait 1h
		stop @ 61m -> when.before
		stop @ 1h -> when.before
		pause @ 30m -> paused Acme Corporation
		wait 1h
		stop @ 5m -> clock.none
		stop acme @ 100m -> stopped Acme Corporation/lease: 1200 in 1`)
}

// Friday morning's clock is found on Monday: six is six on Friday, the only one that leaves a day's work.
func TestAForgottenClockIsAskedAboutAndStopsOnItsOwnDay(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 12h
		stop acme @ 1h -> stopped Acme Corporation/lease: 39600 in 1
		start acme -> started Acme Corporation
		wait 60h
		stop -> Acme Corporation ran on for 216000
		stop acme -> Acme Corporation ran on for 216000
		running -> Acme Corporation 216000, today 0
		start beta -> started Beta Industries, paused Acme Corporation
		stop acme -> Acme Corporation ran on for 216000
		stop acme @ 02:00 -> stopped Acme Corporation/lease: 14400 in 2
		running -> Beta Industries 0, today 0`)
}

func TestTheGuessIsTheEveningOfTheDayOnWhichTheClockBegan(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	began := o.Clock.Now()
	o.play(t, "start acme -> started Acme Corporation\nwait 14h")
	r, err := o.sheets.Running(t.Context(), o.ada())
	if f := r.Forgotten; err != nil || f == nil || !f.Guess.Equal(began.Add(8*time.Hour)) || f.Seconds != 14*3600 {
		t.Fatalf("%+v, %v", f, err)
	}
	agreed := timekeeping.When{At: r.Forgotten.Guess}
	s, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), agreed)
	if err != nil || s.Seconds != 8*3600 || s.Entries[0].Unconfirmed {
		t.Errorf("%+v, %v", s, err)
	}
	o.Clock.Set(time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)) // nine in the evening
	o.play(t, "start beta -> started Beta Industries\nwait 13h")
	if p, err := o.sheets.Pause(t.Context(), o.ada(), heard("beta"), timekeeping.When{}); err != nil || p.Forgotten == nil || !p.Forgotten.Guess.IsZero() {
		t.Errorf("there is no guess for who began in the evening: %+v, %v", p, err)
	}
}

func TestAFirmSaysHowLongAClockRunsBeforeItIsAskedAbout(t *testing.T) {
	o := open(t, "Acme Corporation")
	f := o.Firm
	f.Voice.Forgotten = 3 * 3600
	if _, err := o.House.ChangeFirm(t.Context(), firmtest.On(o.ada(), firm.ByConsole), f); err != nil {
		t.Fatal(err)
	}
	o.play(t, `
		start acme -> started Acme Corporation
		wait 3h
		pause -> paused Acme Corporation
		resume -> resumed Acme Corporation
		wait 1s
		stop -> Acme Corporation ran on for 10801
		stop @ now -> stopped Acme Corporation/lease: 10801 in 1`)
}

// On 2026-11-01 New York has half past one twice, and on 2026-03-08 no half past two.
func TestAnHourThatComesTwiceIsTheLaterOneAndOneThatIsMissingIsNextToIt(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.Clock.Set(time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)) // two, the second hour is over
	o.play(t, "start acme @ 01:30 -> started Acme Corporation\nrunning -> Acme Corporation 1800, today 0\nstop @ now -> stopped Acme Corporation/lease: 1800 in 1")
	o = open(t, "Acme Corporation")
	o.Clock.Set(time.Date(2026, 11, 1, 6, 15, 0, 0, time.UTC)) // a quarter past one, for the second time
	o.play(t, "start acme @ 01:30 -> started Acme Corporation\nrunning -> Acme Corporation 2700, today 0")
	o = open(t, "Acme Corporation")
	o.Clock.Set(time.Date(2027, 3, 14, 8, 0, 0, 0, time.UTC)) // four in the morning, on a day without half past two
	o.play(t, "start acme @ 02:30 -> started Acme Corporation")
	if r, err := o.sheets.Running(t.Context(), o.ada()); err != nil || r.Seconds != 1800 && r.Seconds != 5400 {
		t.Error(r.Seconds, err)
	}
}

func TestTheZoneOfTheDeviceIsToldWhenItIsNotThePersons(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	for zone, away := range map[string]bool{"": false, "America/New_York": false, "America/Toronto": false, "America/Los_Angeles": true} {
		clock := "09:30"
		if away {
			clock = "06:30"
		}
		s, err := o.sheets.Start(t.Context(), o.ada(), heard("acme"), timekeeping.When{Clock: clock, Zone: zone})
		if err != nil || s.From == nil || s.From.Away != away || !s.From.At.Equal(o.Clock.Now().Add(-30*time.Minute)) {
			t.Errorf("%s: %+v, %v", zone, s.From, err)
		}
		o.Clock.Advance(time.Hour)
		if got := o.say(t, "stop acme @ 1h"); got != "stopped Acme Corporation/lease: 1800 in 1" {
			t.Error(got)
		}
		o.Clock.Advance(-time.Hour + time.Second)
		o = open(t, "Acme Corporation", "Beta Industries")
	}
}

func TestAMomentInThePastCostsNoFurtherTrip(t *testing.T) {
	o := open(t, "Acme Corporation")
	for line, trips := range map[string]int{"start acme @ 20m": 2} {
		if got := o.trips(t, line); got != trips {
			t.Errorf("%s: %d trips", line, got)
		}
	}
	o.Clock.Advance(3 * time.Hour)
	for _, line := range []string{"pause acme @ 30m", "stop acme @ 1h"} {
		if got := o.trips(t, line); got != 2 {
			t.Errorf("%s: %d trips", line, got)
		}
	}
}

func TestARepeatedMomentIsNotFoundAnew(t *testing.T) {
	o := open(t, "Acme Corporation")
	c := o.ada()
	first, err := o.sheets.Start(t.Context(), c, heard("acme"), timekeeping.When{Ago: 60})
	if err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(time.Second)
	again, err := o.sheets.Start(t.Context(), c, heard("acme"), timekeeping.When{Ago: 60, Zone: "Europe/London"})
	if err != nil || !again.From.At.Equal(first.From.At) {
		t.Error(again, err)
	}
	if _, err := o.sheets.Start(t.Context(), c, heard("acme"), timekeeping.When{Ago: 61}); or(err, "") != "request.reused" {
		t.Error(err)
	}
}
