package invite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// Letter is a mail about an account, in plain text. The same message gives the same letter, as long as its link works.
type Letter struct {
	Firm, To, Subject, Text string
	Date                    time.Time
}

// Kinds are the outbox's messages that Letter writes.
func Kinds() []string { return []string{firm.KindInvite, KindReset, KindAddress} }

// Letter writes the mail of a message. ok is false when there is nothing to send any more: its link was used, replaced
// or taken back meanwhile, or is over.
func (d *Desk) Letter(ctx context.Context, m outbox.Message) (l Letter, ok bool, err error) {
	link, notice, err := named(m)
	if err != nil {
		return l, false, err
	}
	act := d.House.Begin(firm.System(m.Firm, m.ID), firm.Action{})
	who := firm.ReadPerson(act.Batch, link.Person)
	record := act.Batch.Get(pendingKey(act.Batch.View(), link.Kind, link.Person, link.ID))
	if err := act.Run(ctx); err != nil {
		return l, false, err
	}
	p, change, err := living(link, who, record, act.Now)
	if errors.Is(err, ErrLink) {
		return l, false, nil
	}
	if err != nil {
		return l, false, err
	}
	l = Letter{Firm: act.Firm.Name, To: p.Email, Date: change.Sent}
	address := d.Base + "/welcome/" + d.Tokens.Mail(link)
	switch {
	case link.Kind == ForInvitation:
		l.Date = p.Invited.Sent
		l.invitation(address, p.Invited.Expires.In(p.Location(act.Firm)))
	case link.Kind == ForReset:
		l.reset(address)
	case notice:
		l.To = change.Old
		l.notice()
	default:
		l.To = change.New
		l.confirm(address)
	}
	return l, true, nil
}

// named returns what a message is about.
func named(m outbox.Message) (link token.Mailed, notice bool, err error) {
	if m.Kind == firm.KindInvite {
		var who firm.Invited
		err = json.Unmarshal(m.Payload, &who)
		link = token.Mailed{Kind: ForInvitation, Firm: m.Firm, Person: who.Person, ID: who.Invitation}
	} else {
		var about payload
		err = json.Unmarshal(m.Payload, &about)
		link, notice = token.Mailed{Kind: m.Kind[len("mail."):], Firm: m.Firm, Person: about.Person, ID: about.Link}, about.Notice
	}
	if err != nil || link.Person == "" || link.ID == "" {
		return link, notice, fmt.Errorf("invite: payload of %s cannot be read", m.Kind)
	}
	return link, notice, nil
}

func (l *Letter) invitation(address string, until time.Time) {
	l.Subject = "You are invited to join " + l.Firm
	l.Text = l.Firm + " invites you to its Billing Clerk. Choose your name and your password here:\n\n" + address +
		"\n\nThe link works once, until " + until.Format("January 2, 2006") + ". If you do not know this firm, ignore this mail.\n"
}

func (l *Letter) reset(address string) {
	l.Subject = "Choose a new password"
	l.Text = "Somebody asked for a new password for your account with " + l.Firm + ". Choose it here:\n\n" + address +
		"\n\nThe link works once, for 30 minutes. If it was not you who asked, ignore this mail: nothing has changed.\n"
}

func (l *Letter) confirm(address string) {
	l.Subject = "Confirm your e-mail address"
	l.Text = "This address is to be used to sign in to your account with " + l.Firm + ". Confirm it here:\n\n" + address +
		"\n\nThe link works once, for 24 hours. If you do not know about this, ignore this mail: nothing has changed.\n"
}

func (l *Letter) notice() {
	l.Subject = "Your e-mail address is about to change"
	l.Text = "Somebody asked to use another e-mail address for your account with " + l.Firm +
		". It changes once the new address is confirmed.\n\nIf it was not you, tell an admin of your firm at once.\n"
}
