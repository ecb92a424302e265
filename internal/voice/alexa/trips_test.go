package alexa_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// The voice adds no read of its own: a turn costs what its one domain method costs (architecture.md, Budgets).
func TestATurnCostsNoMoreTripsThanItsDomainMethod(t *testing.T) {
	w := demo(t)
	c := w.device(t, "")
	for _, turn := range []struct {
		text string
		most int
	}{
		{"start the clock for acme", 2}, {"what's running", 1}, {"stop the clock for acme", 2}, {"help", 0}, {"no", 0},
		{"add the last entry for acme to the bill", 3}, {"charge acme", 3}, {"yes", 0}, {"cancel", 0}, {"open billing clerk", 1},
	} {
		w.Clock.Advance(600e9)
		ctx, trips := store.CountTrips(t.Context())
		x, err := c.Say(ctx, turn.text)
		if err != nil || trips().Total() > turn.most {
			t.Errorf("%q (%s): %+v, at most %d; %v", turn.text, x.Speech, trips(), turn.most, err)
		}
	}
}

// The warm request against its yardstick, decoding and encoding the same JSON.
func BenchmarkWarmRequest(b *testing.B) {
	w := demo(b)
	request := event(b, "running")
	b.Run("skill", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.skill.Handle(b.Context(), request); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(request, &v); err != nil {
				b.Fatal(err)
			}
			if _, err := json.Marshal(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Time that the speaker gave to two clients is said when a clock stops, and names nobody.
func TestAStopSaysThatItsTimeWasGivenToOtherWorkToo(t *testing.T) {
	w := demo(t)
	c := w.device(t, "")
	say := func(text string) string {
		x, err := c.Say(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return x.Speech
	}
	say("start the clock for acme")
	w.Clock.Advance(3600e9)
	sheets := w.skill.Clerk.(*voice.Clerk).Timesheets
	if _, err := sheets.Log(t.Context(), w.Ask(w.Admin), clients.Spoken{Heard: "beta"}, timekeeping.Entry{Seconds: 720, Billable: true}); err != nil {
		t.Fatal(err)
	}
	want := "Stopped Acme Corporation at one hour. You gave twelve minutes of it to other work too. Please check both."
	if got := say("stop the clock"); !strings.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
}
