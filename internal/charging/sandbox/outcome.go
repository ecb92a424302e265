package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
)

// outcome reads a payment as charging does.
func (pi PaymentIntent) outcome() charging.Outcome {
	o := charging.Outcome{Reference: pi.ID, Key: pi.Metadata["attempt"], Amount: amount(pi.Amount, pi.Currency)}
	switch pi.Status {
	case "succeeded":
		o.Result = charging.Succeeded
	case "canceled":
		o.Result = charging.Expired
	case "requires_action", "requires_confirmation":
		o.Result = charging.NeedsPayer
	case "requires_payment_method":
		o.Result, o.Reason = pi.LastError.result()
	default:
		o.Result = charging.Pending
	}
	return o
}

// result tells a decline from a payment that waits for its payer.
func (e *PaymentError) result() (charging.Result, charging.Reason) {
	switch {
	case e == nil, e.Code == "authentication_required":
		return charging.NeedsPayer, ""
	case e.DeclineCode == "insufficient_funds":
		return charging.Declined, charging.ReasonFunds
	case e.Code == "expired_card":
		return charging.Declined, charging.ReasonExpired
	case e.Code == "incorrect_cvc":
		return charging.Declined, charging.ReasonCVC
	}
	return charging.Declined, charging.ReasonOther
}

func (r Refund) outcome() charging.Outcome {
	o := charging.Outcome{Reference: r.ID, Key: r.Metadata["attempt"], Payment: string(r.PaymentIntent), Amount: amount(r.Amount, r.Currency)}
	switch r.Status {
	case "succeeded":
		o.Result = charging.Succeeded
	case "failed":
		o.Result, o.Reason = charging.Declined, charging.ReasonOther
	case "canceled":
		o.Result = charging.Expired
	default:
		o.Result = charging.Pending
	}
	return o
}

// read reads a dispute as charging does: by what was withdrawn and reinstated.
func (d Dispute) read() charging.Dispute {
	out := charging.Dispute{Reference: d.ID, Payment: string(d.PaymentIntent), Amount: amount(0, d.Currency), Fee: amount(0, d.Currency)}
	for _, m := range d.Moves {
		out.Amount.Minor += max(0, -m.Amount)
		out.Fee.Minor += m.Fee
	}
	switch {
	case d.Status == "won", d.Status == "warning_closed":
		out.Status = charging.DisputeWon
	case d.Status == "lost":
		out.Status = charging.DisputeLost
	case out.Amount.Minor > 0:
		out.Status = charging.DisputeWithdrawn
	default:
		out.Status = charging.DisputeInquiry
	}
	return out
}

// outcome reads a page; pi is the payment it has begun, or nil.
func (s Session) outcome(pi *PaymentIntent) charging.Outcome {
	o := charging.Outcome{Reference: s.ID, Key: string(s.ClientReference), Payment: string(s.PaymentIntent), Amount: amount(s.AmountTotal, string(s.Currency))}
	switch {
	case s.Status == "open" && (pi == nil || pi.Status != "succeeded" && pi.Status != "processing"):
		o.Result = charging.NeedsPayer
	case pi != nil && s.Status == "expired" && pi.Status == "requires_payment_method":
		o.Result = charging.Expired
	case pi != nil:
		o.Result, o.Reason = pi.outcome().Result, pi.outcome().Reason
	case s.Status == "expired":
		o.Result = charging.Expired
	case s.Mode == "setup":
		o.Result = charging.Succeeded
	default:
		o.Result = charging.Pending
	}
	return o
}

// Hint is what charging learns from an event of this core's, for simulations that deliver events without a wire.
func (e Event) Hint() (charging.Event, error) { return e.hint() }

func (e Event) hint() (charging.Event, error) {
	var o struct {
		ID       string            `json:"id"`
		Payment  string            `json:"payment_intent"`
		Client   string            `json:"client_reference_id"`
		Metadata map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(e.Data.Object, &o); err != nil {
		return charging.Event{}, fmt.Errorf("sandbox: read the event's object: %w", err)
	}
	hint := charging.Event{ID: e.ID, Kind: charging.EventOther, Reference: o.ID, Key: o.Metadata["attempt"]}
	switch {
	case strings.HasPrefix(e.Type, "payment_intent."):
		hint.Kind = charging.EventPayment
	case strings.HasPrefix(e.Type, "checkout.session."):
		hint.Kind, hint.Key = charging.EventPage, o.Client
	case strings.HasPrefix(e.Type, "refund."):
		hint.Kind, hint.Payment = charging.EventRefund, o.Payment
	case strings.HasPrefix(e.Type, "charge.dispute."):
		hint.Kind, hint.Payment = charging.EventDispute, o.Payment
	}
	return hint, nil
}
