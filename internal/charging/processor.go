package charging

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
)

// Processor is a card processor, the firm's own account there. It learns opaque ids, an amount, a currency, and
// what a payer types on the processor's own page: never a name, an address, a narrative or an invoice line.
//
// A nil error means that the processor answered and the answer is in the result. An error of any kind means that
// the outcome is unknown, unless it is ErrRefused: then the processor certainly did nothing.
type Processor interface {
	// Promises tells what the charging machine may rely on.
	Promises() Promises

	// Customer makes, or finds again by the same key, the processor's customer for an opaque key of ours.
	Customer(ctx context.Context, key string) (customer string, err error)
	// SavePage opens the processor's page on which a payer saves a card for later off-session charges.
	SavePage(ctx context.Context, r PageRequest) (Page, error)
	// PayPage opens the processor's page on which a payer pays an amount; the payment's outcome carries r.Key.
	PayPage(ctx context.Context, r PageRequest) (Page, error)
	// Saved tells what a save page led to: the method saved, or nothing yet.
	Saved(ctx context.Context, page string) (Method, error)
	// Card describes a saved method.
	Card(ctx context.Context, customer, method string) (Card, error)

	// Charge moves money off-session. Sending the identical request again under the same key, within
	// Promises.Window, never charges twice.
	Charge(ctx context.Context, r ChargeRequest) (Outcome, error)
	// Find looks an attempt up by our key. A listing may lag: Missing is never proof of failure.
	Find(ctx context.Context, r ChargeRequest) (Outcome, error)
	// Fetch reads a payment, a page or a refund by the processor's own reference.
	Fetch(ctx context.Context, reference string) (Outcome, error)
	// Expire cancels a page or a payment that waits for the payer; the outcome tells whether it was too late.
	Expire(ctx context.Context, reference string) (Outcome, error)
	// Refund gives back all or part of a payment; idempotent as Charge is.
	Refund(ctx context.Context, r RefundRequest) (Outcome, error)
	// FindRefund looks a refund up by our key.
	FindRefund(ctx context.Context, r RefundRequest) (Outcome, error)
	// FetchDispute reads a dispute by the processor's own reference.
	FetchDispute(ctx context.Context, reference string) (Dispute, error)

	// ParseEvent verifies a webhook's signature and returns what it hints at. The event is never believed: what it
	// points to is fetched.
	ParseEvent(payload []byte, signature string, now time.Time) (Event, error)
}

// Promises is what a processor guarantees.
type Promises struct {
	Window       time.Duration // how long a key is remembered, with a margin taken off: 23 h for Stripe; 0: never resend
	TrustCapable bool          // the account is declared able to take trust money (fees debited elsewhere)
}

// ChargeRequest is stored with the attempt before it is sent, and resent unchanged.
type ChargeRequest struct {
	Key      string       `json:"key"` // our attempt id, a UUID; also the payment's only metadata
	Customer string       `json:"customer"`
	Method   string       `json:"method"`
	Amount   money.Amount `json:"amount"`
	Created  time.Time    `json:"created"` // when the attempt was made: where a listing may start
}

// RefundRequest is stored before it is sent, and resent unchanged.
type RefundRequest struct {
	Key     string       `json:"key"`
	Payment string       `json:"payment"` // the processor's reference of the payment
	Amount  money.Amount `json:"amount"`
}

// PageRequest opens a page of the processor's.
type PageRequest struct {
	Key      string       // ours, opaque
	Customer string       // may be empty on a pay page
	Amount   money.Amount // pay page only
	Return   string       // the address the payer comes back to; carries only opaque tokens
	Expires  time.Time
}

// Page is a processor's page.
type Page struct {
	Reference string    `json:"reference"`
	URL       string    `json:"url"`
	Expires   time.Time `json:"expires"`
}

// Method is a saved card.
type Method struct {
	Customer string `json:"customer"`
	ID       string `json:"id"` // empty: nothing was saved yet
}

// Card is what may be said of a saved card.
type Card struct {
	Brand    string `json:"brand"` // lower case, as the processor writes it: "visa"
	Last4    string `json:"last4"`
	ExpMonth int    `json:"expMonth"`
	ExpYear  int    `json:"expYear"`
}

// Result is what a processor says of a payment, a page or a refund.
type Result string

// Results.
const (
	Succeeded  Result = "succeeded"
	Declined   Result = "declined"    // final for this attempt; Outcome.Reason says why
	NeedsPayer Result = "needs-payer" // the payer must authenticate, or has not acted yet
	Pending    Result = "pending"     // the processor is still working on it
	Expired    Result = "expired"     // cancelled, or the page ran out; no money moved nor will
	Missing    Result = "missing"     // not found; not proof of failure
)

// Reason is why a card was declined, in words that a sentence can be chosen by.
type Reason string

// Reasons. Everything else is Other.
const (
	ReasonFunds   Reason = "insufficient-funds"
	ReasonExpired Reason = "expired-card"
	ReasonCVC     Reason = "incorrect-cvc"
	ReasonOther   Reason = "declined"
	ReasonRefused Reason = "refused" // the request itself: a key of the firm's account, a card that is gone
)

// Outcome is a processor's answer.
type Outcome struct {
	Result    Result       `json:"result"`
	Key       string       `json:"key,omitempty"`     // ours, where the object carries it
	Reference string       `json:"reference"`         // the payment's, page's or refund's id at the processor
	Payment   string       `json:"payment,omitempty"` // for a page: the payment it led to; for a refund: the one it gives back
	Amount    money.Amount `json:"amount"`
	Reason    Reason       `json:"reason,omitempty"`
}

// Dispute is what the processor says of a payment that the payer's bank took up.
type Dispute struct {
	Reference string        `json:"reference"`
	Payment   string        `json:"payment"`
	Status    DisputeStatus `json:"status"`
	Amount    money.Amount  `json:"amount"`       // what was taken back; nothing for an inquiry
	Fee       money.Amount  `json:"fee,omitzero"` // what the processor keeps for it so far
}

// DisputeStatus is how a dispute stands.
type DisputeStatus string

// Dispute statuses, in the order in which they follow each other. Both of the last are final.
const (
	DisputeInquiry   DisputeStatus = "inquiry"   // a question: no money moved
	DisputeWithdrawn DisputeStatus = "withdrawn" // the bank took the money back, for now
	DisputeLost      DisputeStatus = "lost"      // it stays away
	DisputeWon       DisputeStatus = "won"       // it came back, or an inquiry was closed
)

// Event is what a webhook hints at.
type Event struct {
	ID        string
	Kind      EventKind
	Key       string // our key, where the object carries it
	Reference string // what to fetch
	Payment   string // of a refund or a dispute: the processor's payment that it is about
}

// EventKind says what to fetch after an event.
type EventKind string

// Event kinds. Others are acknowledged and ignored.
const (
	EventPayment EventKind = "payment"
	EventPage    EventKind = "page"
	EventRefund  EventKind = "refund"
	EventDispute EventKind = "dispute"
	EventOther   EventKind = "other"
)

// ErrRefused marks an error after which the processor certainly did nothing: a validation failure, a wrong key.
var ErrRefused = refused{}

type refused struct{}

func (refused) Error() string { return "charging: the processor refused the request" }
