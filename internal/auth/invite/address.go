package invite

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// AskAddress mails a link to a new address of a person's, and a notice to the old one. Nothing changes until the link
// is used. One's own, or with Manage anybody's; never by voice. It does not tell whether the address signs in to
// another account: the link's page does. Errors: firm.ErrNoPerson, firm.ErrPersonEmail, firm.ErrSameEmail,
// firm.ErrNotJoined; auth.ErrWait when too many were asked for.
func (d *Desk) AskAddress(ctx context.Context, c firm.Caller, person, email string) error {
	email = strings.TrimSpace(email)
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	link := d.House.NewID()
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "address.ask", Input: []string{person, email}})
		who := firm.ReadPerson(act.Batch, person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		if err := act.MayFor(person, firm.Manage); err != nil {
			return err
		}
		p, err := who.Person()
		if err != nil {
			return err
		}
		if _, _, err := who.Move(act.Firm, email); err != nil {
			return err
		}
		switch {
		case !p.Active:
			return firm.ErrNotJoined
		case strings.EqualFold(p.Email, email):
			return firm.ErrSameEmail
		}
		counted, err := d.Auth.Count(ctx, ForAddress, email)
		if err != nil {
			return err
		}
		change := pending{Sent: act.Now.Truncate(time.Second), Old: p.Email, New: email}
		ops := d.mailOps(act.Batch.View(), c.Firm, ForAddress, AddressTime, change, payload{Person: p.ID, Link: link}, payload{Person: p.ID, Link: link, Notice: true})
		entry := firm.Entry{Subject: "person/" + p.ID, Before: p.Email, After: email}
		return act.Commit(ctx, nil, entry, append(append(ops, who.Check()), counted.Ops()...)...)
	})
}

// ConfirmAddress gives the person of a link the address that it was mailed to, for signing in too. Every other link of
// theirs is worthless then: it was mailed to where they no longer are. Errors: ErrLink; auth.ErrTaken.
func (d *Desk) ConfirmAddress(ctx context.Context, text, request string) error {
	link, err := d.Tokens.OpenMail(text)
	if err != nil || link.Kind != ForAddress {
		return ErrLink
	}
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(setup(link.Firm, request), firm.Action{Name: "address.confirm", Input: link})
		who := firm.ReadPerson(act.Batch, link.Person)
		record := act.Batch.Get(pendingKey(act.Batch.View(), link.Kind, link.Person, link.ID))
		addresses, resets := pendings(act.Batch, ForAddress, link.Person), pendings(act.Batch, ForReset, link.Person)
		if err := act.Run(ctx); errors.Is(err, firm.ErrUnlinked) {
			return ErrLink
		} else if err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		p, change, err := living(link, who, record, act.Now)
		if err != nil {
			return err
		}
		moved, op, err := who.Move(act.Firm, change.New)
		if err != nil {
			return err
		}
		ops, err := d.Auth.MoveOps(ctx, act, p.ID, change.New)
		if err != nil {
			return err
		}
		entry := firm.Entry{Subject: "person/" + p.ID, Before: p.Email, After: moved.Email}
		return act.Commit(ctx, nil, entry, append(append([]store.Op{op}, ops...), end(*record, addresses, resets)...)...)
	})
}
