package timekeeping

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"pgregory.net/rapid"
)

func TestWhatIsTakenOffTheBillIsBilledTheSameWhenItIsAddedAgain(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		policy := sixMinutes(rapid.SampledFrom([]firm.RoundingMode{firm.RoundUp, firm.RoundNearest, firm.RoundDown, firm.RoundNone}).Draw(t, "mode"))
		type line struct {
			entry  Entry
			billed int64
		}
		var w Window
		var lines []line
		for range rapid.IntRange(1, 8).Draw(t, "entries") {
			start := noon.Add(time.Duration(rapid.Int64Range(0, 3600).Draw(t, "start")) * time.Second)
			seconds := rapid.Int64Range(1, 1200).Draw(t, "seconds")
			e := Entry{Start: start, Stop: start.Add(time.Duration(seconds) * time.Second), Seconds: seconds}
			billed, after := w.Add(e, policy)
			if again, _ := after.Take(e, billed).Add(e, policy); again != billed {
				t.Fatalf("%d seconds are billed %d, and %d when taken off and added again", seconds, billed, again)
			}
			w, lines = after, append(lines, line{e, billed})
		}
		for len(lines) > 0 {
			var sum int64
			for _, g := range w.Groups {
				sum += g.Billed
			}
			for _, l := range lines {
				sum -= l.billed
			}
			if sum != 0 {
				t.Fatalf("the day has %d seconds billed that no line has", sum)
			}
			i := rapid.IntRange(0, len(lines)-1).Draw(t, "off")
			w = w.Take(lines[i].entry, lines[i].billed)
			lines = append(lines[:i], lines[i+1:]...)
		}
		if len(w.Groups) != 0 {
			t.Fatalf("with nothing on the bill the day still has %+v", w.Groups)
		}
	})
}
