package clients

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

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

func cases(t testing.TB, n int, judges bool) []evaluation.Case {
	t.Helper()
	list, err := evaluation.Read(n)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list, func(c evaluation.Case) bool { return c.Judge != judges })
}

func TestTune(t *testing.T) {
	for _, n := range []int{100, 10_000, 100_000} {
		if n == 100_000 && os.Getenv("BIG") == "" {
			continue
		}
		d, caller := hired(t, n)
		var all tally
		kinds := map[string]*tally{}
		for _, c := range cases(t, n, false) {
			ref, err := d.answer(t, caller, c.Heard)
			v := judge(c, ref, err)
			all[v]++
			if kinds[c.Kind] == nil {
				kinds[c.Kind] = &tally{}
			}
			kinds[c.Kind][v]++
			if (v == wrong || v == missed) && os.Getenv("SHOW") != "" {
				fmt.Printf("%d %v %s: %q want %s got %s %v\n", n, v, c.Kind, c.Heard, c.Want, ref.ClientName, err)
			}
		}
		t.Logf("%d: %v", n, all)
		for _, k := range []string{"clean", "framed", "possessive", "spelled", "respelled", "homophone", "misheard", "lost", "added", "split", "joined", "twice", "stranger", "namesake", "shared"} {
			t.Logf("   %-10s %v", k, kinds[k])
		}
	}
}
