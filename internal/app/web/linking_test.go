//go:build dynamo

package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/oauth2"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/cloud"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
)

const (
	base     = "https://clerk.test"
	redirect = "https://layla.amazon.com/api/skill/link/VENDOR"
	secret   = "a-secret-that-only-amazon-knows"
	password = "correct horse battery"
)

// gateway sends requests to the function as the HTTP API does, as events.
type gateway struct{ *Gateway }

// RoundTrip makes a gateway an HTTP client's transport.
func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	event := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery, Headers: map[string]string{"host": r.URL.Host}}
	event.RequestContext.HTTP.Method, event.RequestContext.HTTP.Path = r.Method, r.URL.Path
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	for name, list := range r.Header {
		if name == "Cookie" {
			event.Cookies = strings.Split(strings.Join(list, "; "), "; ")
			continue
		}
		event.Headers[strings.ToLower(name)] = strings.Join(list, ",")
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	answer, err := g.Handle(r.Context(), event)
	if err != nil {
		return nil, err
	}
	response := &http.Response{StatusCode: answer.StatusCode, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer.Body)), Request: r}
	for name, value := range answer.Headers {
		response.Header.Set(name, value)
	}
	for _, cookie := range answer.Cookies {
		response.Header.Add("Set-Cookie", cookie)
	}
	return response, nil
}

// settings are a web function's on a fresh table, with PKCE required.
func settings(t *testing.T) config.Lookup {
	t.Helper()
	dir := t.TempDir()
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))
	for name, text := range map[string]string{"token-key": key, "pepper": key, "oauth-secret": secret} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := dynamotest.Environment()
	for name, value := range map[string]string{
		"CLERK_TABLE": dynamotest.Table(t), "CLERK_DYNAMO_ENDPOINT": dynamotest.Endpoint(t), "CLERK_BASE_URL": base, "CLERK_BUCKET": "b",
		"CLERK_TOKEN_KEY": "file:" + dir + "/token-key", "CLERK_PEPPER": "file:" + dir + "/pepper", "CLERK_VENDOR_ID": "VENDOR",
		"CLERK_OAUTH_CLIENT": "alexa", "CLERK_OAUTH_SECRET": "file:" + dir + "/oauth-secret", "CLERK_OAUTH_PKCE": "1",
	} {
		env[name] = value
	}
	return func(name string) string { return env[name] }
}

// staffed opens a firm on the function's table, in which Ada has a password.
func staffed(t *testing.T, env config.Lookup) *cloud.Base {
	t.Helper()
	b, err := cloud.Open(t.Context(), env, config.Web, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	f, ada, err := b.House.OpenFirm(t.Context(), firm.Firm{Name: "Demo and Partners", Zone: "America/New_York", Currency: "USD"}, firm.Person{Name: "Ada", Email: "ada@demo.test"})
	if err != nil {
		t.Fatal(err)
	}
	c := firm.Caller{Firm: f.ID, Person: ada.ID, Channel: firm.BySetup, Request: app.NewID()}
	if err := (&auth.Desk{House: b.House}).SetPassword(t.Context(), c, ada.ID, "ada@demo.test", password); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheFunctionLinksAnIndependentClient(t *testing.T) {
	env := settings(t)
	b := staffed(t, env)
	adapter, err := New(t.Context(), env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: gateway{adapter}, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	amazon := oauth2.Config{
		ClientID: "alexa", ClientSecret: secret, RedirectURL: redirect, Scopes: []string{"voice"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/oauth/authorize", TokenURL: base + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
	leads := func(r *http.Response, err error) *url.URL {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		to, err := r.Location()
		if err != nil {
			t.Fatalf("%s: %v", r.Status, err)
		}
		return to
	}
	if to := leads(browser.Get(amazon.AuthCodeURL("s"))); to.Path != "/signin" {
		t.Fatal(to)
	}
	leads(browser.PostForm(base+"/signin", url.Values{"email": {"ada@demo.test"}, "password": {password}}))
	if to := leads(browser.Get(amazon.AuthCodeURL("s"))); to.Query().Get("error") != "invalid_request" {
		t.Fatal("PKCE is not required:", to)
	}
	verifier := oauth2.GenerateVerifier()
	told := leads(browser.PostForm(amazon.AuthCodeURL("s=&ä", oauth2.S256ChallengeOption(verifier)), url.Values{"decision": {"allow"}}))
	if !strings.HasPrefix(told.String(), redirect+"?") || told.Query().Get("state") != "s=&ä" {
		t.Fatal(told)
	}

	machine := &http.Client{Transport: gateway{adapter}}
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, machine)
	tokens, err := amazon.Exchange(ctx, told.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := amazon.Exchange(ctx, told.Query().Get("code"), oauth2.VerifierOption(verifier)); err != nil || again.RefreshToken != tokens.RefreshToken {
		t.Fatal("the answer was lost, and does not come again", err)
	}
	first := tokens
	refresh := func(from string) (*oauth2.Token, error) {
		return amazon.TokenSource(ctx, &oauth2.Token{RefreshToken: from}).Token()
	}
	for i := range 1000 {
		next, err := refresh(tokens.RefreshToken)
		if err != nil {
			t.Fatal(i, err)
		}
		if i%250 == 0 { // the answer was lost
			if again, err := refresh(tokens.RefreshToken); err != nil || again.RefreshToken != next.RefreshToken {
				t.Fatal(i, err)
			}
		}
		tokens = next
	}
	var refused *oauth2.RetrieveError
	if _, err := refresh(first.RefreshToken); !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
		t.Fatal("a token far behind:", err)
	}
	c, err := b.Tokens.Open(tokens.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.House.Get(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r, err := machine.PostForm(base+"/oauth/revoke", url.Values{"token": {tokens.AccessToken}, "client_id": {"alexa"}, "client_secret": {secret}})
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(r, err)
	}
	r.Body.Close()
	_, err = refresh(tokens.RefreshToken)
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
		t.Fatal(err)
	}
}
