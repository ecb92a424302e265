// Package auth proves who asks: passwords, passkeys, second factors, and the console's sessions. What it proves it hands
// on as a firm.Caller, whose grant the firm checks in every commit. Signed tokens are in auth/token, account linking in
// auth/oauth.
package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Desk signs people in and links their accounts.
type Desk struct {
	House *firm.House
	Base  *url.URL // where browsers reach the site; passkeys belong to its host. nil: there are no passkeys

	once sync.Once
	kiln *kiln
}

func (d *Desk) passwords() *kiln {
	d.once.Do(func() { d.kiln = newKiln() })
	return d.kiln
}

// SessionTime is the longest a session lives, however much it is used.
const SessionTime = 12 * time.Hour

// What proved a person, as a grant and the audit say it.
const (
	byPassword = "password"
	byCode     = "password and code"
	byRecovery = "password and recovery code"
	byPasskey  = "passkey"
)

// SignIn checks an address and a password and returns the caller they prove, with a session's grant. It costs the
// same, and fails with the same ErrSignIn, whether or not there is such an account.
// Errors: ErrSignIn; *Half when the password is right and a code must follow; ErrWait after too many failures; ErrBusy.
func (d *Desk) SignIn(ctx context.Context, place Place, email, password string) (firm.Caller, error) {
	name, err := addressHash(d.House, email)
	if err != nil {
		return firm.Caller{}, err
	}
	c, proven, err := d.password(ctx, place, name, password)
	if errors.Is(err, ErrSignIn) {
		return firm.Caller{}, orElse(d.failed(ctx, c, byPassword), err)
	}
	if err != nil {
		return firm.Caller{}, err
	}
	f, _, err := d.readFactors(ctx, c)
	if err != nil {
		return firm.Caller{}, err
	}
	if f.second() {
		return firm.Caller{}, &Half{c.Firm, c.Person, proven, d.House.Now().Add(halfTime)}
	}
	return d.admit(ctx, c, place, byPassword, func(ctx context.Context) ([]store.Op, error) {
		return d.entered(ctx, place, proven)
	})
}

// Proven is an account whose password was right, and which password that was.
type Proven struct {
	Account string `json:"account"`
	Print   string `json:"print"` // of the password's hash
}

func (a account) print() string {
	sum := sha256.Sum256([]byte(a.Hash))
	return hex.EncodeToString(sum[:])
}

// password counts a try at an account's password, then compares. It returns whose account it is also with ErrSignIn,
// the zero Caller when there is none.
func (d *Desk) password(ctx context.Context, place Place, name, password string) (c firm.Caller, p Proven, err error) {
	t, err := d.try(ctx, place, name, accountKey(d.House.Store, name))
	if err != nil {
		return c, p, err
	}
	var a account
	if err := store.Decode(t.also[0], &a); err != nil {
		return c, p, err
	}
	hash := a.Hash
	if hash == "" {
		hash = nobody
	}
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := d.passwords().matches(ctx, password, hash)
	if err != nil {
		return c, p, err
	}
	c = firm.Caller{Firm: a.Firm, Person: a.Person, Channel: firm.ByConsole}
	if !ok || a.Hash == "" {
		return c, p, ErrSignIn
	}
	return c, Proven{name, a.print()}, nil
}

// admit lets a proven person in: it makes the session's grant, and commits what then returns with it.
func (d *Desk) admit(ctx context.Context, c firm.Caller, place Place, by string, then func(context.Context) ([]store.Op, error)) (firm.Caller, error) {
	now := d.House.Now()
	grant := firm.Grant{Kind: firm.SessionGrant, Expires: now.Add(SessionTime), By: by, Agent: family(place.Agent)}
	c, err := d.House.Admit(ctx, c, grant, func(ctx context.Context, id string) ([]store.Op, error) {
		ops, err := then(ctx)
		return append(ops, store.CreateOp(seenKey(d.House.View(c), c.Person, id), seen{now}).Until(grant.Expires)), err
	})
	if errors.Is(err, firm.ErrUnlinked) {
		return firm.Caller{}, ErrSignIn // the person has left the firm
	}
	if err != nil {
		return firm.Caller{}, err
	}
	return c, nil
}

// failed writes a failure to sign in into the audit of the firm whose account it was. For nobody's account it writes
// as much, so that the time an answer takes tells nothing.
func (d *Desk) failed(ctx context.Context, c firm.Caller, by string) error {
	if c.Firm == "" {
		v := store.System(d.House.Store, store.SignIn)
		key := v.Key("nobody", d.House.NewID())
		if _, err := v.Get(ctx, key); err != nil {
			return err
		}
		return v.Commit(ctx, store.CreateOp(key, tries{}).Until(d.House.Now().Add(time.Minute)))
	}
	act := d.House.Begin(firm.System(c.Firm, d.House.NewID()), firm.Action{Name: "signin.failed"})
	if err := act.Run(ctx); err != nil {
		return err
	}
	return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + c.Person, After: map[string]string{"by": by}})
}

// Faults of signing in.
var (
	ErrSignIn  = fault.New(fault.Unauthenticated, "auth.sign-in", "That e-mail address and password don't match.")
	ErrWait    = fault.New(fault.Busy, "auth.wait", "There were too many tries. Please wait a little, then try again.")
	ErrPlace   = fault.New(fault.Busy, "auth.place", "Too many mails were asked for from your network. Please wait an hour, then try again.")
	ErrAddress = fault.New(fault.Invalid, "auth.address", "That is not the person's e-mail address.")
	ErrTaken   = fault.New(fault.State, "auth.taken", "That e-mail address already signs in to another account.")
)
