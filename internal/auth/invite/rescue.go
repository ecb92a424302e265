package invite

import (
	"context"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Rescue lets somebody in again whom nobody in their firm can help: its only admin, or everybody when the pepper was lost
// and no address is known by it. Their passkeys and second factor go, their sessions end, and the link that is returned
// chooses a new password, once, within ResetTime. It is for whoever runs the installation and holds its keys and its
// records: no page leads here. The firm's audit says that it was done. One link for each firm in which the address is
// that of somebody active. Errors: ErrNobody.
func (d *Desk) Rescue(ctx context.Context, email string) (links []string, err error) {
	firms, err := d.House.Firms(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range firms {
		people, err := d.House.People(ctx, firm.System(id, ""))
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if !p.Active || !strings.EqualFold(p.Email, strings.TrimSpace(email)) {
				continue
			}
			link, err := d.rescue(ctx, firm.System(id, d.House.NewID()), p.ID)
			if err != nil {
				return nil, err
			}
			links = append(links, link)
		}
	}
	if len(links) == 0 {
		return nil, ErrNobody
	}
	return links, nil
}

func (d *Desk) rescue(ctx context.Context, c firm.Caller, person string) (string, error) {
	if err := d.Auth.ClearFactors(ctx, c, person); err != nil {
		return "", err
	}
	link := token.Mailed{Kind: ForReset, Firm: c.Firm, Person: person, ID: d.House.NewID()}
	err := d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "password.rescue", Input: person})
		who := firm.ReadPerson(act.Batch, person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&link.ID); done {
			return err
		}
		if _, err := who.Person(); err != nil {
			return err
		}
		sent := pending{Sent: act.Now.Truncate(time.Second)}
		op := store.CreateOp(pendingKey(act.Batch.View(), ForReset, person, link.ID), sent).Until(sent.Sent.Add(ResetTime))
		return act.Commit(ctx, link.ID, firm.Entry{Subject: "person/" + person}, op, who.Check())
	})
	return d.Base + "/welcome/" + d.Tokens.Mail(link), err
}

// ErrNobody means that there is nobody to be rescued.
var ErrNobody = fault.New(fault.Missing, "rescue.nobody", "Nobody who is active in any firm has that e-mail address.")
