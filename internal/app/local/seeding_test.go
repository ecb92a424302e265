package local

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// whole checks that the demo firm is as architecture has it: everything is there, and once.
func (s *Server) whole(t testing.TB) {
	t.Helper()
	c := s.step(app.NewID())
	people, err := s.House.People(t.Context(), c)
	if err != nil || len(people) != 2 {
		t.Errorf("%d people, %v", len(people), err)
	}
	list, _, err := s.Directory.List(t.Context(), c, "")
	if err != nil || len(list) != len(demoClients) {
		t.Errorf("%d clients, %v", len(list), err)
	}
	matters, cards := 0, 0
	for _, client := range list {
		open, err := s.Directory.Matters(t.Context(), c, client.ID)
		if err != nil {
			t.Error(err)
		}
		matters += len(open)
		if _, err := s.Charges.ReadAuthorisation(t.Context(), c, client.ID); err == nil {
			cards++
		} else if !errors.Is(err, charging.ErrNoCard) {
			t.Error(err)
		}
	}
	if matters != 10 || cards != 3 {
		t.Errorf("%d matters, %d cards", matters, cards)
	}
	sums, err := s.Books.Balances(t.Context(), c)
	if err != nil || sums[ledger.TrustBank].Minor != 200_000 {
		t.Errorf("in trust: %v, %v", sums[ledger.TrustBank], err)
	}
	desk := &auth.Desk{House: s.House}
	for _, person := range people {
		if _, err := desk.SignIn(t.Context(), auth.Place{}, person.Email, s.Demo.Password); err != nil {
			t.Errorf("%s cannot sign in: %v", person.Email, err)
		}
		grants, err := s.House.Grants(t.Context(), c, person.ID)
		if err != nil {
			t.Error(err)
		}
		if live := len(grants); live > 2 { // the link, and the sign-in just now
			t.Errorf("%s has %d grants", person.Email, live)
		}
	}
}

// The program is killed while it sets the demo firm up for the first time, wherever it is, until it gets through.
func TestKilledWhileTheDemoFirmIsSetUpItGoesOn(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random, kills := rand.New(rand.NewPCG(seed, 2)), 0
	for range 4 {
		dir, sandboxDir := t.TempDir(), t.TempDir()
		till := launch(t, 0, map[string]string{"CLERK_DATA": sandboxDir, "CLERK_SANDBOX_ADDR": "127.0.0.1:0"}, "sandbox")
		env := map[string]string{"CLERK_DATA": dir, "CLERK_ADDR": "127.0.0.1:0", "CLERK_SANDBOX_URL": till.url}
		p := launch(t, time.Duration(1+random.IntN(300))*time.Millisecond, env)
		for ; p.url == ""; kills++ {
			<-p.gone
			if said := p.errors.String(); said != "" {
				t.Fatalf("it ended by itself: %s", said)
			}
			p = launch(t, time.Duration(1+random.IntN(300))*time.Millisecond, env)
		}
		p.end()
		h := move(t, dir, at(time.Now()), nil, "CLERK_SANDBOX_URL", till.url)
		h.whole(t)
	}
	t.Logf("%d kills", kills)
}

func at(now time.Time) *firmtest.Clock {
	clock := firmtest.NewClock()
	clock.Set(now)
	return clock
}

// The same, at each commit in turn, before it or after it; and then soon, or when no request is remembered any more.
func TestACrashAtEachCommitOfTheSetUpDoesNothingTwice(t *testing.T) {
	faults := [2]storetest.Fault{storetest.CrashBefore, storetest.CrashAfter}
	pauses := [2]time.Duration{time.Second, 72 * time.Hour}
	once := func(n int) bool {
		return crashAt(t, pauses[n/2%2], func(start int) (int, storetest.Fault) {
			if start > 1 {
				return -1, storetest.None
			}
			return n, faults[n%2]
		})
	}
	commits := 0
	for once(commits) {
		commits++
	}
	t.Logf("%d commits", commits)
	for _, fault := range faults { // and again and again
		for _, pause := range pauses {
			crashAt(t, pause, func(start int) (int, storetest.Fault) { return start - 1, fault })
		}
	}
}

// crashAt sets a demo firm up whose every start crashes at the commit that at says, counted from the start; there is
// none below 0. It reports whether it crashed at all.
func crashAt(t *testing.T, pause time.Duration, at func(start int) (commit int, fault storetest.Fault)) bool {
	t.Helper()
	clock := firmtest.NewClock()
	records := storetest.NewFaulty(memory.New(clock.Now), nil)
	cfg := settings(t, t.TempDir(), nil)
	for start := 1; ; start++ {
		from := records.Calls().Commits
		n, fault := at(start)
		records.Restart()
		records.Use(func(c storetest.Call) storetest.Fault {
			if !c.Read && c.N-from == n {
				return fault
			}
			return storetest.None
		})
		s, err := Open(t.Context(), cfg, Options{Now: clock.Now, Store: unclosed{records}})
		if err == nil {
			records.Use(nil)
			s.whole(t)
			s.Close()
			return start > 1
		}
		if !records.Crashed() {
			t.Fatalf("start %d, after a crash %v the commit %d and %v: %v", start, fault, n, pause, err)
		}
		clock.Advance(pause)
	}
}

// unclosed keeps its records when a server that uses it is closed.
type unclosed struct{ store.Backend }

func (unclosed) Close() error { return nil }
