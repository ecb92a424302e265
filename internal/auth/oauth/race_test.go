package oauth_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/racetest"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func everywhere(t *testing.T, f func(t *testing.T, b *bureau)) {
	racetest.Everywhere(t, func(t *testing.T, open racetest.Open) {
		clock := firmtest.NewClock()
		f(t, grounded(t, open(clock.Now), clock))
	})
}

// grounded is a bureau whose races are lost in a burst: no waiting between tries.
func grounded(t testing.TB, g *racetest.Ground, clock *firmtest.Clock) *bureau {
	b := bureauOn(t, g, clock)
	b.House.Sleep, b.ground = nil, g
	return b
}

// rush sends one form from many sides at once and returns how often each answer came.
func (b *bureau) rush(forms ...func(i int) (oauth.Answer, error)) (answers map[string]int, failures []error) {
	got := make([]oauth.Answer, racetest.Crowd)
	answers = map[string]int{}
	for i, err := range racetest.Rush(racetest.Crowd, func(i int) (err error) { got[i], err = forms[i%len(forms)](i); return err }) {
		if err != nil {
			failures = append(failures, err)
			continue
		}
		answers[got[i].Refresh]++
	}
	return answers, failures
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
			b.ground.Shaken(seed, func() {
				answers, failures = b.rush(func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, redeeming(code)) })
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
		answers, failures := b.rush(
			func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, redeeming(code)) },
			func(i int) (oauth.Answer, error) {
				return b.Token(t.Context(), given, with(redeeming(code), "code_verifier", fmt.Sprintf("%043d", i)))
			})
		wrong := settled(failures)
		for _, err := range wrong {
			refused(t, err, oauth.InvalidGrant)
		}
		if len(wrong) != racetest.Crowd/2 || len(answers) > 1 || b.links(t)-before > 1 {
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
			b.ground.Shaken(seed, func() {
				answers, failures = b.rush(func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, refreshing(a.Refresh)) })
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
		_, failures := b.rush(
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

func TestAConsentThatIsSentManyTimesAtOnceIsOne(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		r, err := b.Authorize(asked())
		if err != nil {
			t.Fatal(err)
		}
		c, told := b.Ask(b.session), make([]string, racetest.Crowd)
		b.ground.Shaken(1, func() {
			for i, err := range racetest.Rush(racetest.Crowd, func(i int) (err error) { told[i], err = b.Decide(t.Context(), c, r, oauth.Allow); return err }) {
				if err != nil && !racetest.AsksAgain(err) {
					t.Error(err)
				}
				if err != nil {
					told[i] = ""
				}
			}
		})
		address, err := b.Decide(t.Context(), c, r, oauth.Allow)
		for _, other := range told {
			if err != nil || other != "" && other != address {
				t.Fatalf("another code, %v", err)
			}
		}
	})
}

// Whoever leaves the firm at that moment: whatever was answered before, nothing works after.
func TestWhoLeavesWhileTheyLinkIsLinkedNoMore(t *testing.T) {
	everywhere(t, func(t *testing.T, b *bureau) {
		ben := b.Hire(t, "Ben", firm.Lawyer)
		b.session = b.signIn(t, ben.Person)
		a, code := b.link(t), b.allow(t, asked())
		people, err := b.House.People(t.Context(), b.Admin)
		if err != nil {
			t.Fatal(err)
		}
		people[1].Active = false
		var left error
		answers, failures := b.rush(
			func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, refreshing(a.Refresh)) },
			func(int) (oauth.Answer, error) { return b.Token(t.Context(), given, redeeming(code)) },
			func(i int) (oauth.Answer, error) {
				if i == 2 {
					_, left = b.House.ChangePerson(t.Context(), b.Ask(b.Admin), people[1])
				}
				return oauth.Answer{Refresh: a.Refresh}, nil
			})
		if left != nil { // it lost against the others too often, and is asked for again
			if _, err := b.House.ChangePerson(t.Context(), b.Ask(b.Admin), people[1]); err != nil {
				t.Fatal(left, err)
			}
		}
		for _, err := range settled(failures) {
			refused(t, err, oauth.InvalidGrant)
		}
		for refresh := range answers {
			b.wants(t, refreshing(refresh), oauth.InvalidGrant)
		}
		b.wants(t, redeeming(code), oauth.InvalidGrant)
		if b.lives(t, a.Access) {
			t.Fatal("the skill still answers")
		}
	})
}

// Each fault of the one commit, and each pair: what is then asked again gets the same answer as would have come.
func TestAnAnswerThatWasLostComesAgainUnderEveryFault(t *testing.T) {
	racetest.EveryFault(t, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
		clock := firmtest.NewClock()
		b := grounded(t, open(clock.Now), clock)
		a := b.insist(t, redeeming(b.allow(t, asked())), faults)
		next := b.insist(t, refreshing(a.Refresh), faults)
		if b.links(t) != 2 || !b.lives(t, next.Access) { // Ada's own, and this one
			t.Fatal(b.links(t))
		}
		if got := b.must(t, refreshing(a.Refresh)); got.Refresh != next.Refresh {
			t.Fatal("another next one")
		}
	})
}

// insist sends a form under faults until it is answered, as Alexa does.
func (b *bureau) insist(t *testing.T, form url.Values, faults []storetest.Fault) (a oauth.Answer) {
	t.Helper()
	b.ground.Insist(t, faults, func() (err error) { a, err = b.Token(t.Context(), given, form); return err }, nil)
	return a
}
