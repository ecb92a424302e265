package effects

import (
	"context"
	"fmt"
	"slices"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/documents"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Invoice returns an invoice's file as it is now: what was sent, unless something changed since. Needs
// firm.SeeRates.
func (o *Office) Invoice(ctx context.Context, c firm.Caller, id string) ([]byte, error) {
	b, err := o.System.Billing.Get(ctx, c, id)
	if err != nil {
		return nil, err
	}
	paid := ""
	for _, r := range b.Receipts {
		if !r.Unapplied {
			paid = r.Attempt
		}
	}
	invoice, err := o.read(ctx, c, b, paid)
	if err != nil {
		return nil, err
	}
	return o.rendered(ctx, invoiceKey(c.Firm, invoice, paid), invoice.Render)
}

// invoiceKey is where an invoice is kept as it looked in a state, after an attempt's payment or before any: what is
// kept is never written again, so each look has a key of its own.
func invoiceKey(firmID string, invoice documents.Invoice, attempt string) string {
	if invoice.Payment == nil {
		attempt = "open"
	}
	b := invoice.Bill
	return fmt.Sprintf("invoices/%s/%s/%s-%s-%d.pdf", firmID, b.ID, attempt, b.State, b.Outstanding().Minor)
}

// payment is what the books say that an attempt paid of the invoice, and with which card.
func (o *Office) payment(ctx context.Context, c firm.Caller, b billing.Bill, attempt string) (*documents.Payment, error) {
	if attempt == "" {
		return nil, nil //nolint:nilnil // no attempt, no payment: an invoice sent to be paid
	}
	i := slices.IndexFunc(b.Receipts, func(r billing.Receipt) bool { return r.Attempt == attempt && !r.Unapplied })
	if i < 0 || b.Receipts[i].Refunded == b.Receipts[i].Amount {
		return nil, nil //nolint:nilnil // the attempt paid nothing of it, or all was given back
	}
	a, err := o.attempt(ctx, c, order{b.ID, attempt})
	if err != nil {
		return nil, err
	}
	kept, err := b.Receipts[i].Amount.Sub(b.Receipts[i].Refunded)
	return &documents.Payment{Amount: kept, At: b.Receipts[i].At, Brand: a.Card.Brand, Last4: a.Card.Last4}, err
}
