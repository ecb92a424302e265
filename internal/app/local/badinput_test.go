package local

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// members are the forms of the console's pages, one for each address.
func (c *crowd) members() []form {
	_, all := c.ada.tour()
	seen := map[string]bool{"/signout": true}
	return slices.DeleteFunc(all, func(f form) bool {
		twice := seen[f.action]
		seen[f.action] = true
		return twice
	})
}

// A tab that was left open is sent after its person signed out, or their session ended: it says that nothing was done, and
// nothing was.
func TestATabThatIsSignedOutDoesNothing(t *testing.T) {
	c := crowded(t)
	all := c.members()
	out := c.visitor(t)
	maps.Copy(out.cookies, c.ada.cookies)
	c.ada.post("/signout", nil)
	i := intrude(c, out)
	before := i.records()
	for _, f := range all {
		f.fields.Set("once", app.NewID())
		r := i.route(http.MethodPost, f.action)
		w := out.post(f.action, f.fields)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/signin?") || !strings.Contains(to, "why=again") {
			t.Errorf("%s: %d to %q", r.Pattern(), w.Code, to)
		}
	}
	i.unchanged(before)
}

// What nobody types by hand: too much of it, and bytes that are no text. Whatever the field, the answer is ours, and the
// server is none the worse for it.
func TestNoFieldOfAnyFormBreaksAnything(t *testing.T) {
	c := crowded(t)
	i := intrude(c, c.ada)
	for _, f := range c.members() {
		r := i.route(http.MethodPost, f.action)
		if r.Who != site.Member || strings.HasSuffix(f.action, "/sessions/end") {
			continue
		}
		for name := range f.fields {
			for what, value := range map[string]string{
				"too long": strings.Repeat("x", 10_000), "no text": "\x00\xff\xfe\u202e", "lines": "a\r\nBcc: b@c.test\r\n\r\n", "a path": "../../x/y", "a huge number": strings.Repeat("9", 400),
			} {
				fields := maps.Clone(f.fields)
				fields["once"] = []string{app.NewID()}
				fields[name] = []string{value}
				w := c.ada.post(f.action, fields)
				if w.Code >= 500 && w.Code != http.StatusServiceUnavailable || w.Code == http.StatusOK { // 503: too many mails were asked for
					t.Errorf("%s, %s is %s: %d %.300s", r.Pattern(), name, what, w.Code, w.Body)
				}
			}
		}
		if w := c.ada.post(f.action, url.Values{"x": {strings.Repeat("x", site.DefaultBody)}}); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s takes more than its bound: %d", r.Pattern(), w.Code)
		}
	}
}

// The same for what stands in an address.
func TestNoAddressBreaksAnything(t *testing.T) {
	c := crowded(t)
	i := intrude(c, c.ada)
	for _, pattern := range slices.Sorted(maps.Keys(i.routes)) {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || path == "/{$}" {
			continue
		}
		for _, odd := range []string{"%00", "%ff", "..%2f..", "%2e%2e", "%0d%0ax:%20y", strings.Repeat("9", 4000), "%E2%80%AE", "'--"} {
			for _, address := range []string{nameless.ReplaceAllString(path, odd), nameless.ReplaceAllString(path, "x") + "?month=" + odd + "&from=" + odd + "&next=" + odd + "&why=" + odd} {
				r := c.get("/")
				u, err := url.Parse(c.URL + address)
				if err != nil {
					continue
				}
				if r.URL = u; c.ada.send(r).Code >= 500 {
					t.Errorf("%s breaks at %.60s", pattern, address)
				}
			}
		}
	}
}

// Forged, bent, too long, or something else that we gave out.
func TestACookieThatIsNotASessionOpensNothing(t *testing.T) {
	c := crowded(t)
	good := c.ada.cookies["clerk"]
	waiting := c.visitor(t) // somebody who has not signed in, and was given a session for it
	waiting.cookies["clerk"] = "chosen-by-somebody-else"
	waiting.post("/signin", url.Values{"email": {DemoEmail}, "password": {"wrong"}})
	for name, value := range map[string]string{
		"none": "", "forged": strings.Repeat("A", len(good)), "cut": good[:len(good)-1], "longer": good + "A", "swapped case": swapped(good),
		"a grant's id": c.Demo.AdaLink.Grant, "an access token": c.Demo.Token(), "huge": strings.Repeat("A", 8000), "odd": "a=b; clerk", "what a failure left": waiting.cookies["clerk"],
	} {
		v := c.visitor(t)
		v.cookies["clerk"] = value
		if w := v.get("/console/"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/signin?") {
			t.Errorf("%s: %d to %q", name, w.Code, w.Header().Get("Location"))
		}
	}
}

func swapped(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// A session that was there before signing in, whoever chose it, is not the one that is signed in.
func TestSigningInChangesTheCookieWhateverItWas(t *testing.T) {
	c := crowded(t)
	for _, before := range []string{"chosen-by-somebody-else", c.ada.cookies["clerk"]} {
		v := c.visitor(t)
		v.cookies["clerk"] = before
		v.post("/signin", url.Values{"email": {"ben@demo.test"}, "password": {c.Demo.Password}})
		if v.cookies["clerk"] == before || v.get("/console/").Code != http.StatusOK {
			t.Fatal("the same session, or none")
		}
		old := c.visitor(t)
		old.cookies["clerk"] = before
		if w := old.get("/console/"); strings.Contains(w.Body.String(), "Ben Brown") {
			t.Fatal("who chose the cookie is signed in")
		}
	}
}

// Whether there is an account is told by no answer: not by its status, its words, its headers, or its cookies.
func TestNoAnswerTellsWhetherThereIsAnAccount(t *testing.T) {
	c := crowded(t, "CLERK_SIGNUP", "1")
	ask := map[string]func(email string) *httptest.ResponseRecorder{
		"signing in": func(email string) *httptest.ResponseRecorder {
			return c.visitor(t).post("/signin", url.Values{"email": {email}, "password": {"four otters row quietly"}})
		},
		"a reset": func(email string) *httptest.ResponseRecorder {
			return c.visitor(t).post("/forgot", url.Values{"email": {email}})
		},
		"opening a firm": func(email string) *httptest.ResponseRecorder {
			return c.visitor(t).post("/signup", url.Values{"firm": {"Fen"}, "zone": {"Europe/London"}, "currency": {"GBP"}, "name": {"Flo"}, "email": {email}})
		},
	}
	i := intrude(c, c.ada)
	for name, ask := range ask {
		for n := range auth.MaxAsked + 2 { // also when it was asked too often
			known, gone, unknown := told(i, ask("gus@demo.test"), "gus@demo.test"), told(i, ask("dan@demo.test"), "dan@demo.test"), told(i, ask("nil@demo.test"), "nil@demo.test")
			if known != unknown || gone != unknown {
				t.Errorf("%s, time %d: %v, who left %v, nobody %v", name, n, known, gone, unknown)
			}
		}
	}
}

func told(i *intrusion, w *httptest.ResponseRecorder, email string) answer {
	a := i.plain(w)
	a.body = strings.ReplaceAll(a.body, email, "EMAIL")
	for _, cookie := range w.Result().Cookies() {
		a.body += cookie.Name
	}
	return a
}
