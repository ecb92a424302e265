package charging

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// alexaWaits is how long Alexa waits for an answer.
const alexaWaits = 8 * time.Second

// slow is a database on a bad day: every call takes long, and one that its context ends has an unknown outcome.
type slow struct {
	store.Backend
	takes time.Duration
}

func (s slow) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := wait(ctx, s.takes); err != nil {
		return nil, err
	}
	return s.Backend.Get(ctx, keys...)
}

func (s slow) Commit(ctx context.Context, ops ...store.Op) error {
	if wait(ctx, s.takes) != nil {
		return store.ErrUnknown
	}
	return s.Backend.Commit(ctx, ops...)
}

// hanging is a processor that takes every charge and answers none.
type hanging struct{ Processor }

func (h hanging) Charge(ctx context.Context, r ChargeRequest) (Outcome, error) {
	_, _ = h.Processor.Charge(ctx, r)
	<-ctx.Done()
	return Outcome{}, ctx.Err()
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Whatever hangs, the lawyer hears in time what is known, and it is charged once in the end.
func TestAConfirmationEndsBeforeAlexaStopsWaiting(t *testing.T) {
	for _, takes := range []time.Duration{0, 500 * time.Millisecond, 1400 * time.Millisecond, 1600 * time.Millisecond, 2 * time.Second, 2200 * time.Millisecond, 3 * time.Second, time.Minute} {
		t.Run(takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				o := d.worked(t)
				well, fast := d.Processor, d.Charges.House.Store
				p, _ := well(t.Context(), "")
				d.Processor = func(context.Context, string) (Processor, error) { return hanging{p}, nil }
				d.Charges.House.Store = slow{fast, takes}
				began := time.Now()
				r, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode)
				if took := time.Since(began); took > alexaWaits-time.Second {
					t.Errorf("it took %v", took)
				}
				if err == nil && r.State != Uncertain {
					t.Errorf("%+v", r)
				}
				d.Processor, d.Charges.House.Store = well, fast
				d.sweep(t, Lease)
				if placed := d.sends() > 0; err == nil && !placed || placed && (len(d.bank.payments) != 1 || d.taken(t) != dollars) {
					t.Errorf("%d payments, %v in the books", len(d.bank.payments), d.taken(t))
				}
			})
		})
	}
}
