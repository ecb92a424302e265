package auth

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Guesses are slowed, never ended for good. From one place an account takes a few failures freely, then each must wait
// twice as long as the one before, up to slowest. From all places together it takes more, and then waits a little for
// each, but not from a place where the person has signed in before: so strangers can't keep the owner out.
const (
	freeHere       = 5
	freeEverywhere = 50
	slowest        = 15 * time.Minute
	slowEverywhere = time.Minute
	remembered     = 30 * 24 * time.Hour // a place where the person signed in
	forgotten      = 24 * time.Hour      // failures
)

// try is one sign-in that was counted before anything was compared, so that parallel guesses count each.
type try struct {
	desk             *Desk
	account          account
	here, everywhere store.Key
}

// try counts a sign-in as failed, until it succeeds. Errors: ErrWait.
func (d *Desk) try(ctx context.Context, place netip.Addr, email string) (*try, error) {
	name, err := addressHash(d.House, email)
	if err != nil {
		return nil, err
	}
	t := &try{desk: d}
	if t.here, err = triesKey(d.House, name, network(place)); err != nil {
		return nil, err
	}
	if t.everywhere, err = triesKey(d.House, name, ""); err != nil {
		return nil, err
	}
	err = d.House.Retry(ctx, func() error { return t.count(ctx, accountKey(d.House.Store, name)) })
	return t, err
}

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

func (t *try) count(ctx context.Context, key store.Key) error {
	v, now := store.System(t.desk.House.Store, store.SignIn), t.desk.House.Now()
	records, err := v.Get(ctx, key, t.here, t.everywhere)
	if err != nil {
		return err
	}
	var here, everywhere tries
	t.account = account{}
	for i, value := range []any{&t.account, &here, &everywhere} {
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
		ops = append(ops, store.PutOp(records[2], everywhere).Until(now.Add(forgotten)))
	}
	err = v.Commit(ctx, append(ops, store.PutOp(records[1], here).Until(now.Add(keep)))...)
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

// succeeded returns the operation that forgets the failures from here and remembers the place. The count from
// everywhere is left to be forgotten: strangers who raise it all the time must not get in the way.
func (t *try) succeeded(ctx context.Context) ([]store.Op, error) {
	records, err := store.System(t.desk.House.Store, store.SignIn).Get(ctx, t.here)
	if err != nil {
		return nil, err
	}
	now := t.desk.House.Now()
	return []store.Op{store.PutOp(records[0], tries{Known: now}).Until(now.Add(remembered))}, nil
}
