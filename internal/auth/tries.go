package auth

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Guesses, at passwords and at codes, are slowed, never ended for good. From one place a person's takes a few failures
// freely, then each must wait twice as long as the one before, up to slowest. From all places together it takes more,
// and then waits a little for each, but not from a place where the person has signed in before: so strangers can't
// keep the owner out.
const (
	freeHere       = 5
	freeEverywhere = 50
	slowest        = 15 * time.Minute
	slowEverywhere = time.Minute
	remembered     = 30 * 24 * time.Hour // a place where the person signed in
	forgotten      = 24 * time.Hour      // failures
)

// Place is where a request comes from.
type Place struct {
	Addr  netip.Addr // for the counting of failures, and kept only as a keyed hash; the zero Addr counts as one place
	Agent string     // the User-Agent header, of which the family alone is kept
}

// try is one guess that was counted before anything was compared, so that parallel guesses count each.
type try struct {
	desk             *Desk
	here, everywhere store.Key
	also             []store.Record // read with the counts
}

// try counts a guess at what subject names as failed, until it is forgiven, and reads further records of the sign-in
// family with it. Errors: ErrWait.
func (d *Desk) try(ctx context.Context, place Place, subject string, also ...store.Key) (t *try, err error) {
	t = &try{desk: d}
	if t.here, err = triesKey(d.House, subject, network(place.Addr)); err != nil {
		return nil, err
	}
	if t.everywhere, err = triesKey(d.House, subject, ""); err != nil {
		return nil, err
	}
	err = d.House.Retry(ctx, func() error { return t.count(ctx, also) })
	return t, err
}

// secondSubject is what tries at a person's codes are counted under, apart from those at the password.
func secondSubject(c firm.Caller) string { return "second/" + c.Firm + "/" + c.Person }

// network is what one party controls: an IPv4 address, or the /64 of an IPv6 address.
func network(place netip.Addr) string {
	bits := 64
	if place = place.Unmap(); place.Is4() {
		bits = 32
	}
	prefix, err := place.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

func (t *try) count(ctx context.Context, also []store.Key) error {
	v, now := store.System(t.desk.House.Store, store.SignIn), t.desk.House.Now()
	records, err := v.Get(ctx, append([]store.Key{t.here, t.everywhere}, also...)...)
	if err != nil {
		return err
	}
	t.also = records[2:]
	var here, everywhere tries
	for i, value := range []any{&here, &everywhere} {
		if err := store.Decode(records[i], value); err != nil {
			return err
		}
	}
	if now.Before(here.Next) || here.Known.IsZero() && now.Before(everywhere.Next) {
		return ErrWait
	}
	here.fail(now, freeHere, slowest)
	keep, ops := remembered, []store.Op(nil)
	if here.Known.IsZero() {
		keep = forgotten
		everywhere.fail(now, freeEverywhere, slowEverywhere)
		ops = append(ops, store.PutOp(records[1], everywhere).Until(now.Add(forgotten)))
	}
	err = v.Commit(ctx, append(ops, store.PutOp(records[0], here).Until(now.Add(keep)))...)
	if err != nil {
		return fmt.Errorf("auth: count a try: %w", err)
	}
	return nil
}

// fail counts one failure; each beyond the free ones doubles the wait, from a second.
func (t *tries) fail(now time.Time, free int, most time.Duration) {
	t.Failed++
	if over := t.Failed - free; over >= 0 {
		wait := most
		if over < 16 {
			wait = min(most, time.Second<<over)
		}
		t.Next = now.Add(wait)
	}
}

// forgive returns the operations that forget the failures from here at each subject and remember the place. The count
// from everywhere is left to be forgotten: strangers who raise it all the time must not get in the way.
func (d *Desk) forgive(ctx context.Context, place Place, subjects ...string) (ops []store.Op, err error) {
	keys, err := d.placeKeys(place, subjects)
	if err != nil {
		return nil, err
	}
	records, err := store.System(d.House.Store, store.SignIn).Get(ctx, keys...)
	return d.forgotten(records), err
}

// entered is forgive for who signs in by a password, in as many trips. The account is written as it is: so the password
// cannot be changed beside it, which would leave a session of the old one. Errors: ErrSignIn when it was changed before.
func (d *Desk) entered(ctx context.Context, place Place, proven Proven, subjects ...string) ([]store.Op, error) {
	keys, err := d.placeKeys(place, append(subjects, proven.Account))
	if err != nil {
		return nil, err
	}
	records, err := store.System(d.House.Store, store.SignIn).Get(ctx, append(keys, accountKey(d.House.Store, proven.Account))...)
	if err != nil {
		return nil, err
	}
	var a account
	last := len(records) - 1
	if err := store.Decode(records[last], &a); err != nil {
		return nil, err
	}
	if a.print() != proven.Print {
		return nil, ErrSignIn
	}
	return append(d.forgotten(records[:last]), store.PutOp(records[last], a)), nil
}

func (d *Desk) placeKeys(place Place, subjects []string) (keys []store.Key, err error) {
	keys = make([]store.Key, len(subjects))
	for i, s := range subjects {
		if keys[i], err = triesKey(d.House, s, network(place.Addr)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (d *Desk) forgotten(records []store.Record) (ops []store.Op) {
	now := d.House.Now()
	for _, r := range records {
		ops = append(ops, store.PutOp(r, tries{Known: now}).Until(now.Add(remembered)))
	}
	return ops
}
