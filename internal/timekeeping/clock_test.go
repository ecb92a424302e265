package timekeeping_test

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func TestOneClockRunsAndStartingAnotherPausesIt(t *testing.T) {
	open(t, "Acme Corporation", "Beta Industries").play(t, `
		running -> nothing, today 0
		start acme -> started Acme Corporation
		wait 24m
		running -> Acme Corporation 1440, today 0
		start acme -> already Acme Corporation
		start beta -> started Beta Industries, paused Acme Corporation
		wait 6m
		running -> Beta Industries 360, paused Acme Corporation, today 0
		start acme -> resumed Acme Corporation, paused Beta Industries
		wait 1m
		stop -> stopped Acme Corporation/lease: 1500 in 1
		running -> nothing, paused Beta Industries, today 1500
		resume -> resumed Beta Industries
		wait 1m
		pause -> paused Beta Industries
		wait 1h
		resume beta -> resumed Beta Industries
		resume beta -> already Beta Industries
		wait 1s
		stop beta -> stopped Beta Industries/lease: 421 in 1
		running -> nothing, today 1921`)
}

func TestStopWithoutAClockSaysSo(t *testing.T) {
	open(t, "Acme Corporation", "Beta Industries", "Gamma Works").play(t, `
		stop -> clock.none
		stop acme -> clock.none
		pause -> clock.none
		resume -> clock.none-paused
		resume acme -> clock.none-paused
		start acme -> started Acme Corporation
		wait 1m
		stop beta -> clock.other
		start beta -> started Beta Industries, paused Acme Corporation
		wait 1m
		stop acme -> stopped Acme Corporation/lease: 60 in 1
		running -> Beta Industries 60, today 60
		stop gamma -> clock.other
		stop zebra -> client.none
		start zebra -> client.none
		start ? -> client.unheard`)
}

func TestAStopInTheSameSecondMakesNoEntry(t *testing.T) {
	open(t, "Acme Corporation").play(t, `
		start acme -> started Acme Corporation
		wait 900ms
		stop -> stopped Acme Corporation/lease: 0 in 0
		running -> nothing, today 0
		note hello -> entry.none`)
}

func TestAnAmbiguousNameToStopMeansTheClockThatThereIs(t *testing.T) {
	o := open(t, "Schmidt Holdings", "Schmitt Logistics", "Acme Corporation")
	o.play(t, `
		start schmidt -> ? Schmidt Holdings | Schmitt Logistics
		start schmitt logistics -> started Schmitt Logistics
		wait 1m
		stop schmidt holdings -> clock.other
		stop schmidt -> stopped Schmitt Logistics/lease: 60 in 1
		start schmidt holdings -> started Schmidt Holdings
		wait 1m
		start schmitt logistics -> started Schmitt Logistics, paused Schmidt Holdings
		wait 1m
		stop schmidt -> ? Schmitt Logistics | Schmidt Holdings
		start acme -> started Acme Corporation, paused Schmitt Logistics
		stop schmidt holdings -> stopped Schmidt Holdings/lease: 60 in 1
		stop schmidt -> stopped Schmitt Logistics/lease: 60 in 1
		stop schmidt -> clock.other`)
}

func TestAClientWithSeveralMattersIsAskedAboutLastUsedFirst(t *testing.T) {
	o := open(t)
	o.client(t, "Marlow Group", "lease", "merger", "tax appeal")
	o.play(t, `
		start marlow -> which: tax appeal | merger | lease
		stop marlow -> clock.none
		start marlow lease -> started Marlow Group
		wait 1m
		start marlow merger -> started Marlow Group, paused Marlow Group
		wait 1m
		start marlow -> which: merger | lease | tax appeal
		stop marlow -> which: merger | lease
		stop marlow lease -> stopped Marlow Group/lease: 60 in 1
		stop marlow tax appeal -> which: merger
		stop marlow -> stopped Marlow Group/merger: 60 in 1`)
}

func TestTheClockOfAClientThatWasClosedCanBeStoppedButNotResumed(t *testing.T) {
	o := open(t, "Acme Corporation")
	c := o.client(t, "Zeppelin", "advice")
	o.play(t, "start zeppelin -> started Zeppelin\nwait 1m\nstart acme -> started Acme Corporation, paused Zeppelin")
	c.Closed = true
	if err := o.dir.Change(t.Context(), o.ada(), c); err != nil {
		t.Fatal(err)
	}
	o.play(t, `
		start zeppelin -> client.closed
		resume zeppelin -> client.closed
		stop zeppelin -> stopped Zeppelin/advice: 60 in 1
		stop zeppelin -> clock.other`)
	if _, err := o.sheets.Stop(t.Context(), o.ada(), clients.Spoken{Client: c.ID}, timekeeping.When{}); or(err, "") != "clock.other" {
		t.Error(err)
	}
}

func TestANegativeStretchIsRefusedAndChangesNothing(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, "start acme -> started Acme Corporation")
	o.Clock.Advance(-time.Minute)
	o.play(t, `
		stop -> clock.skew
		pause -> clock.skew
		start beta -> clock.skew
		wait 2m
		stop -> stopped Acme Corporation/lease: 60 in 1`)
}

func TestARepeatedRequestDoesNothingTwice(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	c := o.ada()
	for range 2 {
		if got := started(o.sheets.Start(t.Context(), c, heard("acme"), timekeeping.When{})); got != "started Acme Corporation" {
			t.Error(got)
		}
	}
	o.Clock.Advance(time.Minute)
	stop := o.ada()
	first, err := o.sheets.Stop(t.Context(), stop, heard(""), timekeeping.When{})
	if err != nil {
		t.Fatal(err)
	}
	o.play(t, "start beta -> started Beta Industries")
	o.Clock.Advance(time.Minute)
	again, err := o.sheets.Stop(t.Context(), stop, heard(""), timekeeping.When{})
	if err != nil || again.Entries[0].ID != first.Entries[0].ID {
		t.Error("a repeated stop stopped another clock", err)
	}
	o.play(t, "running -> Beta Industries 60, today 60")
	if got := started(o.sheets.Start(t.Context(), c, heard("beta"), timekeeping.When{})); got != "request.reused" {
		t.Error(got)
	}
}

func TestOnlyTimekeepersKeepTime(t *testing.T) {
	o := open(t, "Acme Corporation")
	for _, role := range []firm.Role{firm.Bookkeeper, firm.ReadOnly} {
		c := o.Hire(t, "Eve", role)
		if got := started(o.sheets.Start(t.Context(), o.Ask(c), heard("acme"), timekeeping.When{})); got != "firm.forbidden" {
			t.Errorf("%s starts: %s", role, got)
		}
		if _, err := o.sheets.Running(t.Context(), o.Ask(c)); or(err, "") != "firm.forbidden" {
			t.Errorf("%s asks: %v", role, err)
		}
	}
	if _, err := o.sheets.Stop(t.Context(), firm.System(o.Firm.ID, "r"), heard(""), timekeeping.When{}); or(err, "") != "firm.forbidden" {
		t.Errorf("the system has no clocks: %v", err)
	}
}

func TestEachPersonHasTheirOwnClocks(t *testing.T) {
	o := open(t, "Acme Corporation")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	o.play(t, "start acme -> started Acme Corporation\nwait 1m")
	if got := started(o.sheets.Start(t.Context(), o.Ask(ben), heard("acme"), timekeeping.When{})); got != "started Acme Corporation" {
		t.Error(got)
	}
	o.play(t, "stop -> stopped Acme Corporation/lease: 60 in 1")
	if _, err := o.sheets.Stop(t.Context(), o.Ask(ben), heard("acme"), timekeeping.When{}); err != nil {
		t.Error(err)
	}
}

func TestAnotherFirmsIdsAreUnknown(t *testing.T) {
	mine := open(t, "Acme Corporation")
	other := with(t, firmtest.In(t, mine.House, mine.Clock))
	c := other.client(t, "Foreign", "lease")
	if _, err := mine.sheets.Start(t.Context(), mine.ada(), clients.Spoken{Client: c.ID}, timekeeping.When{}); or(err, "") != "client.none" {
		t.Error(err)
	}
	mine.play(t, "start foreign -> client.none")
}

func TestStartStopRunningAndNoteKeepTheirTrips(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	for _, step := range []struct {
		line  string
		trips int
	}{
		{"start acme", 2}, {"start beta", 2}, {"running", 1}, {"pause", 2}, {"resume acme", 2}, {"stop acme", 2}, {"note x", 3},
		{"stop beta", 2},
	} {
		o.Clock.Advance(time.Minute)
		if got := o.trips(t, step.line); got != step.trips {
			t.Errorf("%s: %d trips, want %d", step.line, got, step.trips)
		}
	}
}
