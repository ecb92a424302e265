package charging

import (
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Authorisation is a client's recorded leave to charge a card. A card is charged only under one.
type Authorisation struct {
	Client   string       `json:"client"`
	Customer string       `json:"customer"` // at the processor
	Method   string       `json:"method"`
	Card     Card         `json:"card"`
	Given    time.Time    `json:"given"`
	Text     string       `json:"text"`    // what the payer was shown and agreed to
	Ceiling  money.Amount `json:"ceiling"` // the most one charge may be; zero: no ceiling
	Revoked  time.Time    `json:"revoked,omitzero"`
}

// Authorise records a card and the leave to charge it, in place of an earlier one; the audit keeps both. Given is
// now when it is zero. Needs Manage, or is the payer's own, from the page where the card was saved.
// Errors: fault.Invalid for one that names no client, card or text.
func (d *Charges) Authorise(ctx context.Context, c firm.Caller, a Authorisation) (err error) {
	defer fault.Wrap(&err, "charging: authorise")
	if !part(a.Client) || a.Customer == "" || a.Method == "" || a.Text == "" || a.Ceiling.Minor < 0 {
		return ErrAuthorisation
	}
	return d.changeAuthorisation(ctx, c, firm.Action{Name: "card.authorise", Input: a}, a.Client,
		func(act *firm.Act, _ Authorisation) (Authorisation, error) {
			if a.Given.IsZero() {
				a.Given = act.Now
			}
			return a, nil
		})
}

// Revoke ends the leave to charge a client's card. What was sent before is not undone. Needs Manage, or is the
// payer's own. Errors: ErrNoCard.
func (d *Charges) Revoke(ctx context.Context, c firm.Caller, client string) (err error) {
	defer fault.Wrap(&err, "charging: revoke")
	if !part(client) {
		return ErrNoCard
	}
	return d.changeAuthorisation(ctx, c, firm.Action{Name: "card.revoke", Input: client}, client,
		func(act *firm.Act, was Authorisation) (Authorisation, error) {
			if was.Method == "" {
				return was, ErrNoCard
			}
			if was.Revoked.IsZero() {
				was.Revoked = act.Now
			}
			return was, nil
		})
}

// ReadAuthorisation returns a client's authorisation, also one that was revoked. One trip. Needs See.
// Errors: ErrNoCard.
func (d *Charges) ReadAuthorisation(ctx context.Context, c firm.Caller, client string) (a Authorisation, err error) {
	defer fault.Wrap(&err, "charging: authorisation")
	if !part(client) {
		return a, ErrNoCard
	}
	act := d.House.Begin(c, firm.Action{})
	record, of := act.Batch.Get(authorisationKey(act.Batch.View(), client)), d.Directory.ReadClient(act, client)
	if err := act.Run(ctx); err != nil {
		return a, err
	}
	if err := act.May(firm.See); err != nil {
		return a, err
	}
	if _, err := of.Get(); err != nil || !record.Exists() {
		return a, noCard(err)
	}
	return decodeAuthorisation(*record)
}

func (d *Charges) changeAuthorisation(ctx context.Context, c firm.Caller, action firm.Action, client string,
	change func(*firm.Act, Authorisation) (Authorisation, error)) error {
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, action)
		record, of := act.Batch.Get(authorisationKey(act.Batch.View(), client)), d.Directory.ReadClient(act, client)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		if err := act.May(firm.Manage); err != nil && c.Channel != firm.ByPayer {
			return err
		}
		if _, err := of.Get(); err != nil {
			return noCard(err)
		}
		was, err := decodeAuthorisation(*record)
		if err != nil {
			return err
		}
		now, err := change(act, was)
		if err != nil {
			return err
		}
		entry := firm.Entry{Subject: "authorisation/" + client, Before: was, After: now}
		return act.Commit(ctx, nil, entry, store.PutOp(*record, now))
	})
}

// noCard says of a client that is not there, or does not exist for the caller, what is said of one without a card.
func noCard(err error) error {
	if err == nil || errors.Is(err, clients.ErrNone) {
		return ErrNoCard
	}
	return err
}

func decodeAuthorisation(r store.Record) (a Authorisation, err error) {
	err = store.Decode(r, &a)
	return a, err
}
