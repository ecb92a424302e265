package oauth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/racetest"
)

const (
	id       = "alexa"
	secret   = "the client's secret"
	redirect = "https://pitangui.amazon.com/api/skill/link/VENDOR"
	state    = "A2SAAEAE=+/ %C3%A4&x=y"
	proof    = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // the verifier of RFC 7636's appendix B
)

var given = oauth.Credentials{ID: id, Secret: secret}

// bureau is an authorisation server on a backend, with Ada signed in on the console.
type bureau struct {
	*firmtest.Office
	*oauth.Server
	House   *firm.House // both have one, the same
	session firm.Caller
	log     *bytes.Buffer
	ground  *racetest.Ground // of a race
}

func openBureau(t testing.TB) *bureau {
	t.Helper()
	clock := firmtest.NewClock()
	return bureauOn(t, memory.New(clock.Now), clock)
}

func bureauOn(t testing.TB, backend store.Backend, clock *firmtest.Clock) *bureau {
	t.Helper()
	b := &bureau{House: firmtest.House(backend, clock), log: &bytes.Buffer{}}
	b.Office = firmtest.In(t, b.House, clock)
	other := client("other", false)
	other.Redirects = append(other.Redirects, "https://other.test/back")
	b.Server = &oauth.Server{
		House: b.House, Tokens: &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: clock.Now},
		Clients: []oauth.Client{client(id, false), client("strict", true), other}, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
	if err := b.Valid(); err != nil {
		t.Fatal(err)
	}
	b.session = b.signIn(t, b.Admin.Person)
	return b
}

func client(id string, pkce bool) oauth.Client {
	return oauth.Client{
		ID: id, Name: "Alexa", Redirects: oauth.Redirects("VENDOR"), PKCE: pkce,
		Secret: func(context.Context) (string, error) { return secret, nil },
	}
}

// signIn gives a person a session.
func (b *bureau) signIn(t testing.TB, person string) firm.Caller {
	t.Helper()
	c := firm.Caller{Firm: b.Firm.ID, Person: person, Grant: b.House.NewID(), Channel: firm.ByConsole}
	v := b.House.View(c)
	g := firm.Grant{ID: c.Grant, Person: person, Kind: firm.SessionGrant, Created: b.Clock.Now()}
	if err := v.Commit(t.Context(), firm.NewGrant(v, g)); err != nil {
		t.Fatal(err)
	}
	return b.Ask(c)
}

func asked() url.Values {
	sum := sha256.Sum256([]byte(proof))
	return url.Values{
		"response_type": {"code"}, "client_id": {id}, "redirect_uri": {redirect}, "state": {state}, "scope": {"voice"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

// with is values with some changed, and those named with no value taken out.
func with(v url.Values, changes ...string) url.Values {
	out := url.Values{}
	for name, list := range v {
		out[name] = list
	}
	for i := 0; i < len(changes); i += 2 {
		if out.Del(changes[i]); changes[i+1] != "" {
			out.Set(changes[i], changes[i+1])
		}
	}
	return out
}

// allow asks and is allowed, and returns the code that came with the state.
func (b *bureau) allow(t testing.TB, query url.Values) string {
	t.Helper()
	r, err := b.Authorize(query)
	if err != nil {
		t.Fatal(err)
	}
	address, err := b.Decide(t.Context(), b.Ask(b.session), r, oauth.Allow)
	if err != nil {
		t.Fatal(err)
	}
	return sentTo(t, address).Get("code")
}

func sentTo(t testing.TB, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, redirect+"?") {
		t.Fatalf("sent to %s, %v", address, err)
	}
	if got := u.Query().Get("state"); got != state {
		t.Fatalf("the state came back as %q", got)
	}
	return u.Query()
}

func redeeming(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {proof}}
}

func refreshing(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

// link allows and redeems.
func (b *bureau) link(t testing.TB) oauth.Answer {
	t.Helper()
	return b.must(t, redeeming(b.allow(t, asked())))
}

func (b *bureau) must(t testing.TB, form url.Values) oauth.Answer {
	t.Helper()
	a, err := b.Token(t.Context(), given, form)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bureau) wants(t testing.TB, form url.Values, want oauth.Code) {
	t.Helper()
	a, err := b.Token(t.Context(), given, form)
	refused(t, err, want)
	if a != (oauth.Answer{}) {
		t.Fatal("a refusal gives something")
	}
}

func refused(t testing.TB, err error, want oauth.Code) {
	t.Helper()
	var e *oauth.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v; want %s", err, want)
	}
}

// asksAgain reports whether an error is none of the protocol's: the client is told to ask again.
func asksAgain(err error) bool {
	var e *oauth.Error
	return !errors.As(err, &e)
}

// audited lists the actions of the audit, the oldest first, but for those that set the firm up.
func (b *bureau) audited(t testing.TB) (actions []string) {
	t.Helper()
	page, _, err := b.House.Audit(t.Context(), b.Admin, "2026-11", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := len(page) - 1; i >= 0; i-- {
		if e := page[i]; strings.HasPrefix(e.Action, "link.") || strings.HasPrefix(e.Action, "grant.") {
			actions = append(actions, e.Action+reason(string(e.After)))
		}
	}
	return actions
}

func reason(after string) string {
	_, rest, ok := strings.Cut(after, `"reason":"`)
	if !ok {
		return ""
	}
	why, _, _ := strings.Cut(rest, `"`)
	return " " + why
}

// lives reports whether a link's access token is still good for an act.
func (b *bureau) lives(t testing.TB, access string) bool {
	t.Helper()
	c, err := b.Tokens.Open(access)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.House.Get(t.Context(), c)
	if err != nil && !errors.Is(err, firm.ErrUnlinked) {
		t.Fatal(err)
	}
	return err == nil
}

func TestALinkIsAllowedRedeemedAndProvesThePerson(t *testing.T) {
	b := openBureau(t)
	a := b.link(t)
	if a.Type != "Bearer" || a.Expires != 3600 || a.Scope != oauth.Scope || a.Refresh == "" {
		t.Fatalf("%+v", a)
	}
	c, err := b.Tokens.Open(a.Access)
	if err != nil || c.Firm != b.Firm.ID || c.Person != b.Admin.Person || c.Channel != firm.ByVoice || !b.lives(t, a.Access) {
		t.Fatal(c, err)
	}
	grants, err := b.House.Grants(t.Context(), b.Admin, c.Person)
	if err != nil || grants[0].ID != c.Grant || grants[0].Kind != firm.LinkGrant || !grants[0].Expires.IsZero() {
		t.Fatal(grants, err)
	}
	if got := strings.Join(b.audited(t), ", "); got != "link.allow, link.redeem" {
		t.Fatal(got)
	}
	b.Clock.Advance(10 * 365 * 24 * time.Hour)
	if _, err := b.Token(t.Context(), given, refreshing(a.Refresh)); err != nil {
		t.Fatal("a link ends of itself:", err)
	}
}

func TestATokenAnswerIsOneReadAndOneCommit(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	counted := func(what string, form url.Values, want store.Trips) (a oauth.Answer) {
		t.Helper()
		ctx, trips := store.CountTrips(t.Context())
		a, _ = b.Token(ctx, given, form)
		if got := trips(); got != want {
			t.Errorf("%s: %+v", what, got)
		}
		return a
	}
	whole := store.Trips{Reads: 1, Commits: 1}
	first := counted("redeem", redeeming(code), whole)
	counted("redeem again", redeeming(code), store.Trips{Reads: 1})
	counted("refresh", refreshing(first.Refresh), whole)
	counted("refresh again", refreshing(first.Refresh), store.Trips{Reads: 1})
	counted("forged code", redeeming(code+"x"), store.Trips{})
	counted("forged token", refreshing(first.Refresh+"x"), store.Trips{})
	counted("a code as a token", refreshing(code), store.Trips{})
}

func TestTheStoreAndTheLogHoldNothingThatCouldBePresented(t *testing.T) {
	b := openBureau(t)
	code := b.allow(t, asked())
	a := b.must(t, redeeming(code))
	b.wants(t, redeeming(code[:len(code)-3]), oauth.InvalidGrant)
	b.wants(t, with(redeeming(code), "code_verifier", strings.Repeat("x", 43)), oauth.InvalidGrant)
	secrets := []string{code, a.Access, a.Refresh, secret, proof, state}
	for _, s := range secrets[:3] {
		secrets = append(secrets, s[strings.LastIndexByte(s, '.')+1:]) // the signature
	}
	holds := func(where, text string) {
		for i, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds secret %d", where, i)
			}
		}
	}
	holds("the log", b.log.String())
	err := b.House.Store.Walk(t.Context(), func(r store.Record) error {
		holds("a record", r.Partition+r.Sort+string(r.Value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAServerRefusesClientsThatAreNotWhole(t *testing.T) {
	for name, change := range map[string]func(*oauth.Client){
		"no id": func(c *oauth.Client) { c.ID = "" }, "no name": func(c *oauth.Client) { c.Name = "" },
		"no secret": func(c *oauth.Client) { c.Secret = nil }, "no redirect": func(c *oauth.Client) { c.Redirects = nil },
		"http":     func(c *oauth.Client) { c.Redirects = []string{"http://a.test/"} },
		"fragment": func(c *oauth.Client) { c.Redirects = []string{"https://a.test/#x"} },
		"user":     func(c *oauth.Client) { c.Redirects = []string{"https://a@b.test/"} },
	} {
		b := openBureau(t)
		if change(&b.Clients[0]); b.Valid() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAnIssuerDescribesItself(t *testing.T) {
	m := oauth.Describe("https://clerk.test")
	if m.Token != "https://clerk.test/oauth/token" || m.Challenges[0] != "S256" || len(m.Challenges) != 1 || m.Responses[0] != "code" {
		t.Fatalf("%+v", m)
	}
}
