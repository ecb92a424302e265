package charging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// bank is a processor's core for the simulation: exact about what it promises (a key is remembered for 24 hours and
// then forgotten, a listing lags, errors are stored and replayed) and without a wire. charging/sandbox is the same
// over HTTP, for the adapter.
type bank struct {
	now      func() time.Time
	payments []*payment
	replies  map[string]*reply
	pages    []*bankPage
	refunds  []*bankRefund
	disputes []*bankDispute
	events   []Event
	late     []func()
	moved    func(key string, minor int64) // told of each movement of money
	back     func(key string, minor int64) // and of what came back that had left
	fee      func(minor int64)             // and of what the bank keeps for itself
}

type payment struct {
	ref, key string
	result   Result
	amount   int64
	at       time.Time
}

// reply is what a key remembers of a charge or a refund.
type reply struct {
	at      time.Time
	payment *payment
	refund  *bankRefund
	failed  bool // a stored 500
}

type bankPage struct {
	ref, key string
	amount   int64
	ends     time.Time
	closed   bool
	payment  *payment
}

// bankRefund is a refund; one without a key was made on the bank's own pages.
type bankRefund struct {
	ref, key string
	payment  *payment
	amount   int64
	failed   bool // it came back, after it was answered
}

type bankDispute struct {
	ref     string
	payment *payment
	status  DisputeStatus
	amount  int64
	fee     int64
}

// Cards of the simulation, by method.
const (
	goodCard    = "good"
	brokeCard   = "broke"
	askingCard  = "asking"
	slowCard    = "slow" // pending for an hour
	remembers   = 24 * time.Hour
	listingLag  = 5 * time.Minute
	slowPending = time.Hour
	disputeFee  = 1500
)

var (
	errBank    = errors.New("bank: 500")
	errNoReply = errors.New("bank: no reply")
)

func (b *bank) event(kind EventKind, key, ref string) {
	b.events = append(b.events, Event{ID: fmt.Sprintf("evt%d", len(b.events)), Kind: kind, Key: key, Reference: ref})
}

// charge moves money. fail: it does so and answers 500, now and for as long as the key is remembered.
func (b *bank) charge(r ChargeRequest, fail bool) (Outcome, error) {
	if seen := b.replies[r.Key]; seen != nil && b.now().Sub(seen.at) < remembers {
		if seen.failed {
			return Outcome{}, errBank
		}
		return b.outcome(seen.payment), nil
	}
	p := &payment{ref: fmt.Sprintf("pay%d", len(b.payments)), key: r.Key, amount: r.Amount.Minor, at: b.now()}
	p.result = map[string]Result{goodCard: Succeeded, brokeCard: Declined, askingCard: NeedsPayer, slowCard: Pending}[r.Method]
	b.payments = append(b.payments, p)
	b.replies[r.Key] = &reply{at: b.now(), payment: p, failed: fail}
	if p.result == Succeeded {
		b.moved(p.key, p.amount)
	}
	b.event(EventPayment, p.key, p.ref)
	if fail {
		return Outcome{}, errBank
	}
	return b.outcome(p), nil
}

func (b *bank) outcome(p *payment) Outcome {
	if p.result == Pending && b.now().Sub(p.at) >= slowPending {
		p.result = Succeeded
		b.moved(p.key, p.amount)
		b.event(EventPayment, p.key, p.ref)
	}
	o := Outcome{Result: p.result, Key: p.key, Reference: p.ref, Amount: dollars}
	o.Amount.Minor = p.amount
	if p.result == Declined {
		o.Reason = ReasonFunds
	}
	return o
}

func (b *bank) find(key string) Outcome {
	for _, p := range b.payments {
		if p.key == key && b.now().Sub(p.at) >= listingLag {
			return b.outcome(p)
		}
	}
	return Outcome{Result: Missing}
}

// reference is what the bank's own pages show for a key.
func (b *bank) reference(key string) string {
	for _, p := range b.payments {
		if p.key == key {
			return p.ref
		}
	}
	return ""
}

func (b *bank) fetch(ref string) Outcome {
	for _, p := range b.payments {
		if p.ref == ref {
			return b.outcome(p)
		}
	}
	for _, g := range b.pages {
		if g.ref == ref {
			return b.pageOutcome(g)
		}
	}
	return Outcome{Result: Missing}
}

func (b *bank) pageOutcome(g *bankPage) Outcome {
	switch {
	case g.payment != nil:
		o := b.outcome(g.payment)
		o.Reference, o.Payment = g.ref, g.payment.ref
		return o
	case g.closed, !b.now().Before(g.ends):
		return Outcome{Result: Expired, Reference: g.ref}
	}
	return Outcome{Result: NeedsPayer, Reference: g.ref}
}

func (b *bank) expire(ref string) Outcome {
	for _, p := range b.payments {
		if p.ref == ref && p.result == NeedsPayer {
			p.result = Expired
			b.event(EventPayment, p.key, p.ref)
		}
	}
	for _, g := range b.pages {
		if g.ref == ref && g.payment == nil {
			g.closed = true
			b.event(EventPage, g.key, g.ref)
		}
	}
	return b.fetch(ref)
}

func (b *bank) open(r PageRequest) Page {
	g := &bankPage{ref: fmt.Sprintf("page%d", len(b.pages)), key: r.Key, amount: r.Amount.Minor, ends: r.Expires}
	b.pages = append(b.pages, g)
	return Page{Reference: g.ref, URL: "https://pay/" + g.ref, Expires: g.ends}
}

// pay is the payer on a page.
func (b *bank) pay(url string) bool {
	for _, g := range b.pages {
		if "https://pay/"+g.ref != url || g.closed || g.payment != nil || !b.now().Before(g.ends) {
			continue
		}
		g.payment = &payment{ref: fmt.Sprintf("pay%d", len(b.payments)), key: g.key, amount: g.amount, at: b.now(), result: Succeeded}
		b.payments = append(b.payments, g.payment)
		b.moved(g.key, g.amount)
		b.event(EventPage, g.key, g.ref)
		b.event(EventPayment, g.key, g.payment.ref)
		return true
	}
	return false
}

func (b *bank) refund(r RefundRequest, fail bool) (Outcome, error) {
	if seen := b.replies[r.Key]; seen != nil && b.now().Sub(seen.at) < remembers {
		if seen.failed {
			return Outcome{}, errBank
		}
		return seen.refund.outcome(), nil
	}
	f := b.giveBack(b.paymentOf(r.Payment), r.Amount.Minor, r.Key)
	if f == nil {
		return Outcome{}, ErrRefused
	}
	b.replies[r.Key] = &reply{at: b.now(), refund: f, failed: fail}
	if fail {
		return Outcome{}, errBank
	}
	return f.outcome(), nil
}

func (b *bank) paymentOf(ref string) *payment {
	for _, p := range b.payments {
		if p.ref == ref {
			return p
		}
	}
	return nil
}

// has is what the bank still holds of a payment for us, a dispute's fee apart.
func (b *bank) has(p *payment) int64 {
	if p.result != Succeeded {
		return 0
	}
	left := p.amount
	for _, f := range b.refunds {
		if f.payment == p && !f.failed {
			left -= f.amount
		}
	}
	for _, d := range b.disputes {
		if d.payment == p && (d.status == DisputeWithdrawn || d.status == DisputeLost) {
			left -= d.amount
		}
	}
	return left
}

// disputed is the dispute of a payment that is not won, or nil.
func (b *bank) disputed(p *payment) *bankDispute {
	for _, d := range b.disputes {
		if d.payment == p && d.status != DisputeWon {
			return d
		}
	}
	return nil
}

// giveBack refunds part of a payment; nil when the bank refuses.
func (b *bank) giveBack(p *payment, minor int64, key string) *bankRefund {
	if p == nil || minor <= 0 || minor > b.has(p) || b.disputed(p) != nil {
		return nil
	}
	f := &bankRefund{ref: fmt.Sprintf("re%d", len(b.refunds)), key: key, payment: p, amount: minor}
	b.refunds = append(b.refunds, f)
	b.moved(p.key, -minor)
	b.refundEvent(f)
	return f
}

func (b *bank) refundEvent(f *bankRefund) {
	b.event(EventRefund, f.key, f.ref)
	b.events[len(b.events)-1].Payment = f.payment.ref
}

// returned lets a refund fail that was answered: the payer's bank sent it back.
func (b *bank) returned(f *bankRefund) {
	if f.failed {
		return
	}
	f.failed = true
	b.back(f.payment.key, f.amount)
	b.refundEvent(f)
}

func (f *bankRefund) outcome() Outcome {
	o := Outcome{Result: Succeeded, Key: f.key, Reference: f.ref, Payment: f.payment.ref, Amount: dollars}
	o.Amount.Minor = f.amount
	if f.failed {
		o.Result = Declined
	}
	return o
}

func (b *bank) findRefund(key string) Outcome {
	for _, f := range b.refunds {
		if f.key == key {
			return f.outcome()
		}
	}
	return Outcome{Result: Missing}
}

func (b *bank) fetchRefund(ref string) Outcome {
	for _, f := range b.refunds {
		if f.ref == ref {
			return f.outcome()
		}
	}
	return Outcome{Result: Missing}
}

// dispute is the payer's bank taking a payment up: with its money at once, or asking first.
func (b *bank) dispute(p *payment, inquiry bool) {
	if b.has(p) <= 0 || b.disputed(p) != nil {
		return
	}
	d := &bankDispute{ref: fmt.Sprintf("du%d", len(b.disputes)), payment: p, status: DisputeInquiry}
	b.disputes = append(b.disputes, d)
	b.disputeEvent(d)
	if !inquiry {
		b.advance(d, DisputeWithdrawn)
	}
}

// advance moves a dispute on, and its money.
func (b *bank) advance(d *bankDispute, to DisputeStatus) {
	if rank[to] <= rank[d.status] || d.status == DisputeLost {
		return
	}
	away := d.status == DisputeWithdrawn
	if to == DisputeWithdrawn || to == DisputeLost && !away {
		d.amount, d.fee = b.has(d.payment), disputeFee
		b.moved(d.payment.key, -d.amount)
		b.fee(d.fee)
	}
	if d.status = to; to == DisputeWon && away {
		b.back(d.payment.key, d.amount)
	}
	b.disputeEvent(d)
}

func (b *bank) disputeEvent(d *bankDispute) {
	b.event(EventDispute, "", d.ref)
	b.events[len(b.events)-1].Payment = d.payment.ref
}

func (b *bank) fetchDispute(ref string) (Dispute, error) {
	for _, d := range b.disputes {
		if d.ref == ref {
			out := Dispute{Reference: d.ref, Payment: d.payment.ref, Status: d.status, Amount: dollars, Fee: dollars}
			out.Amount.Minor, out.Fee.Minor = d.amount, d.fee
			return out, nil
		}
	}
	return Dispute{}, ErrRefused
}

// arrive lets the requests arrive that were late.
func (b *bank) arrive() {
	late := b.late
	b.late = nil
	for _, f := range late {
		f()
	}
}

// Faults of a call to the bank.
type bankFault int

const (
	bankWell bankFault = iota
	bankVanish
	bankLoseReply
	bankCrashBefore
	bankCrashAfter
	bankLate
	bankStored500
	bankRefuse
)

var bankFaults = [...]string{"none", "vanish", "lose reply", "crash before", "crash after", "late", "stored 500", "refuse"}

// teller is the bank as one process reaches it: every call may meet a fault.
type teller struct {
	bank   *bank
	meet   func(what string) bankFault // asked before each call
	crash  func()
	window time.Duration
	rekey  bool // a mutation: each send under a fresh key
}

// through makes a call under the fault that it meets.
func through[T any](t *teller, what string, do func(fail bool) (T, error)) (T, error) {
	var none T
	switch t.meet(what) {
	case bankVanish:
		return none, errNoReply
	case bankRefuse:
		return none, ErrRefused
	case bankLoseReply:
		_, _ = do(false)
		return none, errNoReply
	case bankCrashBefore:
		t.crash()
		return none, errNoReply
	case bankCrashAfter:
		_, _ = do(false)
		t.crash()
		return none, errNoReply
	case bankLate:
		t.bank.late = append(t.bank.late, func() { _, _ = do(false) })
		return none, errNoReply
	case bankStored500:
		return do(true)
	}
	return do(false)
}

func (t *teller) Promises() Promises { return Promises{Window: t.window} }

func (t *teller) Charge(_ context.Context, r ChargeRequest) (Outcome, error) {
	return through(t, "charge "+r.Key, func(fail bool) (Outcome, error) {
		if t.rekey {
			delete(t.bank.replies, r.Key)
		}
		return t.bank.charge(r, fail)
	})
}

func (t *teller) Find(_ context.Context, r ChargeRequest) (Outcome, error) {
	return through(t, "find "+r.Key, func(bool) (Outcome, error) { return t.bank.find(r.Key), nil })
}

func (t *teller) Fetch(_ context.Context, ref string) (Outcome, error) {
	return through(t, "fetch "+ref, func(bool) (Outcome, error) {
		if strings.HasPrefix(ref, "re") {
			return t.bank.fetchRefund(ref), nil
		}
		return t.bank.fetch(ref), nil
	})
}

func (t *teller) Expire(_ context.Context, ref string) (Outcome, error) {
	return through(t, "expire "+ref, func(bool) (Outcome, error) { return t.bank.expire(ref), nil })
}

func (t *teller) PayPage(_ context.Context, r PageRequest) (Page, error) {
	return through(t, "page "+r.Key, func(bool) (Page, error) { return t.bank.open(r), nil })
}

func (t *teller) Refund(_ context.Context, r RefundRequest) (Outcome, error) {
	return through(t, "refund "+r.Key, func(fail bool) (Outcome, error) { return t.bank.refund(r, fail) })
}

func (t *teller) FindRefund(_ context.Context, r RefundRequest) (Outcome, error) {
	return through(t, "find-refund "+r.Key, func(bool) (Outcome, error) { return t.bank.findRefund(r.Key), nil })
}

func (t *teller) FetchDispute(_ context.Context, ref string) (Dispute, error) {
	return through(t, "fetch "+ref, func(bool) (Dispute, error) { return t.bank.fetchDispute(ref) })
}

func (t *teller) ParseEvent(payload []byte, signature string, _ time.Time) (Event, error) {
	if signature != "signed" {
		return Event{}, errors.New("bank: bad signature")
	}
	for _, e := range t.bank.events {
		if e.ID == string(payload) {
			return e, nil
		}
	}
	return Event{}, errors.New("bank: no such event")
}

func (t *teller) Customer(context.Context, string) (string, error)    { return "", errBank }
func (t *teller) SavePage(context.Context, PageRequest) (Page, error) { return Page{}, errBank }
func (t *teller) Saved(context.Context, string) (Method, error)       { return Method{}, errBank }
func (t *teller) Card(context.Context, string, string) (Card, error)  { return Card{}, errBank }
