package charging

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// The simulation. A world has one database, one bank, and any number of processes: a voice, the worker, a webhook, a
// payer's page. Every read, every commit and every call to the bank stops at a gate; one at a time goes on, and a
// decider says which and what befalls it. The same decisions give the same world.

// decider chooses. Faults are indexes of commitFaults or bankFaults; zero is none.
type decider interface {
	pick(n int) int              // which of n waiting calls goes on
	fault(atBank, read bool) int // what befalls it
}

var commitFaults = []storetest.Fault{storetest.None, storetest.Throttle, storetest.LostReply, storetest.CrashBefore,
	storetest.CrashAfter, storetest.LostRequest, storetest.Conflict, storetest.Unreachable}

// commitLate is a fault beside those: the commit is still on its way when its outcome is given up, and is carried out
// later, if its conditions hold then.
var commitLate = len(commitFaults)

// waiting is a call at the gate.
type waiting struct {
	process *process
	what    string
	atBank  bool
	read    bool
	goOn    chan int // the fault
}

// defences are what a mutation takes away.
type defences struct {
	step   machine
	rekey  bool                                  // the bank forgets the key of a request at once
	window time.Duration                         // what the processor is said to promise
	commit func(*process, []store.Op) []store.Op // what reaches the database
	late   error                                 // what is said of a commit that is still on its way
	shown  []int                                 // the vector of faults that shows that it is needed; nil: a random history does
}

type world struct {
	t       testing.TB
	clock   time.Time
	records *memory.Backend
	laws    *laws
	bank    *bank
	decide  decider
	without defences
	ids     *atomic.Int64
	scene   *scene

	late  []func() // commits on their way
	heard bool     // in the end every event of the bank's arrives, so that things may happen there of which nothing else tells

	mu      sync.Mutex
	gate    []*waiting
	trace   []string
	closing bool
}

// scene is what every world begins with: a firm, two lawyers, a client, a bill.
type scene struct {
	records []store.Record
	lawyers []firm.Caller
	offers  map[string]Offer // by card
	ids     int64
}

// newWorld lays out the scene in an empty database.
func newWorld(t testing.TB, s *scene, decide decider, without defences) *world {
	w := &world{t: t, clock: noon.Add(3 * time.Hour), decide: decide, without: without, scene: s, ids: &atomic.Int64{}}
	w.ids.Store(s.ids)
	w.records = memory.New(w.now)
	w.laws = newLaws(w)
	w.bank = newBank(w.now)
	w.bank.moved, w.bank.back, w.bank.fee = w.laws.moved, w.laws.back, w.laws.fee
	for chunk := range slices.Chunk(s.records, 50) {
		ops := make([]store.Op, len(chunk))
		for i, r := range chunk {
			ops[i] = store.Op{Kind: store.Create, Key: r.Key, Value: r.Value, Expires: r.Expires}
		}
		if err := w.records.Commit(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) now() time.Time { return w.clock }

// process is a process of ours: it has its own memory of nothing, and may die.
type process struct {
	*world
	name    string
	faulty  *storetest.Faulty
	next    storetest.Fault
	reads   bool // next is for a read
	charges *Charges
	post    *outbox.Post
}

func (w *world) process(name string) *process {
	p := &process{world: w, name: name}
	p.faulty = storetest.NewFaulty(watched{w.records, w.laws}, func(c storetest.Call) storetest.Fault {
		if p.next == storetest.None || c.Read != p.reads {
			return storetest.None
		}
		f := p.next
		p.next = storetest.None
		return f
	})
	house := &firm.House{
		Store: gated{p}, Now: w.now, Pepper: bytes.Repeat([]byte("p"), 32),
		NewID:  func() string { return fmt.Sprintf("0190a000-0000-7000-8000-%012d", w.ids.Add(1)) },
		Sleep:  func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Jitter: func() float64 { return 0.5 },
	}
	window := cmp.Or(w.without.window, promised)
	p.charges, _ = modules(house, &teller{bank: w.bank, meet: p.meet, crash: p.faulty.Crash, window: window, rekey: w.without.rekey})
	p.charges.step = w.without.step
	p.post = &outbox.Post{Store: house.Store, Now: w.now, Jitter: house.Jitter, Workers: 1, Handlers: map[string]outbox.Handler{
		KindResume: p.charges.Deliver, KindMail: w.laws.mail}}
	return p
}

// stop waits at the gate and returns the fault to meet. A process that died waits no more.
func (p *process) stop(what string, atBank, read bool) int {
	c := &waiting{process: p, what: what, atBank: atBank, read: read, goOn: make(chan int)}
	p.mu.Lock()
	if p.closing || p.faulty.Crashed() {
		p.mu.Unlock()
		return 0
	}
	p.gate = append(p.gate, c)
	p.mu.Unlock()
	return <-c.goOn
}

// meet is the gate before the bank. Who is dead reaches nobody.
func (p *process) meet(what string) bankFault {
	f := bankFault(p.stop(what, true, false))
	if p.faulty.Crashed() {
		return bankCrashBefore
	}
	return f
}

// gated is the database as a process reaches it.
type gated struct{ p *process }

func (g gated) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	g.arm(g.p.stop("get "+keys[0].Partition, false, true), true)
	return g.p.faulty.Get(ctx, keys...)
}

func (g gated) Query(ctx context.Context, q store.Query) (store.Page, error) {
	return g.p.faulty.Query(ctx, q)
}

func (g gated) Commit(ctx context.Context, ops ...store.Op) error {
	fault := g.p.stop("commit "+ops[len(ops)-1].Key.Partition, false, false)
	if g.p.without.commit != nil {
		ops = g.p.without.commit(g.p, ops)
	}
	if fault == commitLate && !g.p.faulty.Crashed() {
		records := watched{g.p.records, g.p.laws}
		g.p.late = append(g.p.late, func() { _ = records.Commit(context.WithoutCancel(ctx), ops...) })
		return cmp.Or(g.p.without.late, store.ErrUnknown)
	}
	g.arm(fault%commitLate, false)
	return g.p.faulty.Commit(ctx, ops...)
}

// arrive lets arrive what was late.
func (w *world) arrive() {
	w.bank.arrive()
	late := w.late
	w.late = nil
	for _, f := range late {
		f()
	}
}

func (g gated) arm(fault int, read bool) { g.p.next, g.p.reads = commitFaults[fault], read }

func (g gated) Walk(ctx context.Context, f func(store.Record) error) error {
	return g.p.faulty.Walk(ctx, f)
}
func (g gated) Close() error { return nil }

// watched shows the laws every commit that really happened.
type watched struct {
	store.Backend
	laws *laws
}

func (b watched) Commit(ctx context.Context, ops ...store.Op) error {
	err := b.Backend.Commit(ctx, ops...)
	if err == nil {
		b.laws.committed(ops)
	}
	return err
}

// begin lets a process do something of its own, as far as its first call.
func (w *world) begin(f func(context.Context)) {
	go f(context.Background())
	synctest.Wait()
}

// step lets one waiting call go on; false when nobody waits.
func (w *world) step() bool {
	synctest.Wait()
	w.mu.Lock()
	if len(w.gate) == 0 {
		w.mu.Unlock()
		return false
	}
	slices.SortStableFunc(w.gate, func(a, b *waiting) int {
		return cmp.Or(strings.Compare(a.process.name, b.process.name), strings.Compare(a.what, b.what))
	})
	i := 0
	if len(w.gate) > 1 {
		i = w.decide.pick(len(w.gate))
	}
	c := w.gate[i]
	w.gate = slices.Delete(w.gate, i, i+1)
	w.mu.Unlock()
	fault := 0
	if !c.process.faulty.Crashed() {
		fault = w.decide.fault(c.atBank, c.read)
	}
	w.note(c, fault)
	c.goOn <- fault
	synctest.Wait()
	return true
}

func (w *world) note(c *waiting, fault int) {
	name := "late"
	switch {
	case c.atBank:
		name = bankFaults[fault]
	case fault < commitLate:
		name = commitFaults[fault].String()
	}
	w.trace = append(w.trace, fmt.Sprintf("%s %-8s %s: %s", w.clock.Format("02T15:04:05"), c.process.name, c.what, name))
}

// settle lets everything that runs come to its end.
func (w *world) settle() {
	for w.step() {
	}
}

// calm is the decider that lets everything go well.
type calm struct{}

func (calm) pick(int) int         { return 0 }
func (calm) fault(bool, bool) int { return 0 }

// drain ends all faults, lets late requests arrive, and runs the worker until nothing is due for days.
func (w *world) drain() {
	w.decide = calm{}
	w.settle()
	w.arrive()
	for i := range 14 {
		later := 6 * time.Hour
		if i < 2 {
			later = 2 * time.Minute // leases end
		}
		w.clock = w.clock.Add(later)
		p := w.process("drain")
		w.begin(func(ctx context.Context) { _, _ = p.post.Sweep(ctx) })
		w.settle()
		if w.idle() {
			break
		}
	}
	if w.heard {
		w.deliver()
	}
	w.resolve()
}

// deliver lets every event of the bank's arrive that has not been taken yet, the last one first, and what could not be
// taken again: events come in any order, and for days.
func (w *world) deliver() {
	p := w.process("events")
	w.begin(func(ctx context.Context) {
		for range 2 {
			for _, e := range slices.Backward(w.bank.events) {
				_ = p.charges.Hint(ctx, w.scene.lawyers[0].Firm, "end", []byte(e.ID), "signed")
			}
		}
		for _, e := range w.bank.events {
			if err := p.charges.Hint(ctx, w.scene.lawyers[0].Firm, "end", []byte(e.ID), "signed"); err != nil {
				w.laws.breach("event %+v: %v", e, err)
			}
		}
	})
	w.settle()
}

// resolve is a person who looks at the bank's own pages and says what they see, for everything that needs it.
func (w *world) resolve() {
	p := w.process("person")
	admin := w.scene.lawyers[0]
	admin.Channel = firm.ByConsole
	w.begin(func(ctx context.Context) {
		list, err := p.charges.Attention(ctx, admin)
		if err != nil {
			w.laws.breach("attention: %v", err)
		}
		for _, a := range list {
			if !a.needs(TaskUnknown) {
				continue
			}
			admin.Request = "resolve." + a.ID
			if err := p.charges.Resolve(ctx, admin, a.ID, w.laws.captures[a.ID] > 0, w.bank.reference(a.ID)); err != nil {
				w.laws.breach("resolve: %v", err)
			}
		}
	})
	w.settle()
}

// idle reports whether no message waits.
func (w *world) idle() bool {
	next, err := (&outbox.Post{Store: w.records, Now: w.now}).NextDue(context.Background())
	return err == nil && next.IsZero()
}
