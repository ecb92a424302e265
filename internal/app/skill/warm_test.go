package skill

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/config"
)

// warm is a request as Alexa sends it, which can be answered over and over.
type warm struct {
	name  string
	event string                        // of events/
	ready func(t testing.TB, o *office) // before each, uncounted
}

var warms = []warm{
	{"start", "start", func(t testing.TB, o *office) { o.say(t, "stop the clock for acme") }},
	{"stop", "stop-clock", func(t testing.TB, o *office) { o.say(t, "start the clock for acme") }},
	{"running", "running", func(testing.TB, *office) {}},
	{"add-last", "add-last", func(t testing.TB, o *office) { o.say(t, "start the clock for acme", "stop the clock") }},
}

// mostAllocations of a warm request (architecture.md, Budgets).
const mostAllocations = 300

// say says things uncounted, some minutes apart.
func (o *office) say(t testing.TB, lines ...string) {
	t.Helper()
	for _, line := range lines {
		o.Clock.Advance(6 * time.Minute)
		if x, err := o.device(t).Say(t.Context(), line); err != nil || x.Speech == "" {
			t.Fatalf("%q: %q, %v", line, x.Speech, err)
		}
	}
	o.Clock.Advance(6 * time.Minute)
}

// request is an event of events/ by Ada, with an id of its own.
func (o *office) request(t testing.TB, event string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../events/" + event + ".json")
	must(t, err)
	var ids struct{ Request struct{ RequestID string } }
	must(t, json.Unmarshal(data, &ids))
	data = bytes.ReplaceAll(data, []byte("ada-token"), []byte(o.signer.Access(o.Admin, 1000*time.Hour)))
	data = bytes.ReplaceAll(data, []byte("amzn1.ask.skill.11111111-2222-4333-8444-555555555555"), []byte(config.DemoSkillID))
	return bytes.ReplaceAll(data, []byte(ids.Request.RequestID), []byte("amzn1.echo-api.request."+o.id()))
}

// answer answers a request, and fails for one that is not answered with what was asked for.
func (o *office) answer(t testing.TB, request []byte) []byte {
	got, err := o.skill.Handle(t.Context(), request)
	if err != nil || !bytes.Contains(got, []byte("<speak>")) || bytes.Contains(got, []byte("went wrong")) {
		t.Fatalf("%s, %v", got, err)
	}
	return got
}

func TestAWarmRequestStaysWithinItsAllocations(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, w := range warms {
		o := opened(t)
		const rounds = 20
		var total uint64
		for i := range rounds + 1 {
			o.Clock.Advance(24 * time.Hour) // each round is the first of its day
			w.ready(t, o)
			request := o.request(t, w.event)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			o.answer(t, request)
			runtime.ReadMemStats(&after)
			if i > 0 { // the first fills caches
				total += after.Mallocs - before.Mallocs
			}
		}
		t.Logf("%s: %d allocations", w.name, total/rounds)
		if total/rounds > mostAllocations {
			t.Errorf("%s: %d allocations, at most %d", w.name, total/rounds, mostAllocations)
		}
	}
}

// BenchmarkWarm is a request from JSON in to JSON out on the memory store. x-json is the ratio to its yardstick,
// decoding and encoding the same JSON: at most 10.
func BenchmarkWarm(b *testing.B) {
	for _, w := range warms {
		b.Run(w.name, func(b *testing.B) {
			o := opened(b)
			requests := make([][]byte, 0, 1024)
			b.ReportAllocs()
			b.ResetTimer()
			b.StopTimer()
			for range b.N {
				o.Clock.Advance(24 * time.Hour) // each is the first of its day
				w.ready(b, o)
				request := o.request(b, w.event)
				b.StartTimer()
				o.answer(b, request)
				b.StopTimer()
				if len(requests) < cap(requests) {
					requests = append(requests, request)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/yardstick(b, requests), "x-json")
		})
	}
}

// yardstick is the seconds that decoding and encoding a request takes.
func yardstick(b *testing.B, requests [][]byte) float64 {
	rounds := max(1, 2000/len(requests))
	began := time.Now()
	for range rounds {
		for _, r := range requests {
			var v any
			must(b, json.Unmarshal(r, &v))
			_, err := json.Marshal(v)
			must(b, err)
		}
	}
	return time.Since(began).Seconds() / float64(rounds*len(requests))
}
