package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// next lets the coming commits, or reads, meet these faults.
func (o *office) next(reads bool, faults ...storetest.Fault) {
	calls := o.store.Calls()
	if reads {
		o.store.Use(storetest.ReadScript(append(make([]storetest.Fault, calls.Reads()), faults...)...))
		return
	}
	o.store.Use(storetest.Script(append(make([]storetest.Fault, calls.Commits), faults...)...))
}

// finish sweeps without faults, over ends of leases and backoffs, until nothing is left.
func (o *office) finish() {
	o.t.Helper()
	o.store.Use(nil)
	for range 2 * outbox.MaxAttempts {
		o.store.Restart()
		if _, err := o.post.Sweep(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
		o.advance(outbox.LeaseTime)
	}
	o.empty()
}

// A lease and a settling are two commits, and a delivery some reads: every fault at every one of them, and two in a
// row, leaves the message delivered at least once, and gone.
func TestEveryFaultAtEveryStepDeliversAtLeastOnce(t *testing.T) {
	all := append(storetest.Faults(), storetest.None)
	for _, reads := range []bool{false, true} {
		for step := range 12 {
			for _, first := range all {
				for _, second := range all {
					o := open(t)
					o.send("a", 0)
					o.next(reads, append(make([]storetest.Fault, step), first, second)...)
					_, _ = o.post.Sweep(t.Context())
					o.finish()
					if n := len(o.handled); n < 1 || n > 3 {
						t.Fatalf("reads %t, step %d, %v then %v: handled %d times", reads, step, first, second, n)
					}
				}
			}
		}
	}
}

func TestALostReplyToTheRemovalDoesNotDeliverAgain(t *testing.T) {
	for _, f := range []storetest.Fault{storetest.LostReply, storetest.LostRequest, storetest.Conflict, storetest.Throttle} {
		o := open(t)
		o.send("a", 0)
		o.next(false, storetest.None, f)
		o.sweep(1)
		o.finish()
		if len(o.handled) != 1 {
			t.Errorf("%v: handled %d times", f, len(o.handled))
		}
	}
}

func TestNobodyElseDeliversWithinTheLease(t *testing.T) {
	o := open(t)
	other := o.another()
	o.handle = func(ctx context.Context, _ outbox.Message) error {
		o.advance(outbox.LeaseTime - time.Millisecond)
		n, err := other.Sweep(ctx)
		if err = errors.Join(err, other.Deliver(ctx, firmID, "a")); n != 0 || err != nil {
			t.Error(n, err)
		}
		return nil
	}
	o.send("a", 0)
	o.sweep(1)
	if len(o.handled) != 1 {
		t.Fatal(len(o.handled))
	}
}

// A worker that was slower than its lease must not remove what another has taken over.
func TestALateWorkerDoesNotSettleAnothersLease(t *testing.T) {
	o := open(t)
	other := o.another()
	other.Handlers = map[string]outbox.Handler{"test": func(context.Context, outbox.Message) error { return errors.New("no") }}
	o.handle = func(ctx context.Context, _ outbox.Message) error {
		o.advance(outbox.LeaseTime)
		if n, err := other.Sweep(ctx); n != 0 || err != nil {
			t.Error(n, err)
		}
		return nil
	}
	o.send("a", 0)
	if _, err := o.post.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := o.read("a").Message(); err != nil || m.Attempts != 2 || m.LastErr != "internal" {
		t.Fatal("the second worker's outcome was not kept", m, err)
	}
}

// Nor one that another still holds: here the second worker dies with its lease.
func TestALateWorkerDoesNotSettleALeaseThatStillRuns(t *testing.T) {
	o := open(t)
	other := o.another()
	other.Handlers = map[string]outbox.Handler{"test": func(context.Context, outbox.Message) error { o.store.Crash(); return nil }}
	o.handle = func(ctx context.Context, _ outbox.Message) error {
		o.advance(outbox.LeaseTime)
		_, _ = other.Sweep(ctx)
		o.store.Restart()
		return nil
	}
	o.send("a", 0)
	_, _ = o.post.Sweep(t.Context())
	if m, err := o.read("a").Message(); err != nil || m.State != outbox.Leased || m.Attempts != 2 {
		t.Fatal(m, err)
	}
	o.handle = nil
	o.finish()
}

func TestAPointerThatItsMessageDoesNotNameIsRemoved(t *testing.T) {
	o := open(t)
	o.send("a", 0)
	var stale []store.Op
	err := o.store.Walk(t.Context(), func(r store.Record) error {
		if strings.HasPrefix(r.Partition, "s/due/") {
			stale = append(stale, store.Op{Kind: store.Create, Key: r.Key, Value: r.Value})
		}
		return nil
	})
	o.handle = func(context.Context, outbox.Message) error { return outbox.Again{At: o.clock().Add(time.Hour)} }
	o.sweep(0)
	o.commit(stale, err)
	o.sweep(0)
	if len(o.handled) != 1 || o.records() != 2 {
		t.Fatal(len(o.handled), o.records())
	}
}

func TestAWorkerThatDiesEveryTimeLeavesADeadLetter(t *testing.T) {
	o := open(t)
	o.handle = func(context.Context, outbox.Message) error { o.store.Crash(); return nil }
	o.send("a", 0)
	for range outbox.MaxAttempts + 1 {
		_, _ = o.post.Sweep(t.Context())
		o.store.Restart()
		o.advance(outbox.LeaseTime)
	}
	letters, _, err := outbox.DeadLetters(t.Context(), o.view, "")
	if err != nil || len(letters) != 1 || letters[0].LastErr != "crashed" || len(o.handled) != outbox.MaxAttempts {
		t.Fatal(letters, err, len(o.handled))
	}
}

// watch fails the test when two handlers run for one message at once.
func (o *office) watch(failed func(string)) {
	var mu sync.Mutex
	running := map[string]bool{}
	o.handle = func(ctx context.Context, m outbox.Message) error {
		mu.Lock()
		if running[m.ID] {
			failed(m.ID)
		}
		running[m.ID] = true
		mu.Unlock()
		_, _ = o.view.Get(ctx) // lets others in
		mu.Lock()
		defer mu.Unlock()
		running[m.ID] = false
		return nil
	}
}

func TestManySweepsAtOnceDeliverEachMessageOnce(t *testing.T) {
	for range 10 {
		o := open(t)
		o.watch(func(id string) { t.Error("twice at once:", id) })
		for i := range 50 {
			o.send(fmt.Sprint(i), 0)
		}
		var wait sync.WaitGroup
		for range 6 {
			p := o.another()
			p.Workers = 3
			wait.Go(func() {
				if _, err := p.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(o.handled) != 50 {
			t.Fatal(len(o.handled))
		}
		o.empty()
	}
}
