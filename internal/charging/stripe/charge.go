package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// Charge takes money from a saved card without its holder: PaymentIntents, off-session, confirmed in one call.
func (p *Processor) Charge(ctx context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	amount, err := units(r.Amount)
	if err != nil {
		return charging.Outcome{}, err
	}
	if r.Key == "" || r.Customer == "" || r.Method == "" {
		return charging.Outcome{}, fmt.Errorf("stripe: a charge needs a key, a customer and a method: %w", charging.ErrRefused)
	}
	var made payment
	err = p.post(ctx, "/v1/payment_intents", r.Key, &sdk.PaymentIntentCreateParams{
		Amount: &amount, Currency: sdk.String(strings.ToLower(r.Amount.Currency)),
		Customer: &r.Customer, PaymentMethod: &r.Method, PaymentMethodTypes: card(),
		Confirm: sdk.Bool(true), OffSession: sdk.Bool(true),
		Metadata: map[string]string{"attempt": r.Key},
	}, &made)
	if o, ok := declined(err, r); ok {
		return o, nil
	}
	if err != nil {
		return charging.Outcome{}, fmt.Errorf("stripe: charge: %w", err)
	}
	return made.outcome()
}

// margin is how far our clock may be ahead of Stripe's.
const margin = 10 * time.Minute

// Find walks the listing of the customer's payments since the attempt was made. Stripe's search is never used: it
// lags by up to an hour.
func (p *Processor) Find(ctx context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	params := &listing{Created: &sdk.RangeQueryParams{GreaterThanOrEqual: r.Created.Add(-margin).Unix()}}
	if r.Customer != "" {
		params.Customer = &r.Customer
	}
	return search(ctx, p, "/v1/payment_intents", params, func(one payment) (string, bool, func() (charging.Outcome, error)) {
		return one.ID, one.Metadata["attempt"] == r.Key, one.outcome
	})
}

// Fetch reads a payment (pi_), a page (cs_) or a refund (re_).
func (p *Processor) Fetch(ctx context.Context, reference string) (o charging.Outcome, err error) {
	switch kind, _, _ := strings.Cut(reference, "_"); kind {
	case "pi":
		o, err = fetch(ctx, p, sdk.FormatURLPath("/v1/payment_intents/%s", reference), &payment{}, &sdk.Params{})
	case "re":
		o, err = fetch(ctx, p, sdk.FormatURLPath("/v1/refunds/%s", reference), &refund{}, &sdk.Params{})
	case "cs":
		o, err = fetch(ctx, p, sdk.FormatURLPath("/v1/checkout/sessions/%s", reference), &session{}, expanded())
	default:
		return o, fmt.Errorf("stripe: not a reference of a payment, page or refund: %w", charging.ErrRefused)
	}
	if gone(err) {
		return charging.Outcome{Result: charging.Missing}, nil
	}
	if err != nil {
		return charging.Outcome{}, fmt.Errorf("stripe: read %s: %w", reference, err)
	}
	return o, nil
}

// readable is an answer that says how something stands.
type readable interface {
	sdk.LastResponseSetter
	outcome() (charging.Outcome, error)
}

func fetch(ctx context.Context, p *Processor, path string, into readable, params sdk.ParamsContainer) (charging.Outcome, error) {
	if err := p.get(ctx, path, params, into); err != nil {
		return charging.Outcome{}, err
	}
	return into.outcome()
}

// Expire cancels what still waits for the payer, and then reads what it has become: it may have been too late.
func (p *Processor) Expire(ctx context.Context, reference string) (charging.Outcome, error) {
	if err := p.end(ctx, reference); err != nil {
		return charging.Outcome{}, err
	}
	o, err := p.Fetch(ctx, reference)
	if err != nil || o.Result != charging.NeedsPayer || o.Payment == "" {
		return o, err
	}
	// The page is closed, but the payment that it began still waits for the payer's bank.
	if err := p.end(ctx, o.Payment); err != nil {
		return charging.Outcome{}, err
	}
	return p.Fetch(ctx, reference)
}

// end asks for the end of a payment or a page. That it cannot be ended any more is no error: what it is, is read next.
// The library makes a fresh key for each call, since a stored answer would tell of an earlier state.
func (p *Processor) end(ctx context.Context, reference string) error {
	var ended struct{ sdk.APIResource }
	var params sdk.ParamsContainer = &sdk.PaymentIntentCancelParams{}
	path := sdk.FormatURLPath("/v1/payment_intents/%s/cancel", reference)
	if strings.HasPrefix(reference, "cs_") {
		params, path = &sdk.CheckoutSessionExpireParams{}, sdk.FormatURLPath("/v1/checkout/sessions/%s/expire", reference)
	}
	err := p.post(ctx, path, "", params, &ended)
	if err != nil && !refusedState(err) {
		return fmt.Errorf("stripe: end %s: %w", reference, err)
	}
	return nil
}
