// Package invite is what people do by a link in a mail: join a firm, choose a new password, confirm another e-mail
// address; and opening a firm, which begins with such a link or with the secret that a new installation printed.
//
// A link is a signed token that names a record; the record says whether it still works. A mail leaves through the
// outbox, whose message holds the same ids, and its link is made when it is written: nothing secret is stored.
package invite

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Desk makes and honours the links.
type Desk struct {
	House  *firm.House
	Auth   *auth.Desk
	Tokens *token.Signer
	Base   string // the address of the site, without a slash at its end
}

// What a link is for.
const (
	ForInvitation = "invite"
	ForReset      = "reset"
	ForAddress    = "address"
)

// The outbox's messages, beside firm.KindInvite.
const (
	KindReset   = "mail.reset"
	KindAddress = "mail.address"
)

// How long a link works, besides firm.InviteTime.
const (
	ResetTime   = 30 * time.Minute
	AddressTime = 24 * time.Hour
)

// pending is the record of a link that was mailed. An invitation has none: the person is its record.
type pending struct {
	Sent time.Time `json:"sent"`
	Old  string    `json:"old,omitempty"` // of a change of address
	New  string    `json:"new,omitempty"`
}

// payload is what a message holds: ids.
type payload struct {
	Person string `json:"person"`
	Link   string `json:"link"`
	Notice bool   `json:"notice,omitempty"` // to the old address, without a link
}

func pendingKey(v store.View, kind, person, id string) store.Key {
	return v.Key(id, kind+"-links", person)
}

// pendings reads every living link of a kind of a person's. There are no more than mails can be asked for.
func pendings(b *store.Batch, kind, person string) *store.Page {
	return b.Query(store.Query{Partition: b.View().Partition(kind+"-links", person), Limit: 50})
}

// end returns the operations that use a link up and make the others worthless. The one that is used is named for itself:
// the list is another read, and may be later than somebody else's use of it.
func end(used store.Record, others ...*store.Page) []store.Op {
	ops := []store.Op{store.DeleteOp(used)}
	for _, p := range others {
		for _, r := range p.Records {
			if r.Key != used.Key {
				ops = append(ops, store.DeleteOp(r))
			}
		}
	}
	return ops
}

// mailOps returns the operations that make a link's record and the messages about it.
func (d *Desk) mailOps(v store.View, firmID, kind string, until time.Duration, p pending, messages ...payload) []store.Op {
	ops := []store.Op{store.CreateOp(pendingKey(v, kind, messages[0].Person, messages[0].Link), p).Until(p.Sent.Add(until))}
	for _, m := range messages {
		ops = append(ops, outbox.New(v, outbox.Message{ID: d.House.NewID(), Firm: firmID, Kind: "mail." + kind, Payload: encoded(m), Due: p.Sent})...)
	}
	return ops
}

func encoded(m payload) json.RawMessage {
	b, err := json.Marshal(m)
	if err != nil {
		panic("invite: ids must encode: " + err.Error())
	}
	return b
}

// setup is the caller that a link's holder is: nobody of the firm, and let in by what the link names.
func setup(firmID, request string) firm.Caller {
	return firm.Caller{Firm: firmID, Channel: firm.BySetup, Request: request}
}

// Welcome is what the page of a link shows.
type Welcome struct {
	For   string // ForInvitation, ForReset, ForAddress
	Firm  string
	Name  string // as it is known so far
	Email string // the person's; of a change, the new one
}

// View reads what a link is for. It changes nothing: mail scanners open links. Errors: ErrLink.
func (d *Desk) View(ctx context.Context, text string) (Welcome, error) {
	link, err := d.Tokens.OpenMail(text)
	if err != nil {
		return Welcome{}, ErrLink.Because(err)
	}
	act := d.House.Begin(setup(link.Firm, ""), firm.Action{})
	who := firm.ReadPerson(act.Batch, link.Person)
	record := act.Batch.Get(pendingKey(act.Batch.View(), link.Kind, link.Person, link.ID))
	if err := act.Run(ctx); errors.Is(err, firm.ErrUnlinked) {
		return Welcome{}, ErrLink
	} else if err != nil {
		return Welcome{}, err
	}
	p, change, err := living(link, who, record, act.Now)
	if err != nil {
		return Welcome{}, err
	}
	w := Welcome{For: link.Kind, Firm: act.Firm.Name, Name: p.Name, Email: p.Email}
	if link.Kind == ForAddress {
		w.Email = change.New
	}
	return w, nil
}

// living returns the person of a link that still works, and its record. Errors: ErrLink.
func living(link token.Mailed, who *firm.PersonRead, record *store.Record, now time.Time) (p firm.Person, change pending, err error) {
	if link.Kind == ForInvitation {
		p, err = who.Invited(link.ID, now)
		if errors.Is(err, firm.ErrInvitation) {
			err = ErrLink
		}
		return p, change, err
	}
	p, err = who.Person()
	switch {
	case errors.Is(err, firm.ErrNoPerson), err == nil && (!record.Exists() || !p.Active):
		return p, change, ErrLink
	case err != nil:
		return p, change, err
	}
	return p, change, store.Decode(*record, &change)
}

// Accept makes an invited person active under a name and a password of theirs, in one commit, and returns their
// address: they may sign in now. Errors: ErrLink, firm.ErrPersonName, auth.ErrPassword, ErrCommon, ErrOwn, ErrTaken, ErrBusy.
func (d *Desk) Accept(ctx context.Context, text, request, name, password string) (email string, err error) {
	w, err := d.View(ctx, text)
	if err != nil {
		return "", err
	}
	link, err := d.Tokens.OpenMail(text)
	if err != nil || w.For != ForInvitation {
		return "", ErrLink
	}
	p, err := d.join(ctx, setup(link.Firm, request), firm.Invited{Person: link.Person, Invitation: link.ID}, name, password, w.Email, w.Firm)
	return p.Email, err
}

// join accepts an invitation with a password. own are words that the password must not be made of.
func (d *Desk) join(ctx context.Context, c firm.Caller, who firm.Invited, name, password string, own ...string) (firm.Person, error) {
	hash, err := d.Auth.Hash(ctx, password, append(own, name)...)
	if err != nil {
		return firm.Person{}, err
	}
	p, err := d.House.Accept(ctx, who, c, name, func(ctx context.Context, j firm.Joining) ([]store.Op, error) {
		return d.Auth.PasswordOps(ctx, j.Act, j.Person.ID, j.Person.Email, hash)
	})
	if errors.Is(err, firm.ErrInvitation) {
		err = ErrLink
	}
	return p, err
}

// ErrLink means that a link does not work: it was used, replaced or taken back, is over, or never was one of ours.
var ErrLink = fault.New(fault.State, "link.over", "That link does not work any more: it may have been used already, or be too old. Ask for a new one.")
