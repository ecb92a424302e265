package link

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

const (
	secret   = "the+client%20secret/="
	redirect = "https://pitangui.amazon.com/api/skill/link/VENDOR"
	state    = `A2S+/=&"><script> %C3%A4`
	proof    = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

// desk serves account linking to Ada, who is signed in when a request says so.
type desk struct {
	*firmtest.Office
	site  *site.Site
	store *storetest.Faulty
	ada   firm.Caller
	log   bytes.Buffer
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{Office: firmtest.Open(t)}
	d.store = storetest.NewFaulty(d.House.Store, nil)
	d.House.Store = d.store
	d.ada = firmtest.On(d.Admin, firm.ByConsole)
	logger := slog.New(slog.NewTextHandler(&d.log, nil))
	server := &oauth.Server{
		House: d.House, Log: logger, Tokens: &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: d.Clock.Now},
		Clients: []oauth.Client{{
			ID: "alexa", Name: "Alexa", Redirects: oauth.Redirects("VENDOR"), Secret: func(context.Context) (string, error) { return secret, nil },
		}},
	}
	base, err := url.Parse("https://clerk.test")
	if err != nil {
		t.Fatal(err)
	}
	d.site, err = site.New(site.Config{Base: base, Now: d.Clock.Now, NewID: d.House.NewID, Logger: logger, Gate: gate{d}},
		Routes(Config{Server: server, Base: base, Now: d.Clock.Now, NewID: d.House.NewID}))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type gate struct{ *desk }

func (g gate) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), gate{}, r.Header.Get("Cookie"))))
	})
}

func (g gate) Visitor(ctx context.Context, request string) (site.Visitor, error) {
	if ctx.Value(gate{}) == "" {
		return site.Visitor{}, firm.ErrUnlinked
	}
	c := g.ada
	c.Request = request
	act := g.House.Begin(c, firm.Action{})
	if err := act.Run(ctx); err != nil {
		return site.Visitor{}, err
	}
	return site.Visitor{Caller: c, Firm: act.Firm, Person: act.Person, Proven: g.Clock.Now(), May: act.May}, nil
}

func asked() url.Values {
	sum := sha256.Sum256([]byte(proof))
	return url.Values{
		"response_type": {"code"}, "client_id": {"alexa"}, "redirect_uri": {redirect}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

func (d *desk) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.site.ServeHTTP(w, r)
	return w
}

func form(path string, v url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://clerk.test"+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func signedIn(r *http.Request) *http.Request {
	r.Header.Set("Cookie", "ada")
	return r
}

func (d *desk) ask(query url.Values) *httptest.ResponseRecorder {
	return d.send(signedIn(httptest.NewRequest(http.MethodGet, "https://clerk.test/oauth/authorize?"+query.Encode(), nil)))
}

func (d *desk) decide(query url.Values, decision string) *httptest.ResponseRecorder {
	return d.send(signedIn(form("/oauth/authorize?"+query.Encode(), url.Values{"decision": {decision}})))
}

func told(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || !strings.HasPrefix(u.String(), redirect+"?") {
		t.Fatalf("%d to %q", w.Code, u)
	}
	return u.Query()
}

// code allows and returns the code.
func (d *desk) code(t *testing.T) string {
	t.Helper()
	q := told(t, d.decide(asked(), "allow"))
	if q.Get("state") != state || q.Get("code") == "" {
		t.Fatal(q)
	}
	return q.Get("code")
}

func redeeming(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {proof}, "client_id": {"alexa"}, "client_secret": {secret}}
}

func answer(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
	}
	return m
}

func TestTheConsentNamesWhatIsAskedAndLinksNothingByItself(t *testing.T) {
	d := open(t)
	before := d.store.Calls().Commits
	w := d.ask(asked())
	page := w.Body.String()
	if w.Code != http.StatusOK || d.store.Calls().Commits != before {
		t.Fatal(w.Code, "or a page that writes")
	}
	for _, want := range []string{"Link Alexa", "Ada", "Demo and Partners", "Amazon hears", "keeps recordings", "client list", "hotel room", `name="decision" value="allow"`, `value="deny"`, `name="once"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `"><script>`) {
		t.Error("the state is not escaped")
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https:;") || strings.Contains(policy, "*") {
		t.Error(policy)
	}
}

func TestSigningInKeepsTheWholeRequest(t *testing.T) {
	d := open(t)
	target := "/oauth/authorize?" + asked().Encode()
	for _, r := range []*http.Request{httptest.NewRequest(http.MethodGet, "https://clerk.test"+target, nil), form(target, url.Values{"decision": {"allow"}})} {
		w := d.send(r)
		u, err := url.Parse(w.Header().Get("Location"))
		if err != nil || w.Code != http.StatusSeeOther || u.Path != "/signin" || u.Query().Get("next") != target {
			t.Errorf("%s: %d to %s", r.Method, w.Code, u)
		}
	}
}

func TestADecisionIsToldWithTheStateAsItCame(t *testing.T) {
	d := open(t)
	d.code(t)
	if q := told(t, d.decide(asked(), "deny")); q.Get("error") != "access_denied" || q.Get("state") != state || q.Has("code") {
		t.Error(q)
	}
	if w := d.decide(asked(), ""); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
		t.Error(w.Code)
	}
	cross := signedIn(form("/oauth/authorize?"+asked().Encode(), url.Values{"decision": {"allow"}}))
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := d.send(cross); w.Code != http.StatusForbidden || w.Header().Get("Location") != "" {
		t.Error("another site decided", w.Code)
	}
}

func TestNobodyIsSentWhereTheClientDoesNotLive(t *testing.T) {
	d := open(t)
	for _, change := range [][2]string{{"redirect_uri", redirect + "/"}, {"redirect_uri", ""}, {"client_id", "x"}, {"client_id", ""}} {
		query := asked()
		query.Set(change[0], change[1])
		for _, w := range []*httptest.ResponseRecorder{d.ask(query), d.decide(query, "allow")} {
			if w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), "decision") {
				t.Errorf("%v: %d", change, w.Code)
			}
		}
	}
	query := asked()
	query.Set("response_type", "token")
	if q := told(t, d.ask(query)); q.Get("error") != "unsupported_response_type" || q.Get("state") != state {
		t.Error(q)
	}
}

func TestAClientProvesItselfByHeaderOrBodyAndNotByBoth(t *testing.T) {
	d := open(t)
	body := redeeming(d.code(t))
	bare := redeeming(body.Get("code"))
	bare.Del("client_id")
	bare.Del("client_secret")
	basic := func(id, secret string, v url.Values) *http.Request {
		r := form("/oauth/token", v)
		r.SetBasicAuth(id, secret)
		return r
	}
	bearer, get, text := form("/oauth/token", bare), form("/oauth/token?"+body.Encode(), url.Values{}), form("/oauth/token", body)
	bearer.Header.Set("Authorization", "Bearer x")
	text.Header.Set("Content-Type", "application/json")
	twice := redeeming(body.Get("code"))
	twice["client_id"] = []string{"alexa", "alexa"}
	for name, c := range map[string]struct {
		r    *http.Request
		want int
		code string
	}{
		"body":            {form("/oauth/token", body), 200, ""},
		"basic, encoded":  {basic(url.QueryEscape("alexa"), url.QueryEscape(secret), bare), 200, ""},
		"both":            {basic("alexa", url.QueryEscape(secret), body), 400, "invalid_request"},
		"neither":         {form("/oauth/token", bare), 401, "invalid_client"},
		"wrong secret":    {basic("alexa", "wrong", bare), 401, "invalid_client"},
		"bearer":          {bearer, 401, "invalid_client"},
		"in the query":    {get, 401, "invalid_client"},
		"JSON":            {text, 400, "invalid_request"},
		"client id twice": {form("/oauth/token", twice), 400, "invalid_request"},
		"too large":       {form("/oauth/token", url.Values{"x": {strings.Repeat("x", 20_000)}}), 400, "invalid_request"},
	} {
		w := d.send(c.r)
		m := answer(t, w)
		if code, _ := m["error"].(string); w.Code != c.want || code != c.code {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if got := strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic "); got != (c.want == 401) {
			t.Errorf("%s: WWW-Authenticate %v", name, got)
		}
	}
}

func TestASecretWithOddCharactersIsTakenAsAlexaSendsIt(t *testing.T) {
	d := open(t)
	bare := redeeming(d.code(t))
	bare.Del("client_id")
	bare.Del("client_secret")
	r := form("/oauth/token", bare)
	r.SetBasicAuth("alexa", secret) // as it is: many clients do not encode
	if w := d.send(r); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTokensAreGivenRefreshedAndRevoked(t *testing.T) {
	d := open(t)
	m := answer(t, d.send(form("/oauth/token", redeeming(d.code(t)))))
	if m["token_type"] != "Bearer" || m["expires_in"] != 3600.0 || m["scope"] != "voice" || m["access_token"] == "" {
		t.Fatal(m)
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {m["refresh_token"].(string)}, "client_id": {"alexa"}, "client_secret": {secret}}
	next := answer(t, d.send(form("/oauth/token", refresh)))
	if next["refresh_token"] == m["refresh_token"] {
		t.Fatal("the same token")
	}
	revoke := url.Values{"token": {next["access_token"].(string)}, "client_id": {"alexa"}, "client_secret": {secret}}
	if w := d.send(form("/oauth/revoke", revoke)); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	w := d.send(form("/oauth/token", refresh))
	if m := answer(t, w); w.Code != http.StatusBadRequest || m["error"] != "invalid_grant" {
		t.Fatal(w.Code, m)
	}
	for _, text := range []string{m["access_token"].(string), m["refresh_token"].(string), "ada@", "Demo and"} {
		if strings.Contains(d.log.String(), text) {
			t.Error("the log holds a token or a name")
		}
	}
}

func TestTroubleInTheStoreAsksToTryAgain(t *testing.T) {
	d := open(t)
	body := redeeming(d.code(t))
	d.store.Use(func(storetest.Call) storetest.Fault { return storetest.Throttle })
	w := d.send(form("/oauth/token", body))
	if m := answer(t, w); w.Code != http.StatusServiceUnavailable || m["error"] != "temporarily_unavailable" || w.Header().Get("Retry-After") == "" {
		t.Fatal(w.Code, m)
	}
	d.store.Use(nil)
	if w := d.send(form("/oauth/token", body)); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
}

func TestWhoGuessesSecretsIsSlowedAndTheRightOneNever(t *testing.T) {
	d := open(t)
	right := redeeming(d.code(t))
	wrong := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "client_id": {"alexa"}, "client_secret": {"guess"}}
	for i := range freeFailures + 10 {
		w := d.send(form("/oauth/token", wrong))
		if want := map[bool]int{true: 401, false: 429}[i < freeFailures]; w.Code != want {
			t.Fatalf("guess %d: %d", i, w.Code)
		}
	}
	if w := d.send(form("/oauth/token", right)); w.Code != http.StatusOK {
		t.Fatal("the owner is kept out:", w.Code)
	}
	d.Clock.Advance(time.Minute)
	if w := d.send(form("/oauth/token", wrong)); w.Code != http.StatusUnauthorized {
		t.Fatal("slowed for longer than a minute:", w.Code)
	}
}

func TestTheMetadataNameWhatIsServed(t *testing.T) {
	d := open(t)
	w := d.send(httptest.NewRequest(http.MethodGet, "https://clerk.test"+oauth.MetadataPath, nil))
	m := answer(t, w)
	if m["issuer"] != "https://clerk.test" || m["token_endpoint"] != "https://clerk.test/oauth/token" {
		t.Fatal(m)
	}
	served := map[string]bool{}
	for _, r := range d.site.Routes() {
		served["https://clerk.test"+r.Path] = true
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "revocation_endpoint"} {
		if !served[m[name].(string)] {
			t.Errorf("%s is not served", name)
		}
	}
}
