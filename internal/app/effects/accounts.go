package effects

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// account is the handler of the mails about accounts. Nothing of them is kept, since they hold a link: the same message
// makes the same mail again. One whose link is over is not sent.
func (o *Office) account(ctx context.Context, m outbox.Message) error {
	if o.Accounts == nil {
		return errors.New("effects: mails about accounts are not set up")
	}
	l, ok, err := o.Accounts.Letter(ctx, m)
	if err != nil || !ok {
		return err
	}
	from, to, err := addresses(o.From, l.To)
	if err != nil {
		return err
	}
	letter, err := mail.Render(mail.Message{ID: m.ID, From: from, FromName: l.Firm, To: to, Subject: l.Subject, Text: l.Text, Date: l.Date})
	if err != nil {
		return err
	}
	return o.Carrier.Carry(ctx, letter)
}
