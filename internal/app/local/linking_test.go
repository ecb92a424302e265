package local

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// app is an independent OAuth 2 client, with a browser in which its person signs in and allows.
type linkingApp struct {
	*oauth2.Config
	browser *http.Client
	base    string
}

func newLinkingApp(t *testing.T, h *house) *linkingApp {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(h.Config.Data, "demo-client-secret"))
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &linkingApp{base: h.URL, browser: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	a.Config = &oauth2.Config{
		ClientID: DemoClient, ClientSecret: strings.TrimSpace(string(secret)), RedirectURL: "http://127.0.0.1:4711/callback",
		Endpoint: oauth2.Endpoint{AuthURL: h.URL + "/oauth/authorize", TokenURL: h.URL + "/oauth/token"}, Scopes: []string{"voice"},
	}
	return a
}

// follow sends a request and returns where it leads.
func (a *linkingApp) follow(t *testing.T, address string, form url.Values) *url.URL {
	t.Helper()
	var r *http.Response
	var err error
	if form == nil {
		r, err = a.browser.Get(address)
	} else {
		r, err = a.browser.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode == http.StatusOK {
		return nil
	}
	to, err := r.Location()
	if err != nil {
		t.Fatalf("%s: %s", address, r.Status)
	}
	return to
}

// decide goes the person's way, from signed out to what the client is told.
func (a *linkingApp) decide(t *testing.T, h *house, address, decision string) url.Values {
	t.Helper()
	signIn := a.follow(t, address, nil)
	if signIn == nil || signIn.Path != "/signin" {
		t.Fatalf("not sent to sign in: %v", signIn)
	}
	next := signIn.Query().Get("next")
	back := a.follow(t, a.base+"/signin", url.Values{"email": {DemoEmail}, "password": {h.Demo.Password}, "next": {next}})
	if back == nil || back.String() != address {
		t.Fatalf("sign-in lost the request: %v", back)
	}
	if to := a.follow(t, address, nil); to != nil {
		t.Fatalf("asking sent the person to %s", to)
	}
	told := a.follow(t, address, url.Values{"decision": {decision}})
	if !strings.HasPrefix(told.String(), a.RedirectURL+"?") {
		t.Fatalf("told at %s", told)
	}
	return told.Query()
}

func TestAnIndependentClientLinksRefreshesAndIsRevoked(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), nil)
	a := newLinkingApp(t, h)
	verifier, state := oauth2.GenerateVerifier(), "st&=+/ ä%20"
	told := a.decide(t, h, a.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), "allow")
	if told.Get("state") != state {
		t.Fatalf("state %q", told.Get("state"))
	}
	first, err := a.Exchange(t.Context(), told.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Exchange(t.Context(), told.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil || again.RefreshToken != first.RefreshToken {
		t.Fatal("a lost answer is not given again", err)
	}
	last := a.refreshMany(t, first, 1000)
	a.refuses(t, first.RefreshToken, "invalid_grant") // far behind; the link is none the worse for it
	c, err := h.tokens.Open(last.AccessToken)
	if err != nil || c.Person != h.Demo.Ada {
		t.Fatal(c, err)
	}
	if _, err := h.House.Get(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	revoked, err := http.PostForm(h.URL+"/oauth/revoke", url.Values{"token": {last.RefreshToken}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}})
	if err != nil || revoked.StatusCode != http.StatusOK {
		t.Fatal(revoked, err)
	}
	revoked.Body.Close()
	if _, err := h.House.Get(t.Context(), c); !errors.Is(err, firm.ErrUnlinked) {
		t.Fatal("it still lives:", err)
	}
	a.refuses(t, last.RefreshToken, "invalid_grant")
}

func (a *linkingApp) refresh(ctx context.Context, token string) (*oauth2.Token, error) {
	return a.TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
}

// refreshMany refreshes generation after generation; every hundredth answer is lost, and asked for again.
func (a *linkingApp) refreshMany(t *testing.T, from *oauth2.Token, n int) *oauth2.Token {
	t.Helper()
	for i := range n {
		next, err := a.refresh(t.Context(), from.RefreshToken)
		if err != nil {
			t.Fatal(i, err)
		}
		if i%100 == 0 {
			again, err := a.refresh(t.Context(), from.RefreshToken)
			if err != nil || again.RefreshToken != next.RefreshToken {
				t.Fatal(i, "another next token", err)
			}
		}
		if i == n-1 {
			defer a.refuses(t, from.RefreshToken+"x", "invalid_grant")
		}
		from = next
	}
	return from
}

func (a *linkingApp) refuses(t *testing.T, token, want string) {
	t.Helper()
	_, err := a.refresh(t.Context(), token)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != want {
		t.Fatalf("got %v; want %s", err, want)
	}
}

func TestNotLinkingIsToldToTheClient(t *testing.T) {
	h := move(t, t.TempDir(), firmtest.NewClock(), nil)
	a := newLinkingApp(t, h)
	told := a.decide(t, h, a.AuthCodeURL("s"), "deny")
	if told.Get("error") != "access_denied" || told.Has("code") || told.Get("state") != "s" {
		t.Fatal(told)
	}
}
