package clients

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// crowd writes the name records of n clients beside the demo firm's Acme, without everything else of them.
func crowd(t testing.TB, n int) (*Directory, firm.Caller, *storetest.Faulty) {
	t.Helper()
	clock := firmtest.NewClock()
	backend := storetest.NewFaulty(memory.New(clock.Now), nil)
	o := firmtest.In(t, firmtest.House(backend, clock), clock)
	d := &Directory{House: o.House}
	if _, _, err := d.Open(t.Context(), o.Ask(o.Admin), Client{Name: "Acme Corporation", Number: "0"}, Matter{Name: "lease"}); err != nil {
		t.Fatal(err)
	}
	fill(t, backend, o.House.View(o.Admin), n, invented)
	return d, o.Admin, backend
}

// fill writes the name records of n clients, each with one open matter.
func fill(t testing.TB, backend store.Backend, v store.View, n int, named func(int) string) {
	t.Helper()
	var ops []store.Op
	for i := range n {
		id := fmt.Sprintf("c%07d", i)
		c := clientRecord{Client: Client{ID: id, Name: named(i)}, Open: []brief{{ID: "m" + id, Name: "advice", Number: "1"}}}
		for b, n := range indexed(c) {
			if !b.matters() {
				ops = append(ops, store.CreateOp(b.key(v, c.Client), n))
			}
		}
		if len(ops) > store.MaxOps-maxIndex || i == n-1 {
			if err := backend.Commit(t.Context(), ops...); err != nil {
				t.Fatal(err)
			}
			ops = nil
		}
	}
}

// invented makes names: first words repeat as surnames do in a large firm.
func invented(i int) string {
	syllables := []string{"bar", "con", "del", "fen", "gor", "hal", "jen", "kes", "lim", "mor", "nat", "pel", "ros", "sut", "tav", "wim"}
	kinds := []string{"Holdings", "Logistics", "Partners", "Foods", "Works", "Trust", "Medical", "Group"}
	s := func(n int) string { return syllables[n%len(syllables)] }
	name := s(i) + s(i/16) + s(i/256) + s(i/4096)
	if i < 2000 {
		name = s(i) + s(i/16) + " " + s(i/256) + s(i/7) + " " + kinds[i/3%len(kinds)]
	}
	return name
}

// cost is what a look-up took.
type cost struct {
	trips, keys, queries, records int
	answer                        string
}

func (d *Directory) cost(t testing.TB, c firm.Caller, backend *storetest.Faulty, heard string) cost {
	t.Helper()
	ctx, trips := store.CountTrips(t.Context())
	before := backend.Calls()
	a := d.House.Begin(c, firm.Action{})
	l := d.Find(a, Spoken{Heard: heard})
	if err := a.Run(ctx); err != nil {
		t.Fatal(err)
	}
	after := backend.Calls()
	ref, err := l.Answer()
	return cost{trips().Total(), after.Keys - before.Keys, after.Queries - before.Queries, after.Records - before.Records,
		fmt.Sprint(ref.ClientName, err)}
}

func TestALookUpCostsTheSameInASmallAndALargeFirm(t *testing.T) {
	small, sc, sb := crowd(t, 10)
	large, lc, lb := crowd(t, 100_000)
	for _, heard := range []string{"acme", "acme corporation", "the acme lease", "a c m e"} {
		a, b := small.cost(t, sc, sb, heard), large.cost(t, lc, lb, heard)
		bounded := a.records <= a.keys+a.queries*maxInside && b.records <= b.keys+b.queries*maxInside
		a.records, b.records = 0, 0
		if a != b || a.trips != 1 || !bounded || !strings.HasPrefix(a.answer, "Acme Corporation") {
			t.Errorf("%q: %+v in a small firm, %+v in a large one", heard, a, b)
		}
	}
	for _, heard := range []string{"barbarbar", "barbar", "bar con", invented(99_999), strings.Repeat("nguyen holdings limited ", 20)} {
		b := large.cost(t, lc, lb, heard)
		if b.trips != 1 || b.queries > maxBuckets || b.records > b.keys+maxBuckets*maxInside {
			t.Errorf("%q: %+v", heard, b)
		}
	}
}

func TestAFullNameIsFoundAmongManyOrIsTheFirstChoice(t *testing.T) {
	d, c, _ := crowd(t, 3_000)
	asked := 0
	for i := 0; i < 3_000; i += 13 {
		a := d.House.Begin(c, firm.Action{})
		l := d.Find(a, Spoken{Heard: invented(i)})
		if err := a.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		ref, err := l.Answer()
		var ask *Ask
		if errors.As(err, &ask) && len(ask.Clients) > 0 {
			ref = ask.Clients[0]
			asked++
		}
		if ref.ClientName != invented(i) {
			t.Errorf("%s: %v, %v", invented(i), ref, err)
		}
	}
	t.Logf("%d of %d asked", asked, 3_000/13)
}

// TestAnyInputIsBounded: whatever is heard or written, forms and codes fit keys, and a change fits a commit.
func TestAnyInputIsBounded(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9 .'&<>/-]{0,300}`), rapid.StringN(0, 300, 2000),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"nguyen", "twenty", "oh", "hundred", "and", "the", "a", "O'", "Mc", "inc", "<b>", "&amp;"}), 0, 40),
			func(w []string) string { return strings.Join(w, " ") }))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		heard := words(text)
		buckets := 0
		for _, v := range variants(heard) {
			for _, b := range v.buckets() {
				checkBucket(t, b)
				buckets++
			}
		}
		if len(heard) > maxWords || buckets > 40 {
			t.Fatalf("%d words, %d buckets", len(heard), buckets)
		}
		for b := range indexed(clientRecord{Client: Client{Name: text, Number: "1"}, Open: []brief{{ID: "m", Name: text}}}) {
			checkBucket(t, b)
		}
		if again := words(strings.Join(heard, " ")); compact(again) != compact(heard) && len(heard) < maxWords {
			t.Logf("%q is read again as %q", heard, again)
		}
	})
}

func checkBucket(t *rapid.T, b bucket) {
	family, form := b.family, b.code
	if family == "" || form == "" || strings.Contains(form, "/") || len(form) > maxForm || !utf8.ValidString(form) {
		t.Fatalf("bucket %v", b)
	}
}

// TestEveryWayAClientIsIndexedFindsIt: a written name is found when it is heard as it is written.
func TestEveryWrittenNameFindsItsClient(t *testing.T) {
	part := rapid.SampledFrom([]string{"Acme", "O'Brien", "Nguyen", "First", "National", "Bank", "of", "the", "Müller", "54", "Twenty", "One", "Inc.",
		"LLC", "&", "Sons", "J.P.", "Group", "Smith", "van", "der", "Berg", "Trust", "3M"})
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(part, 1, 6).Draw(t, "parts"), " ")
		if len(words(name)) == 0 {
			return
		}
		index := indexed(clientRecord{Client: Client{ID: "c", Name: name, Number: "1"}})
		for _, v := range variants(words(name)) {
			for _, b := range v.buckets() {
				if n, ok := index[b]; ok && v.score(n) == 1 {
					return
				}
			}
		}
		t.Fatalf("%q is not found by itself: %v", name, index)
	})
}

func TestInOrderSortsNumbersAsAPersonWould(t *testing.T) {
	sorted := []string{"", "0", "1", "01", "2", "9", "10", "99", "100", "1000", "1001", "A-1", "A-2", "A-10", "B"}
	for i := 1; i < len(sorted); i++ {
		if inOrder(sorted[i-1]) >= inOrder(sorted[i]) && sorted[i-1] != "1" {
			t.Errorf("%q before %q: %s, %s", sorted[i-1], sorted[i], inOrder(sorted[i-1]), inOrder(sorted[i]))
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	d, c, _ := crowd(b, 20_000)
	for _, heard := range []string{"acme", "barbarbar", "bar con holdings limited"} {
		b.Run(heard, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a := d.House.Begin(c, firm.Action{})
				l := d.Find(a, Spoken{Heard: heard})
				if err := a.Run(b.Context()); err != nil {
					b.Fatal(err)
				}
				_, _ = l.Answer()
			}
		})
	}
}
