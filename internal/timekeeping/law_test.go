package timekeeping_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// ledger is what a person really worked, kept apart from the code it judges: who ran when the clock was moved.
type ledger struct {
	running string
	worked  map[string]int64
	paused  map[string]bool
	entries int64
}

// TestNoSecondIsLostOrMade: whatever is said, the seconds of entries and clocks are the seconds that a clock ran.
func TestNoSecondIsLostOrMade(t *testing.T) {
	names := []string{"Acme Corporation", "Beta Industries", "Gamma Works"}
	rapid.Check(t, func(r *rapid.T) {
		o := open(t, names...)
		l := ledger{worked: map[string]int64{}, paused: map[string]bool{}}
		total := int64(0)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			if rapid.Bool().Draw(r, "wait") {
				seconds := rapid.Int64Range(0, 30*3600).Draw(r, "seconds")
				o.Clock.Advance(time.Duration(seconds) * time.Second)
				if l.running != "" {
					l.worked[l.running] += seconds
					total += seconds
				}
			}
			verb := rapid.SampledFrom([]string{"start", "stop", "stop ", "pause", "resume", "resume "}).Draw(r, "verb")
			name := rapid.SampledFrom(names).Draw(r, "name")
			l.do(r, o, t, verb, name)
			l.check(r, o, t, total)
		}
	})
}

// do says a line and follows it in the ledger.
func (l *ledger) do(r *rapid.T, o *office, t *testing.T, verb, name string) {
	line := verb + " " + name
	if verb == "pause" || verb == "stop " || verb == "resume " {
		line = verb
	}
	if verb == "stop" || verb == "stop " {
		line += " @ now"
	}
	got := o.say(t, line)
	var client, rest string
	switch {
	case scan(got, "started ", &client), scan(got, "resumed ", &client):
		if l.running != "" {
			l.paused[l.running] = true
		}
		delete(l.paused, client)
		l.running = client
	case scan(got, "paused ", &client):
		l.paused[client], l.running = true, ""
	case scan(got, "stopped ", &rest):
		for _, n := range []string{"Acme Corporation", "Beta Industries", "Gamma Works"} {
			if scan(rest, n+"/lease: ", &client) {
				l.stopped(r, n, client)
			}
		}
	}
}

func (l *ledger) stopped(r *rapid.T, name, told string) {
	if want := fmt.Sprintf("%d in ", l.worked[name]); len(told) < len(want) || told[:len(want)] != want {
		r.Fatalf("%s stopped at %s, worked %d", name, told, l.worked[name])
	}
	l.entries += l.worked[name]
	delete(l.worked, name)
	delete(l.paused, name)
	if l.running == name {
		l.running = ""
	}
}

// scan cuts a prefix and what follows a comma.
func scan(s, prefix string, rest *string) bool {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return false
	}
	*rest = s[len(prefix):]
	for i, r := range *rest {
		if r == ',' {
			*rest = (*rest)[:i]
			break
		}
	}
	return true
}

// check compares what is running, and all seconds, with the ledger.
func (l *ledger) check(r *rapid.T, o *office, t *testing.T, total int64) {
	now, err := o.sheets.Running(t.Context(), o.ada())
	if err != nil {
		r.Fatal(err)
	}
	sum, name := l.entries, ""
	if now.Clock != nil {
		sum, name = sum+now.Seconds, now.Clock.Ref.ClientName
	}
	for _, p := range now.Paused {
		if !l.paused[p.Ref.ClientName] {
			r.Fatalf("%s is paused", p.Ref.ClientName)
		}
		sum += p.Seconds(o.Clock.Now())
	}
	if name != l.running || len(now.Paused) != len(l.paused) || sum != total {
		r.Fatalf("%q runs and %d s are kept, want %q and %d s", name, sum, l.running, total)
	}
}

// TestTwoDevicesAtOnceLeaveOneClockRunning: both are told the truth, and no span is lost.
func TestTwoDevicesAtOnceLeaveOneClockRunning(t *testing.T) {
	names := []string{"Acme Corporation", "Beta Industries", "Gamma Works", "Delta Works"}
	for round := range 25 {
		o := open(t, names...)
		o.say(t, "start acme")
		o.Clock.Advance(time.Minute)
		callers := make([]firm.Caller, len(names))
		done := make([]timekeeping.Started, len(names))
		for i := range names {
			callers[i] = o.ada()
		}
		var wait sync.WaitGroup
		for i := 1; i < len(names); i++ {
			wait.Go(func() {
				var err error
				if done[i], err = o.sheets.Start(t.Context(), callers[i], heard(names[i]), timekeeping.When{}); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wait.Wait()
		o.Clock.Advance(time.Minute)
		r, err := o.sheets.Running(t.Context(), o.ada())
		if err != nil || r.Clock == nil || r.Seconds != 60 {
			t.Fatal(r, err)
		}
		if len(r.Paused) != 3 || sum(r.Paused, o.Clock.Now()) != 60 {
			t.Error("paused:", r.Paused)
		}
		paused := map[string]bool{}
		for _, d := range done[1:] {
			if d.Paused == nil || paused[d.Paused.ClientName] {
				t.Error("each start paused another clock:", done)
				continue
			}
			paused[d.Paused.ClientName] = true
		}
	}
}

func sum(clocks []timekeeping.Clock, at time.Time) (total int64) {
	for _, c := range clocks {
		total += c.Seconds(at)
	}
	return total
}

// TestTwoDevicesStoppingAtOnceMakeOneEntry: the other is told that nothing runs.
func TestTwoDevicesStoppingAtOnceMakeOneEntry(t *testing.T) {
	o := open(t, "Acme Corporation")
	o.say(t, "start acme")
	o.Clock.Advance(time.Minute)
	callers := []firm.Caller{o.ada(), o.ada()}
	told := make([]string, len(callers))
	var wait sync.WaitGroup
	for i, c := range callers {
		wait.Go(func() {
			s, err := o.sheets.Stop(t.Context(), c, heard(""), timekeeping.When{})
			told[i] = or(err, fmt.Sprint(s.Seconds))
		})
	}
	wait.Wait()
	if told[0] > told[1] {
		told[0], told[1] = told[1], told[0]
	}
	if told[0] != "60" || told[1] != "clock.none" {
		t.Error(told)
	}
	o.play(t, "running -> nothing, today 60")
}
