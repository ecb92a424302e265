package invite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// AskReset mails a link to choose a new password, if the address signs in to an account of an active person. It answers
// the same, after as many trips, whether or not it does; and the same when it was asked too often, which mails nothing.
// Errors: auth.ErrPlace when too many were asked for from where the request comes from, for whatever addresses.
func (d *Desk) AskReset(ctx context.Context, email string) error {
	request := d.House.NewID()
	err := d.House.Retry(ctx, func() error {
		counted, err := d.Auth.Count(ctx, ForReset, email)
		if err != nil {
			return err
		}
		if counted.Firm == "" {
			return d.askNothing(ctx, counted)
		}
		return d.askReset(ctx, counted, request)
	})
	if errors.Is(err, auth.ErrWait) {
		return nil
	}
	return err
}

// askNothing does for nobody's address what is done for somebody's: a trip to read, and one to write as much.
func (d *Desk) askNothing(ctx context.Context, counted auth.Counted) error {
	v := store.System(d.House.Store, store.SignIn)
	decoy := v.Key("asked", "nobody", d.House.NewID())
	if _, err := v.Get(ctx, decoy); err != nil {
		return err
	}
	return v.Commit(ctx, append(counted.Ops(), store.CreateOp(decoy, pending{Sent: d.House.Now()}).Until(d.House.Now().Add(time.Minute)))...)
}

func (d *Desk) askReset(ctx context.Context, counted auth.Counted, request string) error {
	act := d.House.Begin(setup(counted.Firm, request), firm.Action{Name: "password.ask"})
	who := firm.ReadPerson(act.Batch, counted.Person)
	if err := act.Run(ctx); err != nil {
		return err
	}
	if done, err := act.Done(nil); done {
		return err
	}
	p, err := who.Person()
	if err != nil {
		return err
	}
	entry := firm.Entry{Subject: "person/" + p.ID}
	if !p.Active {
		return act.Commit(ctx, nil, entry, counted.Ops()...)
	}
	change := pending{Sent: act.Now.Truncate(time.Second)}
	ops := d.mailOps(act.Batch.View(), counted.Firm, ForReset, ResetTime, change, payload{Person: p.ID, Link: d.House.NewID()})
	return act.Commit(ctx, nil, entry, append(ops, counted.Ops()...)...)
}

// Reset sets the password of the person of a link, ends their sessions, and makes every other such link of theirs
// worthless. It signs nobody in: who has a second factor is still asked for it. Errors: ErrLink; those of auth.Desk.Hash.
func (d *Desk) Reset(ctx context.Context, text, request, password string) error {
	w, err := d.View(ctx, text)
	if err != nil {
		return err
	}
	link, err := d.Tokens.OpenMail(text)
	if err != nil || w.For != ForReset {
		return ErrLink
	}
	hash, err := d.Auth.Hash(ctx, password, w.Email, w.Name, w.Firm)
	if err != nil {
		return err
	}
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(setup(link.Firm, request), firm.Action{Name: "password.reset", Input: link})
		who := firm.ReadPerson(act.Batch, link.Person)
		record := act.Batch.Get(pendingKey(act.Batch.View(), link.Kind, link.Person, link.ID))
		all, grants := pendings(act.Batch, ForReset, link.Person), firm.ReadGrants(act.Batch, link.Person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		p, _, err := living(link, who, record, act.Now)
		if err != nil {
			return err
		}
		ops, err := d.Auth.PasswordOps(ctx, act, p.ID, p.Email, hash)
		if err != nil {
			return err
		}
		ended, err := who.EndSessions(act, grants)
		if err != nil {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + p.ID}, slices.Concat(ops, end(*record, all), ended)...)
	})
}
