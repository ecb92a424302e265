// Package racetest runs races and faults where they are to be survived: on the memory store, on SQLite, on DynamoDB
// Local (with the build tag dynamo), and on a store that loses requests and replies, conflicts and is throttled.
//
// The ways in are Everywhere for races, and EachFault and EveryFault for what befalls the commits of one deed.
package racetest

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/sqlite"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// Crowd is how many do the same at once.
const Crowd = 50

// Ground is an empty store to race on.
type Ground struct {
	store.Backend
	trouble *storetest.Faulty // nil: nothing befalls it
}

// Open opens a ground that expires records by a clock.
type Open func(now func() time.Time) *Ground

type opener func(t testing.TB, now func() time.Time) store.Backend

// backends are the grounds by name; dynamo.go adds another.
var backends = map[string]opener{
	"memory": func(_ testing.TB, now func() time.Time) store.Backend { return memory.New(now) },
	"sqlite": func(t testing.TB, now func() time.Time) store.Backend {
		b, err := sqlite.Open(filepath.Join(t.TempDir(), "clerk.db"), now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	},
	"faulty": func(_ testing.TB, now func() time.Time) store.Backend {
		return storetest.NewFaulty(memory.New(now), nil)
	},
}

// Everywhere runs a test on every ground.
func Everywhere(t *testing.T, f func(t *testing.T, open Open)) {
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			f(t, func(now func() time.Time) *Ground {
				g := &Ground{Backend: backend(t, now)}
				g.trouble, _ = g.Backend.(*storetest.Faulty)
				return g
			})
		})
	}
}

// Shaken lets faults befall the store, where it can, while f runs; a seed has always the same.
func (g *Ground) Shaken(seed uint64, f func()) {
	if g.trouble == nil {
		f()
		return
	}
	g.trouble.Use(storetest.Seeded(seed, 100, storetest.Conflict, storetest.Throttle, storetest.LostReply, storetest.LostRequest))
	defer g.trouble.Use(nil)
	f()
}

// Calm reports whether nothing can befall the store.
func (g *Ground) Calm() bool { return g.trouble == nil }

// Rush does something n times at once and returns what came of each.
func Rush(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { errs[i] = do(i) })
	}
	wait.Wait()
	return errs
}

// EachFault runs a test on a memory store for each fault at each of the first n commits of a deed.
func EachFault(t *testing.T, n int, f func(t *testing.T, open Open, faults ...storetest.Fault)) {
	for at := range n {
		for _, fault := range storetest.Faults() {
			faults := append(make([]storetest.Fault, at), fault)
			t.Run(fmt.Sprintf("%s at commit %d", fault, at+1), func(t *testing.T) { f(t, faulty, faults...) })
		}
	}
}

// EveryFault runs a test on a memory store for each fault of the first commit of a deed, and each pair of the first two.
func EveryFault(t *testing.T, f func(t *testing.T, open Open, faults ...storetest.Fault)) {
	for _, first := range storetest.Faults() {
		for _, second := range append(storetest.Faults(), storetest.None) {
			t.Run(first.String()+", "+second.String(), func(t *testing.T) { f(t, faulty, first, second) })
		}
	}
}

func faulty(now func() time.Time) *Ground {
	trouble := storetest.NewFaulty(memory.New(now), nil)
	return &Ground{trouble, trouble}
}

// Insist does something until it succeeds, under faults of its first commits, as somebody does who is told to try again:
// after a crash the process is there again. It fails the test after ten tries, and when it is refused for good.
// over tells an error that means that it was done already; it may be nil.
func (g *Ground) Insist(t testing.TB, faults []storetest.Fault, do func() error, over func(error) bool) {
	t.Helper()
	g.trouble.Use(func(c storetest.Call) (f storetest.Fault) {
		if c.Read || len(faults) == 0 {
			return storetest.None
		}
		f, faults = faults[0], faults[1:]
		return f
	})
	defer g.trouble.Use(nil)
	for range 10 {
		err := do()
		if err == nil || over != nil && over(err) {
			return
		}
		if !AsksAgain(err) {
			t.Fatalf("refused: %v", err)
		}
		g.trouble.Restart()
	}
	t.Fatal("it was not done after ten tries")
}

// AsksAgain reports whether an error is no refusal: a race that was lost, trouble in the store, or an outcome that is not
// known.
func AsksAgain(err error) bool {
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Busy, fault.Unknown:
		return true
	}
	for _, trouble := range []error{storetest.ErrCrash, storetest.ErrUnreachable, store.ErrUnknown, store.ErrThrottled, store.ErrConflict} {
		if errors.Is(err, trouble) {
			return true
		}
	}
	return false
}
