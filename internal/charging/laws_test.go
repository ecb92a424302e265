package charging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

// laws watch a world: every commit that really happened, every movement of money, and everything that was said.
type laws struct {
	world    *world
	broken   string // the first law that was broken
	attempts map[string]Attempt
	captures map[string]int   // at the bank, by attempt
	net      map[string]int64 // at the bank, by attempt
	backs    map[string]int64 // what of it came back after it had left
	applied  map[string]bool  // by attempt: what it took went to its invoice at first
	fees     int64            // what the bank keeps for disputes
	numbers  int64            // the last invoice number
	bills    map[string]billing.Bill
	owed     map[string]int64 // what is listed as owed, by invoice
	mails    map[string]int   // messages and print records made, by attempt
	printed  map[string]int   // by invoice
	said     []saying
	asked    map[string]time.Time // when a request was first made
	made     map[string]string    // by request: the attempt that it made
	refused  map[string]error     // by request: what was said when it was last asked, if that was that nothing was done
	running  map[string]int       // by request: how many are being answered
	twice    map[string]bool      // by request: two were being answered at once, and one may hear of the other's attempt
}

// saying is an answer that a lawyer got.
type saying struct {
	request string
	receipt Receipt
}

func newLaws(w *world) *laws {
	return &laws{world: w, attempts: map[string]Attempt{}, captures: map[string]int{}, net: map[string]int64{}, backs: map[string]int64{},
		bills: map[string]billing.Bill{}, owed: map[string]int64{}, mails: map[string]int{}, applied: map[string]bool{}, printed: map[string]int{}, asked: map[string]time.Time{},
		made: map[string]string{}, refused: map[string]error{}, running: map[string]int{}, twice: map[string]bool{}}
}

func (l *laws) breach(format string, args ...any) {
	if l.broken == "" {
		l.broken = fmt.Sprintf(format, args...)
	}
}

// moved is told by the bank of every movement of money.
func (l *laws) moved(key string, minor int64) {
	a, known := l.attempts[key]
	if !known {
		l.breach("money moved under a key that was never recorded")
	}
	l.net[key] += minor
	if minor > 0 {
		l.captures[key]++
	}
	if l.captures[key] > 1 {
		l.breach("an attempt was charged twice")
	}
	var net int64
	for id, of := range l.attempts {
		if of.Invoice == a.Invoice {
			net += l.net[id] - l.backs[id] // what came back is not to be helped
		}
	}
	if total := l.bills[a.Invoice].Total.Minor; net > total || l.net[key] < 0 {
		l.breach("%d moved for an invoice of %d", net, total)
	}
	if l.net[key] > a.Request.Amount.Minor {
		l.breach("%d moved for an attempt of %d", l.net[key], a.Request.Amount.Minor)
	}
}

// back is told by the bank of money that came back: a refund failed, a dispute was won.
func (l *laws) back(key string, minor int64) {
	l.net[key] += minor
	l.backs[key] += minor
}

// fee is told by the bank of what it keeps.
func (l *laws) fee(minor int64) { l.fees += minor }

// committed looks at a commit that happened.
func (l *laws) committed(ops []store.Op) {
	for _, op := range ops {
		if strings.Contains(op.Key.Partition, "/owing/") {
			_, bill, _ := strings.Cut(op.Key.Sort, "/")
			delete(l.owed, bill)
			if op.Kind != store.Delete {
				l.owed[bill] = decoded[billing.Owing](op).Owed.Minor
			}
		}
		if op.Kind != store.Create && op.Kind != store.Replace {
			continue
		}
		_, family, _ := strings.Cut(strings.TrimPrefix(op.Key.Partition, "f/"), "/")
		family, _, _ = strings.Cut(family, "/")
		switch {
		case family == "attempt":
			l.attempt(decoded[Attempt](op))
		case family == "journal":
			l.posting(decoded[ledger.Transaction](op))
		case family == "open" || family == "closed":
			l.bill(decoded[billing.Bill](op))
		case family == "outbox" && op.Kind == store.Create:
			l.message(decoded[outbox.Message](op))
		case family == "audit":
			l.audited(decoded[firm.Audited](op))
		case family == "print" && op.Kind == store.Create:
			l.printed[decoded[Printable](op).Invoice]++
		}
	}
}

func decoded[T any](op store.Op) (v T) {
	if err := json.Unmarshal(op.Value, &v); err != nil {
		panic(err)
	}
	return v
}

// audited notes which request made an attempt.
func (l *laws) audited(a firm.Audited) {
	if id, ok := strings.CutPrefix(a.Subject, "attempt/"); ok && a.Action == "charge.confirm" {
		l.made[a.Request] = id
	}
}

func (l *laws) attempt(a Attempt) {
	before := l.attempts[a.ID]
	if before.took() && !a.took() {
		l.breach("a capture was forgotten: %s after %s", a.State, before.State)
	}
	if a.took() && l.captures[a.ID] == 0 {
		l.breach("money is said to be taken that did not move")
	}
	if before.ID == "" && l.captures[a.ID] > 0 {
		l.breach("an attempt was recorded after it was sent")
	}
	if !before.took() && a.took() {
		l.applied[a.ID] = !a.Unapplied
	}
	l.attempts[a.ID] = a
}

func (l *laws) posting(t ledger.Transaction) {
	var sum int64
	for _, line := range t.Lines {
		sum += line.Amount.Minor
	}
	if sum != 0 {
		l.breach("a posting does not balance")
	}
}

func (l *laws) bill(b billing.Bill) {
	if _, known := l.bills[b.ID]; !known {
		n, err := strconv.ParseInt(b.Number, 10, 64)
		if err != nil || n != l.numbers+1 {
			l.breach("invoice number %q after %d", b.Number, l.numbers)
		}
		l.numbers = n
	}
	l.bills[b.ID] = b
}

func (l *laws) message(m outbox.Message) {
	if m.Kind != KindMail {
		return
	}
	id := attemptOf(m)
	l.mails[id]++
	if l.captures[id] == 0 || l.mails[id] > 1 {
		l.breach("mail %d of an attempt whose money moved %d times", l.mails[id], l.captures[id])
	}
}

func attemptOf(m outbox.Message) string {
	var to trail
	_ = json.Unmarshal(m.Payload, &to)
	return to.Attempt
}

// mail is the handler of the mail: it goes out.
func (l *laws) mail(context.Context, outbox.Message) error { return nil }

// silent notes that a request is answered no more.
func (l *laws) silent(c firm.Caller) { l.running[c.Request]-- }

// answered hears what a lawyer is told.
func (l *laws) answered(c firm.Caller, r Receipt, err error) {
	l.silent(c)
	if err != nil {
		if f := fault.As(err); f != nil && f.Kind != fault.Unknown && f.Kind != fault.Internal && l.world.clock.Sub(l.asked[c.Request]) < sameRequest {
			l.refused[c.Request] = err
		}
		return
	}
	for _, before := range l.said {
		if before.request == c.Request && before.receipt.Attempt != r.Attempt {
			l.breach("one request made two attempts")
		}
	}
	l.said = append(l.said, saying{c.Request, r})
	switch {
	case r.State == Charged && l.captures[r.Attempt] != 1:
		l.breach("said paid when money moved %d times", l.captures[r.Attempt])
	case (r.State == Refused || r.State == Lapsed) && l.captures[r.Attempt] != 0:
		l.breach("said %s when money had moved", r.State)
	}
}

// asks notes when a request is first made.
func (l *laws) asks(c firm.Caller) {
	if _, again := l.asked[c.Request]; !again {
		l.asked[c.Request] = l.world.clock
	}
	delete(l.refused, c.Request)
	l.running[c.Request]++
	l.twice[c.Request] = l.twice[c.Request] || l.running[c.Request] > 1
}

// sameRequest is how long a request is surely known again.
const sameRequest = 23 * time.Hour

// refusedAgain hears an error given to a request that had an answer before.
func (l *laws) refusedAgain(c firm.Caller, err error) {
	for _, before := range l.said {
		if before.request == c.Request && l.world.clock.Sub(l.asked[c.Request]) < sameRequest && (errors.Is(err, ErrChanged) || errors.Is(err, billing.ErrHeld) || errors.Is(err, billing.ErrSettled)) {
			l.breach("a repeated request got another answer: %v", err)
		}
	}
}

// end checks a world that was drained.
func (l *laws) end() {
	for id, a := range l.attempts {
		l.attemptAtEnd(id, a)
	}
	for _, s := range l.said {
		moved := l.captures[s.receipt.Attempt]
		switch {
		case s.receipt.State == Charged && (moved != 1 || !l.attempts[s.receipt.Attempt].took()):
			l.breach("said paid, and it was lost")
		case s.receipt.State == Refused && moved != 0:
			l.breach("said declined, and money moved later")
		}
	}
	for request, err := range l.refused {
		if l.made[request] != "" && !l.twice[request] {
			l.breach("said that nothing was done, and an attempt was made: %v", err)
		}
	}
	for id, b := range l.bills {
		if b.Hold != "" {
			l.breach("invoice %s is held by an attempt that is %s", id, l.attempts[b.Hold].State)
		}
		l.billAtEnd(b)
	}
	l.books()
}

func (l *laws) attemptAtEnd(id string, a Attempt) {
	switch {
	case !a.resting():
		l.breach("after everything an attempt is still %s", a.State)
	case a.needs(TaskUnknown):
		l.breach("a person said what is true, and the attempt is still %s", a.State)
	case a.took() != (l.captures[id] == 1):
		l.breach("the attempt is %s, money moved %d times", a.State, l.captures[id])
	case a.took() && (a.left().Minor != l.net[id] || a.State == Refunded && l.net[id] != 0):
		l.breach("the attempt is %s with %v, and the bank has %d", a.State, a.left(), l.net[id])
	case a.took() && a.Captured != a.Request.Amount:
		l.breach("%v was asked for and %v booked", a.Request.Amount, a.Captured)
	}
	want := 0
	if a.took() && l.applied[id] {
		want = 1
	}
	if a.Mailable && l.mails[id] != want || !a.Mailable && l.mails[id] != 0 {
		l.breach("the attempt is %s, and %d mails were made", a.State, l.mails[id])
	}
}

// billAtEnd compares an invoice with what its attempts took and what is left of that, in parts or whole.
func (l *laws) billAtEnd(b billing.Bill) {
	left, owed := map[string]int64{}, b.Total.Minor
	for _, r := range b.Receipts {
		left[r.Attempt] += r.Amount.Minor - r.Refunded.Minor
		if !r.Unapplied {
			owed -= r.Amount.Minor - r.Refunded.Minor
		}
	}
	for id, a := range l.attempts {
		if a.Invoice == b.ID && a.took() && left[id] != a.left().Minor {
			l.breach("of %s the invoice knows %d, the attempt %v", id, left[id], a.left())
		}
	}
	if l.owed[b.ID] != b.Outstanding().Minor {
		l.breach("%v is owed of an invoice, and %d listed", b.Outstanding(), l.owed[b.ID])
	}
	want := billing.PartPaid
	switch owed {
	case 0:
		want = billing.Paid
	case b.Total.Minor:
		want = billing.Issued
	}
	if b.Outstanding().Minor != owed || owed < 0 || b.State != want {
		l.breach("the invoice is %s with %v owed, and its receipts leave %d", b.State, b.Outstanding(), owed)
	}
}

// books compares the ledger with the bank.
func (l *laws) books() {
	p := l.world.process("auditor")
	p.charges.House.Store = l.world.records
	all, err := (&ledger.Books{House: p.charges.House}).Balances(context.Background(), firm.System(l.world.scene.lawyers[0].Firm, "audit"))
	if err != nil {
		l.breach("books: %v", err)
	}
	var net int64
	for _, minor := range l.net {
		net += minor
	}
	if all[ledger.Clearing].Minor != net-l.fees || all[ledger.ProcessorFees].Minor != l.fees {
		l.breach("the books say %d and %d of fees, the bank %d and %d", all[ledger.Clearing].Minor, all[ledger.ProcessorFees].Minor, net-l.fees, l.fees)
	}
}
