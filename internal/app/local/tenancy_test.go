package local

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

const (
	outsider     = "max@marsh.test"
	outsidersKey = "nine brown herons landing"
)

// neighbours opens another firm in the crowded one's house, with an admin who may do everything there.
func neighbours(t *testing.T, c *crowd) (*visitor, firm.Firm) {
	t.Helper()
	f, max, err := c.House.OpenFirm(t.Context(), firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "USD", Rate: money.Of(20_000, "USD")},
		firm.Person{Name: "Max Marsh", Email: outsider})
	if err != nil {
		t.Fatal(err)
	}
	caller := firm.System(f.ID, app.NewID())
	if _, _, err := c.Directory.Open(t.Context(), caller, clients.Client{Number: "1", Name: "Wetland Ferries"}, clients.Matter{Name: "harbour"}); err != nil {
		t.Fatal(err)
	}
	caller.Request = app.NewID()
	if err := (&auth.Desk{House: c.House}).SetPassword(t.Context(), caller, max.ID, outsider, outsidersKey); err != nil {
		t.Fatal(err)
	}
	return c.signedIn(t, outsider, outsidersKey), f
}

// answer is what tells a visitor anything: all that differs from one request to the next by itself is taken out.
type answer struct {
	status         int
	to, kind, body string
}

var (
	someID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	nameless  = regexp.MustCompile(`\{[^}]*\}`) // a name in a route's path
	nonce     = regexp.MustCompile(`nonce="[^"]*"`)
	someToken = regexp.MustCompile(`bc[a-z]1\.[\w.-]+`)
)

// unknown is a text in which each id is one that nobody has.
func unknown(text string) string {
	return someID.ReplaceAllStringFunc(text, func(string) string { return app.NewID() })
}

// intrusion tries what belongs to somebody else, and the same with ids that nobody has.
type intrusion struct {
	*crowd
	by     *visitor
	mux    *http.ServeMux
	routes map[string]site.Route
	names  []string        // of what is not the visitor's
	tried  map[string]bool // patterns
}

func intrude(c *crowd, by *visitor) *intrusion {
	c.Helper()
	i := &intrusion{crowd: c, by: by, mux: http.NewServeMux(), routes: map[string]site.Route{}, names: c.names(), tried: map[string]bool{}}
	web, err := c.pages()
	if err != nil {
		c.Fatal(err)
	}
	for _, r := range web.Routes() {
		i.mux.Handle(r.Pattern(), http.NotFoundHandler())
		i.routes[r.Pattern()] = r
	}
	return i
}

func (i *intrusion) route(method, path string) site.Route {
	_, pattern := i.mux.Handler(httptest.NewRequest(method, "http://127.0.0.1"+path, nil))
	return i.routes[pattern]
}

// answer sends a request of the visitor's. Nothing is left of the requests before.
func (i *intrusion) answer(r *http.Request) answer {
	alone := visitor{i.T, i.by.site, i.by.base, map[string]string{"clerk": i.by.cookies["clerk"]}}
	return i.plain(alone.send(r))
}

// plain is an answer without what differs from one request to the next by itself.
func (i *intrusion) plain(w *httptest.ResponseRecorder) answer {
	clean := func(s string) string {
		return someID.ReplaceAllString(someToken.ReplaceAllString(nonce.ReplaceAllString(s, ""), "TOKEN"), "ID")
	}
	return answer{w.Code, clean(w.Header().Get("Location")), w.Header().Get("Content-Type"), clean(w.Body.String())}
}

// alike wants two answers to tell the same, and nothing of what is not the visitor's.
func (i *intrusion) alike(what string, theirs, nobodys answer) {
	i.Helper()
	if theirs != nobodys {
		i.Errorf("%s, and for an id that nobody has: %s", what, cmp.Diff(theirs, nobodys, cmp.AllowUnexported(answer{})))
	}
	i.discreet(what, theirs.to+theirs.body)
}

func (i *intrusion) discreet(what, text string) {
	i.Helper()
	for _, name := range i.names {
		if strings.Contains(text, name) {
			i.Errorf("%s tells %q", what, name)
		}
	}
}

// look opens a page of theirs.
func (i *intrusion) look(path string) {
	i.Helper()
	r := i.route(http.MethodGet, path)
	if i.tried[r.Pattern()] = true; !strings.Contains(r.Path, "{") {
		return
	}
	i.alike(r.Pattern(), i.answer(i.crowd.get(path)), i.answer(i.crowd.get(unknown(path))))
}

// send sends a form of theirs, without their names in it.
func (i *intrusion) send(f form) {
	i.Helper()
	r := i.route(http.MethodPost, f.action)
	if i.tried[r.Pattern()] = true; r.Who != site.Member || !f.names(r) {
		return
	}
	theirs, nobodys := url.Values{}, url.Values{}
	for name, values := range f.fields {
		for _, v := range values {
			if slices.ContainsFunc(i.names, func(n string) bool { return strings.Contains(v, n) }) {
				v = "Nobody"
			}
			theirs.Add(name, v)
			nobodys.Add(name, unknown(v))
		}
	}
	theirs.Set("once", app.NewID())
	nobodys.Set("once", app.NewID())
	i.alike(r.Pattern(), i.answer(i.crowd.form(f.action, theirs)), i.answer(i.crowd.form(unknown(f.action), nobodys)))
}

// names reports whether a form says by an id what it is about, in its address or in a field.
func (f form) names(r site.Route) bool {
	for name, values := range f.fields {
		if name != "once" && someID.MatchString(strings.Join(values, " ")) {
			return true
		}
	}
	return strings.Contains(r.Path, "{")
}

// missed are the routes for members that name something and that nothing was tried at.
func (i *intrusion) missed(under string) (patterns []string) {
	for pattern, r := range i.routes {
		if r.Who == site.Member && strings.HasPrefix(r.Path, under) && strings.Contains(strings.ReplaceAll(r.Path, "{$}", ""), "{") && !i.tried[pattern] {
			patterns = append(patterns, pattern)
		}
	}
	slices.Sort(patterns)
	return patterns
}

// unchanged wants the firm's records to be as they were.
func (i *intrusion) unchanged(before map[string]string) {
	i.Helper()
	for key, value := range i.records() {
		if old, there := before[key]; !there || old != value {
			i.Errorf("%s was written", key)
		}
		delete(before, key)
	}
	for key := range before {
		i.Errorf("%s was deleted", key)
	}
}

// Whoever runs a firm of their own tries every page and every form that another firm's admin is shown. They find what they
// would find with ids that were never given out. A route that names something is tried, or this fails: give the
// crowded firm what the route is about, and a page of its own that leads there.
func TestAnotherFirmIsAsIfItDidNotExist(t *testing.T) {
	c := crowded(t)
	by, _ := neighbours(t, c)
	pages, all := c.ada.tour()
	i := intrude(c, by)
	before := i.records()
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		i.look(path)
	}
	for _, f := range all {
		i.send(f)
	}
	if missed := i.missed("/"); len(missed) > 0 {
		t.Errorf("nothing of another firm's was tried at %q", missed)
	}
	i.unchanged(before)
	own, _ := by.tour()
	for path := range own {
		body := by.get(path).Body.String()
		i.discreet(path, body)
		for _, f := range all {
			if id := someID.FindString(f.action); id != "" && strings.Contains(body, id) {
				t.Errorf("%s names what %s is about", path, f.action)
			}
		}
	}
	if len(own) < 6 || len(i.tried) < 25 {
		t.Fatalf("only %d pages and %d routes", len(own), len(i.tried))
	}
}

// The same for what is one person's own: a colleague who may do everything in the firm finds nothing of it on their own
// account.
func TestAColleaguesAccountIsAsIfItDidNotExist(t *testing.T) {
	c := crowded(t)
	i := intrude(c, c.colleague("Cleo Cole", "cleo@demo.test", firm.Admin))
	i.names = []string{"Harbour phone", DemoEmail}
	before := i.records()
	for _, f := range forms(c.ada.page("/console/account")) {
		if strings.HasPrefix(f.action, "/console/account/") {
			i.send(f)
		}
	}
	if missed := i.missed("/console/account/"); len(missed) > 0 {
		t.Errorf("nothing of a colleague's was tried at %q", missed)
	}
	i.unchanged(before)
}

// as is an id of this firm's as it is, or one that nobody has.
type as func(id string) string

// proofs are what opens the routes that nobody signs in for, made out for the neighbours' firm, about what is this
// firm's. A route for payers or machines, or one with a name in its path, has its own here or is argued in open.
func proofs(c *crowd, theirs string) map[string]func(as) *http.Request {
	pay := func(id as) string { return "/pay/" + c.tokens.Pay(theirs, id(c.invoice())) }
	welcome := func(id as) string {
		return "/welcome/" + c.tokens.Mail(token.Mailed{Kind: "invite", Firm: theirs, Person: id(c.ivy.ID), ID: id(c.invitation())})
	}
	link := func(id as) token.Link {
		g := id(c.Demo.AdaLink.Grant)
		return token.Link{Firm: theirs, Person: id(c.Demo.Ada), Grant: g, Session: g, Generation: 1}
	}
	access := func(id as) string {
		return c.tokens.Access(firm.Caller{Firm: theirs, Person: id(c.Demo.Ada), Grant: id(c.Demo.AdaLink.Grant)}, time.Hour)
	}
	return map[string]func(as) *http.Request{
		"GET /pay/{token}":      func(id as) *http.Request { return c.get(pay(id)) },
		"POST /pay/{token}":     func(id as) *http.Request { return c.post(pay(id)) },
		"GET /welcome/{token}":  func(id as) *http.Request { return c.get(welcome(id)) },
		"POST /welcome/{token}": func(id as) *http.Request { return c.post(welcome(id), "name", "Max", "password", outsidersKey) },
		"POST /webhooks/stripe/{endpoint}": func(id as) *http.Request {
			r := c.post("/webhooks/stripe/"+id(c.Demo.Firm), "id", "evt_1")
			r.Header.Set("Stripe-Signature", "t=1,v1=00")
			return r
		},
		"POST /oauth/token": func(id as) *http.Request {
			return c.client("/oauth/token", "grant_type", "refresh_token", "refresh_token", c.tokens.Refresh(link(id)))
		},
		"POST /oauth/token, with a code": func(id as) *http.Request {
			return c.client("/oauth/token", "grant_type", "authorization_code", "redirect_uri", demoRedirect, "code", c.tokens.Code(link(id)))
		},
		"POST /oauth/revoke": func(id as) *http.Request {
			return c.client("/oauth/revoke", "token", c.tokens.Refresh(link(id)))
		},
		"POST /oauth/revoke, with what the skill is given": func(id as) *http.Request {
			return c.client("/oauth/revoke", "token", access(id))
		},
	}
}

func (c *crowd) get(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, c.URL+path, nil)
}

// post is a form: names and values.
func (c *crowd) post(path string, fields ...string) *http.Request {
	form := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		form.Set(fields[n], fields[n+1])
	}
	return c.form(path, form)
}

func (c *crowd) form(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, c.URL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// client is a form of the linking client's, which proves itself.
func (c *crowd) client(path string, fields ...string) *http.Request {
	c.Helper()
	secret, err := os.ReadFile(filepath.Join(c.Config.Data, demoSecret))
	if err != nil {
		c.Fatal(err)
	}
	r := c.post(path, fields...)
	r.SetBasicAuth(DemoClient, url.QueryEscape(strings.TrimSpace(string(secret))))
	return r
}

// open are routes with a name in their path that is nobody's secret.
var open = map[string]string{
	"GET /mail/{file}":         "a demo's mail folder, shown to its own machine alone",
	"GET /mail/{file}/{part}":  "the same",
	"GET /assets/{sum}/{name}": "style and scripts",
}

func TestAProofForOneFirmOpensNothingOfAnother(t *testing.T) {
	c := crowded(t)
	by, theirs := neighbours(t, c)
	i := intrude(c, by)
	before := i.records()
	for what, ask := range proofs(c, theirs.ID) {
		pattern, _, _ := strings.Cut(what, ",")
		i.tried[pattern] = true
		i.alike(what, i.answer(ask(same)), i.answer(ask(unknown)))
	}
	for pattern, r := range i.routes {
		named := strings.Contains(strings.ReplaceAll(r.Path, "{$}", ""), "{") || r.Who == site.Machine
		if r.Who != site.Member && named && !i.tried[pattern] && open[pattern] == "" {
			t.Errorf("no proof for another firm was tried at %s", pattern)
		}
	}
	i.unchanged(before)
}

func same(id string) string { return id }
