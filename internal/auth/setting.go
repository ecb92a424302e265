package auth

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// SetPassword gives a person a password under their own e-mail address, in place of any they had, and ends their other
// sessions. One's own, or with Manage anybody's; never by voice. Errors: ErrPassword, ErrCommon, ErrOwn, ErrAddress when
// email is not the person's, ErrTaken when it signs in to somebody else, firm.ErrNoPerson, ErrBusy.
func (d *Desk) SetPassword(ctx context.Context, c firm.Caller, person, email, password string) error {
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	if err := refused(password); err != nil {
		return err
	}
	if err := d.maySet(ctx, c, person, email, password); err != nil {
		return err // before the hash is paid for
	}
	hash, err := d.passwords().hash(ctx, password)
	if err != nil {
		return err
	}
	name, err := addressHash(d.House, email)
	if err != nil {
		return err
	}
	set := setting{desk: d, caller: c, key: d.House.NewID(), person: person, email: email, name: name, hash: hash}
	return d.House.Retry(ctx, func() error { return set.round(ctx) })
}

// maySet checks who asks, and the password against what is known of whose it will be.
func (d *Desk) maySet(ctx context.Context, c firm.Caller, person, email, password string) error {
	act := d.House.Begin(c, firm.Action{})
	who := firm.ReadPerson(act.Batch, person)
	if err := act.Run(ctx); err != nil {
		return err
	}
	if err := act.MayFor(person, firm.Manage); err != nil {
		return err
	}
	p, err := who.Person()
	if err != nil {
		return err
	}
	return refused(password, email, p.Name, act.Firm.Name)
}

// setting is one SetPassword. Its key is its own: setting a password again is harmless, and a stored hash of the input
// would be an easier way to the password than argon2id is.
type setting struct {
	desk                           *Desk
	caller                         firm.Caller
	key, person, email, name, hash string
}

func (s setting) round(ctx context.Context) error {
	h := s.desk.House
	act := h.Begin(s.caller, firm.Action{Name: "password.set", Key: s.key, Input: s.person})
	who, grants := firm.ReadPerson(act.Batch, s.person), firm.ReadGrants(act.Batch, s.person)
	if err := act.Run(ctx); err != nil {
		return err
	}
	if done, err := act.Done(nil); done {
		return err
	}
	if err := act.MayFor(s.person, firm.Manage); err != nil {
		return err
	}
	p, err := who.Person()
	if err != nil {
		return err
	}
	if normal(p.Email) != normal(s.email) {
		return ErrAddress
	}
	ops, err := s.ops(ctx, act)
	if err != nil {
		return err
	}
	ended, err := who.EndSessions(act, grants)
	if err != nil {
		return err
	}
	return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + s.person}, append(ops, ended...)...)
}

// ops writes the account and the firm's pointer to it, and removes the account of an earlier address.
func (s setting) ops(ctx context.Context, act *firm.Act) ([]store.Op, error) {
	v := act.Batch.View()
	pointer := act.Batch.Get(loginKey(v, s.person))
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	var old login
	if err := store.Decode(*pointer, &old); err != nil {
		return nil, err
	}
	ops, err := s.accountOps(ctx, old)
	if err != nil {
		return nil, err
	}
	return append(ops, store.PutOp(*pointer, login{s.name})), nil
}

func (s setting) accountOps(ctx context.Context, old login) ([]store.Op, error) {
	keys := []store.Key{accountKey(s.desk.House.Store, s.name)}
	if old.Account != "" && old.Account != s.name {
		keys = append(keys, accountKey(s.desk.House.Store, old.Account))
	}
	records, err := store.System(s.desk.House.Store, store.SignIn).Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var a account
	if err := store.Decode(records[0], &a); err != nil {
		return nil, err
	}
	if records[0].Exists() && (a.Firm != s.caller.Firm || a.Person != s.person) {
		return nil, ErrTaken
	}
	ops := []store.Op{store.PutOp(records[0], account{s.caller.Firm, s.person, s.hash})}
	if len(records) > 1 && records[1].Exists() {
		ops = append(ops, store.DeleteOp(records[1]))
	}
	return ops, nil
}
