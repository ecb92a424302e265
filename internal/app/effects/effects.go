// Package effects joins the modules that an outbox message needs: it finishes charges, renders documents, keeps
// them, and sends them. The worker on AWS and the local server run the same handlers.
package effects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/documents"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// Office renders, keeps and sends a firm's documents.
type Office struct {
	System  *app.System
	Blobs   blob.Store
	Carrier mail.Carrier
	From    string // the sending address
	// PayLink returns the address under which an invoice can be paid.
	PayLink func(firmID, invoice string) string
	// Accounts writes the mails about accounts; nil where none are sent.
	Accounts *invite.Desk
}

// Post is the outbox with every handler.
func (o *Office) Post(jitter func() float64) *outbox.Post {
	return &outbox.Post{
		Store: o.System.House.Store, Now: o.System.House.Now, Jitter: jitter,
		Handlers: o.handlers(),
		Failed:   o.failed,
	}
}

func (o *Office) handlers() map[string]outbox.Handler {
	all := map[string]outbox.Handler{charging.KindResume: o.System.Charges.Deliver, charging.KindMail: o.send,
		billing.KindAddAll: o.System.Billing.Deliver}
	for _, kind := range invite.Kinds() {
		all[kind] = o.account
	}
	return all
}

// failed logs a delivery that did not work: ids and the error's own words, which hold no content.
func (o *Office) failed(ctx context.Context, m outbox.Message, err error) {
	o.System.Log.LogAttrs(ctx, slog.LevelWarn, "outbox", slog.String("firm", m.Firm), slog.String("message", m.ID),
		slog.String("kind", m.Kind), slog.Int("attempts", m.Attempts), slog.String("fault", fault.KindOf(err).String()), slog.String("error", err.Error()))
}

// order is the payload of an invoice to be mailed.
type order struct {
	Invoice string `json:"invoice"`
	Attempt string `json:"attempt,omitempty"`
}

// send is the handler of charging.KindMail. What is sent is rendered once and kept, so that sending again sends the
// same bytes under the same Message-ID. A letter that says "paid" is true when it goes out: while a refund of that payment
// is under way it waits, and when all of it has been given back, or is in dispute, it is not sent. Nobody is asked by it to pay
// again; what is owed then is for a person to say.
func (o *Office) send(ctx context.Context, m outbox.Message) error {
	var ask order
	if err := json.Unmarshal(m.Payload, &ask); err != nil {
		return fmt.Errorf("effects: payload: %w", err)
	}
	switch a, err := o.attempt(ctx, firm.System(m.Firm, m.ID), ask); {
	case err != nil:
		return err
	case a.State == charging.Refunding:
		return outbox.Again{At: o.System.House.Now().Add(untilRefunded)}
	case a.State == charging.Refunded, a.State == charging.Disputed:
		return nil
	}
	letter, err := o.letter(ctx, m, ask)
	if err != nil {
		return err
	}
	return o.Carrier.Carry(ctx, letter)
}

// untilRefunded is how long a letter waits for a refund that is under way.
const untilRefunded = 10 * time.Minute

// attempt reads the attempt whose payment a letter tells of; none for an invoice that is sent to be paid.
func (o *Office) attempt(ctx context.Context, c firm.Caller, ask order) (a charging.Attempt, err error) {
	if ask.Attempt == "" {
		return a, nil
	}
	attempts, err := o.System.Charges.Attempts(ctx, c, ask.Invoice)
	if i := slices.IndexFunc(attempts, func(a charging.Attempt) bool { return a.ID == ask.Attempt }); i >= 0 {
		a = attempts[i]
	}
	return a, err
}

func (o *Office) letter(ctx context.Context, m outbox.Message, ask order) (mail.Letter, error) {
	c := firm.System(m.Firm, m.ID)
	b, err := o.System.Billing.Get(ctx, c, ask.Invoice)
	if err != nil {
		return mail.Letter{}, err
	}
	invoice, err := o.read(ctx, c, b, ask.Attempt)
	if err != nil {
		return mail.Letter{}, err
	}
	from, to, err := addresses(o.From, invoice.Bill.Recipient.Email)
	if err != nil {
		return mail.Letter{}, err
	}
	letter := mail.Letter{ID: m.ID, From: from, To: to}
	key := "letters/" + m.Firm + "/" + m.ID + ".eml"
	letter.Raw, err = o.Blobs.Get(ctx, key)
	if !errors.Is(err, blob.ErrAbsent) {
		return letter, err
	}
	if letter, err = o.compose(ctx, m, invoice, ask.Attempt); err != nil {
		return mail.Letter{}, err
	}
	return letter, o.Blobs.Put(ctx, key, letter.Raw)
}

func addresses(sender, recipient string) (from, to string, err error) {
	if from, err = mail.Address(sender); err != nil {
		return "", "", fmt.Errorf("effects: sender: %w", err)
	}
	if to, err = mail.Address(recipient); err != nil {
		return "", "", fmt.Errorf("effects: recipient: %w", err)
	}
	return from, to, nil
}

func (o *Office) compose(ctx context.Context, m outbox.Message, invoice documents.Invoice, attempt string) (mail.Letter, error) {
	files, err := o.files(ctx, m.Firm, invoice, attempt)
	if err != nil {
		return mail.Letter{}, err
	}
	return mail.Render(mail.Message{
		ID: m.ID, From: o.From, FromName: invoice.Firm.Name, ReplyTo: invoice.Firm.Contact, To: invoice.Bill.Recipient.Email,
		Subject: invoice.Subject(), Text: invoice.Text(), Date: o.System.House.Now().Truncate(time.Second), Attachments: files,
	})
}

// files renders the invoice, and the receipt when a payment came with it.
func (o *Office) files(ctx context.Context, firmID string, invoice documents.Invoice, attempt string) ([]mail.Attachment, error) {
	content, err := o.rendered(ctx, invoiceKey(firmID, invoice, attempt), invoice.Render)
	if err != nil {
		return nil, err
	}
	files := []mail.Attachment{{Name: "invoice-" + invoice.Bill.Number + ".pdf", Type: "application/pdf", Content: content}}
	if invoice.Payment == nil {
		return files, nil
	}
	receipt, err := o.rendered(ctx, "receipts/"+firmID+"/"+attempt+".pdf", invoice.Receipt)
	if err != nil {
		return nil, err
	}
	return append(files, mail.Attachment{Name: "receipt-" + invoice.Bill.Number + ".pdf", Type: "application/pdf", Content: receipt}), nil
}

// rendered returns what is kept under key, or renders and keeps it.
func (o *Office) rendered(ctx context.Context, key string, render func() ([]byte, error)) ([]byte, error) {
	content, err := o.Blobs.Get(ctx, key)
	if !errors.Is(err, blob.ErrAbsent) {
		return content, err
	}
	if content, err = render(); err != nil {
		return nil, err
	}
	return content, o.Blobs.Put(ctx, key, content)
}

// read reads an invoice with the payment that an attempt made.
func (o *Office) read(ctx context.Context, c firm.Caller, b billing.Bill, attempt string) (documents.Invoice, error) {
	payment, err := o.payment(ctx, c, b, attempt)
	if err != nil {
		return documents.Invoice{}, err
	}
	source := documents.Source{House: o.System.House, Billing: o.System.Billing}
	return source.Build(ctx, c, b.ID, o.PayLink(c.Firm, b.ID), payment)
}
