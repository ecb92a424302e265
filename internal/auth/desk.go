package auth

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Desk signs people in and links their accounts.
type Desk struct {
	House *firm.House

	once sync.Once
	kiln *kiln
}

func (d *Desk) passwords() *kiln {
	d.once.Do(func() { d.kiln = newKiln() })
	return d.kiln
}

// SetPassword gives a person a password under their own e-mail address, in place of any they had, and ends their other
// sessions. One's own, or with Manage anybody's; never by voice. Errors: ErrPassword, ErrAddress when email is not the
// person's, ErrTaken when it signs in to somebody else, firm.ErrNoPerson, ErrBusy.
func (d *Desk) SetPassword(ctx context.Context, c firm.Caller, person, email, password string) error {
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	if !goodPassword(password) {
		return ErrPassword
	}
	act := d.House.Begin(c, firm.Action{})
	if err := act.Run(ctx); err != nil {
		return err
	}
	if err := act.MayFor(person, firm.Manage); err != nil {
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
	who := firm.ReadPerson(act.Batch, s.person)
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
	return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + s.person}, ops...)
}

// ops writes the account and the firm's pointer to it, removes the account of an earlier address, and ends sessions.
func (s setting) ops(ctx context.Context, act *firm.Act) ([]store.Op, error) {
	v := act.Batch.View()
	pointer := act.Batch.Get(loginKey(v, s.person))
	grants := firm.ReadGrants(act.Batch, s.person)
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
	ended, err := grants.End(act, firm.SessionGrant)
	ops = append(append(ops, ended...), store.PutOp(*pointer, login{s.name}))
	return ops, err
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

// SessionTime is the longest a session lives, however much it is used.
const SessionTime = 12 * time.Hour

// SignIn checks an address and a password and returns the caller they prove, with a session's grant. It costs the
// same, and fails with the same ErrSignIn, whether or not there is such an account. place is where the try comes from,
// for the counting of failures; the zero Addr counts as one place.
// Errors: ErrSignIn; ErrWait after too many failures; ErrBusy.
func (d *Desk) SignIn(ctx context.Context, place netip.Addr, email, password string) (firm.Caller, error) {
	t, err := d.try(ctx, place, email)
	if err != nil {
		return firm.Caller{}, err
	}
	hash := t.account.Hash
	if hash == "" {
		hash = nobody
	}
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := d.passwords().matches(ctx, password, hash)
	if err != nil {
		return firm.Caller{}, err
	}
	if !ok || t.account.Hash == "" {
		return firm.Caller{}, ErrSignIn
	}
	return d.admit(ctx, t)
}

func (d *Desk) admit(ctx context.Context, t *try) (firm.Caller, error) {
	c := firm.Caller{Firm: t.account.Firm, Person: t.account.Person, Channel: firm.ByConsole}
	until := d.House.Now().Add(SessionTime)
	c, err := d.House.Admit(ctx, c, firm.SessionGrant, until, t.succeeded)
	if errors.Is(err, firm.ErrUnlinked) {
		return firm.Caller{}, ErrSignIn // the person has left the firm
	}
	if err != nil {
		return firm.Caller{}, err
	}
	return c, nil
}

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

// Faults of signing in.
var (
	ErrSignIn  = fault.New(fault.Unauthenticated, "auth.sign-in", "That e-mail address and password don't match.")
	ErrWait    = fault.New(fault.Busy, "auth.wait", "There were too many tries. Please wait a little, then try again.")
	ErrAddress = fault.New(fault.Invalid, "auth.address", "That is not the person's e-mail address.")
	ErrTaken   = fault.New(fault.State, "auth.taken", "That e-mail address already signs in to another account.")
)
