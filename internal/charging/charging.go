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
)

// Charges is the firm's charging desk.
type Charges struct {
	House     *firm.House
	Directory *clients.Directory
	Billing   *billing.Desk
	// Processor returns the firm's own processor account. Errors: ErrNoProcessor.
	Processor func(ctx context.Context, firmID string) (Processor, error)
	// Deadline is how long a confirmation may take until the processor has answered, and any other call to the
	// processor; 0: four and a half seconds. Recording the outcome may take two and a half more, and Alexa waits eight in all.
	Deadline time.Duration

	step machine // nil: step; a test of the tests hands in a broken one
}

// Lease is how long the one who asked owns a new attempt before the worker may take it.
const Lease = 10 * time.Second

// Outbox kinds that charging creates. Payloads hold ids only.
const (
	KindResume = "charge.resume" // {"attempt": id}
	KindMail   = "mail.invoice"  // {"invoice": id, "attempt": id}: the worker renders invoice and receipt, and sends
)

// Faults of charging.
var (
	ErrNothingToCharge = fault.New(fault.State, "charge.nothing", "There is nothing to charge.")
	ErrNoCard          = fault.New(fault.State, "charge.no-card", "There is no card on file that may be charged.")
	ErrLimit           = fault.New(fault.Forbidden, "charge.limit", "That is more than you may charge by voice.")
	ErrPart            = fault.New(fault.Invalid, "charge.part", "A part of a bill is more than nothing, in the bill's currency.")
	ErrCeiling         = fault.New(fault.Forbidden, "charge.ceiling", "That is more than the client allowed for one charge.")
	ErrChanged         = fault.New(fault.Conflict, "charge.changed", "Something changed since I read it back, so I charged nothing.")
	ErrContrary        = fault.New(fault.State, "charge.contrary", "The processor itself says otherwise, so I went by that.")
	ErrNoAttempt       = fault.New(fault.Missing, "charge.none", "There is no such payment.")
	ErrNoTask          = fault.New(fault.State, "charge.no-task", "That payment does not wait for anybody.")
	ErrNoRefund        = fault.New(fault.State, "charge.no-refund", "That payment can't be refunded.")
	ErrReference       = fault.New(fault.Invalid, "charge.reference", "Say under which reference the processor took the money: one that no other payment has.")
	ErrAuthorisation   = fault.New(fault.Invalid, "card.invalid", "The authorisation names no client, no card, or not what was agreed to.")
	ErrNoPayment       = fault.New(fault.State, "pay.nothing", "There is nothing to pay on that invoice now.")
	ErrLater           = fault.New(fault.Busy, "charge.later", "The card processor does not answer. Please try again in a moment.")
	ErrEvent           = fault.New(fault.Invalid, "webhook.invalid", "That is not an event of the processor's.")
	ErrNoProcessor     = fault.New(fault.State, "charge.no-processor", "The firm has not connected a card processor yet.")
)
