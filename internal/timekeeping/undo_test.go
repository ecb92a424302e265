package timekeeping_test

import (
	"testing"

	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func TestTheLastDeedIsTakenBack(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		undo -> deed.none
		start acme -> started Acme Corporation
		wait 10m
		start beta -> started Beta Industries, paused Acme Corporation
		wait 5m
		undo -> took back start Beta Industries
		running -> Acme Corporation 900, today 0
		undo -> deed.none
		pause -> paused Acme Corporation
		wait 5m
		undo -> took back pause Acme Corporation
		running -> Acme Corporation 1200, today 0
		stop -> stopped Acme Corporation/lease: 1200 in 1
		running -> nothing, today 1200
		wait 5m
		undo -> took back stop Acme Corporation
		running -> Acme Corporation 1500, today 0
		note there is none -> entry.none
		told beta, 30m -> logged Beta Industries 1800
		bill not -> Beta Industries 1800
		undo -> took back correct Beta Industries
		measure 1h -> Beta Industries 3600
		undo -> took back correct Beta Industries
		running -> Acme Corporation 1500, today 1800
		told beta, 30m -> logged Beta Industries 1800
		undo -> took back log Beta Industries
		running -> Acme Corporation 1500, today 1800
		stop -> stopped Acme Corporation/lease: 1500 in 1
		wait 15m
		wait 1s
		undo -> deed.none
		running -> nothing, today 3300`)
}

func TestAClockThatWasStoppedByMistakeKeepsItsPlaceAmongOthers(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 10m
		start beta -> started Beta Industries, paused Acme Corporation
		wait 10m
		stop acme -> stopped Acme Corporation/lease: 600 in 1
		wait 1m
		undo -> took back stop Acme Corporation
		running -> Beta Industries 660, paused Acme Corporation, today 0
		start acme @ 15m -> when.over
		stop -> stopped Beta Industries/lease: 660 in 1
		undo -> took back stop Beta Industries
		pause beta @ 1m -> paused Beta Industries
		start acme @ 1m -> resumed Acme Corporation
		stop acme -> stopped Acme Corporation/lease: 660 in 1`)
}

func TestWhatIsDiscardedIsWhatWasReadBack(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		discard -> deed.none
		start acme -> started Acme Corporation
		wait 10m
		discard -> threw the clock away: Acme Corporation 600
		running -> nothing, today 0
		undo -> took back discard Acme Corporation
		running -> Acme Corporation 600, today 0
		wait 1h
		stop -> stopped Acme Corporation/lease: 4200 in 1
		discard -> threw away: Acme Corporation 4200
		running -> nothing, today 0
		discard -> deed.none
		undo -> took back discard Acme Corporation
		running -> nothing, today 4200
		start beta -> started Beta Industries
		wait 20m
		discard -> threw the clock away: Beta Industries 1200
		wait 20m
		discard -> deed.none`)
	o.say(t, "start acme")
	d, err := o.sheets.ToDiscard(t.Context(), o.ada())
	if err != nil {
		t.Fatal(err)
	}
	o.say(t, "start beta")
	if _, err := o.sheets.Discard(t.Context(), o.ada(), d.ID); or(err, "") != "deed.none" {
		t.Errorf("another clock than the one that was read back: %v", err)
	}
}

func TestWhatWasTakenBackOverlapsWithNothing(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 1h
		log 12m beta -> logged Beta Industries: overlap 720
		undo -> took back log Beta Industries
		stop -> stopped Acme Corporation/lease: 3600 in 1
		log 12m beta -> logged Beta Industries: overlap 720
		undo -> took back log Beta Industries
		discard -> threw away: Acme Corporation 3600`)
	s, err := o.sheets.Log(t.Context(), o.ada(), heard("beta"), timekeeping.Entry{Seconds: 7200})
	if err != nil || s.Overlap() != 0 {
		t.Error(s, err)
	}
	o.play(t, "undo -> took back log Beta Industries\nundo -> deed.none")
}
