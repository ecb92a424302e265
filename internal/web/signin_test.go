package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

var _ Door = (*auth.Door)(nil)

func credentials(email, password, next string) url.Values {
	return url.Values{"email": {email}, "password": {password}, "next": {next}}
}

func TestSigningInLeadsToWhereOneWanted(t *testing.T) {
	o := open(t)
	w := o.do(get("/console/invoices?month=2026-03"))
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	w = o.do(post("/signin", credentials("ada@demo.test", "right", u.Query().Get("next"))))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/invoices?month=2026-03" {
		t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	r := get("/console/")
	r.AddCookie(w.Result().Cookies()[0])
	if w = o.do(r); w.Code != 200 || !strings.Contains(body(w), "Demo and Partners") {
		t.Errorf("signed in: %d", w.Code)
	}
}

func TestAWrongAddressAndAWrongPasswordAreAnsweredAlike(t *testing.T) {
	o := open(t)
	const typed = "ada@demo.test"
	password := o.do(post("/signin", credentials(typed, "wrong", "")))
	address := o.do(post("/signin", credentials("eve@demo.test", "right", "")))
	p, a := body(password), strings.ReplaceAll(body(address), "eve@demo.test", typed)
	if password.Code != http.StatusUnauthorized || address.Code != password.Code || mask(p) != mask(a) {
		t.Errorf("%d and %d, same page: %v", password.Code, address.Code, mask(p) == mask(a))
	}
	if !strings.Contains(p, `value="ada@demo.test"`) || strings.Contains(p, `value="wrong"`) {
		t.Error("the address must be kept, the password must not")
	}
	if !strings.Contains(p, "do not fit") {
		t.Error("the page does not say what was wrong")
	}
}

// TestTheConsoleOpensWithARealPassword goes through auth itself: password, cookie, session record, grant.
func TestTheConsoleOpensWithARealPassword(t *testing.T) {
	var desk *auth.Desk
	o := open(t, func(c *Config) {
		desk = &auth.Desk{House: c.Members.(*firm.House)}
		c.Door = auth.NewDoor(desk, true, site.Fail)
	})
	admin := firmtest.On(o.Ask(o.Admin), firm.ByConsole)
	if err := desk.SetPassword(t.Context(), admin, admin.Person, "ada@demo.test", "a long enough phrase"); err != nil {
		t.Fatal(err)
	}
	wrong := o.do(post("/signin", credentials("ada@demo.test", "another long phrase", "")))
	nobody := o.do(post("/signin", credentials("eve@demo.test", "another long phrase", "")))
	if wrong.Code != http.StatusUnauthorized || nobody.Code != wrong.Code || mask(body(wrong)) != mask(strings.ReplaceAll(body(nobody), "eve@", "ada@")) {
		t.Errorf("%d and %d", wrong.Code, nobody.Code)
	}
	w := o.do(post("/signin", credentials("ada@demo.test", "a long enough phrase", "")))
	if w.Code != http.StatusSeeOther {
		t.Fatalf("right password: %d", w.Code)
	}
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-clerk" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
	with := func(r *http.Request) *httptest.ResponseRecorder { r.AddCookie(c); return o.do(r) }
	if w := with(get("/console/")); w.Code != 200 || !strings.Contains(body(w), "Demo and Partners") {
		t.Errorf("the console: %d", w.Code)
	}
	with(post("/signout", nil))
	if w := with(get("/console/")); w.Code != http.StatusSeeOther {
		t.Errorf("after signing out: %d", w.Code)
	}
}

func TestAnEmptySignInIsToldWithoutTrying(t *testing.T) {
	o := open(t)
	o.door.signIn = func(string, string) (firm.Caller, error) { t.Error("tried"); return firm.Caller{}, nil }
	if w := o.do(post("/signin", credentials(" ada@demo.test ", "", ""))); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body(w), `value="ada@demo.test"`) {
		t.Errorf("%d", w.Code)
	}
}

func TestABusySignInIsNotAWrongOne(t *testing.T) {
	o := open(t)
	o.door.signIn = func(string, string) (firm.Caller, error) {
		return firm.Caller{}, fault.New(fault.Busy, "signin.busy", "Too many are signing in. Please wait a moment.")
	}
	if w := o.do(post("/signin", credentials("ada@demo.test", "right", ""))); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d", w.Code)
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/console/invoices?month=2026-03":  "/console/invoices?month=2026-03",
		"/oauth/authorize?client_id=alexa": "/oauth/authorize?client_id=alexa",
		"":                                 "/console/",
		"https://evil.test/console/":       "/console/",
		"//evil.test/console/":             "/console/",
		"/\\evil.test":                     "/console/",
		"/console/../signout":              "/console/",
		"/console/\r\nSet-Cookie: a=b":     "/console/",
		"javascript:alert(1)":              "/console/",
		"/pay/x":                           "/console/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	o := open(t)
	w := o.do(o.as(o.Admin, post("/signout", nil)))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin" {
		t.Fatalf("%d", w.Code)
	}
	r := get("/console/")
	r.AddCookie(&http.Cookie{Name: "session", Value: "s-" + o.Admin.Person})
	if w = o.do(r); w.Code != http.StatusSeeOther {
		t.Errorf("the old session still opens the console: %d", w.Code)
	}
}

func TestAFormOfASessionThatEndedIsNotForgottenSilently(t *testing.T) {
	o := open(t)
	w := o.do(post("/console/letters/l1/discard", nil))
	if w.Header().Get("Location") != "/signin?why=again" || len(o.desk.did) != 0 {
		t.Fatalf("to %s, did %q", w.Header().Get("Location"), o.desk.did)
	}
	if w = o.do(get("/signin?why=again")); !strings.Contains(body(w), "so nothing was sent") {
		t.Error("the page does not say that nothing was done")
	}
}
