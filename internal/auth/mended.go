package auth

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Hash checks a password that is to be set, against words that are the person's own too, and hashes it. Errors:
// ErrPassword, ErrCommon, ErrOwn, ErrBusy.
func (d *Desk) Hash(ctx context.Context, password string, own ...string) (string, error) {
	if err := refused(password, own...); err != nil {
		return "", err
	}
	return d.passwords().hash(ctx, password)
}

// Check says what is wrong with a password that is to be set, before anything else is done. Errors: as Hash's.
func (d *Desk) Check(password string, own ...string) error { return refused(password, own...) }

// PasswordOps returns the operations that set a person's password, by its hash, under an address, within an act of
// somebody who has proven the address to be theirs. It ends no session. Errors: ErrTaken.
func (d *Desk) PasswordOps(ctx context.Context, act *firm.Act, person, email, hash string) ([]store.Op, error) {
	name, err := addressHash(d.House, email)
	if err != nil {
		return nil, err
	}
	return setting{desk: d, caller: act.Caller, person: person, email: email, name: name, hash: hash}.ops(ctx, act)
}

// MoveOps returns the operations that let a person sign in with another address instead of the one they had, within an
// act of somebody who has proven the new address to be theirs. Errors: ErrTaken.
func (d *Desk) MoveOps(ctx context.Context, act *firm.Act, person, email string) ([]store.Op, error) {
	name, err := addressHash(d.House, email)
	if err != nil {
		return nil, err
	}
	pointer := act.Batch.Get(loginKey(act.Batch.View(), person))
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	var old login
	if err := store.Decode(*pointer, &old); err != nil {
		return nil, err
	}
	records, err := store.System(d.House.Store, store.SignIn).Get(ctx, accountKey(d.House.Store, name), accountKey(d.House.Store, orNone(old.Account)))
	if err != nil {
		return nil, err
	}
	var there account
	if err := store.Decode(records[0], &there); err != nil {
		return nil, err
	}
	switch {
	case old.Account == name:
		return nil, nil
	case records[0].Exists() && there.Firm == act.Caller.Firm && there.Person == person:
		return nil, store.ErrConflict // they were moved between the two reads
	case records[0].Exists():
		return nil, ErrTaken
	case !records[1].Exists():
		return nil, nil // no password yet: the next one is set under the new address
	}
	moved := store.CreateOp(records[0].Key, struct{}{})
	moved.Value = records[1].Value // whatever else the account holds goes along
	return []store.Op{moved, store.DeleteOp(records[1]), store.PutOp(*pointer, login{name})}, nil
}

// orNone names an account that is never there, for a key that must not be empty.
func orNone(account string) string {
	if account == "" {
		return "none"
	}
	return account
}

// Counted is the read of what is asked for an address, and how often: whose account it is, if anybody's.
type Counted struct {
	Firm, Person string // empty: nobody's
	counts       [2]count
	house        *firm.House
}

// count is the mails that were asked for at one address, or from one place, as they were read.
type count struct {
	record store.Record
	mails  mailCount
}

// mailCount counts mails that were asked for within an hour.
type mailCount struct {
	Count int `json:"count"`
}

// MaxAsked is how many mails of a kind anybody can ask for at one address within an hour, and MaxPlace from one place, for
// whatever addresses.
const (
	MaxAsked = 3
	MaxPlace = 30
)

const mailHour = time.Hour

// Count reads whose account an address is, and how often a mail of a kind was asked for there and from where the request
// comes from. One trip, whether there is an account or not. Errors: ErrPlace when it was asked for too often from there,
// ErrWait when at that address.
func (d *Desk) Count(ctx context.Context, kind, email string) (c Counted, err error) {
	name, err := addressHash(d.House, email)
	if err != nil {
		return c, err
	}
	place, err := triesKey(d.House, "mails of "+kind, network(PlaceOf(ctx).Addr))
	if err != nil {
		return c, err
	}
	v := store.System(d.House.Store, store.SignIn)
	records, err := v.Get(ctx, accountKey(d.House.Store, name), v.Key(kind, "asked", name), place)
	if err != nil {
		return c, err
	}
	var a account
	if err := store.Decode(records[0], &a); err != nil {
		return c, err
	}
	for i := range c.counts {
		c.counts[i].record = records[1+i]
		if err := store.Decode(records[1+i], &c.counts[i].mails); err != nil {
			return c, err
		}
	}
	c.Firm, c.Person, c.house = a.Firm, a.Person, d.House
	switch {
	case c.counts[1].mails.Count >= MaxPlace:
		return c, ErrPlace
	case c.counts[0].mails.Count >= MaxAsked:
		return c, ErrWait
	}
	return c, nil
}

// Ops returns the operations that count one more at the address and from the place; each hour begins with the first.
func (c Counted) Ops() (ops []store.Op) {
	for _, n := range c.counts {
		n.mails.Count++
		op := store.PutOp(n.record, n.mails)
		if !n.record.Exists() {
			op = op.Until(c.house.Now().Add(mailHour))
		}
		ops = append(ops, op)
	}
	return ops
}
