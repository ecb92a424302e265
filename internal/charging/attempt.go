package charging

import (
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/money"
)

// Attempt is one try to move money for an invoice: attempt n of it. Permanent.
type Attempt struct {
	ID        string        `json:"id"` // UUID; the processor's idempotency key and only metadata
	Invoice   string        `json:"invoice"`
	Number    string        `json:"number"` // the invoice's
	N         int           `json:"n"`      // 1, 2, …
	Ref       clients.Ref   `json:"ref"`
	State     State         `json:"state"`
	Request   ChargeRequest `json:"request"`       // what is sent, and resent unchanged; of a page, its key and amount
	Owed      money.Amount  `json:"owed,omitzero"` // of the invoice when a charge was asked for: its amount is this or a part
	Card      Card          `json:"card,omitzero"`
	Reason    Reason        `json:"reason,omitempty"`
	Reference string        `json:"reference,omitempty"` // the processor's, of the payment or the page, once known
	Payment   string        `json:"payment,omitempty"`   // the processor's payment that took the money
	Captured  money.Amount  `json:"captured,omitzero"`   // what was taken
	Unapplied bool          `json:"unapplied,omitempty"` // it was taken when the invoice no longer waited for it
	By        string        `json:"by,omitempty"`        // the person who asked; empty: the payer
	Sent      int           `json:"sent"`                // times sent
	Rejected  int           `json:"rejected,omitempty"`  // sends after which the processor certainly did nothing
	Mailable  bool          `json:"mailable,omitempty"`  // the invoice has an e-mail address to go to
	Mail      string        `json:"mail,omitempty"`      // the outbox message that carries invoice and receipt, once paid
	Resume    string        `json:"resume,omitempty"`    // the outbox message that finishes the attempt
	Page      *PageRequest  `json:"page,omitempty"`      // the payer pays on the processor's page
	PageURL   string        `json:"pageURL,omitempty"`
	PageEnds  time.Time     `json:"pageEnds,omitzero"` // when the processor closes the page
	Refund    *Refund       `json:"refund,omitempty"`
	Outflows  []Outflow     `json:"outflows,omitempty"` // what left again of what was taken
	Word      bool          `json:"word,omitempty"`     // it ended by a person's word, not by the processor's
	Tasks     []Task        `json:"tasks,omitempty"`    // why it needs a person
	Changed   time.Time     `json:"changed"`
}

// Refund is the giving back of all that an attempt took.
type Refund struct {
	Request  RefundRequest `json:"request"` // what is sent, and resent unchanged
	Asked    time.Time     `json:"asked"`
	By       string        `json:"by,omitempty"`
	Sent     int           `json:"sent"`
	Rejected int           `json:"rejected,omitempty"`
}

// State of an attempt.
type State string

// States. Unknown means that money may have moved.
const (
	Created       State = "created"     // never sent
	Submitted     State = "submitted"   // about to be sent, or sent and not answered
	Charged       State = "succeeded"   // the money was taken
	Refused       State = "declined"    // final; no money moved
	AwaitingPayer State = "needs-payer" // the payer must authenticate, or is on the processor's page
	Uncertain     State = "unknown"     // the answer was lost, or is not final
	Lapsed        State = "expired"     // cancelled, run out, or a person's word that it never happened
	Refunding     State = "refunding"
	Refunded      State = "refunded"
	Disputed      State = "disputed"
)

// Task is why an attempt needs a person.
type Task string

// Tasks.
const (
	TaskUnknown   Task = "unknown"   // nothing more can be learnt here: look at the processor's own pages
	TaskUnapplied Task = "unapplied" // money came when the invoice no longer waited for it
	TaskDispute   Task = "dispute"   // the payer's bank took it up
	TaskRefund    Task = "refund"    // a refund failed, or nothing more can be learnt of it; what came back is booked
	TaskElsewhere Task = "elsewhere" // the processor tells of a refund that was not asked for here; it is booked
	TaskContrary  Task = "contrary"  // the processor contradicts what a person said, or tells of a second payment
)

// took reports whether the attempt's money is known to have moved.
func (a Attempt) took() bool {
	switch a.State {
	case Charged, Refunding, Refunded, Disputed:
		return true
	}
	return false
}

// ended reports whether the attempt ended with no money moved.
func (a Attempt) ended() bool { return a.State == Refused || a.State == Lapsed }

// needs reports whether a task is open.
func (a Attempt) needs(t Task) bool { return slices.Contains(a.Tasks, t) }

// resting reports whether time alone will bring nothing new: the worker need not come again.
func (a Attempt) resting() bool {
	switch a.State {
	case Submitted, Uncertain, AwaitingPayer:
		return a.needs(TaskUnknown)
	case Created:
		return false
	case Refunding:
		return a.needs(TaskRefund)
	}
	return true
}

// clone returns a copy that shares nothing that the machine writes.
func (a Attempt) clone() Attempt {
	a.Tasks, a.Outflows = slices.Clone(a.Tasks), slices.Clone(a.Outflows)
	if a.Refund != nil {
		refund := *a.Refund
		a.Refund = &refund
	}
	return a
}
