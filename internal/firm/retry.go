package firm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// MaxTries is how often a round is run before a lost race is reported.
const MaxTries = 5

// firstPause is the longest pause before the second try; it doubles for each further one.
const firstPause = 20 * time.Millisecond

// Faults that Retry leaves.
var (
	ErrRace    = fault.New(fault.Conflict, "request.conflict", "Something else changed that at the same moment. Please try again.")
	ErrBusy    = fault.New(fault.Busy, "request.busy", "I'm too busy right now. Please try again in a moment.")
	ErrUnknown = fault.New(fault.Unknown, "request.unknown", "I could not confirm whether that was done. Please ask before you try again.")
)

// unresolved is the unknown outcome of an act's commit. The act may begin again under its key; any other unknown
// outcome may not be tried again. It may still be on its way: what a later round finds reason to refuse may yet be done.
type unresolved struct{ error }

func (u unresolved) Unwrap() error { return u.error }

// Retry runs f, a whole read-to-commit round, again when it lost a race or was throttled, at most MaxTries times with
// jitter, and turns what is left into a fault: ErrRace, ErrBusy or ErrUnknown. f has no effect but its acts' commits.
// It stops when ctx ends. After a round whose outcome is unknown only success is certain: whatever else ends it is
// ErrUnknown.
func (h *House) Retry(ctx context.Context, f func() error) error {
	pause := firstPause
	var unsure error
	for try := 1; ; try++ {
		err := f()
		if errors.As(err, new(unresolved)) {
			unsure = err
		} else if err != nil && unsure != nil {
			err = fmt.Errorf("%w; then: %s", unsure, err.Error()) // not wrapped: it must not be taken for a refusal
		}
		if err == nil || !again(err) || try == MaxTries {
			return outcome(err)
		}
		if h.sleep(ctx, time.Duration(h.jitter()*float64(pause))) != nil {
			return outcome(err)
		}
		pause *= 2
	}
}

func again(err error) bool {
	return errors.As(err, new(unresolved)) || !errors.Is(err, store.ErrUnknown) &&
		(errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrPrecondition) || errors.Is(err, store.ErrThrottled))
}

// outcome gives the store's errors their faults; others stay as they are.
func outcome(err error) error {
	switch {
	case errors.Is(err, store.ErrUnknown):
		return ErrUnknown.Because(err)
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrPrecondition):
		return ErrRace.Because(err)
	case errors.Is(err, store.ErrThrottled):
		return ErrBusy.Because(err)
	}
	return err
}

func (h *House) jitter() float64 {
	if h.Jitter != nil {
		return h.Jitter()
	}
	return 1
}

func (h *House) sleep(ctx context.Context, d time.Duration) error {
	if h.Sleep != nil {
		return h.Sleep(ctx, d)
	}
	return ctx.Err()
}
