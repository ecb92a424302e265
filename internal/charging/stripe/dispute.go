package stripe

import (
	"context"
	"fmt"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// FetchDispute reads a dispute (du_, dp_).
func (p *Processor) FetchDispute(ctx context.Context, reference string) (charging.Dispute, error) {
	var d dispute
	if err := p.get(ctx, sdk.FormatURLPath("/v1/disputes/%s", reference), &sdk.Params{}, &d); err != nil {
		return charging.Dispute{}, fmt.Errorf("stripe: read %s: %w", reference, err)
	}
	return d.read()
}

// dispute is what is read of a Dispute.
type dispute struct {
	sdk.APIResource
	ID       string              `json:"id"`
	Amount   int64               `json:"amount"`
	Currency string              `json:"currency"`
	Status   string              `json:"status"`
	Payment  reference[struct{}] `json:"payment_intent"`
	Moves    []move              `json:"balance_transactions"`
}

// move is money withdrawn from or reinstated to the account because of a dispute; Fee is what is kept for it.
type move struct {
	Amount int64 `json:"amount"`
	Fee    int64 `json:"fee"`
}

// read tells a dispute by what moved. One that needs a response and of which nothing was withdrawn yet is still as good
// as an inquiry: another event comes with the money.
func (d dispute) read() (charging.Dispute, error) {
	if err := has(d.ID); err != nil {
		return charging.Dispute{}, err
	}
	taken, fee := int64(0), int64(0)
	for _, m := range d.Moves {
		taken += max(0, -m.Amount)
		fee += m.Fee
	}
	status := charging.DisputeInquiry
	switch {
	case d.Status == "won", d.Status == "warning_closed":
		status = charging.DisputeWon
	case d.Status == "lost":
		status = charging.DisputeLost
	case taken > 0 && !strings.HasPrefix(d.Status, "warning_"):
		status = charging.DisputeWithdrawn
	}
	out := charging.Dispute{Reference: d.ID, Payment: d.Payment.id(), Status: status}
	if taken == 0 && status == charging.DisputeLost {
		taken = d.Amount
	}
	var err error
	if out.Amount, err = accounted(taken, d.Currency); err != nil {
		return out, err
	}
	out.Fee, err = accounted(fee, d.Currency)
	return out, err
}
