// Package charging moves a client's money: never twice, never lost. An attempt is a permanent record made before
// the processor is called; a pure machine says what each answer means; an unknown outcome stays unknown until the
// processor, or in the end a person, resolves it.
package charging

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

// Authorisation is a client's recorded leave to charge a card. A card is charged only under one.
type Authorisation struct {
	Client   string       `json:"client"`
	Customer string       `json:"customer"` // at the processor
	Method   string       `json:"method"`
	Card     Card         `json:"card"`
	Given    time.Time    `json:"given"`
	Text     string       `json:"text"`    // what the payer was shown and agreed to
	Ceiling  money.Amount `json:"ceiling"` // the most one charge may be; zero: no ceiling
	Revoked  time.Time    `json:"revoked,omitzero"`
}

// Attempt is one try to move money for an invoice: attempt n of it. Permanent.
type Attempt struct {
	ID        string        `json:"id"` // UUID; the processor's idempotency key and only metadata
	Invoice   string        `json:"invoice"`
	N         int           `json:"n"` // 1, 2, …
	Ref       clients.Ref   `json:"ref"`
	State     State         `json:"state"`
	Request   ChargeRequest `json:"request"` // what is sent, and resent unchanged
	Card      Card          `json:"card"`
	Reason    Reason        `json:"reason,omitempty"`
	Reference string        `json:"reference,omitempty"` // the processor's, once known
	By        string        `json:"by"`                  // the person who asked
	Page      bool          `json:"page,omitempty"`      // the payer pays on the processor's page
	PageURL   string        `json:"pageURL,omitempty"`
	Mail      string        `json:"mail,omitempty"`   // the held outbox message that carries the invoice
	Resume    string        `json:"resume,omitempty"` // the outbox message that finishes the attempt
	Sent      int           `json:"sent"`             // times sent
	Changed   time.Time     `json:"changed"`
}

// State of an attempt.
type State string

// States. Unknown means that money may have moved.
const (
	Created       State = "created"
	Submitted     State = "submitted"
	Charged       State = "succeeded"
	Refused       State = "declined"
	AwaitingPayer State = "needs-payer"
	Uncertain     State = "unknown"
	Lapsed        State = "expired"
	Refunding     State = "refunding"
	Refunded      State = "refunded"
	Disputed      State = "disputed"
)

// Charges is the firm's charging desk.
type Charges struct {
	House     *firm.House
	Directory *clients.Directory
	Billing   *billing.Desk
	// Processor returns the firm's own processor account. Errors: ErrNoProcessor.
	Processor func(ctx context.Context, firmID string) (Processor, error)
	// Deadline is how long an inline call may take: 5 s by voice, since Alexa waits 8 s in all.
	Deadline time.Duration
}

// Lease is how long the voice owns a new attempt before the worker may take it.
const Lease = 10 * time.Second

// Offer is what a charge would do: everything that is read back, and what the confirmation is checked against.
type Offer struct {
	Ref    clients.Ref  `json:"ref"`
	Bill   string       `json:"bill"`  // the draft's or the invoice's id
	Draft  bool         `json:"draft"` // it is issued by the charge
	Number string       `json:"number,omitempty"`
	Total  money.Amount `json:"total"` // what is charged: the draft's total, or what is outstanding
	Tax    money.Amount `json:"tax"`
	Card   Card         `json:"card"`
	Firm   string       `json:"firm"` // the firm's name
}

// Choice is returned as an error by Offer when what to charge must be asked.
type Choice struct {
	Ref      clients.Ref
	Draft    *billing.Bill // has lines
	Invoice  *billing.Bill // open; both Draft and Invoice: ask which
	Open     int           // open invoices
	Unbilled bool          // nothing to charge yet, but work to put on the bill
	Clock    bool          // the caller's clock on the matter runs or is paused
}

func (*Choice) Error() string { return "charging: what is charged must be asked" }

// What picks what is charged when the voice asked.
type What string

// What may be charged. The empty What asks when there is more than one answer.
const (
	ChargeDraft   What = "draft"
	ChargeInvoice What = "invoice"
)

// Offer reads what a charge would do. It changes nothing. Three trips. Needs Charge.
// Errors: a look-up's; *Choice; ErrNothingToCharge, ErrNoCard, ErrHeld and what billing refuses; firm.ErrForbidden and
// ErrLimit.
func (d *Charges) Offer(ctx context.Context, c firm.Caller, s clients.Spoken, what What) (Offer, error) {
	panic("charging: to be written")
}

// Receipt is what became of a charge.
type Receipt struct {
	Ref     clients.Ref   `json:"ref"`
	Invoice string        `json:"invoice"`
	Number  string        `json:"number"`
	Amount  money.Amount  `json:"amount"`
	State   State         `json:"state"` // Charged, Refused, AwaitingPayer or Uncertain
	Reason  Reason        `json:"reason,omitempty"`
	Card    Card          `json:"card"`
	Mailed  bool          `json:"mailed"` // the invoice goes out by e-mail; false: the client has no address, it is in the print queue
	Hold    time.Duration `json:"hold"`   // how long the mail can still be stopped
}

// Confirm charges what was offered, after "yes", with the person's code. Everything is re-read; if it is not what
// was offered, nothing happens and ErrChanged is returned. In one commit: the code's outcome, the number and invoice
// (for a draft), its postings, the attempt, the held mail and the message that finishes what is left. Then the
// processor is called under Deadline, and the outcome is committed. Three trips and the processor.
// Errors: firm.ErrCode…, ErrChanged, ErrNoCard, and those of Offer. A repeated request returns the same receipt.
func (d *Charges) Confirm(ctx context.Context, c firm.Caller, offer Offer, code string) (Receipt, error) {
	panic("charging: to be written")
}

// Resume finishes an attempt: the outbox handler of "charge.resume". It sends what was never sent, resends what is
// unknown while the processor remembers the key, then looks it up, and leaves what stays unknown to a person.
func (d *Charges) Resume(ctx context.Context, firmID, attempt string) error {
	panic("charging: to be written")
}

// Hint takes a webhook: verify, note the event once, fetch what it points to, apply it.
func (d *Charges) Hint(ctx context.Context, firmID, endpoint string, payload []byte, signature string) error {
	panic("charging: to be written")
}

// Authorise records a card and the leave to charge it.
func (d *Charges) Authorise(ctx context.Context, c firm.Caller, a Authorisation) error {
	panic("charging: to be written")
}

// Attention lists the attempts of a firm that need a person: unknown for longer than the processor remembers.
func (d *Charges) Attention(ctx context.Context, c firm.Caller) ([]Attempt, error) {
	panic("charging: to be written")
}

// Resolve is a person's word on an unknown attempt, after looking at the processor's own pages: it was paid
// (reference and amount), or it never happened.
func (d *Charges) Resolve(ctx context.Context, c firm.Caller, attempt string, paid bool, reference string) error {
	panic("charging: to be written")
}

// Outbox kinds that charging creates. Payloads hold ids only.
const (
	KindResume = "charge.resume" // {"attempt": id}
	KindMail   = "mail.invoice"  // {"invoice": id, "attempt": id}: the worker renders and sends
)

// Faults of charging.
var (
	ErrNothingToCharge = fault.New(fault.State, "charge.nothing", "There is nothing to charge.")
	ErrNoCard          = fault.New(fault.State, "charge.no-card", "There is no card on file that may be charged.")
	ErrLimit           = fault.New(fault.Forbidden, "charge.limit", "That is more than you may charge by voice.")
	ErrCeiling         = fault.New(fault.Forbidden, "charge.ceiling", "That is more than the client allowed for one charge.")
	ErrChanged         = fault.New(fault.Conflict, "charge.changed", "Something changed since I read it back, so I charged nothing.")
	ErrNoProcessor     = fault.New(fault.State, "charge.no-processor", "The firm has not connected a card processor yet.")
)
