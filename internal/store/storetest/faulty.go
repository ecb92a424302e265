package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/billingclerk/billingclerk/internal/store"
)

// ErrCrash says that the process died at this call, or before it. Every call returns it until Restart.
var ErrCrash = errors.New("storetest: crashed")

// ErrUnreachable is a plain failure to reach the database: nothing was sent. It is none of the store's kinds.
var ErrUnreachable = errors.New("storetest: unreachable")

// Fault is what befalls one call.
type Fault int

// The faults. A read that meets Conflict, LostRequest or LostReply is Unreachable, since a read has no outcome.
const (
	None        Fault = iota
	Conflict          // store.ErrConflict, nothing written
	Throttle          // store.ErrThrottled, nothing written
	LostRequest       // store.ErrUnknown, and nothing was written
	LostReply         // store.ErrUnknown, but it was written
	CrashBefore       // ErrCrash, nothing written, and everything after refused
	CrashAfter        // ErrCrash, but it was written, and everything after refused
	Unreachable       // ErrUnreachable, nothing written
)

var faultNames = [...]string{"none", "conflict", "throttle", "lost request", "lost reply", "crash before", "crash after", "unreachable"}

// String names the fault as a failing simulation prints it.
func (f Fault) String() string { return faultNames[f] }

// Faults lists every fault but None, for a simulation that exhausts them.
func Faults() []Fault {
	return []Fault{Conflict, Throttle, LostRequest, LostReply, CrashBefore, CrashAfter, Unreachable}
}

// Call describes a call before it is made. N counts reads and commits apart, from 0, and goes on over Restart.
type Call struct {
	Read bool
	N    int
	Ops  []store.Op // of a commit
}

// Source decides what befalls a call. It is called under a lock, in the order of the calls.
type Source func(Call) Fault

// Script lets the nth commit meet the nth fault; later commits and all reads go well.
func Script(commits ...Fault) Source {
	return func(c Call) Fault { return nth(commits, c, false) }
}

// ReadScript lets the nth read meet the nth fault; later reads and all commits go well.
func ReadScript(reads ...Fault) Source {
	return func(c Call) Fault { return nth(reads, c, true) }
}

// Join asks several sources and takes the first fault.
func Join(sources ...Source) Source {
	return func(c Call) Fault {
		for _, s := range sources {
			if f := s(c); f != None {
				return f
			}
		}
		return None
	}
}

// Seeded lets a commit or a read meet one of the faults with a probability of perMille in a thousand. The same seed
// and the same order of calls give the same faults.
func Seeded(seed uint64, perMille int, faults ...Fault) Source {
	random := rand.New(rand.NewPCG(seed, 0x5eed))
	return func(Call) Fault {
		if random.IntN(1000) >= perMille {
			return None
		}
		return faults[random.IntN(len(faults))]
	}
}

func nth(faults []Fault, c Call, read bool) Fault {
	if c.Read != read || c.N >= len(faults) {
		return None
	}
	return faults[c.N]
}

// Calls counts what reached Faulty, refused calls included. Keys, Records and Ops measure capacity: keys asked for by
// Get, records returned by Query, operations in commits.
type Calls struct{ Gets, Queries, Walks, Commits, Keys, Records, Ops int }

// Reads is the number of Gets, Queries and Walks.
func (c Calls) Reads() int { return c.Gets + c.Queries + c.Walks }

// Faulty is a Backend that lets calls to another meet faults. It has no clock and no randomness of its own.
type Faulty struct {
	backend store.Backend

	mu      sync.Mutex
	source  Source
	calls   Calls
	crashed bool
}

// NewFaulty wraps a backend. A nil source injects nothing: the wrapper then only counts.
func NewFaulty(b store.Backend, source Source) *Faulty {
	f := &Faulty{backend: b}
	f.Use(source)
	return f
}

// Use replaces the source; counting goes on, and with it Call.N.
func (f *Faulty) Use(source Source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if source == nil {
		source = Script()
	}
	f.source = source
}

// Restart ends a crash: what was written is still there, and calls are let through again.
func (f *Faulty) Restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crashed = false
}

// Crash refuses every call from now on, as if the process had died between two calls.
func (f *Faulty) Crash() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crashed = true
}

// Crashed reports whether a crash has not been ended by Restart.
func (f *Faulty) Crashed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.crashed
}

// Calls returns the counts so far.
func (f *Faulty) Calls() Calls {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// Get implements store.Backend.
func (f *Faulty) Get(ctx context.Context, keys ...store.Key) (records []store.Record, err error) {
	err = f.read(Calls{Gets: 1, Keys: len(keys)}, func() error {
		records, err = f.backend.Get(ctx, keys...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// Query implements store.Backend.
func (f *Faulty) Query(ctx context.Context, q store.Query) (page store.Page, err error) {
	err = f.read(Calls{Queries: 1}, func() error {
		page, err = f.backend.Query(ctx, q)
		return err
	})
	if err != nil {
		return store.Page{}, err
	}
	f.count(Calls{Records: len(page.Records)})
	return page, nil
}

// Walk implements store.Backend. A fault befalls its beginning or its end.
func (f *Faulty) Walk(ctx context.Context, visit func(store.Record) error) error {
	return f.read(Calls{Walks: 1}, func() error { return f.backend.Walk(ctx, visit) })
}

// Commit implements store.Backend.
func (f *Faulty) Commit(ctx context.Context, ops ...store.Op) error {
	switch fault := f.meet(Calls{Commits: 1, Ops: len(ops)}, false, ops); fault {
	case None:
		return f.backend.Commit(ctx, ops...)
	case LostReply, CrashAfter:
		// A commit that fails of itself gives its own answer, unless the crash keeps it from being heard.
		if err := f.backend.Commit(ctx, ops...); err != nil && fault == LostReply {
			return err
		}
		return fault.err()
	default:
		return fault.err()
	}
}

// Close implements store.Backend.
func (f *Faulty) Close() error { return f.backend.Close() }

func (f *Faulty) read(calls Calls, do func() error) error {
	switch fault := f.meet(calls, true, nil); fault {
	case None:
		return do()
	case CrashBefore, CrashAfter, Throttle:
		return fault.err()
	default:
		return Unreachable.err()
	}
}

// meet counts a call and decides its fault. After a crash there is only one, and the source is not asked.
func (f *Faulty) meet(calls Calls, read bool, ops []store.Op) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := Call{Read: read, N: f.calls.Commits, Ops: ops}
	if read {
		call.N = f.calls.Reads()
	}
	f.add(calls)
	if f.crashed {
		return CrashBefore
	}
	fault := f.source(call)
	f.crashed = fault == CrashBefore || fault == CrashAfter
	return fault
}

func (f *Faulty) count(c Calls) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(c)
}

func (f *Faulty) add(c Calls) {
	f.calls.Gets += c.Gets
	f.calls.Queries += c.Queries
	f.calls.Walks += c.Walks
	f.calls.Commits += c.Commits
	f.calls.Keys += c.Keys
	f.calls.Records += c.Records
	f.calls.Ops += c.Ops
}

func (f Fault) err() error {
	kind := map[Fault]error{
		Conflict: store.ErrConflict, Throttle: store.ErrThrottled,
		LostRequest: store.ErrUnknown, LostReply: store.ErrUnknown,
		CrashBefore: ErrCrash, CrashAfter: ErrCrash, Unreachable: ErrUnreachable,
	}[f]
	return fmt.Errorf("injected %s: %w", f, kind)
}
