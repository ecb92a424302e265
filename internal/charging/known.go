package charging

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// Known returns those of a firm's messages that the caller may know of: not those about a matter that they are screened
// from. One trip for who is screened from nothing. Needs See.
func (d *Charges) Known(ctx context.Context, c firm.Caller, messages []outbox.Message) (known []outbox.Message, err error) {
	defer fault.Wrap(&err, "charging: messages")
	act := d.House.Begin(c, firm.Action{})
	screens := clients.ReadScreens(act)
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(firm.See); err != nil {
		return nil, err
	}
	if any, err := screens.Any(); err != nil || !any {
		return messages, err
	}
	for _, m := range messages {
		hide, err := d.hidden(ctx, c, m)
		if err != nil {
			return nil, err
		}
		if !hide {
			known = append(known, m)
		}
	}
	return known, nil
}

// hidden reports whether a message is about an attempt or an invoice that does not exist for the caller.
func (d *Charges) hidden(ctx context.Context, c firm.Caller, m outbox.Message) (bool, error) {
	if m.Kind != KindResume && m.Kind != KindMail {
		return false, nil
	}
	var about struct{ Attempt, Invoice string }
	if err := json.Unmarshal(m.Payload, &about); err != nil {
		return false, err
	}
	var err error
	if about.Attempt != "" {
		_, err = d.given(ctx, c, about.Attempt, firm.See)
	} else {
		_, err = d.Billing.Get(ctx, c, about.Invoice)
	}
	if errors.Is(err, ErrNoAttempt) || errors.Is(err, billing.ErrNoBill) {
		return true, nil
	}
	return false, err
}
