package oauth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
)

func (b *bureau) revoke(t testing.TB, text string) {
	t.Helper()
	if err := b.Revoke(t.Context(), given, url.Values{"token": {text}, "token_type_hint": {"whatever"}}); err != nil {
		t.Fatal(err)
	}
}

func TestRevokingATokenOfALinkEndsIt(t *testing.T) {
	for name, pick := range map[string]func(oauth.Answer) string{
		"access":  func(a oauth.Answer) string { return a.Access },
		"refresh": func(a oauth.Answer) string { return a.Refresh },
	} {
		t.Run(name, func(t *testing.T) {
			b := openBureau(t)
			a, other := b.link(t), b.link(t)
			b.revoke(t, pick(a))
			b.revoke(t, pick(a)) // twice is no error
			b.wants(t, refreshing(a.Refresh), oauth.InvalidGrant)
			if b.lives(t, a.Access) || !b.lives(t, other.Access) {
				t.Fatal("not the one link")
			}
			if got := strings.Join(b.audited(t)[4:], ", "); got != "grant.revoke" {
				t.Fatal(got)
			}
		})
	}
}

func TestRevokingWhatIsNothingIsNoError(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	for _, text := range []string{"x", a.Access + "x", a.Refresh[1:], b.Tokens.Pay(b.Firm.ID, "i")} {
		b.revoke(t, text)
	}
	if !b.lives(t, a.Access) {
		t.Fatal("the link was ended")
	}
	for _, form := range []url.Values{{}, {"token": {""}}, {"token": {a.Access, a.Access}}, {"token": {strings.Repeat("x", 3000)}}, {"token": {a.Access}, "token_type_hint": {"a", "b"}}} {
		refused(t, b.Revoke(t.Context(), given, form), oauth.InvalidRequest)
	}
}

func TestAnotherClientRevokesNothing(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	other := oauth.Credentials{ID: "other", Secret: secret}
	refused(t, b.Revoke(t.Context(), other, url.Values{"token": {a.Refresh}}), oauth.InvalidGrant)
	if got := b.audited(t); got[len(got)-1] != "link.refused revoke.client" || !b.lives(t, a.Access) {
		t.Fatal(got)
	}
}

func TestDisablingTheSkillEndsTheLinkWithATokenThatExpired(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	b.Clock.Advance(48 * time.Hour)
	for _, access := range []string{"", "x", a.Refresh, a.Access[1:]} {
		if err := b.Unlink(t.Context(), access); err != nil {
			t.Fatal(err)
		}
	}
	b.must(t, refreshing(a.Refresh))
	for range 2 {
		if err := b.Unlink(t.Context(), a.Access); err != nil {
			t.Fatal(err)
		}
	}
	b.wants(t, refreshing(a.Refresh), oauth.InvalidGrant)
	if got := b.audited(t); got[len(got)-1] != "grant.revoke" {
		t.Fatal(got)
	}
}
