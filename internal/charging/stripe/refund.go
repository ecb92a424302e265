package stripe

import (
	"context"
	"fmt"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// Refund gives money back. A refund may still fail after it was answered: an event says so, and Fetch.
func (p *Processor) Refund(ctx context.Context, r charging.RefundRequest) (charging.Outcome, error) {
	amount, err := units(r.Amount)
	if err != nil {
		return charging.Outcome{}, err
	}
	if r.Key == "" || r.Payment == "" {
		return charging.Outcome{}, fmt.Errorf("stripe: a refund needs a key and a payment: %w", charging.ErrRefused)
	}
	var made refund
	params := &sdk.RefundCreateParams{PaymentIntent: &r.Payment, Amount: &amount, Metadata: map[string]string{"attempt": r.Key}}
	if err := p.post(ctx, "/v1/refunds", r.Key+":refund", params, &made); err != nil {
		return charging.Outcome{}, fmt.Errorf("stripe: refund: %w", err)
	}
	return made.outcome()
}

// FindRefund walks the listing of the payment's refunds.
func (p *Processor) FindRefund(ctx context.Context, r charging.RefundRequest) (charging.Outcome, error) {
	return search(ctx, p, "/v1/refunds", &listing{Payment: &r.Payment}, func(one refund) (string, bool, func() (charging.Outcome, error)) {
		return one.ID, one.Metadata["attempt"] == r.Key, one.outcome
	})
}

// listing is the query of a list.
type listing struct {
	sdk.Params `form:"*"`
	Customer   *string               `form:"customer"`
	Payment    *string               `form:"payment_intent"`
	Created    *sdk.RangeQueryParams `form:"created"`
	Limit      *int64                `form:"limit"`
	After      *string               `form:"starting_after"`
}

// pages bounds how far a listing is walked, 100 objects each.
const pages = 20

// search walks a listing, newest first, to the first object that is ours. A listing too long to walk is an error.
func search[T any](ctx context.Context, p *Processor, path string, params *listing, read func(T) (id string, ours bool, outcome func() (charging.Outcome, error))) (charging.Outcome, error) {
	params.Limit = sdk.Int64(100)
	for range pages {
		var got struct {
			sdk.APIResource
			More bool `json:"has_more"`
			Data []T  `json:"data"`
		}
		if err := p.get(ctx, path, params, &got); err != nil {
			return charging.Outcome{}, fmt.Errorf("stripe: list %s: %w", path, err)
		}
		for _, one := range got.Data {
			id, ours, outcome := read(one)
			if ours {
				return outcome()
			}
			params.After = &id
		}
		if !got.More || len(got.Data) == 0 {
			return charging.Outcome{Result: charging.Missing}, nil
		}
	}
	return charging.Outcome{}, fmt.Errorf("stripe: list %s: more than %d pages", path, pages)
}
