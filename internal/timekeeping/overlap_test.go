package timekeeping_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func TestACallToldWhileAnotherClientsClockRunsIsAnOverlapOfBoth(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 1h
		log 12m beta -> logged Beta Industries: overlap 720
		log 6m gamma -> logged Gamma Works: overlap 360`) // the clock's own twelve minutes, once
	s, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), timekeeping.When{})
	if err != nil || s.Overlap() != 720 || s.Entries[0].Overlap != 720 {
		t.Fatal(s, err)
	}
	_, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	if e, err := u.Last(); err != nil || e.Overlap != 720 {
		t.Error("it is on the entry as it is kept:", e, err)
	}
}

func TestOnlyWhatIsSharedOverlaps(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	o.play(t, `
		start acme -> started Acme Corporation
		wait 1h
		start beta -> started Beta Industries, paused Acme Corporation
		wait 1h
		stop -> stopped Beta Industries/lease: 3600 in 1
		stop acme -> stopped Acme Corporation/lease: 3600 in 1
		wait 20m
		log 30m acme -> logged Acme Corporation: overlap 600
		wait 49h
		log 30m acme -> logged Acme Corporation: overlap 0
		wait 1h`)
	for _, line := range []string{"start acme", "wait 30s"} {
		o.say(t, line)
	}
	o.play(t, "log 1h beta -> logged Beta Industries: overlap 0") // the breath between two sentences
	s, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), timekeeping.When{})
	if err != nil || s.Overlap() != 0 {
		t.Error(s, err)
	}
}

func TestTimeToldInARowMayHaveBeenDoneInARow(t *testing.T) {
	open(t, "Acme Corporation", "Beta Industries", "Gamma Works").play(t, `
		log 30m acme -> logged Acme Corporation: overlap 0
		log 1h beta -> logged Beta Industries: overlap 0
		log 20h gamma -> logged Gamma Works: overlap 0
		log 4h acme -> logged Acme Corporation: overlap 5400`)
}

func TestAColleaguesTimeIsNoOverlap(t *testing.T) {
	o := open(t, "Acme Corporation")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	o.work(t, ben, "acme", time.Hour)
	o.play(t, "log 1h acme -> logged Acme Corporation: overlap 0")
}

func TestADayHasNoMoreTimeThanItHas(t *testing.T) {
	for _, c := range []struct {
		day   string
		hours int64
	}{{"2026-11-20", 24}, {"2026-11-01", 25}, {"2026-03-08", 23}} { // clocks change in New York on the last two
		o := open(t, "Acme Corporation")
		for _, hours := range []int64{12, c.hours - 12} {
			if s, err := o.sheets.Log(t.Context(), o.ada(), heard("acme"), timekeeping.Entry{Seconds: hours * 3600, Day: c.day}); err != nil || s.Overlap() != 0 {
				t.Errorf("%s: %d hours overlap %d, %v", c.day, hours, s.Overlap(), err)
			}
		}
		if s, err := o.sheets.Log(t.Context(), o.ada(), heard("acme"), timekeeping.Entry{Seconds: 900, Day: c.day}); err != nil || s.Overlap() != 900 {
			t.Errorf("%s: what no longer fits overlaps %d, %v", c.day, s.Overlap(), err)
		}
	}
}

func TestFindingAnOverlapTakesNoMoreTrips(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	for _, line := range []string{"start acme", "wait 1h", "log 10m beta", "stop"} {
		if got := o.trips(t, line); line != "wait 1h" && got != 2 {
			t.Errorf("%s: %d trips", line, got)
		}
	}
}

// TestAnUnmarkedEntrySharesItsTimeWithNothing: of a told entry without a mark, less than a minute lies in what the
// person's clocks had measured by then; of one with a mark, so much as it says.
func TestAnUnmarkedEntrySharesItsTimeWithNothing(t *testing.T) {
	names := []string{"acme", "beta", "gamma"}
	rapid.Check(t, func(r *rapid.T) {
		o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works")
		var clocked []timekeeping.Span
		running := false
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			name := rapid.SampledFrom(names).Draw(r, "name")
			wait := time.Duration(rapid.IntRange(0, 7200).Draw(r, "wait")) * time.Second
			if from := o.Clock.Now(); running && wait > 0 {
				clocked = append(clocked, timekeeping.Span{Start: from, Stop: from.Add(wait)})
			}
			o.Clock.Advance(wait)
			switch rapid.IntRange(0, 2).Draw(r, "verb") {
			case 0:
				o.say(t, "start "+name)
				running = true
			case 1:
				_, err := o.sheets.Stop(t.Context(), o.ada(), heard(""), timekeeping.When{})
				running = running && err != nil
			default:
				e := timekeeping.Entry{Seconds: rapid.Int64Range(1, 4*3600).Draw(r, "seconds"), Billable: true}
				s, err := o.sheets.Log(t.Context(), o.ada(), heard(name), e)
				if err != nil {
					r.Fatal(err)
				}
				e = s.Entries[0]
				span := timekeeping.Span{Start: e.Start, Stop: e.Stop}
				if real := common(clocked, span); (real >= time.Minute) != (e.Overlap > 0) || e.Overlap > 0 && int64(real/time.Second) != e.Overlap {
					r.Fatalf("%v of %v was measured by clocks, marked %d", real, span, e.Overlap)
				}
			}
		}
	})
}

func common(spans []timekeeping.Span, of timekeeping.Span) (total time.Duration) {
	for _, s := range spans {
		from := slices.MaxFunc([]time.Time{s.Start, of.Start}, time.Time.Compare)
		to := slices.MinFunc([]time.Time{s.Stop, of.Stop}, time.Time.Compare)
		total += max(0, to.Sub(from))
	}
	return total
}
