package charging

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

// cards of a scene: one client each, with 120 dollars on the bill.
var cards = []string{goodCard, brokeCard, askingCard, slowCard}

// newScene opens a firm with the real modules and keeps its records.
func newScene(t *testing.T) *scene {
	t.Helper()
	d := newDesk(t)
	s := &scene{offers: map[string]Offer{}, ids: 10_000}
	ben := d.Hire(t, "Ben", firm.Lawyer)
	if err := d.Charges.House.SetCode(t.Context(), firmtest.On(d.Ask(d.Admin), firm.ByConsole), ben.Person, theCode); err != nil {
		t.Fatal(err)
	}
	s.lawyers = []firm.Caller{d.Admin, ben}
	for i, card := range cards {
		email := "bills@client.test"
		if card == askingCard {
			email = ""
		}
		d.open(t, strings.Repeat(string(rune('W'+i)), 4)+" Limited", email, card)
		s.offers[card] = d.worked(t)
	}
	if err := d.Charges.House.Store.Walk(t.Context(), func(r store.Record) error {
		s.records = append(s.records, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// vector lets the nth effect meet the nth fault.
type vector struct {
	faults []int
	met    int
}

func (v *vector) pick(int) int { return 0 }

func (v *vector) fault(_, read bool) int {
	if read || v.met == len(v.faults) {
		return 0
	}
	v.met++
	return v.faults[v.met-1]
}

// confirm is a lawyer saying yes: the answer is heard by the laws unless the process died before it was given.
func (w *world) confirm(name string, c firm.Caller, o Offer, code string) {
	p := w.process(name)
	w.laws.asks(c)
	w.begin(func(ctx context.Context) {
		r, err := p.charges.Confirm(ctx, c, o, code)
		if p.faulty.Crashed() {
			w.laws.silent(c)
			return
		}
		w.laws.refusedAgain(c, err)
		w.laws.answered(c, r, err)
	})
}

func (w *world) sweep(name string) {
	p := w.process(name)
	w.begin(func(ctx context.Context) { _, _ = p.post.Sweep(ctx) })
}

// chargeAndSend plays the one sentence under a vector of faults: said, perhaps said again under the same request, and
// whatever is left finished by the worker.
func chargeAndSend(t testing.TB, s *scene, card string, faults []int, without defences) *world {
	w := newWorld(t, s, &vector{faults: faults}, without)
	c := s.lawyers[0]
	c.Request = "said"
	w.confirm("voice", c, s.offers[card], theCode)
	w.settle()
	w.confirm("again", c, s.offers[card], theCode)
	w.settle()
	w.clock = w.clock.Add(Lease + time.Second)
	w.sweep("worker")
	w.settle()
	w.drain()
	w.laws.end()
	return w
}

// theFaults is how many faults a vector chooses from: none, nothing happened, it happened and the reply was lost,
// crash before, crash after.
const theFaults = 5

// vectors calls f with every vector of n faults, until it returns false.
func vectors(n int, f func([]int) bool) {
	v := make([]int, n)
	for {
		if !f(v) {
			return
		}
		i := n - 1
		for ; i >= 0; i-- {
			if v[i]++; v[i] < theFaults {
				break
			}
			v[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

func TestEveryShortVectorOfFaultsChargesOnceAndLosesNothing(t *testing.T) {
	s := newScene(t)
	_, histories := runs(t)
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	synctest.Test(t, func(t *testing.T) {
		worlds, captured := 0, 0
		for _, card := range cards {
			n := 4
			if histories >= allRuns {
				n = 5
			}
			if histories >= allRuns && card == goodCard {
				n = 6
			}
			vectors(n, func(v []int) bool {
				worlds++
				w := chargeAndSend(t, s, card, v, defences{})
				if w.laws.broken != "" {
					t.Errorf("%s, faults %v: %s\n%s", card, v, w.laws.broken, strings.Join(w.trace, "\n"))
					return false
				}
				for _, n := range w.laws.captures {
					captured += n
				}
				return true
			})
		}
		t.Logf("%d vectors of faults, %d charges", worlds, captured)
	})
}

// chance decides by a seed.
type chance struct {
	*rand.Rand
	perMille int // how likely a fault is
}

func (c chance) pick(n int) int { return c.IntN(n) }

func (c chance) fault(atBank, read bool) int {
	if c.IntN(1000) >= c.perMille {
		return 0
	}
	if atBank {
		return 1 + c.IntN(len(bankFaults)-1)
	}
	if read {
		return 3 // the process dies
	}
	return 1 + c.IntN(commitLate)
}

// play is one random history: lawyers, worker, webhooks and payer at once.
type play struct {
	*world
	chance
	said []spoken // what was confirmed
	acts int
}

type spoken struct {
	c firm.Caller
	o Offer
}

func playSeed(t testing.TB, s *scene, seed uint64, without defences) *world {
	random := rand.New(rand.NewPCG(seed, 0xb111))
	c := chance{random, []int{0, 50, 200, 400}[random.IntN(4)]}
	p := &play{world: newWorld(t, s, c, without), chance: c}
	p.heard = random.IntN(2) == 0
	card := cards[[]int{0, 0, 0, 1, 2, 3}[random.IntN(6)]]
	steps := 6 + random.IntN(16)
	if random.IntN(8) == 0 {
		steps += 25
	}
	for range steps {
		if p.laws.broken != "" {
			break
		}
		if p.IntN(100) < 70 && p.step() {
			continue
		}
		p.act(card)
	}
	p.drain()
	p.laws.end()
	return p.world
}

// act begins something new, or lets time pass.
func (p *play) act(card string) {
	p.acts++
	name := fmt.Sprintf("%02d", p.acts)
	o := p.scene.offers[card]
	kinds := 10
	if p.heard {
		kinds = 13
	}
	switch p.IntN(kinds) {
	case 10:
		p.elsewhere()
	case 11, 12:
		p.dispute()
	case 0, 1:
		p.speak(name+"voice", o)
	case 2:
		if len(p.said) > 0 {
			again := p.said[p.IntN(len(p.said))]
			p.confirm(name+"again", again.c, again.o, theCode)
		}
	case 3, 4:
		p.sweep(name + "worker")
	case 5:
		p.webhook(name + "hook")
	case 6:
		p.payer(name+"payer", o)
	case 7:
		p.refund(name + "refund")
	case 8:
		p.arrive()
	default:
		p.clock = p.clock.Add([]time.Duration{time.Second, 11 * time.Second, time.Minute, time.Hour, 25 * time.Hour}[p.IntN(5)])
	}
}

// speak is a lawyer who asks what would be charged, all or a part, and says yes.
func (p *play) speak(name string, o Offer) {
	c := p.scene.lawyers[p.IntN(len(p.scene.lawyers))]
	c.Request = name
	code := theCode
	if p.IntN(20) == 0 {
		code = "9999"
	}
	var want Wish
	if p.IntN(3) == 0 {
		want.Part = &Part{Minor: 1 + p.Int64N(o.Owed.Minor)}
	}
	proc := p.process(name)
	p.laws.asks(c)
	p.begin(func(ctx context.Context) {
		offer, err := proc.charges.Offer(ctx, c, clients.Spoken{Client: o.Ref.Client, Matter: o.Ref.Matter}, want)
		if err != nil {
			p.laws.silent(c)
			return
		}
		p.mu.Lock()
		p.said = append(p.said, spoken{c, offer})
		p.mu.Unlock()
		r, err := proc.charges.Confirm(ctx, c, offer, code)
		if err == nil && r.State == Charged && r.Amount != offer.Total {
			p.laws.breach("%v was read back and %v charged", offer.Total, r.Amount)
		}
		if proc.faulty.Crashed() {
			p.laws.silent(c)
			return
		}
		p.laws.answered(c, r, err)
	})
}

func (p *play) webhook(name string) {
	if len(p.bank.events) == 0 {
		return
	}
	id := p.bank.events[p.IntN(len(p.bank.events))].ID
	proc := p.process(name)
	p.begin(func(ctx context.Context) {
		_ = proc.charges.Hint(ctx, p.scene.lawyers[0].Firm, "end", []byte(id), "signed")
	})
}

// payer opens the page of the invoice, if there is one yet, and pays there.
func (p *play) payer(name string, o Offer) {
	pays, proc := p.IntN(2) == 0, p.process(name)
	p.begin(func(ctx context.Context) {
		url, err := proc.charges.OpenPage(ctx, firm.Payer(p.scene.lawyers[0].Firm, name), o.Bill, "https://clerk/back")
		if err == nil && pays && !proc.faulty.Crashed() {
			p.bank.pay(url)
		}
	})
}

func (p *play) refund(name string) {
	if len(p.laws.said) == 0 {
		return
	}
	attempt := p.laws.said[p.IntN(len(p.laws.said))].receipt.Attempt
	c, proc := p.scene.lawyers[0], p.process(name)
	c.Request = name
	p.begin(func(ctx context.Context) {
		a, err := proc.charges.Refund(ctx, c, attempt)
		if err == nil && a.State == Refunded && p.laws.net[attempt] > p.laws.backs[attempt] && !proc.faulty.Crashed() {
			p.laws.breach("said refunded, and the bank has %d", p.laws.net[attempt])
		}
	})
}

// A commit that is given up and arrives later was never said not to have happened.
func TestACommitThatArrivesLateWasNotRefused(t *testing.T) {
	s := newScene(t)
	synctest.Test(t, func(t *testing.T) {
		for late := 1; late <= 2*firm.MaxTries; late++ {
			if w := chargeAndSend(t, s, goodCard, slices.Repeat([]int{commitLate}, late), defences{}); w.laws.broken != "" {
				t.Errorf("%d late: %s\n%s", late, w.laws.broken, strings.Join(w.trace, "\n"))
			}
		}
	})
}

// elsewhere is somebody at the bank's own pages who gives money back, or the payer's bank that returns what was given.
func (p *play) elsewhere() {
	if len(p.bank.payments) == 0 {
		return
	}
	if n := len(p.bank.refunds); n > 0 && p.IntN(2) == 0 {
		p.bank.returned(p.bank.refunds[p.IntN(n)])
		return
	}
	paid := p.bank.payments[p.IntN(len(p.bank.payments))]
	p.bank.giveBack(paid, p.bank.has(paid)/int64(1+p.IntN(3)), "")
}

// dispute is the payer's bank.
func (p *play) dispute() {
	if n := len(p.bank.disputes); n > 0 && p.IntN(2) == 0 {
		p.bank.advance(p.bank.disputes[p.IntN(n)], []DisputeStatus{DisputeWithdrawn, DisputeLost, DisputeWon}[p.IntN(3)])
		return
	}
	if n := len(p.bank.payments); n > 0 {
		p.bank.dispute(p.bank.payments[p.IntN(n)], p.IntN(3) == 0)
	}
}

// allRuns is how many histories `make test` plays; with as many the vectors of faults are longer too.
const allRuns = 100_000

// runs is how many histories are played: CLERK_SIM_RUNS, or a few for the quick loop. CLERK_SIM_SEED is the first seed.
func runs(t *testing.T) (first, n uint64) {
	t.Helper()
	n = 1500
	for name, to := range map[string]*uint64{"CLERK_SIM_RUNS": &n, "CLERK_SIM_SEED": &first} {
		if text := os.Getenv(name); text != "" {
			v, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			*to = v
		}
	}
	return first, n
}

func TestRandomHistoriesChargeOnceAndLoseNothing(t *testing.T) {
	s := newScene(t)
	first, n := runs(t)
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	synctest.Test(t, func(t *testing.T) {
		states := map[State]int{}
		for seed := first; seed < first+n; seed++ {
			w := playSeed(t, s, seed, defences{})
			if w.laws.broken != "" {
				t.Fatalf("CLERK_SIM_SEED=%d CLERK_SIM_RUNS=1: %s\n%s", seed, w.laws.broken, strings.Join(w.trace, "\n"))
			}
			for _, a := range w.laws.attempts {
				states[a.State]++
			}
		}
		t.Logf("seeds %d to %d, attempts by how they ended: %v", first, first+n-1, states)
	})
}
