package auth

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Link makes a link for a person's assistant and returns the caller it proves, by voice and without a request id.
// Only the person may, or the system when a demo is set up. A repeated request returns the same link.
// Errors: firm.ErrForbidden, firm.ErrNoPerson.
func (d *Desk) Link(ctx context.Context, c firm.Caller, person string) (link firm.Caller, err error) {
	id := d.House.NewID()
	err = d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "link", Input: person})
		who := firm.ReadPerson(act.Batch, person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&link); done {
			return err
		}
		if c.Channel == firm.ByVoice || c.Channel == firm.ByPayer || c.Person != "" && c.Person != person {
			return firm.ErrForbidden
		}
		if _, err := who.Person(); err != nil {
			return err
		}
		link = firm.Caller{Firm: c.Firm, Person: person, Grant: id, Channel: firm.ByVoice}
		grant := firm.Grant{ID: id, Person: person, Kind: firm.LinkGrant, Created: act.Now}
		op := firm.NewGrant(act.Batch.View(), grant)
		return act.Commit(ctx, link, firm.Entry{Subject: "grant/" + id, After: grant}, op)
	})
	if err != nil {
		return firm.Caller{}, err
	}
	return link, nil
}

// Unlink ends a link or a session: one's own, or with Manage anybody's. Errors: firm.ErrNoGrant.
func (d *Desk) Unlink(ctx context.Context, c firm.Caller, person, grant string) error {
	return d.House.RevokeGrant(ctx, c, person, grant)
}
