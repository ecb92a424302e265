// Package billing turns work into bills and bills into invoices. A draft gathers lines, each frozen when it is
// added; issuing takes the next number in the very commit that makes the invoice, so numbers have no gaps and are
// never reused.
package billing

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Bill is a draft (prebill) or, once it has a number, an invoice. A matter has at most one draft.
type Bill struct {
	ID        string       `json:"id"`
	Number    string       `json:"number,omitempty"` // [A-Za-z0-9]{1,20}; empty: a draft
	State     State        `json:"state"`
	Ref       clients.Ref  `json:"ref"`
	Currency  string       `json:"currency"`
	Count     int          `json:"count"` // lines
	Net       money.Amount `json:"net"`
	Costs     money.Amount `json:"costs"` // the part of Net that is costs; the rest is fees
	Tax       money.Amount `json:"tax"`
	TaxName   string       `json:"taxName,omitempty"`
	TaxPPM    int64        `json:"taxPPM,omitempty"`
	Total     money.Amount `json:"total"`
	Paid      money.Amount `json:"paid"`
	Refunded  money.Amount `json:"refunded"`
	From      string       `json:"from,omitempty"` // first and last day of work, YYYY-MM-DD
	To        string       `json:"to,omitempty"`
	Issued    time.Time    `json:"issued,omitzero"`
	Dated     string       `json:"dated,omitempty"` // the day of issue in the firm's zone, YYYY-MM-DD
	Due       string       `json:"due,omitempty"`   // YYYY-MM-DD
	Approved  bool         `json:"approved,omitempty"`
	Hold      string       `json:"hold,omitempty"`     // the open attempt, while one is
	OnHold    bool         `json:"onHold,omitempty"`   // the firm holds it back
	Disputed  bool         `json:"disputed,omitempty"` // the payer's bank is at a payment of it: it is not charged
	Adding    string       `json:"adding,omitempty"`   // the job that still puts entries on the draft: it is not issued meanwhile
	Attempts  int          `json:"attempts,omitempty"` // attempts made so far
	Recipient Recipient    `json:"recipient"`          // who gets it, frozen at issue
	Receipts  []Receipt    `json:"receipts,omitempty"` // captures, in the order they were posted
}

// Receipt is money that an attempt captured for the invoice. It was either applied to it or, when it no longer
// fitted, posted as unapplied for a person to decide about.
type Receipt struct {
	Attempt   string       `json:"attempt"`
	At        time.Time    `json:"at"` // when it was posted, UTC
	Amount    money.Amount `json:"amount"`
	Unapplied bool         `json:"unapplied,omitempty"`
	Refunded  money.Amount `json:"refunded"`
}

// Recipient is who an invoice is addressed to, frozen at issue.
type Recipient struct {
	Name    string   `json:"name,omitempty"`
	Address []string `json:"address,omitempty"`
	Email   string   `json:"email,omitempty"`
}

// State of a bill. Overdue is computed, never stored.
type State string

// States.
const (
	Draft    State = "draft"
	Issued   State = "issued"
	PartPaid State = "part-paid"
	Paid     State = "paid"
	Voided   State = "void"
)

// Line is one item, frozen when it was added: later rates and rounding change nothing.
type Line struct {
	Seq        int           `json:"seq"`
	Kind       LineKind      `json:"kind"`
	Entry      string        `json:"entry,omitempty"`
	Day        string        `json:"day"`
	Stop       time.Time     `json:"stop,omitzero"`  // the entry's, UTC
	Code       string        `json:"code,omitempty"` // UTBMS, of a cost
	Person     string        `json:"person,omitempty"`
	PersonName string        `json:"personName,omitempty"`
	Narrative  string        `json:"narrative,omitempty"`
	Raw        int64         `json:"raw,omitempty"`    // seconds worked
	Billed     int64         `json:"billed,omitempty"` // seconds billed
	Rounding   firm.Rounding `json:"rounding"`
	Rate       money.Amount  `json:"rate"` // an hour
	Amount     money.Amount  `json:"amount"`
	From       string        `json:"from,omitempty"` // the bill's first and last day of work once this line is on it
	To         string        `json:"to,omitempty"`
}

// LineKind is fee or cost.
type LineKind string

// Line kinds.
const (
	Fee  LineKind = "fee"
	Cost LineKind = "cost"
)

// Terms is how many days after its date an invoice falls due.
const Terms = 30

// Outstanding is what is still owed: nothing on a draft, nor on what is void.
func (b Bill) Outstanding() money.Amount {
	if b.State == Draft || b.State == Voided {
		return money.Of(0, b.Currency)
	}
	return money.Of(b.Total.Minor-b.Paid.Minor+b.Refunded.Minor, b.Currency)
}

// Overdue reports whether something is owed after its due day. today is YYYY-MM-DD in the firm's zone.
func (b Bill) Overdue(today string) bool { return b.Outstanding().Minor > 0 && b.Due < today }

// taxed returns the bill with tax and total for its net: one tax on the sum of the lines, rounded once, half away
// from zero, as EN 16931 computes it (BR-CO-14, BR-CO-15, BR-CO-17), so that net + tax = total to the minor unit. A
// draft is taxed as the firm's setting is now; issuing freezes it.
func (b Bill) taxed(t firm.Tax) (_ Bill, err error) {
	b.TaxName, b.TaxPPM = t.Name, t.PPM
	if b.Tax, err = b.Net.MulDiv(t.PPM, 1_000_000); err != nil {
		return Bill{}, err
	}
	b.Total, err = b.Net.Add(b.Tax)
	return b, err
}

// with returns the draft with one more line, and the line as it is kept.
func (b Bill) with(l Line, t firm.Tax) (_ Bill, _ Line, err error) {
	if b, err = b.plus(l, l.Amount); err != nil {
		return Bill{}, l, err
	}
	b.Count++
	if b.From == "" || l.Day < b.From {
		b.From = l.Day
	}
	b.To = max(b.To, l.Day)
	l.Seq, l.From, l.To = b.Count, b.From, b.To
	b, err = b.taxed(t)
	return b, l, err
}

// without returns the draft without its last line; before is the line before that, nil for none.
func (b Bill) without(l Line, before *Line, t firm.Tax) (_ Bill, err error) {
	if b, err = b.plus(l, l.Amount.Neg()); err != nil {
		return Bill{}, err
	}
	b.Count--
	if b.From, b.To = "", ""; before != nil {
		b.From, b.To = before.From, before.To
	}
	return b.taxed(t)
}

// plus adds a line's amount, or takes it off. What was approved is not what the bill is now.
func (b Bill) plus(l Line, amount money.Amount) (_ Bill, err error) {
	b.Approved = false
	if b.Net, err = b.Net.Add(amount); err == nil && l.Kind == Cost {
		b.Costs, err = b.Costs.Add(amount)
	}
	return b, err
}

// Desk is the firm's billing.
type Desk struct {
	House      *firm.House
	Directory  *clients.Directory
	Timesheets *timekeeping.Timesheets
}

// Faults of billing.
var (
	ErrNothing     = fault.New(fault.State, "bill.nothing", "There is nothing unbilled to add.")
	ErrOnlyOthers  = fault.New(fault.State, "bill.others", "You have nothing unbilled there, but a colleague has.")
	ErrUnconfirmed = fault.New(fault.State, "bill.unconfirmed", "Your entry there is longer than twelve hours and must be confirmed before it can be billed.")
	ErrNotOnHold   = fault.New(fault.State, "bill.not-on-hold", "That bill is not on hold.")
	ErrAdding      = fault.New(fault.State, "bill.adding", "Entries are still being put on that bill. Please try again in a moment.")
	ErrOnHold      = fault.New(fault.State, "bill.on-hold", "That bill is on hold.")
	ErrDisputed    = fault.New(fault.State, "bill.disputed", "A payment of that invoice is in dispute, so I charge nothing for it now.")
	ErrUnapproved  = fault.New(fault.State, "bill.unapproved", "That bill has not been approved yet.")
	ErrChanged     = fault.New(fault.Conflict, "bill.changed", "The bill is not as you saw it. Look at it again first.")
	ErrEmpty       = fault.New(fault.State, "bill.empty", "There is nothing on the bill.")
	ErrHeld        = fault.New(fault.State, "bill.held", "A payment of that invoice is still under way.")
	ErrSettled     = fault.New(fault.State, "bill.settled", "That invoice is already settled.")
	ErrAmount      = fault.New(fault.Invalid, "bill.amount", "That amount does not fit the invoice.")
	ErrCurrency    = fault.New(fault.State, "bill.currency", "That work is in another currency than the bill.")
	ErrNoBill      = fault.New(fault.Missing, "bill.none", "There is no such bill.")
)
