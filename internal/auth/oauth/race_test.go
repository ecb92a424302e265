package oauth_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/sqlite"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

const crowd = 50

// backends are where races are run; one more is added where its program is there.
var backends = map[string]func(t *testing.T, now func() time.Time) store.Backend{
	"memory": func(_ *testing.T, now func() time.Time) store.Backend { return memory.New(now) },
	"sqlite": func(t *testing.T, now func() time.Time) store.Backend {
		b, err := sqlite.Open(filepath.Join(t.TempDir(), "clerk.db"), now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	},
	"faulty": func(_ *testing.T, now func() time.Time) store.Backend {
		return storetest.NewFaulty(memory.New(now), nil)
	},
}

func everywhere(t *testing.T, f func(t *testing.T, b *bureau)) {
	for name, open := range backends {
		t.Run(name, func(t *testing.T) {
			clock := firmtest.NewClock()
			backend := open(t, clock.Now)
			b := bureauOn(t, backend, clock)
			b.House.Sleep = nil // races are lost in a burst: no waiting between tries
			if faulty, ok := backend.(*storetest.Faulty); ok {
				b.trouble = faulty
			}
			f(t, b)
		})
	}
}

// rush sends one form from many sides at once and returns how often each answer came.
func (b *bureau) rush(t *testing.T, forms ...func(i int) (oauth.Answer, error)) (answers map[string]int, failures []error) {
	t.Helper()
	answers = map[string]int{}
	var wait sync.WaitGroup
	var mu sync.Mutex
	for i := range crowd {
		wait.Go(func() {
			a, err := forms[i%len(forms)](i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failures = append(failures, err)
				return
			}
			answers[a.Refresh]++
		})
	}
	wait.Wait()
	return answers, failures
}

// shaken lets faults befall the store, where it can, while f runs.
func (b *bureau) shaken(seed uint64, f func()) {
	if b.trouble == nil {
		f()
		return
	}
	b.trouble.Use(storetest.Seeded(seed, 150, storetest.Conflict, storetest.Throttle, storetest.LostReply, storetest.LostRequest))
	defer b.trouble.Use(nil)
	f()
}

// settled drops the failures that ask to be tried again: a race lost too often, or trouble in the store.
func settled(failures []error) (left []error) {
	for _, err := range failures {
		if !asksAgain(err) {
			left = append(left, err)
		}
	}
	return left
}

func (b *bureau) links(t *testing.T) int {
	t.Helper()
	grants, err := b.House.Grants(t.Context(), b.Admin, b.session.Person)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range grants {
		if g.Kind == firm.LinkGrant {
			n++
		}
	}
	return n
}

func TestACodeThatManyRedeemAtOnceMakesOneLink(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		for seed := range uint64(10) {
			code, before := b.allow(t, asked()), b.links(t)
			var answers map[string]int
			var failures []error
			b.shaken(seed, func() {
				answers, failures = b.rush(t, func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, redeeming(code)) })
			})
			if left := settled(failures); len(answers) > 1 || len(left) > 0 {
				t.Fatalf("seed %d: %d answers, %v", seed, len(answers), left)
			}
			a := b.must(t, redeeming(code))
			for refresh := range answers {
				if refresh != a.Refresh {
					t.Fatalf("seed %d: a retry gets another answer", seed)
				}
			}
			if got := b.links(t) - before; got != 1 {
				t.Fatalf("seed %d: %d links", seed, got)
			}
		}
		if got := strings.Count(strings.Join(b.audited(t), ","), "link.redeem"); got != 10 {
			t.Fatalf("%d redemptions", got)
		}
	})
}

func TestAmongManyOnlyWhoHoldsTheVerifierRedeems(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		code, before := b.allow(t, asked()), b.links(t)
		answers, failures := b.rush(t,
			func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, redeeming(code)) },
			func(i int) (oauth.Answer, error) {
				return b.Token(t.Context(), given, with(redeeming(code), "code_verifier", fmt.Sprintf("%043d", i)))
			})
		wrong := settled(failures)
		for _, err := range wrong {
			refused(t, err, oauth.InvalidGrant)
		}
		if len(wrong) != crowd/2 || len(answers) > 1 || b.links(t)-before > 1 {
			t.Fatalf("%d refused, %d answers", len(wrong), len(answers))
		}
		if got := strings.Count(strings.Join(b.audited(t), ","), "link.refused code.verifier"); got != 1 {
			t.Fatalf("reported %d times", got)
		}
	})
}

func TestATokenThatManyRefreshAtOnceHasOneNext(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		a := b.link(t)
		for seed := range uint64(10) {
			var answers map[string]int
			var failures []error
			b.shaken(seed, func() {
				answers, failures = b.rush(t, func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, refreshing(a.Refresh)) })
			})
			if left := settled(failures); len(answers) > 1 || len(left) > 0 {
				t.Fatalf("seed %d: %d answers, %v", seed, len(answers), left)
			}
			next := b.must(t, refreshing(a.Refresh))
			for refresh := range answers {
				if refresh != next.Refresh {
					t.Fatalf("seed %d: a retry gets another answer", seed)
				}
			}
			a = next
		}
	})
}

// A refresh that races with the link's end leaves it ended.
func TestALinkThatIsRevokedWhileItIsRefreshedStaysRevoked(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		a := b.link(t)
		_, failures := b.rush(t,
			func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, refreshing(a.Refresh)) },
			func(int) (oauth.Answer, error) { return a, b.Unlink(t.Context(), a.Access) })
		for _, err := range settled(failures) {
			refused(t, err, oauth.InvalidGrant)
		}
		if err := b.Unlink(t.Context(), a.Access); err != nil || b.lives(t, a.Access) {
			t.Fatal("it lives", err)
		}
		b.wants(t, refreshing(a.Refresh), oauth.InvalidGrant)
	})
}

// Each fault of the one commit, and each pair: what is then asked again gets the same answer as would have come.
func TestAnAnswerThatWasLostComesAgainUnderEveryFault(t *testing.T) {
	for _, first := range storetest.Faults() {
		for _, second := range append(storetest.Faults(), storetest.None) {
			t.Run(first.String()+", "+second.String(), func(t *testing.T) {
				clock := firmtest.NewClock()
				faulty := storetest.NewFaulty(memory.New(clock.Now), nil)
				b := bureauOn(t, faulty, clock)
				code := b.allow(t, asked())
				a := b.insist(t, faulty, redeeming(code), first, second)
				next := b.insist(t, faulty, refreshing(a.Refresh), first, second)
				if b.links(t) != 2 || !b.lives(t, next.Access) { // Ada's own, and this one
					t.Fatal(b.links(t))
				}
				if got := b.must(t, refreshing(a.Refresh)); got.Refresh != next.Refresh {
					t.Fatal("another next one")
				}
			})
		}
	}
}

// insist sends a form under two faults until it is answered, as Alexa does.
func (b *bureau) insist(t *testing.T, faulty *storetest.Faulty, form map[string][]string, faults ...storetest.Fault) oauth.Answer {
	t.Helper()
	left := faults
	faulty.Use(func(c storetest.Call) (f storetest.Fault) {
		if c.Read || len(left) == 0 {
			return storetest.None
		}
		f, left = left[0], left[1:]
		return f
	})
	defer faulty.Use(nil)
	for range 5 {
		a, err := b.Token(t.Context(), given, form)
		if err == nil {
			return a
		}
		if !asksAgain(err) {
			t.Fatal(err)
		}
		faulty.Restart()
	}
	t.Fatal("no answer after five tries")
	return oauth.Answer{}
}
