package clients

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/antzucaro/matchr"

	"github.com/billingclerk/billingclerk/internal/clients/evaluation"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/memory"
)

// verdict is what an answer to a case is worth.
type verdict int

const (
	right  verdict = iota // the client that was meant; nobody, where nobody was
	asked                 // a question: with the right name among the choices, or where nobody or several were meant
	wrong                 // another client
	missed                // no answer, or a question without the right name
)

// tally counts verdicts.
type tally [4]int

func (t tally) share(v verdict) float64 {
	return 100 * float64(t[v]) / float64(max(1, t[0]+t[1]+t[2]+t[3]))
}

func (t tally) String() string {
	return fmt.Sprintf("right %5.2f  asked %5.2f  wrong %5.2f  missed %5.2f %%", t.share(right), t.share(asked), t.share(wrong), t.share(missed))
}

// judge compares an answer with what was wanted.
func judge(c evaluation.Case, ref Ref, err error) verdict {
	var ask *Ask
	meant := func(r Ref) bool { return r.ClientName == c.Want }
	switch {
	case err == nil && meant(ref):
		return right
	case err == nil:
		return wrong
	case errors.As(err, &ask) && (c.Want == evaluation.Nobody || c.Want == evaluation.Several || slices.ContainsFunc(ask.Clients, meant)):
		return asked
	case c.Want == evaluation.Nobody && errors.Is(err, ErrNone):
		return right
	}
	return missed
}

// hired is the evaluation's firm of n clients, each with one open matter.
func hired(t testing.TB, n int) (*Directory, firm.Caller) {
	t.Helper()
	clock := firmtest.NewClock()
	backend := memory.New(clock.Now)
	o := firmtest.In(t, firmtest.House(backend, clock), clock)
	list := evaluation.Firm(n)
	fill(t, backend, o.House.View(o.Admin), n, func(i int) string { return list[i].Name })
	return &Directory{House: o.House}, o.Admin
}

func (d *Directory) answer(t testing.TB, c firm.Caller, heard string) (Ref, error) {
	a := d.House.Begin(c, firm.Action{})
	l := d.Find(a, Spoken{Heard: heard})
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l.Answer()
}

// cases are those of one half: thresholds are tuned on one, and judged on the other.
func cases(t testing.TB, n int, judges bool) []evaluation.Case {
	t.Helper()
	list, err := evaluation.Read(n)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list, func(c evaluation.Case) bool { return c.Judge != judges })
}

// TestNamesAreUnderstood holds what the look-up reaches on the half by which nothing was tuned: percents of all cases.
// What it reaches among 100,000 clients is printed by BenchmarkNames.
func TestNamesAreUnderstood(t *testing.T) {
	for n, floor := range map[int]struct{ right, asked, wrong, missed float64 }{
		100:    {91, 7, 0.5, 3},
		10_000: {88, 10, 0.5, 3},
	} {
		d, caller := hired(t, n)
		baseline := newNames(evaluation.Firm(n))
		for _, half := range []bool{true, false} {
			var all, simple tally
			kinds := map[string]*tally{}
			for _, c := range cases(t, n, half) {
				ref, err := d.answer(t, caller, c.Heard)
				v := judge(c, ref, err)
				all[v]++
				ref, err = baseline.bySoundRanked(c.Heard)
				simple[judge(c, ref, err)]++
				if kinds[c.Kind] == nil {
					kinds[c.Kind] = &tally{}
				}
				kinds[c.Kind][v]++
			}
			t.Logf("%d clients, judging half %v: %v", n, half, all)
			if all.share(right) < simple.share(right)+5 {
				t.Errorf("%d clients: %v; Double Metaphone with Jaro-Winkler alone %v", n, all, simple)
			}
			if half && (all.share(right) < floor.right || all.share(asked) > floor.asked || all.share(wrong) > floor.wrong || all.share(missed) > floor.missed) {
				t.Errorf("%d clients: %v, floor %v; by kind:", n, all, floor)
				for kind, k := range kinds {
					t.Errorf("%12s %v", kind, k)
				}
			}
		}
	}
}

// TestAPlainNameAllocatesLittle keeps a look-up's part of a request's 300 allocations.
func TestAPlainNameAllocatesLittle(t *testing.T) {
	d, caller := hired(t, 100)
	alone := testing.AllocsPerRun(200, func() {
		if err := d.House.Begin(caller, firm.Action{}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	for heard, most := range map[string]float64{"lotus": 130, "beacon": 210, "nobody knows": 170} {
		whole := testing.AllocsPerRun(200, func() { _, _ = d.answer(t, caller, heard) })
		if t.Logf("%q: %v allocations", heard, whole-alone); whole-alone > most {
			t.Errorf("%q takes %v allocations, not %v", heard, whole-alone, most)
		}
	}
}

// BenchmarkNames prints how names are understood, in percents of the judging half, and CPU for a look-up, in firms of three
// sizes; beside it simpler ways, with their right answers as a share of the look-up's. A scan is judged on fewer cases.
func BenchmarkNames(b *testing.B) {
	for _, n := range evaluation.Sizes {
		d, caller := hired(b, n)
		list := cases(b, n, true)
		names := newNames(evaluation.Firm(n))
		ours := 0.0
		for _, way := range []struct {
			name string
			find func(string) (Ref, error)
			of   int // how many cases
		}{
			{"look-up", func(heard string) (Ref, error) { return d.answer(b, caller, heard) }, len(list)},
			{"exact", names.exactly, len(list)},
			{"double-metaphone", names.bySound, len(list)},
			{"double-metaphone+jaro-winkler", names.bySoundRanked, len(list)},
			{"jaro-winkler-scan", names.scan, min(len(list), 2_000_000/n)},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, way.name), func(b *testing.B) {
				var all tally
				for _, c := range list[:way.of] {
					ref, err := way.find(c.Heard)
					all[judge(c, ref, err)]++
				}
				if way.name == "look-up" {
					ours = all.share(right)
				}
				i, before := 0, cpu(b)
				for b.Loop() {
					_, _ = way.find(list[i%way.of].Heard)
					i++
				}
				b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(i), "cpu-ms/op")
				for v, unit := range []string{"right-%", "asked-%", "wrong-%", "missed-%"} {
					b.ReportMetric(all.share(verdict(v)), unit)
				}
				b.ReportMetric(all.share(right)/ours, "right/look-up")
				b.ReportMetric(float64(way.of), "cases")
			})
		}
	}
}

// cpu is what the process used so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// names are the baselines' view of a firm: every way in which a client may be said, by spelling and by sound.
type names struct {
	list   []spoken
	forms  map[string][]int
	sounds map[string][]int
}

type spoken struct{ name, form string }

func newNames(firm []evaluation.Client) *names {
	n := &names{forms: map[string][]int{}, sounds: map[string][]int{}}
	for _, c := range firm {
		for _, f := range nameForms(words(c.Name)) {
			form := compact(f)
			n.forms[form] = append(n.forms[form], len(n.list))
			for _, code := range sounds(f) {
				n.sounds[code] = append(n.sounds[code], len(n.list))
			}
			n.list = append(n.list, spoken{c.Name, form})
		}
	}
	return n
}

// decide answers with the best, and asks when others come within the margin of it.
func (n *names) decide(scores map[int]float64, least, margin float64) (Ref, error) {
	best := map[string]float64{}
	for i, s := range scores {
		if s >= least {
			best[n.list[i].name] = max(best[n.list[i].name], s)
		}
	}
	order := make([]string, 0, len(best))
	for name := range best {
		order = append(order, name)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(best[b], best[a]), strings.Compare(a, b)) })
	for i, name := range order {
		if best[order[0]]-best[name] > margin {
			order = order[:i]
			break
		}
	}
	switch len(order) {
	case 0:
		return Ref{}, ErrNone
	case 1:
		return Ref{ClientName: order[0]}, nil
	}
	ask := &Ask{}
	for _, name := range order[:min(len(order), maxChoices)] {
		ask.Clients = append(ask.Clients, Ref{ClientName: name})
	}
	return Ref{}, ask
}

func (n *names) exactly(heard string) (Ref, error) {
	scores := map[int]float64{}
	for _, i := range n.forms[compact(stripped(words(heard)))] {
		scores[i] = 1
	}
	return n.decide(scores, 1, 0)
}

func (n *names) bySound(heard string) (Ref, error) {
	scores := map[int]float64{}
	for _, code := range sounds(stripped(words(heard))) {
		for _, i := range n.sounds[code] {
			scores[i] = 1
		}
	}
	return n.decide(scores, 1, 0)
}

func (n *names) bySoundRanked(heard string) (Ref, error) {
	w := stripped(words(heard))
	scores := map[int]float64{}
	for _, code := range sounds(w) {
		for _, i := range n.sounds[code] {
			scores[i] = matchr.JaroWinkler(compact(w), n.list[i].form, false)
		}
	}
	return n.decide(scores, 0.8, 0.05)
}

func (n *names) scan(heard string) (Ref, error) {
	form := compact(stripped(words(heard)))
	scores := map[int]float64{}
	for i := range n.list {
		if s := matchr.JaroWinkler(form, n.list[i].form, false); s >= 0.9 {
			scores[i] = s
		}
	}
	return n.decide(scores, 0.9, 0.03)
}
