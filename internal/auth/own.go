package auth

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Own is what a person sees of their own account.
type Own struct {
	Email      string
	Ways       Ways
	Passkeys   []Passkey
	Since      time.Time // of the second factor; zero: it is off
	Recovery   int       // codes that are left
	Sessions   []Session // the living ones, the newest first
	Links      []firm.Grant
	CodeSet    bool // the voice code
	CodeLocked bool
}

// Ways is how a person can prove who they are.
type Ways struct{ Password, Code, Passkey bool }

// Passkey is one of a person's.
type Passkey struct {
	ID, Name    string
	Added, Used time.Time // Used is zero until the first time
}

// Session is a place where a person is signed in.
type Session struct {
	firm.Grant
	Used time.Time // to within five minutes
	Here bool      // it is the one that asks
}

// ownRead is the read of a person's own account, part of an act's batch.
type ownRead struct {
	factors, login *store.Record
	grants         *firm.GrantsRead
	seen           *store.Page
	code           *firm.CodeRead
}

// Own reads the caller's own account, in one trip.
func (d *Desk) Own(ctx context.Context, c firm.Caller) (own Own, err error) {
	act, v := d.House.Begin(c, firm.Action{}), d.House.View(c)
	read := ownRead{
		factors: act.Batch.Get(factorsKey(v, c.Person)), login: act.Batch.Get(loginKey(v, c.Person)),
		grants: firm.ReadGrants(act.Batch, c.Person), code: act.ReadCode(),
		seen: act.Batch.Query(store.Query{Partition: v.Partition("seen", c.Person), Limit: store.MaxPage}),
	}
	if err := act.Run(ctx); err != nil {
		return own, err
	}
	own.Email = act.Person.Email
	if err := read.proofs(&own); err != nil {
		return own, err
	}
	if own.CodeSet, own.CodeLocked, err = read.code.State(); err != nil {
		return own, err
	}
	return own, read.sessions(act, &own)
}

func (r ownRead) proofs(own *Own) error {
	var f factors
	if err := store.Decode(*r.factors, &f); err != nil {
		return err
	}
	own.Since, own.Recovery = f.Since, len(f.Recovery)
	own.Ways = Ways{Password: r.login.Exists(), Code: f.second(), Passkey: len(f.Passkeys) > 0}
	for _, k := range f.Passkeys {
		own.Passkeys = append(own.Passkeys, Passkey{k.ID, k.Name, k.Added, k.Used})
	}
	return nil
}

// sessions tells the links from the sessions, and leaves out those that ended because nobody used them.
func (r ownRead) sessions(act *firm.Act, own *Own) error {
	used := map[string]time.Time{}
	for _, record := range r.seen.Records {
		var s seen
		if err := store.Decode(record, &s); err != nil {
			return err
		}
		used[record.Sort] = s.Used
	}
	living, err := r.grants.Living(act.Person)
	for _, g := range living {
		s := Session{Grant: g, Used: used[g.ID], Here: g.ID == act.Caller.Grant}
		switch {
		case g.Kind == firm.LinkGrant:
			own.Links = append(own.Links, g)
		case s.Here || act.Now.Before(s.Used.Add(IdleTime)):
			own.Sessions = append(own.Sessions, s)
		}
	}
	return err
}

// Ways returns how the caller can prove who they are.
func (d *Desk) Ways(ctx context.Context, c firm.Caller) (Ways, error) {
	own, err := d.Own(ctx, c)
	return own.Ways, err
}

// EndOthers ends every session of the caller's but the one that asks. Links stay.
func (d *Desk) EndOthers(ctx context.Context, c firm.Caller) error {
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "sessions.end"})
		who, grants := firm.ReadPerson(act.Batch, c.Person), firm.ReadGrants(act.Batch, c.Person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		ops, err := who.EndSessions(act, grants)
		if err != nil {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + c.Person, After: map[string]int{"ended": len(ops) - 1}}, ops...)
	})
}
