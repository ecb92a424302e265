package firm

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

// InviteTime is how long an invitation's link is worth something.
const InviteTime = 7 * 24 * time.Hour

// KindInvite is the outbox message that mails an invitation; its payload is an Invited.
const KindInvite = "mail.invite"

// Invited names an invitation: in a message's payload, and in what a link stands for.
type Invited struct {
	Person     string `json:"person"`
	Invitation string `json:"invitation"`
}

// State is where a person is on their way through the firm.
type State string

// States of people.
const (
	StateActive      State = "active"
	StateInvited     State = "invited"
	StateExpired     State = "expired" // invited, and the link is worth nothing any more
	StateDeactivated State = "deactivated"
)

// State returns the person's state at an instant.
func (p Person) State(now time.Time) State {
	switch {
	case p.Active:
		return StateActive
	case p.Invited.ID == "":
		return StateDeactivated
	case now.Before(p.Invited.Expires):
		return StateInvited
	}
	return StateExpired
}

// invite gives a person a new invitation, which makes every earlier one worthless, and returns the message that mails
// it.
func (h *House) invite(v store.View, c Caller, p *Person, now time.Time) []store.Op {
	p.Invited = Invitation{ID: h.NewID(), By: c.Person, Sent: now.Truncate(time.Second), Expires: now.Add(InviteTime)}
	payload, err := json.Marshal(Invited{p.ID, p.Invited.ID})
	if err != nil {
		panic("firm: two ids must encode: " + err.Error())
	}
	return outbox.New(v, outbox.Message{ID: h.NewID(), Firm: c.Firm, Kind: KindInvite, Payload: payload, Due: now})
}

// Invite adds a person who is not active until they accept by the link that is mailed to them. Their name may be left
// to them. Needs Manage, and never by voice. Errors: those of AddPerson; ErrSameEmail.
func (h *House) Invite(ctx context.Context, c Caller, p Person) (Person, error) {
	p.Email = strings.TrimSpace(p.Email)
	input, id := p, h.NewID()
	err := h.peopleAct(ctx, c, Action{Name: "person.invite", Input: input}, &p, func(act *Act, all staff) ([]store.Op, Entry, error) {
		if len(all.people) >= MaxPeople {
			return nil, Entry{}, ErrTooMany
		}
		p = input
		p.ID, p.Active, p.Ended, p.Revision = id, false, time.Time{}, 1
		ops := h.invite(h.View(c), c, &p, act.Now)
		if err := p.validate(act.Firm); err != nil {
			return nil, Entry{}, err
		}
		if slices.ContainsFunc(all.people, func(o Person) bool {
			return o.State(act.Now) != StateDeactivated && strings.EqualFold(o.Email, p.Email)
		}) {
			return nil, Entry{}, ErrSameEmail
		}
		ops = append(ops, store.CreateOp(personKey(h.View(c), p.ID), p))
		return ops, Entry{Subject: "person/" + p.ID, After: p}, nil
	})
	return p, err
}

// Reinvite mails another invitation to somebody who has not accepted; the earlier link is worth nothing then. Needs
// Manage. Errors: ErrNoPerson, ErrNotInvited.
func (h *House) Reinvite(ctx context.Context, c Caller, person string) (p Person, err error) {
	err = h.peopleAct(ctx, c, Action{Name: "person.reinvite", Input: person}, &p, func(act *Act, all staff) ([]store.Op, Entry, error) {
		at, err := all.invited(person)
		if err != nil {
			return nil, Entry{}, err
		}
		p = all.people[at]
		p.Revision++
		ops := h.invite(h.View(c), c, &p, act.Now)
		return append(ops, store.ReplaceOp(all.records[at], p)), Entry{Subject: "person/" + person, Before: all.people[at], After: p}, nil
	})
	return p, err
}

// Withdraw takes an invitation back: its link is worth nothing, and the person, who never was one of the firm's, is
// gone from its people. Needs Manage. Errors: ErrNoPerson, ErrNotInvited.
func (h *House) Withdraw(ctx context.Context, c Caller, person string) error {
	return h.peopleAct(ctx, c, Action{Name: "person.withdraw", Input: person}, nil, func(_ *Act, all staff) ([]store.Op, Entry, error) {
		at, err := all.invited(person)
		if err != nil {
			return nil, Entry{}, err
		}
		op := store.DeleteOp(all.records[at])
		return []store.Op{op}, Entry{Subject: "person/" + person, Before: all.people[at]}, nil
	})
}

// Joining is an acceptance under way: the act, the person as they will be, and the operation that writes them.
type Joining struct {
	Act    *Act
	Person Person
}

// Accept makes an invited person active under the name they chose, in one commit with what also returns: their
// password. Only who holds the invitation's link may call it, as the setup. Errors: ErrInvitation when the invitation
// was accepted, withdrawn, replaced, or is over; ErrPersonName; what also returns.
func (h *House) Accept(ctx context.Context, link Invited, c Caller, name string, also func(context.Context, Joining) ([]store.Op, error)) (Person, error) {
	c.Channel, c.Person, c.Grant = BySetup, "", ""
	var p Person
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "person.accept", Input: []string{link.Person, link.Invitation, name}})
		read := ReadPerson(act.Batch, link.Person)
		if err := act.Run(ctx); errors.Is(err, ErrUnlinked) {
			return ErrInvitation // a firm that is not there
		} else if err != nil {
			return err
		}
		if done, err := act.Done(&p); done {
			return err
		}
		before, err := read.Invited(link.Invitation, act.Now)
		if err != nil {
			return err
		}
		p = before
		p.Name, p.Active, p.Invited, p.Revision = strings.TrimSpace(name), true, Invitation{}, p.Revision+1
		if err := p.validate(act.Firm); err != nil {
			return err
		}
		ops, err := also(ctx, Joining{act, p})
		if err != nil {
			return err
		}
		entry := Entry{Subject: "person/" + p.ID, Before: before, After: p}
		return act.Commit(ctx, p, entry, append(ops, store.ReplaceOp(*read.record, p))...)
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// Invited returns the person of a living invitation. Errors: ErrInvitation.
func (r *PersonRead) Invited(invitation string, now time.Time) (Person, error) {
	p, err := r.Person()
	if errors.Is(err, ErrNoPerson) || err == nil && (p.Invited.ID != invitation || invitation == "" || p.State(now) != StateInvited) {
		return Person{}, ErrInvitation
	}
	return p, err
}

// Check returns the operation that makes a commit fail if the person changed since they were read.
func (r *PersonRead) Check() store.Op { return store.CheckOp(*r.record) }

// Move returns the person at another e-mail address, with the operation that writes it. Whoever commits it has proven
// that the address is theirs. Errors: ErrNoPerson, ErrPersonEmail.
func (r *PersonRead) Move(f Firm, email string) (p Person, op store.Op, err error) {
	if p, err = r.Person(); err != nil {
		return p, op, err
	}
	p.Email = email
	p.Revision++
	return p, store.ReplaceOp(*r.record, p), p.validate(f)
}

// staff is the firm's people as they were read.
type staff struct {
	records []store.Record
	people  []Person
}

func (s staff) at(person string) (int, error) {
	at := slices.IndexFunc(s.people, func(p Person) bool { return p.ID == person })
	if at < 0 {
		return at, ErrNoPerson
	}
	return at, nil
}

func (s staff) invited(person string) (int, error) {
	at, err := s.at(person)
	if err == nil && s.people[at].Invited.ID == "" {
		err = ErrNotInvited
	}
	return at, err
}

// peopleAct is one act on the firm's people, which needs Manage. change sets what result points to.
func (h *House) peopleAct(ctx context.Context, c Caller, action Action, result any, change func(*Act, staff) ([]store.Op, Entry, error)) error {
	if c.Channel == ByVoice {
		return ErrForbidden
	}
	return h.Retry(ctx, func() error {
		act := h.Begin(c, action)
		page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(result); done {
			return err
		}
		if err := act.May(Manage); err != nil {
			return err
		}
		people, err := decodeAll[Person](page.Records)
		if err != nil {
			return err
		}
		ops, entry, err := change(act, staff{page.Records, people})
		if err != nil {
			return err
		}
		return act.Commit(ctx, result, entry, ops...)
	})
}

// Faults of joining.
var (
	ErrInvitation = fault.New(fault.State, "person.invitation", "That invitation is not valid any more. Ask an admin of your firm for another.")
	ErrNotInvited = fault.New(fault.State, "person.not-invited", "That person has no open invitation.")
	ErrSameEmail  = fault.New(fault.Invalid, "person.same-email", "Somebody in the firm already has that e-mail address.")
)
