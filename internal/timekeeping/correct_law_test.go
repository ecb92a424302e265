package timekeeping_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// books is what the store holds of a firm's time: read record by record, apart from the code that keeps it.
type books struct {
	entries  map[string]timekeeping.Entry
	pointers map[string]string           // entry -> "<matter> <sort>"
	places   map[string]string           // entry -> where it is
	days     map[string]int64            // seconds
	matters  map[string]map[string]int64 // by day
}

func (o *office) books(t testing.TB) books {
	t.Helper()
	b := books{map[string]timekeeping.Entry{}, map[string]string{}, map[string]string{}, map[string]int64{}, map[string]map[string]int64{}}
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		parts := strings.Split(r.Partition, "/")
		if parts[0] != "f" || len(parts) < 4 {
			return nil
		}
		switch parts[2] {
		case "unbilled", "held", "billed":
			var e timekeeping.Entry
			if err := json.Unmarshal(r.Value, &e); err != nil {
				return err
			}
			if _, twice := b.entries[e.ID]; twice {
				t.Errorf("entry %s is there twice", e.ID)
			}
			b.entries[e.ID], b.places[e.ID] = e, parts[3]+" "+r.Sort
		case "entry":
			var h struct{ Matter, Sort string }
			b.pointers[parts[3]] = ""
			if err := json.Unmarshal(r.Value, &h); err != nil {
				return err
			}
			b.pointers[parts[3]] = h.Matter + " " + h.Sort
		case "hours":
			var w struct {
				Seconds int64
				Matters map[string]int64
			}
			if err := json.Unmarshal(r.Value, &w); err != nil {
				return err
			}
			b.days[r.Sort], b.matters[r.Sort] = w.Seconds, w.Matters
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// agree checks that sums, places and pointers are those of the entries, and no entry is more than it could be.
func (b books) agree(r interface{ Fatalf(string, ...any) }) {
	days, matters := map[string]int64{}, map[string]int64{}
	for id, e := range b.entries {
		days[e.Day] += e.Seconds
		matters[e.Day+e.Ref.Client+"/"+e.Ref.Matter] += e.Seconds
		if b.pointers[id] != b.places[id] {
			r.Fatalf("entry %s is at %q, and looked for at %q", id, b.places[id], b.pointers[id])
		}
		if e.Seconds <= 0 || e.Stop.Sub(e.Start) < time.Duration(e.Seconds)*time.Second || e.Overlap > e.Seconds {
			r.Fatalf("entry %+v", e)
		}
	}
	if len(b.pointers) != len(b.entries) {
		r.Fatalf("%d entries, %d pointers", len(b.entries), len(b.pointers))
	}
	for day, seconds := range b.days {
		if days[day] != seconds {
			r.Fatalf("%s: %d seconds are summed, %d kept", day, seconds, days[day])
		}
		for key, sum := range b.matters[day] {
			if matters[day+key] != sum {
				r.Fatalf("%s, %s: %d seconds are summed, %d kept", day, key, sum, matters[day+key])
			}
		}
	}
	for day := range days {
		if _, ok := b.days[day]; !ok {
			r.Fatalf("nothing is summed for %s", day)
		}
	}
}

// TestWhateverIsCorrectedTheSumsAreThoseOfTheEntries: and undoing what was just done brings everything back.
func TestWhateverIsCorrectedTheSumsAreThoseOfTheEntries(t *testing.T) {
	names := []string{"acme", "beta", "gamma"}
	rapid.Check(t, func(r *rapid.T) {
		o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works")
		name := func() string { return rapid.SampledFrom(names).Draw(r, "name") }
		length := func(most int64) string {
			return (time.Duration(rapid.Int64Range(1, most).Draw(r, "seconds")) * time.Second).String()
		}
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			before := o.say(t, "running")
			line := rapid.SampledFrom([]string{"start", "stop", "pause", "resume", "told", "measure", "meant", "split", "bill", "note", "discard", "wait", "undo"}).Draw(r, "line")
			switch line {
			case "start", "meant":
				line += " " + name()
			case "stop":
				line += " @ now"
			case "told":
				line += " " + name() + ", " + length(30*3600)
			case "measure":
				line += " " + length(25*3600)
			case "split":
				line += " " + name() + " and " + name()
			case "bill":
				line += rapid.SampledFrom([]string{" it", " not"}).Draw(r, "billable")
			case "note":
				line += " something"
			case "wait":
				line += " " + length(20*3600)
			}
			said := o.say(t, line)
			o.books(t).agree(r)
			done := line != "undo" && !strings.HasPrefix(line, "wait") && !strings.Contains(said, ".")
			if done && !strings.HasPrefix(line, "meant") && rapid.Bool().Draw(r, "undo") {
				if said := o.say(t, "undo"); !strings.HasPrefix(said, "took back") {
					r.Fatalf("%s, and undo: %s", line, said)
				}
				if after := o.say(t, "running"); after != before {
					r.Fatalf("%s, and undo: %s, before it %s", line, after, before)
				}
				o.books(t).agree(r)
			}
		}
	})
}
