package firm_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// shaky opens a firm whose store meets faults once the test says so.
func shaky(t *testing.T) (*firmtest.Office, *storetest.Faulty) {
	t.Helper()
	clock := firmtest.NewClock()
	faulty := storetest.NewFaulty(memory.New(clock.Now), nil)
	return firmtest.In(t, firmtest.House(faulty, clock), clock), faulty
}

// next lets the coming commits meet these faults.
func next(f *storetest.Faulty, faults ...storetest.Fault) {
	script := storetest.Script(append(make([]storetest.Fault, f.Calls().Commits), faults...)...)
	f.Use(script)
}

func TestOneRequestIsDoneOnceUnderEveryFault(t *testing.T) {
	all := append(storetest.Faults(), storetest.None)
	for _, first := range all {
		for _, second := range all {
			t.Run(fmt.Sprintf("%v then %v", first, second), func(t *testing.T) { doneOnce(t, first, second) })
		}
	}
}

// doneOnce asks again until it is told the result, as a device would, and finds the counter at exactly one.
func doneOnce(t *testing.T, faults ...storetest.Fault) {
	o, faulty := shaky(t)
	c := o.Ask(o.Admin)
	next(faulty, faults...)
	for range 4 {
		n, err := note(t.Context(), o.House, c, "a")
		if faulty.Restart(); err == nil {
			must(t, n, nil, 1)
			break
		}
	}
	faulty.Use(nil)
	n, err := note(t.Context(), o.House, o.Ask(c), "b")
	must(t, n, err, 2)
}

func TestALostReplyIsResolvedWithoutAnotherTry(t *testing.T) {
	o, faulty := shaky(t)
	before := faulty.Calls().Commits
	next(faulty, storetest.LostReply)
	n, err := note(t.Context(), o.House, o.Ask(o.Admin), "a")
	must(t, n, err, 1)
	if got := faulty.Calls().Commits - before; got != 1 {
		t.Fatalf("%d commits", got)
	}
}

func TestTheRereadGoesOnWhenTheCallersTimeIsUp(t *testing.T) {
	o, faulty := shaky(t)
	ctx, cancel := context.WithCancel(t.Context())
	act := o.House.Begin(o.Ask(o.Admin), firm.Action{Name: "test.late"})
	if err := act.Run(ctx); err != nil {
		t.Fatal(err)
	}
	next(faulty, storetest.LostReply)
	cancelling := cancelOnCommit{faulty, cancel}
	o.House.Store = cancelling
	act = o.House.Begin(act.Caller, firm.Action{Name: "test.late"})
	if err := act.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := act.Commit(ctx, nil, firm.Entry{}); err != nil {
		t.Fatal(err)
	}
}

// cancelOnCommit ends the caller's time while a commit is under way.
type cancelOnCommit struct {
	store.Backend
	cancel func()
}

func (b cancelOnCommit) Commit(ctx context.Context, ops ...store.Op) error {
	defer b.cancel()
	return b.Backend.Commit(ctx, ops...)
}

// inFlight loses the first commit's reply and lets it land only just before the next commit.
type inFlight struct {
	store.Backend
	late []store.Op
	lost bool
}

func (b *inFlight) Commit(ctx context.Context, ops ...store.Op) error {
	if !b.lost {
		b.lost, b.late = true, slices.Clone(ops)
		return fmt.Errorf("no reply: %w", store.ErrUnknown)
	}
	if b.late != nil {
		if err := b.Backend.Commit(ctx, b.late...); err != nil {
			return err
		}
		b.late = nil
	}
	return b.Backend.Commit(ctx, ops...)
}

func TestACommitThatLandsAfterItsRereadIsNotDoneTwice(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Ask(o.Admin)
	o.House.Store = &inFlight{Backend: o.House.Store}
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	n, err = note(t.Context(), o.House, o.Ask(c), "b")
	must(t, n, err, 2)
}

// A round that finds a reason to refuse after one whose outcome is unknown proves nothing: the first may still arrive.
func TestARefusalAfterAnUnknownOutcomeIsUnknown(t *testing.T) {
	for name, refuse := range map[string]error{"a fault": firm.ErrForbidden, "a lost race": store.ErrPrecondition, "no store": errors.New("down")} {
		o, faulty := shaky(t)
		next(faulty, storetest.LostRequest)
		c, rounds := o.Ask(o.Admin), 0
		err := o.House.Retry(t.Context(), func() error {
			if rounds++; rounds > 1 {
				return refuse
			}
			_, err := noteOnce(t.Context(), o.House, c, "a")
			return err
		})
		if wants(t, err, firm.ErrUnknown); errors.Is(err, refuse) {
			t.Errorf("%s: it may be taken for a refusal: %v", name, err)
		}
	}
}

func TestWhatStaysUnknownIsSaidToBeUnknown(t *testing.T) {
	o, faulty := shaky(t)
	l := storetest.LostRequest
	next(faulty, l, l, l, l, l)
	_, err := note(t.Context(), o.House, o.Ask(o.Admin), "a")
	wants(t, err, firm.ErrUnknown)
	wants(t, err, store.ErrUnknown)
}

func TestRetryGivesUpAfterFiveTriesWithAFault(t *testing.T) {
	for _, c := range []struct {
		from, to error
		tries    int
	}{
		{store.ErrConflict, firm.ErrRace, firm.MaxTries},
		{store.ErrPrecondition, firm.ErrRace, firm.MaxTries},
		{store.ErrThrottled, firm.ErrBusy, firm.MaxTries},
		{store.ErrUnknown, firm.ErrUnknown, 1}, // not an act's: never tried again
		{store.ErrFull, store.ErrFull, 1},
		{firm.ErrForbidden, firm.ErrForbidden, 1},
	} {
		o, tries := firmtest.Open(t), 0
		err := o.House.Retry(t.Context(), func() error { tries++; return fmt.Errorf("x: %w", c.from) })
		if wants(t, err, c.to); tries != c.tries {
			t.Errorf("%v: %d tries, want %d", c.from, tries, c.tries)
		}
	}
}

func TestRetryPausesLongerAndStopsWhenTheTimeIsUp(t *testing.T) {
	o := firmtest.Open(t)
	var pauses []time.Duration
	o.House.Jitter = func() float64 { return 1 }
	o.House.Sleep = func(_ context.Context, d time.Duration) error {
		if pauses = append(pauses, d); len(pauses) == 3 {
			return context.DeadlineExceeded
		}
		return nil
	}
	err := o.House.Retry(t.Context(), func() error { return store.ErrConflict })
	wants(t, err, firm.ErrRace)
	want := []time.Duration{20 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond}
	if !slices.Equal(pauses, want) {
		t.Fatal(pauses)
	}
}

func TestAHouseWithoutASleepStopsWithItsContext(t *testing.T) {
	o := firmtest.Open(t)
	o.House.Sleep, o.House.Jitter = nil, nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tries := 0
	err := o.House.Retry(ctx, func() error { tries++; return store.ErrConflict })
	if !errors.Is(err, firm.ErrRace) || tries != 1 {
		t.Fatal(err, tries)
	}
}
