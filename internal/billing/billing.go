// Package billing turns work into bills and bills into invoices. A draft gathers lines, each frozen when it is
// added; issuing takes the next number in the very commit that makes the invoice, so numbers have no gaps and are
// never reused.
package billing

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
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

// Outstanding is what is still owed.
func (b Bill) Outstanding() money.Amount { panic("billing: to be written") }

// Line is one item, frozen when it was added: later rates and rounding change nothing.
type Line struct {
	Seq        int           `json:"seq"`
	Kind       LineKind      `json:"kind"`
	Entry      string        `json:"entry,omitempty"`
	Day        string        `json:"day"`
	Person     string        `json:"person,omitempty"`
	PersonName string        `json:"personName,omitempty"`
	Narrative  string        `json:"narrative,omitempty"`
	Raw        int64         `json:"raw,omitempty"`    // seconds worked
	Billed     int64         `json:"billed,omitempty"` // seconds billed
	Rounding   firm.Rounding `json:"rounding"`
	Rate       money.Amount  `json:"rate"` // an hour
	Amount     money.Amount  `json:"amount"`
}

// LineKind is fee or cost.
type LineKind string

// Line kinds.
const (
	Fee  LineKind = "fee"
	Cost LineKind = "cost"
)

// Desk is the firm's billing.
type Desk struct {
	House      *firm.House
	Directory  *clients.Directory
	Timesheets *timekeeping.Timesheets
}

// Added is what putting work on a bill did.
type Added struct {
	Ref    clients.Ref  `json:"ref"`
	Bill   string       `json:"bill"`
	Lines  int          `json:"lines"`  // added now
	Billed int64        `json:"billed"` // seconds added
	Amount money.Amount `json:"amount"` // added, net
	Count  int          `json:"count"`  // on the bill after it
	Total  money.Amount `json:"total"`  // of the bill after it, with tax
	Others bool         `json:"others"` // a colleague has unbilled work there too
}

// AddLast puts the caller's own latest unbilled entry of a client's matter on its draft. Three trips. Needs BillWork.
// Errors: a look-up's; ErrNothing (ErrOnlyOthers when a colleague has some); ErrOnHold.
func (d *Desk) AddLast(ctx context.Context, c firm.Caller, s clients.Spoken) (Added, error) {
	panic("billing: to be written")
}

// Open is the read of what could be charged for a matter: its draft and its oldest open invoice.
type Open struct{}

// ReadOpen adds to the act's batch the reads of a matter's draft and its oldest open invoice.
func (d *Desk) ReadOpen(a *firm.Act, matter string) *Open { panic("billing: to be written") }

// Draft returns the matter's draft when it has lines, else nil.
func (o *Open) Draft() (*Bill, error) { panic("billing: to be written") }

// Oldest returns the oldest open invoice, else nil, and how many are open (counting stops at 10).
func (o *Open) Oldest() (bill *Bill, count int, err error) { panic("billing: to be written") }

// ReadBill adds the read of an invoice of a matter, by its id, to the act's batch: one wave.
func (d *Desk) ReadBill(a *firm.Act, matter, bill string) *Reading { panic("billing: to be written") }

// ReadDraft adds the reads that issuing a matter's draft needs.
func (d *Desk) ReadDraft(a *firm.Act, matter string) *Reading { panic("billing: to be written") }

// Reading is a bill being read.
type Reading struct{}

// Bill returns the bill as it is. Errors: ErrNoBill.
func (r *Reading) Bill() (Bill, error) { panic("billing: to be written") }

// Issue returns the invoice that the draft becomes, held by an attempt if hold is not empty, and the operations:
// number, invoice, open list, postings. Nothing of the lines is touched. Errors: ErrEmpty, ErrOnHold, ErrUnapproved.
func (r *Reading) Issue(a *firm.Act, client clients.Client, hold string) (Bill, []store.Op, error) {
	panic("billing: to be written")
}

// Hold returns the invoice held by a new attempt, and its operations. Errors: ErrHeld, ErrSettled.
func (r *Reading) Hold(a *firm.Act, attempt string) (Bill, []store.Op, error) {
	panic("billing: to be written")
}

// Settle returns the invoice after a capture of amount by the attempt that holds it: hold gone, paid or part paid,
// posted. An amount that no longer fits the invoice is posted as an unapplied receipt and reported.
func (r *Reading) Settle(a *firm.Act, attempt string, amount money.Amount) (bill Bill, unapplied bool, ops []store.Op, err error) {
	panic("billing: to be written")
}

// Free returns the invoice without the hold of an attempt that ended with no money moved.
func (r *Reading) Free(a *firm.Act, attempt string) (Bill, []store.Op, error) {
	panic("billing: to be written")
}

// Refund returns the invoice after amount, captured by attempt, was given back, with its reversing postings.
func (r *Reading) Refund(a *firm.Act, attempt string, amount money.Amount) (Bill, []store.Op, error) {
	panic("billing: to be written")
}

// Lines returns a bill's lines in order.
func (d *Desk) Lines(ctx context.Context, c firm.Caller, bill string) ([]Line, error) {
	panic("billing: to be written")
}

// Get returns an invoice.
func (d *Desk) Get(ctx context.Context, c firm.Caller, bill string) (Bill, error) {
	panic("billing: to be written")
}

// Faults of billing.
var (
	ErrNothing    = fault.New(fault.State, "bill.nothing", "There is nothing unbilled to add.")
	ErrOnlyOthers = fault.New(fault.State, "bill.others", "You have nothing unbilled there, but a colleague has.")
	ErrOnHold     = fault.New(fault.State, "bill.on-hold", "That bill is on hold.")
	ErrUnapproved = fault.New(fault.State, "bill.unapproved", "That bill has not been approved yet.")
	ErrEmpty      = fault.New(fault.State, "bill.empty", "There is nothing on the bill.")
	ErrHeld       = fault.New(fault.State, "bill.held", "A payment of that invoice is still under way.")
	ErrSettled    = fault.New(fault.State, "bill.settled", "That invoice is already settled.")
	ErrNoBill     = fault.New(fault.Missing, "bill.none", "There is no such bill.")
)
