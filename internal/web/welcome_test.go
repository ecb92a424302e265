package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// invited returns the path of an invitation's link.
func (o *office) invited(t *testing.T, email string) string {
	t.Helper()
	p, err := o.House.Invite(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), firm.Person{Email: email, Role: firm.Lawyer})
	if err != nil {
		t.Fatal(err)
	}
	return "/welcome/" + o.accounts.Tokens.Mail(token.Mailed{Kind: "invite", Firm: o.Firm.ID, Person: p.ID, ID: p.Invited.ID})
}

func TestALinkIsShownAsOftenAsItIsOpenedAndWorksOnce(t *testing.T) {
	o := open(t)
	path := o.invited(t, "ida@demo.test")
	for range 3 {
		if w := o.do(get(path)); w.Code != 200 || !strings.Contains(body(w), "ida@demo.test") {
			t.Fatal(w.Code)
		}
	}
	for says, form := range map[string]url.Values{
		"at least 12": {"name": {hostile}, "password": {"short"}}, "needs a name": {"password": {"seven quiet otters rowing"}},
	} {
		w := o.do(post(path, form))
		if page := body(w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, says) || strings.Contains(page, "<script>alert") || strings.Contains(page, "seven quiet") {
			t.Errorf("%s: %d", says, w.Code)
		}
	}
	w := o.do(post(path, url.Values{"name": {"Ida"}, "password": {"seven quiet otters rowing"}}))
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, body(w))
	}
	if w := o.do(get(path)); w.Code != http.StatusConflict || !strings.Contains(body(w), "does not work any more") {
		t.Error(w.Code)
	}
	if w := o.do(get("/welcome/forged")); w.Code != http.StatusConflict {
		t.Error("forged", w.Code)
	}
}

func TestAForgottenPasswordIsAnsweredAlikeForEverybody(t *testing.T) {
	o := open(t)
	known := o.do(post("/forgot", url.Values{"email": {"ada@demo.test"}}))
	nobody := o.do(post("/forgot", url.Values{"email": {"eve@demo.test"}}))
	if known.Code != 200 || nobody.Code != 200 || mask(body(known)) != mask(strings.ReplaceAll(body(nobody), "eve@", "ada@")) {
		t.Error(known.Code, nobody.Code)
	}
	if w := o.do(post("/forgot", url.Values{"email": {" "}})); w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
}

func TestTheFirstFirmIsOpenedWithTheSecretAndThePageIsGone(t *testing.T) {
	o := open(t)
	form := url.Values{"secret": {"wrong"}, "firm": {hostile}, "zone": {"Europe/London"}, "currency": {"gbp"}, "name": {"Eve"}, "email": {"eve@marsh.test"}, "password": {"seven quiet otters rowing"}}
	w := o.do(post("/setup", form))
	if page := body(w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "Europe/London") || strings.Contains(page, "seven quiet") || strings.Contains(page, "<script>alert") {
		t.Error(w.Code)
	}
	form.Set("secret", setupSecret)
	form.Set("zone", "Mars/Olympus")
	if w := o.do(post("/setup", form)); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body(w), "IANA") {
		t.Error(w.Code)
	}
	form.Set("zone", "Europe/London")
	if w := o.do(post("/setup", form)); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, body(w))
	}
	if w := o.do(get("/setup")); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	if w := o.do(post("/setup", form)); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestSigningUpIsOffUnlessItIsTurnedOn(t *testing.T) {
	off := open(t, func(c *Config) { c.Welcome.SignUp, c.Welcome.Setup = false, nil })
	for _, path := range []string{"/signup", "/setup"} {
		if w := off.do(get(path)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := open(t).do(post("/signup", url.Values{"firm": {"Third"}, "zone": {"UTC"}, "currency": {"USD"}, "name": {"Tia"}, "email": {"tia@third.test"}}))
	if w.Code != 200 || !strings.Contains(body(w), "Look into your mail") {
		t.Error(w.Code)
	}
}
