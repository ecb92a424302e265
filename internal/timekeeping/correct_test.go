package timekeeping_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func TestTheLastWorkIsMeasuredAnew(t *testing.T) {
	open(t, "Acme Corporation", "Beta Industries").play(t, `
		measure 30m -> entry.none
		told acme, 20m -> logged Acme Corporation 1200
		measure 30m -> Acme Corporation 1800
		running -> nothing, today 1800
		measure 12m -> Acme Corporation 720
		running -> nothing, today 720
		measure 0s -> entry.duration
		measure -1m -> entry.duration
		measure 24h1s -> entry.duration
		start beta -> started Beta Industries
		wait 10m
		measure 6m -> Acme Corporation 360
		stop -> stopped Beta Industries/lease: 600 in 1
		measure 6m -> Beta Industries 360
		running -> nothing, today 720
		wait 15m
		measure 12m -> Beta Industries 720
		wait 1s
		measure 12m -> entry.none`)
}

func TestAnEntryEndsWhenItEndedHoweverLongItIsSaidToHaveBeen(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.play(t, "start acme -> started Acme Corporation\nwait 10m\npause -> paused Acme Corporation\nwait 10m\nresume -> resumed Acme Corporation\nwait 10m\nstop -> stopped Acme Corporation/lease: 1200 in 1")
	end := o.Clock.Now()
	for seconds, began := range map[int64]time.Duration{600: 30 * time.Minute, 1800: 30 * time.Minute, 3600: time.Hour} {
		c, err := o.sheets.Measure(t.Context(), o.ada(), seconds)
		if err != nil || len(c.Entries) != 1 {
			t.Fatal(c, err)
		}
		if e := c.Entries[0]; !e.Stop.Equal(end) || e.Seconds != seconds || seconds != 600 && end.Sub(e.Start) < began {
			t.Errorf("%d: from %s to %s", seconds, e.Start, e.Stop)
		}
		o.say(t, "undo")
	}
}

// A clock that was left running over midnight: what is cut off is cut off at its end.
func TestSeveralDaysWorkIsCutAtItsEnd(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.Clock.Set(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)) // eight in the evening
	o.play(t, `
		start acme -> started Acme Corporation
		wait 14h
		stop @ now -> stopped Acme Corporation/lease: 50400 in 2
		measure 5h -> Acme Corporation 18000
		running -> nothing, today 3600
		measure 2h -> Acme Corporation 7200
		running -> nothing, today 0
		undo -> took back correct Acme Corporation
		running -> nothing, today 3600
		measure 20h -> Acme Corporation 72000
		running -> nothing, today 57600`)
}

func TestWhatIsSaidInPlaceOfALongTimeConfirmsIt(t *testing.T) {
	o := open(t, "Acme Corporation")
	for _, line := range []string{"measure 8h", "confirm"} {
		o.play(t, "start acme -> started Acme Corporation\nwait 13h")
		s, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), timekeeping.When{Now: true})
		if err != nil || !s.Entries[0].Unconfirmed {
			t.Fatal(s, err)
		}
		o.say(t, line)
		if _, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person); last(t, u) == "" {
			t.Errorf("%s leaves it unconfirmed", line)
		}
	}
}

func TestWhatWasNotLongNeedsNoConfirmation(t *testing.T) {
	open(t, "Acme Corporation").play(t, "told acme, 10m -> logged Acme Corporation 600\nconfirm -> entry.sure")
}

func TestTheLastDeedWasMeantForAnother(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works")
	o.play(t, `
		meant beta -> entry.none
		start gamma -> started Gamma Works
		wait 10m
		start acme -> started Acme Corporation, paused Gamma Works
		wait 5m
		meant beta -> started Beta Industries, paused Gamma Works
		running -> Beta Industries 300, paused Gamma Works, today 0
		meant gamma -> already Gamma Works
		running -> Gamma Works 900, today 0
		meant acme -> started Acme Corporation, paused Gamma Works
		running -> Acme Corporation 300, paused Gamma Works, today 0
		meant nobody at all -> client.none
		stop -> stopped Acme Corporation/lease: 300 in 1
		meant beta -> Beta Industries 300
		note for beta -> noted Beta Industries
		running -> nothing, paused Gamma Works, today 300
		resume gamma -> resumed Gamma Works
		wait 15m
		meant acme -> started Acme Corporation
		wait 15m
		wait 1s
		meant beta -> entry.none`)
}

func TestAnEntryOfAnotherMatterIsBilledThere(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	s := o.work(t, o.Admin, "acme", time.Hour)
	o.play(t, "meant beta -> Beta Industries 3600")
	if _, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person); u.Any() {
		t.Error("it is still Acme's")
	}
	beta, err := o.sheets.Log(t.Context(), o.ada(), heard("beta"), timekeeping.Entry{Seconds: 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, u := o.unbilled(t, beta.Ref.Matter, o.Admin.Person); last(t, u) != s.Entries[0].ID {
		t.Error("it is not Beta's")
	}
	if _, err := o.sheets.Confirm(t.Context(), o.ada(), s.Entries[0].ID); err != nil {
		t.Errorf("it is not found by its id any more: %v", err)
	}
}

func TestWorkIsSharedEvenly(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works")
	o.play(t, `
		split acme and beta -> entry.none
		told gamma, 61s -> logged Gamma Works 61
		split acme and beta -> Acme Corporation 31, Beta Industries 30
		running -> nothing, today 61
		split acme and beta -> Acme Corporation 31, Beta Industries 30
		undo -> took back correct Acme Corporation
		undo -> deed.none
		told acme, 61s -> logged Acme Corporation 61
		split acme and acme -> entry.same
		split acme and nobody -> client.none
		split acme and gamma -> Acme Corporation 31, Gamma Works 30
		undo -> took back correct Acme Corporation
		measure 122s -> Acme Corporation 122
		running -> nothing, today 183
		told beta, 1s -> logged Beta Industries 1
		split acme and beta -> entry.duration`)
}

func TestTheHalvesFollowEachOther(t *testing.T) {
	for _, worked := range []string{
		"start acme -> started Acme Corporation\nwait 7m\npause -> paused Acme Corporation\nwait 1m\nresume -> resumed Acme Corporation\nwait 1m5s\nstop -> stopped Acme Corporation/lease: 485 in 1",
		"told acme, 485s -> logged Acme Corporation 485",
	} {
		o := open(t, "Acme Corporation", "Beta Industries")
		o.play(t, worked)
		c, err := o.sheets.Split(t.Context(), o.ada(), heard("acme"), heard("beta"))
		if err != nil || len(c.Entries) != 2 {
			t.Fatal(c, err)
		}
		a, b := c.Entries[0], c.Entries[1]
		if !a.Stop.Equal(b.Start) || a.Seconds != 243 || b.Seconds != 242 || a.ID == b.ID || !b.Stop.Equal(o.Clock.Now()) {
			t.Errorf("%+v, %+v", a, b)
		}
		for _, e := range c.Entries {
			if int64(e.Stop.Sub(e.Start)/time.Second) < e.Seconds {
				t.Errorf("more was worked than passed: %+v", e)
			}
		}
	}
}

func TestWhatIsNotBillableIsNotBilled(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.play(t, "bill not -> entry.none")
	s := o.work(t, o.Admin, "acme", time.Hour)
	o.play(t, "bill not -> Acme Corporation 3600\nrunning -> nothing, today 3600")
	if _, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person); u.Any() {
		t.Error("it can be billed")
	}
	o.play(t, "bill it -> Acme Corporation 3600")
	if _, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person); !u.Any() {
		t.Error("it can't be billed")
	}
}

func TestABilledEntryIsNotCorrected(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	s := o.work(t, o.Admin, "acme", time.Hour)
	a, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	e, _ := u.Last()
	if err := a.Commit(t.Context(), nil, firm.Entry{}, u.Bill(e, "bill-1")...); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"measure 30m", "meant beta", "split acme and beta", "bill not", "confirm", "undo", "discard", "note x"} {
		if got := o.say(t, line); got != "entry.billed" {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func TestANoteIsNeverForWorkBeforeTheLastStop(t *testing.T) {
	open(t, "Acme Corporation", "Beta Industries").play(t, `
		start acme -> started Acme Corporation
		wait 10m
		stop -> stopped Acme Corporation/lease: 600 in 1
		start beta -> started Beta Industries
		stop -> stopped Beta Industries/lease: 0 in 0
		note for beta -> entry.none
		measure 1h -> entry.none`)
}

func TestAPhraseOfTheFirmsIsTakenWhereFreeDictationIsNot(t *testing.T) {
	o := open(t, "Acme Corporation")
	f := o.Firm
	f.Voice.FreeNotes, f.Voice.Phrases = false, []string{"Call with client", "Drafting"}
	if _, err := o.House.ChangeFirm(t.Context(), firmtest.On(o.ada(), firm.ByConsole), f); err != nil {
		t.Fatal(err)
	}
	o.work(t, o.Admin, "acme", time.Hour)
	o.play(t, "note something privileged -> note.refused\nnote call  with client -> noted Acme Corporation")
	_, u := o.unbilled(t, o.work(t, o.Admin, "acme", time.Hour).Ref.Matter, o.Admin.Person)
	o.play(t, "note DRAFTING -> noted Acme Corporation")
	if e, err := u.Last(); err != nil || e.Narrative != "" {
		t.Error(e, err)
	}
	c, err := o.sheets.Note(t.Context(), o.ada(), "call with client")
	if err != nil || c.Entries[0].Narrative != "Call with client" {
		t.Error("it is written as the firm writes it", c, err)
	}
}

func TestEachCorrectionKeepsItsTripsAndIsAuditedBeforeAndAfter(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	for _, line := range []string{"note a secret", "measure 30m", "meant beta", "split acme and beta", "bill not", "undo", "discard"} {
		o.say(t, "told acme, 20m")
		if line == "undo" {
			o.say(t, "measure 1h")
		}
		most := 3
		if line == "discard" {
			most = 5 // it is read first
		}
		if got := o.trips(t, line); got > most {
			t.Errorf("%s: %d trips", line, got)
		}
		page, _, err := o.House.Audit(t.Context(), o.ada(), "2026-11", "")
		if err != nil {
			t.Fatal(err)
		}
		var before, after []timekeeping.Entry
		if err := json.Unmarshal(page[0].Before, &before); err != nil || len(before) == 0 || before[0].Seconds == 0 {
			t.Errorf("%s: before it %s, %v", line, page[0].Before, err)
		}
		if err := json.Unmarshal(page[0].After, &after); err != nil || line != "discard" && len(after) == 0 {
			t.Errorf("%s: after it %s, %v", line, page[0].After, err)
		}
		if line == "note a secret" && (before[0].Narrative != "" || after[0].Narrative != "a secret") {
			t.Errorf("%+v, %+v", before, after)
		}
	}
}

func TestARepeatedCorrectionIsMadeOnce(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.say(t, "told acme, 61s")
	c := o.ada()
	for range 2 {
		if got := corrected(o.sheets.Split(t.Context(), c, heard("acme"), heard("beta"))); got != "Acme Corporation 31, Beta Industries 30" {
			t.Error(got)
		}
	}
	undo := o.ada()
	for range 2 {
		if u, err := o.sheets.Undo(t.Context(), undo); err != nil || u.Deed != "correct" {
			t.Error(u, err)
		}
	}
	o.play(t, "running -> nothing, today 61\nmeasure 2m -> Acme Corporation 120")
}

func TestAQuestionAboutOneOfTwoNamesSaysOfWhich(t *testing.T) {
	o := open(t, "Acme Corporation", "Schmidt Holdings", "Schmitt Logistics")
	o.say(t, "told acme, 1h")
	_, first := o.sheets.Split(t.Context(), o.ada(), heard("schmidt"), heard("acme"))
	_, second := o.sheets.Split(t.Context(), o.ada(), heard("acme"), heard("schmidt"))
	for err, of := range map[error]bool{first: false, second: true} {
		var other timekeeping.Other
		if errors.As(err, &other) != of || !strings.HasPrefix(or(err, ""), "? Schmidt") {
			t.Errorf("of the second: %v, %v", of, or(err, ""))
		}
	}
	if _, err := o.sheets.Split(t.Context(), o.ada(), heard("acme"), clients.Spoken{}); or(err, "") != "client.unheard" {
		t.Error(err)
	}
}

func TestACostIsCorrectedLikeTimeButHasNone(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	spend := func() timekeeping.Entry {
		s, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), timekeeping.Entry{Billable: true, Cost: &timekeeping.Cost{Amount: money.Of(40000, "USD")}})
		if err != nil {
			t.Fatal(err)
		}
		return s.Entry
	}
	e := spend()
	o.play(t, `
		measure 30m -> entry.timeless
		split acme and beta -> entry.timeless
		note filing fee -> noted Acme Corporation
		meant beta -> Beta Industries 0
		undo -> took back correct Beta Industries`)
	if _, u := o.unbilled(t, e.Ref.Matter, o.Admin.Person); last(t, u) != e.ID {
		t.Error("it is not Acme's again")
	}
	spend()
	o.play(t, "undo -> took back spend Acme Corporation\nundo -> deed.none")
	if _, u := o.unbilled(t, e.Ref.Matter, o.Admin.Person); last(t, u) != e.ID {
		t.Error("the one that was taken back is there")
	}
}
