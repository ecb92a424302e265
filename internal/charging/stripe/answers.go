package stripe

import (
	"encoding/json"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// payment is what is read of a PaymentIntent.
type payment struct {
	sdk.APIResource
	ID       string            `json:"id"`
	Amount   int64             `json:"amount"`
	Received int64             `json:"amount_received"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"`
	Error    *refusal          `json:"last_payment_error"`
	Metadata map[string]string `json:"metadata"`
}

func (p payment) outcome() (charging.Outcome, error) {
	if err := has(p.ID); err != nil {
		return charging.Outcome{}, err
	}
	o := charging.Outcome{Reference: p.ID, Key: p.Metadata["attempt"]}
	minor := p.Amount
	switch p.Status {
	case "succeeded":
		o.Result, minor = charging.Succeeded, p.Received
	case "canceled":
		o.Result = charging.Expired
	case "requires_action", "requires_confirmation":
		o.Result = charging.NeedsPayer
	case "requires_payment_method":
		o.Result = charging.NeedsPayer
		if p.Error != nil {
			o.Result, o.Reason = p.Error.result()
		}
	default:
		o.Result = charging.Pending
	}
	amount, err := accounted(minor, p.Currency)
	o.Amount = amount
	return o, err
}

// refund is what is read of a Refund.
type refund struct {
	sdk.APIResource
	ID       string              `json:"id"`
	Amount   int64               `json:"amount"`
	Currency string              `json:"currency"`
	Status   string              `json:"status"`
	Payment  reference[struct{}] `json:"payment_intent"`
	Metadata map[string]string   `json:"metadata"`
}

func (r refund) outcome() (charging.Outcome, error) {
	if err := has(r.ID); err != nil {
		return charging.Outcome{}, err
	}
	o := charging.Outcome{Reference: r.ID, Key: r.Metadata["attempt"], Payment: r.Payment.id()}
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
	amount, err := accounted(r.Amount, r.Currency)
	o.Amount = amount
	return o, err
}

// session is what is read of a Checkout Session.
type session struct {
	sdk.APIResource
	ID        string              `json:"id"`
	URL       string              `json:"url"`
	Status    string              `json:"status"`
	Mode      string              `json:"mode"`
	ExpiresAt int64               `json:"expires_at"`
	Total     int64               `json:"amount_total"`
	Currency  string              `json:"currency"`
	Client    string              `json:"client_reference_id"`
	Customer  reference[struct{}] `json:"customer"`
	Payment   reference[payment]  `json:"payment_intent"`
	Setup     reference[setup]    `json:"setup_intent"`
}

// setup is what is read of a SetupIntent.
type setup struct {
	Status string              `json:"status"`
	Method reference[struct{}] `json:"payment_method"`
}

// outcome reads a page by its payment, once there is one. While a page is open a declined card is not the end: the
// payer may try another.
func (s session) outcome() (charging.Outcome, error) {
	if err := has(s.ID); err != nil {
		return charging.Outcome{}, err
	}
	o := charging.Outcome{Reference: s.ID, Key: s.Client, Payment: s.Payment.id()}
	if s.Payment.Value != nil {
		paid, err := s.Payment.Value.outcome()
		if err != nil {
			return charging.Outcome{}, err
		}
		o.Result, o.Reason, o.Amount = paid.Result, paid.Reason, paid.Amount
	} else if s.Currency != "" {
		amount, err := accounted(s.Total, s.Currency)
		if err != nil {
			return charging.Outcome{}, err
		}
		o.Amount = amount
	}
	if result, ok := s.beyondPayment(o.Result); ok {
		o.Result, o.Reason = result, ""
	}
	return o, nil
}

// beyondPayment is what the page itself says, where that counts for more than its payment.
func (s session) beyondPayment(paid charging.Result) (charging.Result, bool) {
	begun := s.Payment.Value != nil
	switch {
	case s.Status == "open" && (!begun || paid != charging.Succeeded && paid != charging.Pending):
		return charging.NeedsPayer, true
	case s.Status == "expired" && (!begun || s.Payment.Value.Status == "requires_payment_method"):
		return charging.Expired, true
	case begun:
		return "", false
	case s.Mode == "setup":
		return charging.Succeeded, true
	}
	return charging.Pending, true
}

// reference is an id that may come expanded into the object itself.
type reference[T any] struct {
	ID    string
	Value *T // nil unless expanded
}

func (r reference[T]) id() string { return r.ID }

// UnmarshalJSON reads null, an id, or an object with an id.
func (r *reference[T]) UnmarshalJSON(data []byte) error {
	if id, ok := sdk.ParseID(data); ok {
		r.ID = id
		return nil
	}
	var head *struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head == nil {
		return err
	}
	r.ID, r.Value = head.ID, new(T)
	return json.Unmarshal(data, r.Value)
}
