package billing

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func (c *chambers) addAll(t testing.TB, request firm.Caller) Added {
	t.Helper()
	added, err := c.desk.AddAll(t.Context(), request, acme)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// many logs six minutes each, far enough apart to be billed each, over several days and two people, and a cost at the end.
func (c *chambers) many(t testing.TB, n int) {
	t.Helper()
	for i := range n - 1 {
		who := c.lawyer
		if i%3 == 0 {
			who = c.Admin
		}
		c.worked(t, who, 3600, "2026-11-"+strconv.Itoa(10+i%12))
	}
	c.spent(t, c.lawyer, 5000)
}

// worker delivers what is due.
func (c *chambers) worker(t testing.TB, later time.Duration) {
	t.Helper()
	c.Clock.Advance(later)
	post := &outbox.Post{Store: c.House.Store, Now: c.Clock.Now, Jitter: func() float64 { return 1 }, Workers: 1,
		Handlers: map[string]outbox.Handler{KindAddAll: c.desk.Deliver}}
	for next, err := post.NextDue(t.Context()); !next.IsZero() && !next.After(c.Clock.Now()); next, err = post.NextDue(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := post.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// whole checks that everything is on the bill, once, and that nothing of the job is left.
func (c *chambers) whole(t testing.TB, n int) {
	t.Helper()
	draft, _, _ := c.openOf(t, c.matter.ID)
	if draft == nil || draft.Adding != "" || draft.Count != n {
		t.Fatalf("the draft is %+v", draft)
	}
	seen, net := map[string]bool{}, int64(0)
	for i, l := range c.lines(t, draft.ID) {
		seen[l.Entry] = true
		net += l.Amount.Minor
		if l.Seq != i+1 {
			t.Errorf("line %d is numbered %d", i+1, l.Seq)
		}
	}
	if len(seen) != n || draft.Net.Minor != net {
		t.Errorf("%d entries on %d lines, %v on the bill and %d on its lines", len(seen), n, draft.Net, net)
	}
	if _, err := c.desk.AddAll(t.Context(), c.Ask(c.lawyer), acme); !errors.Is(err, ErrNothing) {
		t.Errorf("everything again: %v", err)
	}
	post := &outbox.Post{Store: c.House.Store, Now: c.Clock.Now}
	if next, err := post.NextDue(t.Context()); err != nil || !next.IsZero() && next.After(c.Clock.Now().Add(lead)) {
		t.Errorf("a message is due at %v, %v", next, err)
	}
}

func TestEverythingGoesOnTheBillInOneCommitWhenItFits(t *testing.T) {
	c := openChambers(t)
	c.many(t, 7)
	ctx, trips := store.CountTrips(t.Context())
	added, err := c.desk.AddAll(ctx, c.Ask(c.lawyer), acme)
	if got := trips(); err != nil || got.Reads != 3 || got.Commits != 1 {
		t.Fatalf("%v, trips %+v", err, got)
	}
	if added.Lines != 7 || added.Theirs != 2 || added.Left != 0 || added.Count != 7 || added.Billed != 6*3600 || added.Amount != usd(185000) || added.Total != usd(185000) {
		t.Errorf("added %+v", added)
	}
	c.whole(t, 7)
}

func TestALargeBillIsGatheredInChunksWithAnHonestCount(t *testing.T) {
	c := openChambers(t)
	n := chunk*(inline+1) - 1
	c.many(t, n)
	added := c.addAll(t, c.Ask(c.lawyer))
	if added.Lines != n || added.Left != 0 || added.Count != n || added.Total != usd(int64(n-1)*30000+5000) || added.Amount != added.Total {
		t.Errorf("added %+v", added)
	}
	c.whole(t, n)
}

func TestWhatIsLeftTheWorkerAddsAndTheBillIsNotIssuedMeanwhile(t *testing.T) {
	c := openChambers(t)
	n := chunk*(inline+2) + 3
	c.many(t, n)
	request := c.Ask(c.lawyer)
	added := c.addAll(t, request)
	if added.Lines != chunk*(inline+1) || added.Left != chunk+3 || added.Count != added.Lines {
		t.Fatalf("added %+v", added)
	}
	if _, err := c.issue(t.Context(), c.matter.ID, ""); !errors.Is(err, ErrAdding) {
		t.Errorf("issued meanwhile: %v", err)
	}
	if _, err := c.desk.TakeOff(t.Context(), c.Ask(c.lawyer), acme); !errors.Is(err, ErrAdding) {
		t.Errorf("taken off meanwhile: %v", err)
	}
	c.worker(t, lead)
	c.whole(t, n)
	if again := c.addAll(t, request); again.Lines != n || again.Left != 0 || again.Count != n {
		t.Errorf("said again: %+v", again)
	}
}

func TestAJobThatDiesBetweenItsChunksIsFinishedByTheWorker(t *testing.T) {
	for crash := 1; crash <= 3; crash++ {
		c := openChambers(t)
		n := 3*chunk + 5
		c.many(t, n)
		commits, real := 0, c.House.Store
		faulty := storetest.NewFaulty(real, func(call storetest.Call) storetest.Fault {
			if !call.Read {
				commits++
			}
			if !call.Read && commits == crash {
				return storetest.CrashAfter
			}
			return storetest.None
		})
		c.House.Store = faulty
		_, _ = c.desk.AddAll(context.WithoutCancel(t.Context()), c.Ask(c.lawyer), acme)
		c.House.Store = real
		if draft, _, _ := c.openOf(t, c.matter.ID); draft == nil || draft.Count != crash*chunk || draft.Adding == "" {
			t.Fatalf("after %d commits the draft is %+v", crash, draft)
		}
		c.worker(t, lead)
		c.whole(t, n)
	}
}

func TestEverythingSaidTwiceAtOnceIsAddedOnce(t *testing.T) {
	c := openChambers(t)
	n := 2*chunk + 5
	c.many(t, n)
	done := make(chan error)
	for range 3 {
		request := c.Ask(c.lawyer)
		go func() {
			_, err := c.desk.AddAll(t.Context(), request, acme)
			done <- err
		}()
	}
	for range 3 {
		<-done // a race that is lost is no harm: the worker goes on
	}
	c.worker(t, lead)
	if draft, _, _ := c.openOf(t, c.matter.ID); draft.Count < n {
		c.addAll(t, c.Ask(c.lawyer))
	}
	c.whole(t, n)
}

func TestEverythingLeavesOutWhatWaitsToBeConfirmedAndSaysSo(t *testing.T) {
	c := openChambers(t)
	if _, err := c.time.Start(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	c.Clock.Advance(13 * time.Hour)
	if _, err := c.time.Stop(t.Context(), c.Ask(c.lawyer), acme, timekeeping.When{Now: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.desk.AddAll(t.Context(), c.Ask(c.lawyer), acme); !errors.Is(err, ErrUnconfirmed) {
		t.Errorf("with nothing else: %v", err)
	}
	c.worked(t, c.lawyer, 3600, "")
	if added := c.addAll(t, c.Ask(c.lawyer)); added.Lines != 1 || !added.Waiting {
		t.Errorf("added %+v", added)
	}
}
