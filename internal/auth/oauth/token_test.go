package oauth_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
)

func TestAClientProvesItselfOrGetsNothing(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	a := b.must(t, redeeming(code))
	for _, c := range []oauth.Credentials{{}, {ID: id}, {ID: id, Secret: "wrong"}, {ID: "nobody", Secret: secret}, {Secret: secret}, {ID: id, Secret: secret + " "}} {
		_, err := b.Token(t.Context(), c, refreshing(a.Refresh))
		refused(t, err, oauth.InvalidClient)
		refused(t, b.Revoke(t.Context(), c, url.Values{"token": {a.Access}}), oauth.InvalidClient)
	}
	b.Clients[0].Secret = func(context.Context) (string, error) { return "", nil }
	_, err := b.Token(t.Context(), oauth.Credentials{ID: id}, refreshing(a.Refresh))
	refused(t, err, oauth.InvalidClient) // an empty secret is nobody's
	trouble := errors.New("no parameter store")
	b.Clients[0].Secret = func(context.Context) (string, error) { return "", trouble }
	if _, err = b.Token(t.Context(), given, refreshing(a.Refresh)); !errors.Is(err, trouble) {
		t.Fatal(err)
	}
}

// Each parameter of each request, missing, doubled, too long and empty.
func TestParametersThatAreNotAsTheyMustBeAreAnInvalidRequest(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	forms := map[string]url.Values{"redeem": redeeming(code), "refresh": refreshing(b.link(t).Refresh)}
	for kind, form := range forms {
		for name := range form {
			doubled, empty := with(form), with(form)
			doubled[name], empty[name] = []string{form.Get(name), form.Get(name)}, []string{""}
			broken := map[string]url.Values{"doubled": doubled, "too long": with(form, name, strings.Repeat("x", 3000))}
			if name != "code_verifier" {
				broken["missing"], broken["empty"] = with(form, name, ""), empty
			}
			for how, f := range broken {
				t.Run(kind+"/"+name+"/"+how, func(t *testing.T) { b.wants(t, f, oauth.InvalidRequest) })
			}
		}
	}
	for _, grant := range []string{"password", "client_credentials", "implicit", "AUTHORIZATION_CODE"} {
		b.wants(t, url.Values{"grant_type": {grant}}, oauth.UnsupportedGrantType)
	}
	b.wants(t, with(forms["refresh"], "scope", "a\\b"), oauth.InvalidScope)
	if got := strings.Join(b.audited(t), ", "); got != "link.allow, link.allow, link.redeem" {
		t.Fatal("something was done:", got)
	}
	for _, form := range forms {
		b.must(t, form) // none of it used anything up
	}
}

func TestACodeIsForItsOwnRequestOnly(t *testing.T) {
	for why, change := range map[string][]string{
		"code.redirect":  {"redirect_uri", "https://layla.amazon.com/api/skill/link/VENDOR"},
		"code.redirect ": {"redirect_uri", redirect + "/"},
		"code.verifier":  {"code_verifier", strings.Repeat("x", 43)},
		"code.verifier ": {"code_verifier", ""},
		"code.client":    {},
	} {
		t.Run(why, func(t *testing.T) {
			b := openBureau(t)
			code := b.allow(t, asked())
			for range 3 {
				c := given
				if len(change) == 0 {
					c.ID = "other"
				}
				_, err := b.Token(t.Context(), c, with(redeeming(code), change...))
				refused(t, err, oauth.InvalidGrant)
			}
			if got := strings.Join(b.audited(t), ", "); got != "link.allow, link.refused "+strings.TrimSpace(why) {
				t.Error(got)
			}
			if !strings.Contains(b.log.String(), "level=WARN") {
				t.Error("no alert")
			}
			b.must(t, redeeming(code)) // a stranger's tries don't take it from its owner
		})
	}
}

func TestAChallengeThatWasTakenOutIsNoticed(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, with(asked(), "code_challenge", "", "code_challenge_method", ""))
	b.wants(t, redeeming(code), oauth.InvalidGrant)
	b.must(t, with(redeeming(code), "code_verifier", ""))
}

func TestAVerifierHasItsForm(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	for _, v := range []string{"short", strings.Repeat("x", 129), strings.Repeat("x", 42) + "!", strings.Repeat("x", 20) + " " + strings.Repeat("x", 30), strings.Repeat("ä", 30)} {
		b.wants(t, with(redeeming(code), "code_verifier", v), oauth.InvalidRequest)
	}
}

func TestACodeLivesFiveMinutes(t *testing.T) {
	b := openBureau(t)
	early, late := b.allow(t, asked()), b.allow(t, asked())
	b.Clock.Advance(oauth.CodeTime - time.Second)
	b.must(t, redeeming(early))
	b.Clock.Advance(time.Second)
	b.wants(t, redeeming(late), oauth.InvalidGrant)
}

func TestACodeIsAnsweredAgainWithinItsGraceAndThenNeverMore(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	first := b.must(t, redeeming(code))
	b.Clock.Advance(oauth.Grace)
	again := b.must(t, redeeming(code))
	if again.Access != first.Access || again.Refresh != first.Refresh || again.Expires != first.Expires-60 {
		t.Fatalf("%+v is another answer than %+v", again, first)
	}
	b.Clock.Advance(time.Second)
	for range 3 {
		b.wants(t, redeeming(code), oauth.InvalidGrant)
	}
	if got := strings.Join(b.audited(t), ", "); got != "link.allow, link.redeem, link.refused code.reused" {
		t.Fatal(got)
	}
	if !b.lives(t, first.Access) {
		t.Fatal("the link was ended")
	}
	b.must(t, refreshing(first.Refresh))
}

func TestACodeIsNotAnsweredOnceItsTokensWereUsed(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	b.must(t, refreshing(b.must(t, redeeming(code)).Refresh))
	b.wants(t, redeeming(code), oauth.InvalidGrant)
}

func TestSigningOutTakesTheCodeAndNotTheLink(t *testing.T) {
	b := openBureau(t)
	code, a := b.allow(t, asked()), b.link(t)
	if err := b.House.RevokeGrant(t.Context(), b.Ask(b.session), b.session.Person, b.session.Grant); err != nil {
		t.Fatal(err)
	}
	b.wants(t, redeeming(code), oauth.InvalidGrant)
	b.must(t, refreshing(a.Refresh))
}

func TestATokenIsRefreshedAThousandTimes(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	seen := map[string]bool{}
	for range 1000 {
		b.Clock.Advance(time.Hour)
		if a = b.must(t, refreshing(a.Refresh)); seen[a.Refresh] {
			t.Fatal("a refresh token came twice")
		}
		seen[a.Refresh] = true
	}
	if !b.lives(t, a.Access) {
		t.Fatal("the last access token is not good")
	}
}

func TestATokenWhoseAnswerWasLostIsAnsweredWithTheSameNextOne(t *testing.T) {
	b := openBureau(t)
	first := b.link(t)
	second := b.must(t, refreshing(first.Refresh))
	for range 3 {
		b.Clock.Advance(24 * time.Hour)
		if again := b.must(t, refreshing(first.Refresh)); again.Refresh != second.Refresh || !b.lives(t, again.Access) {
			t.Fatal("another token")
		}
	}
	third := b.must(t, refreshing(second.Refresh))
	for range 3 {
		b.wants(t, refreshing(first.Refresh), oauth.InvalidGrant)
	}
	if again := b.must(t, refreshing(second.Refresh)); again.Refresh != third.Refresh {
		t.Fatal("another token")
	}
	if got := strings.Join(b.audited(t), ", "); got != "link.allow, link.redeem, link.refresh, link.refresh, link.refused refresh.old" {
		t.Fatal(got)
	}
	if !b.lives(t, third.Access) {
		t.Fatal("the link was ended")
	}
}

func TestARefreshTokenIsForItsOwnClientOnly(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	_, err := b.Token(t.Context(), oauth.Credentials{ID: "other", Secret: secret}, refreshing(a.Refresh))
	refused(t, err, oauth.InvalidGrant)
	if got := b.audited(t); got[len(got)-1] != "link.refused refresh.client" {
		t.Fatal(got)
	}
}

func TestAfterABackupIsRestoredNobodyHasToLinkAgain(t *testing.T) {
	b := openBureau(t)
	c, err := b.Tokens.Open(b.link(t).Access)
	if err != nil {
		t.Fatal(err)
	}
	later := token.Link{Firm: c.Firm, Person: c.Person, Grant: c.Grant, Generation: 7}
	later.Generation = 8
	if got := b.must(t, refreshing(b.Tokens.Refresh(token.Link{Firm: c.Firm, Person: c.Person, Grant: c.Grant, Generation: 7}))); got.Refresh != b.Tokens.Refresh(later) {
		t.Fatal("not the next one")
	}
}

func TestTokensOfOtherKindsAndHandsAreNothing(t *testing.T) {
	b, stranger := openBureau(t), openBureau(t)
	stranger.Tokens.Keys[0][0] ^= 1
	code := b.allow(t, asked())
	a := b.must(t, redeeming(code))
	l := token.Link{Firm: b.Firm.ID, Person: b.Admin.Person, Grant: "0190a000-0000-7000-8000-00000000ffff", Session: b.session.Grant, Generation: 1}
	for name, text := range map[string]string{
		"access": a.Access, "code": code, "pay": b.Tokens.Pay(b.Firm.ID, "i"), "stranger's": stranger.Tokens.Refresh(l),
		"cut": a.Refresh[1:], "changed": strings.Replace(a.Refresh, ".", "..", 1), "of no link": b.Tokens.Refresh(l),
		"null": "\x00", "spaces": "   ", "slash": "../..",
	} {
		t.Run(name, func(t *testing.T) { b.wants(t, refreshing(text), oauth.InvalidGrant) })
	}
	for name, text := range map[string]string{"access": a.Access, "refresh": a.Refresh, "stranger's": stranger.Tokens.Code(l), "of no link": b.Tokens.Code(l)} {
		t.Run("code/"+name, func(t *testing.T) { b.wants(t, redeeming(text), oauth.InvalidGrant) })
	}
}

func TestWhoLeftTheFirmIsLinkedNoMore(t *testing.T) {
	b := openBureau(t)
	ben := b.Hire(t, "Ben", firm.Lawyer)
	b.session = b.signIn(t, ben.Person)
	code, a := b.allow(t, asked()), b.link(t)
	people, err := b.House.People(t.Context(), b.Admin)
	if err != nil {
		t.Fatal(err)
	}
	people[1].Active = false
	if _, err := b.House.ChangePerson(t.Context(), b.Ask(b.Admin), people[1]); err != nil {
		t.Fatal(err)
	}
	b.wants(t, redeeming(code), oauth.InvalidGrant)
	b.wants(t, refreshing(a.Refresh), oauth.InvalidGrant)
	if b.lives(t, a.Access) {
		t.Fatal("the token is still good")
	}
}
