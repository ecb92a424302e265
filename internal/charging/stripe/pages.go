package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// product is what the payer reads beside the amount. It tells nothing of the invoice.
const product = "Invoice payment"

// SavePage opens a Checkout page that saves a card. r.Expires, if set, is from 30 minutes to 24 hours from now.
func (p *Processor) SavePage(ctx context.Context, r charging.PageRequest) (charging.Page, error) {
	if r.Customer == "" {
		return charging.Page{}, fmt.Errorf("stripe: a saved card needs a customer: %w", charging.ErrRefused)
	}
	return p.page(ctx, r, &sdk.CheckoutSessionCreateParams{Mode: sdk.String("setup")})
}

// PayPage opens a Checkout page on which an amount is paid. r.Expires is as for SavePage.
func (p *Processor) PayPage(ctx context.Context, r charging.PageRequest) (charging.Page, error) {
	amount, err := units(r.Amount)
	if err != nil {
		return charging.Page{}, err
	}
	return p.page(ctx, r, &sdk.CheckoutSessionCreateParams{
		Mode: sdk.String("payment"),
		LineItems: []*sdk.CheckoutSessionCreateLineItemParams{{
			Quantity: sdk.Int64(1),
			PriceData: &sdk.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: sdk.String(strings.ToLower(r.Amount.Currency)), UnitAmount: &amount,
				ProductData: &sdk.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: sdk.String(product)},
			},
		}},
		PaymentIntentData: &sdk.CheckoutSessionCreatePaymentIntentDataParams{Metadata: map[string]string{"attempt": r.Key}},
	})
}

func (p *Processor) page(ctx context.Context, r charging.PageRequest, params *sdk.CheckoutSessionCreateParams) (charging.Page, error) {
	params.ClientReferenceID, params.PaymentMethodTypes = &r.Key, card()
	params.SuccessURL, params.CancelURL = &r.Return, &r.Return
	if r.Customer != "" {
		params.Customer = &r.Customer
	}
	if !r.Expires.IsZero() {
		params.ExpiresAt = sdk.Int64(r.Expires.Unix())
	}
	var made session
	if err := p.post(ctx, "/v1/checkout/sessions", r.Key+":page", params, &made); err != nil {
		return charging.Page{}, fmt.Errorf("stripe: open a page: %w", err)
	}
	return charging.Page{Reference: made.ID, URL: made.URL, Expires: time.Unix(made.ExpiresAt, 0).UTC()}, has(made.ID)
}

// Saved tells which card a save page led to. A page of the other kind, or one not finished, led to none.
func (p *Processor) Saved(ctx context.Context, page string) (charging.Method, error) {
	var s session
	if err := p.get(ctx, sdk.FormatURLPath("/v1/checkout/sessions/%s", page), expanded(), &s); err != nil {
		return charging.Method{}, fmt.Errorf("stripe: read a page: %w", err)
	}
	method := charging.Method{Customer: s.Customer.id()}
	if s.Status == "complete" && s.Setup.Value != nil && s.Setup.Value.Status == "succeeded" {
		method.ID = s.Setup.Value.Method.id()
	}
	return method, nil
}

func card() []*string { return []*string{sdk.String("card")} }

// expanded asks for a session together with what it led to.
func expanded() *sdk.CheckoutSessionRetrieveParams {
	p := &sdk.CheckoutSessionRetrieveParams{}
	p.AddExpand("payment_intent")
	p.AddExpand("setup_intent")
	return p
}
