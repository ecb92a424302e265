package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Nobody is sent to an address that is not written exactly as the client's list has it.
func TestARedirectAddressIsTakenAsItIsWrittenOrNotAtAll(t *testing.T) {
	b := openBureau(t)
	for _, to := range oauth.Redirects("VENDOR") {
		if r, err := b.Authorize(with(asked(), "redirect_uri", to)); err != nil || r.Redirect != to {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{
		"", "https://evil.test/", redirect + "/", redirect + "?", redirect + "#", redirect + "?x=y", redirect + "#x",
		strings.ToUpper(redirect), "HTTPS" + redirect[5:], "http" + redirect[5:], strings.Replace(redirect, "VENDOR", "vendor", 1),
		strings.Replace(redirect, "amazon.com", "Amazon.com", 1), strings.Replace(redirect, "amazon.com", "amazon.com:443", 1),
		strings.Replace(redirect, "amazon.com", "amazon.com.", 1), strings.Replace(redirect, "amazon.com", "amazon.com.evil.test", 1),
		strings.Replace(redirect, "https://", "https://user@", 1), strings.Replace(redirect, "https://", "https://user:pass@", 1),
		strings.Replace(redirect, "https://pitangui", "https://evil.test\\@pitangui", 1), strings.Replace(redirect, "link", "%6cink", 1),
		strings.Replace(redirect, "/VENDOR", "%2FVENDOR", 1), strings.Replace(redirect, "/link/", "//link/", 1),
		strings.Replace(redirect, "/link/", "/x/../link/", 1), " " + redirect, redirect + " ", redirect + "\n", redirect + "%00",
		redirect[:len(redirect)-1], "//pitangui.amazon.com/api/skill/link/VENDOR", "javascript:alert(1)",
		"http://127.0.0.1:8080/callback", "https://other.test/back", strings.Repeat("x", 3000),
	} {
		r, err := b.Authorize(with(asked(), "redirect_uri", to))
		if refused(t, err, oauth.InvalidRequest); r != (oauth.Request{}) {
			t.Errorf("%q may be sent to", to)
		}
	}
}

func TestADemosLoopbackTakesAnyPortAndNothingElse(t *testing.T) {
	b := openBureau(t)
	b.Clients[0].Loopback = true
	ok := func(to string) bool {
		_, err := b.Authorize(with(asked(), "redirect_uri", to))
		return err == nil
	}
	for _, to := range []string{"http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback"} {
		if !ok(to) {
			t.Errorf("%s refused", to)
		}
	}
	for _, to := range []string{
		"http://127.0.0.1/callback", "http://127.0.0.1:/callback", "http://127.0.0.1:0/callback", "http://127.0.0.1:65536/callback",
		"http://127.0.0.1:080/callback", "http://127.0.0.1:+80/callback", "http://127.0.0.1:80/callback/", "http://127.0.0.1:80/callback?x",
		"http://127.0.0.1:80@evil.test/callback", "http://127.0.0.1:80/x/callback", "http://localhost:80/callback", "https://127.0.0.1:80/callback",
		"http://127.0.0.2:80/callback", "http://127.0.0.1:80/Callback", "http://user@127.0.0.1:80/callback",
	} {
		if ok(to) {
			t.Errorf("%s taken", to)
		}
	}
}

// What is wrong beside client and address is told to the client, with its state.
func TestWhatIsWrongWithARequestIsToldAtItsAddress(t *testing.T) {
	b := openBureau(t)
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		query url.Values
		want  oauth.Code
	}{
		"no response type":       {with(asked(), "response_type", ""), oauth.InvalidRequest},
		"token":                  {with(asked(), "response_type", "token"), oauth.UnsupportedResponseType},
		"code token":             {with(asked(), "response_type", "code token"), oauth.UnsupportedResponseType},
		"CODE":                   {with(asked(), "response_type", "CODE"), oauth.UnsupportedResponseType},
		"long response type":     {with(asked(), "response_type", long), oauth.InvalidRequest},
		"scope with a quote":     {with(asked(), "scope", `a"b`), oauth.InvalidScope},
		"scope with a letter":    {with(asked(), "scope", "ä"), oauth.InvalidScope},
		"long scope":             {with(asked(), "scope", long), oauth.InvalidRequest},
		"plain":                  {with(asked(), "code_challenge_method", "plain"), oauth.InvalidRequest},
		"s256":                   {with(asked(), "code_challenge_method", "s256"), oauth.InvalidRequest},
		"no method":              {with(asked(), "code_challenge_method", ""), oauth.InvalidRequest},
		"method alone":           {with(asked(), "code_challenge", ""), oauth.InvalidRequest},
		"short challenge":        {with(asked(), "code_challenge", "abc"), oauth.InvalidRequest},
		"padded challenge":       {with(asked(), "code_challenge", strings.Repeat("x", 42)+"="), oauth.InvalidRequest},
		"challenge, other bytes": {with(asked(), "code_challenge", strings.Repeat("x", 21)+"~"+strings.Repeat("x", 21)), oauth.InvalidRequest},
		"long challenge":         {with(asked(), "code_challenge", long), oauth.InvalidRequest},
		"strict, no challenge":   {with(asked(), "client_id", "strict", "code_challenge", "", "code_challenge_method", ""), oauth.InvalidRequest},
	} {
		r, err := b.Authorize(c.query)
		var e *oauth.Error
		if !errors.As(err, &e) || e.Code != c.want || r.Redirect != redirect {
			t.Errorf("%s: %v, to %q", name, err, r.Redirect)
			continue
		}
		if answer := sentTo(t, r.Refusal(e)); answer.Get("error") != string(c.want) || answer.Get("code") != "" {
			t.Errorf("%s: %v", name, answer)
		}
	}
}

func TestNoParameterMayBeThereTwice(t *testing.T) {
	b := openBureau(t)
	for name, value := range asked() {
		query := with(asked())
		query[name] = []string{value[0], value[0]}
		r, err := b.Authorize(query)
		refused(t, err, oauth.InvalidRequest)
		if told := r.Redirect != ""; told == (name == "client_id" || name == "redirect_uri") {
			t.Errorf("%s twice is told at %q", name, r.Redirect)
		}
	}
	query := with(asked())
	query["prompt"] = []string{"a", "b"}
	if _, err := b.Authorize(query); err != nil {
		t.Error("a parameter that nobody knows:", err)
	}
}

func TestAClientThatIsNotKnownIsSentNowhere(t *testing.T) {
	b := openBureau(t)
	for _, id := range []string{"", "nobody", "Alexa", "alexa ", strings.Repeat("x", 5000)} {
		r, err := b.Authorize(with(asked(), "client_id", id))
		if refused(t, err, oauth.InvalidRequest); r.Redirect != "" {
			t.Errorf("%q is sent to %s", id, r.Redirect)
		}
	}
}

func TestAStateIsNotNeededAndATooLongOneIsNotEchoed(t *testing.T) {
	b := openBureau(t)
	r, err := b.Authorize(with(asked(), "state", ""))
	if err != nil {
		t.Fatal(err)
	}
	address, err := b.Decide(t.Context(), b.Ask(b.session), r, oauth.Allow)
	if err != nil || strings.Contains(address, "state") {
		t.Fatal(address, err)
	}
	r, err = b.Authorize(with(asked(), "state", strings.Repeat("s", 5000)))
	refused(t, err, oauth.InvalidRequest)
	if r.State != "" || r.Redirect == "" {
		t.Fatal("state", len(r.State), r.Redirect)
	}
}

func TestNotLinkingIsToldAndMakesNothing(t *testing.T) {
	b := openBureau(t)
	r, err := b.Authorize(asked())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Ask(b.session)
	for range 2 {
		address, err := b.Decide(t.Context(), c, r, oauth.Deny)
		if err != nil {
			t.Fatal(err)
		}
		if answer := sentTo(t, address); answer.Get("error") != "access_denied" || answer.Has("code") {
			t.Fatal(answer)
		}
	}
	if got := strings.Join(b.audited(t), ", "); got != "link.deny" {
		t.Fatal(got)
	}
}

func TestAFormThatIsSentTwiceGivesOneCode(t *testing.T) {
	b := openBureau(t)
	r, err := b.Authorize(asked())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Ask(b.session)
	first, err := b.Decide(t.Context(), c, r, oauth.Allow)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Decide(t.Context(), c, r, oauth.Allow)
	if err != nil || first != second {
		t.Fatal("another code", err)
	}
	r.Redirect = oauth.Redirects("VENDOR")[1]
	if _, err := b.Decide(t.Context(), c, r, oauth.Allow); !errors.Is(err, firm.ErrReused) {
		t.Fatal(err)
	}
}

func TestOnlyASignedInPersonDecides(t *testing.T) {
	b := openBureau(t)
	r, err := b.Authorize(asked())
	if err != nil {
		t.Fatal(err)
	}
	gone := b.Ask(b.session)
	gone.Grant = "revoked"
	for name, c := range map[string]firm.Caller{
		"by voice": b.Ask(b.Admin), "the system": firm.System(b.Firm.ID, "x"), "a payer": firm.Payer(b.Firm.ID, "x"), "a dead session": gone,
	} {
		for _, decision := range []string{oauth.Allow, oauth.Deny} {
			_, err := b.Decide(t.Context(), c, r, decision)
			if kind := fault.KindOf(err); kind != fault.Forbidden && kind != fault.Unauthenticated {
				t.Errorf("%s may %s: %v", name, decision, err)
			}
		}
	}
	for _, decision := range []string{"", "yes", "ALLOW"} {
		if _, err := b.Decide(t.Context(), b.Ask(b.session), r, decision); !errors.Is(err, oauth.ErrDecision) {
			t.Errorf("%q: %v", decision, err)
		}
	}
}
