package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

const accountPath = "/console/account"

// has fails the test unless the page says each of the texts.
func has(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func (o *office) to(path string, form url.Values) *httptest.ResponseRecorder {
	return o.do(o.as(o.Admin, post(path, form)))
}

func TestTheAccountShowsWhatThereIsAndWhatThereIsNot(t *testing.T) {
	o := open(t)
	has(t, o.page(accountPath), "ada@demo.test", "You have no password", "Not set", "Add a passkey", "Turn on the second factor", "Linked Alexa accounts")
	lock(t, o, o.Admin)
	has(t, o.page(accountPath), "Locked: three wrong codes")
	reader := o.Hire(t, "Rea", firm.ReadOnly)
	if w := o.do(o.as(reader, get(accountPath))); w.Code != 200 {
		t.Errorf("who may only read has no account: %d", w.Code)
	}
}

func TestAPasswordIsTypedTwiceAndRefusedWithItsReason(t *testing.T) {
	o := open(t)
	for says, typed := range map[string][2]string{
		"The two are not the same": {"a long enough phrase", "another long phrase"}, "at least 12 characters": {"short", "short"},
		"the first that anybody would try": {"1qaz2wsx3edc", "1qaz2wsx3edc"}, "your own name": {"demopartners", "demopartners"},
	} {
		w := o.to(accountPath+"/password", url.Values{"password": {typed[0]}, "again": {typed[1]}})
		page := body(w)
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(page, typed[0]) {
			t.Errorf("%q: %d", typed, w.Code)
		}
		has(t, page, says, `<details class="confirm" open>`)
	}
	long := url.Values{"password": {"a long enough phrase"}, "again": {"a long enough phrase"}}
	if w := o.to(accountPath+"/password", long); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, body(w))
	}
	has(t, o.page(accountPath), "You sign in with a password")
}

func TestTheVoiceCodeIsSetOnTheAccount(t *testing.T) {
	o := open(t)
	lock(t, o, o.Admin)
	has(t, body(o.to(accountPath+"/code", url.Values{"code": {"12a4"}, "again": {"12a4"}})), "A code is four to eight digits.")
	has(t, body(o.to(accountPath+"/code", url.Values{"code": {"8151"}, "again": {"8152"}})), "The two are not the same")
	good := url.Values{"code": {"8151"}, "again": {"8151"}}
	if w := o.to(accountPath+"/code", good); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, body(w))
	}
	if err := o.House.Prove(t.Context(), o.Ask(o.Admin), "8151"); err != nil {
		t.Error("setting it did not unlock it:", err)
	}
}

func TestSensitiveActsOnTheAccountNeedAFreshProof(t *testing.T) {
	o := open(t)
	o.door.proven = o.Clock.Now().Add(-site.FreshTime)
	wants := map[string]string{
		"/password": accountPath, "/code": accountPath, "/passkeys/challenge": accountPath, "/passkeys": accountPath, "/passkeys/x/remove": accountPath,
		"/second/begin": accountPath, "/second": accountPath + "/second", "/second/remove": accountPath, "/recovery": accountPath,
	}
	for path, back := range wants {
		w := o.to(accountPath+path, url.Values{"password": {"a long enough phrase"}, "again": {"a long enough phrase"}})
		want := "/signin/again?" + url.Values{"next": {back}, "why": {"form"}}.Encode()
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	has(t, o.page(accountPath), "You have no password")
}

func TestTheSecondFactorIsTurnedOnWithItsKeyShown(t *testing.T) {
	o := open(t)
	has(t, body(o.do(o.as(o.Admin, get(accountPath+"/second")))), "There is no key that waits for a code")
	if w := o.to(accountPath+"/second/begin", nil); w.Header().Get("Location") != accountPath+"/second" {
		t.Fatal(w.Code)
	}
	has(t, o.page(accountPath+"/second"), `<path d="M`, `href="otpauth://totp/Billing%20Clerk:ada@demo.test`, `class="key"`)
	w := o.to(accountPath+"/second", url.Values{"code": {"nonsense"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
	has(t, body(w), "That is not the code", `class="key"`)
	has(t, body(o.to(accountPath+"/recovery", nil)), "The second factor is not turned on")
}

func TestWhatSomebodyElseOwnsCannotBeEndedFromOnesOwnAccount(t *testing.T) {
	o := open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	for _, path := range []string{"/sessions/" + ben.Grant + "/end", "/links/" + ben.Grant + "/end", "/passkeys/x/name", "/passkeys/x/remove"} {
		w := o.to(accountPath+path, url.Values{"name": {"x"}})
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if _, err := o.House.Get(t.Context(), ben); err != nil {
		t.Error(err)
	}
	if w := o.to(accountPath+"/links/"+o.Admin.Grant+"/end", nil); w.Code != http.StatusSeeOther {
		t.Error(w.Code)
	}
	if _, err := o.House.Get(t.Context(), o.Admin); err == nil {
		t.Error("the link lives on")
	}
}

func TestPasskeysAreOfferedWhereTheyWork(t *testing.T) {
	local := func(c *Config) { c.Base = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} }
	for host, want := range map[string]string{"127.0.0.1:8080": `href="http://localhost:8080/signin?next=%2Fconsole%2F"`, "localhost:8080": `data-passkey="get"`} {
		r := get("/signin")
		r.Host = host
		page := body(open(t, local).do(r))
		has(t, page, want)
		if strings.Contains(page, "data-passkey") != (host == "localhost:8080") {
			t.Errorf("%s offers what does not work there", host)
		}
	}
	numbered := func(c *Config) { c.Base = &url.URL{Scheme: "http", Host: "192.0.2.7:8080"} }
	if page := body(open(t, numbered).do(get("/signin"))); strings.Contains(page, "asskey") && !strings.Contains(page, "passkey.js") {
		t.Error("passkeys are offered where they work nowhere")
	}
}

func TestAScriptGetsAChallengeOrALineOfText(t *testing.T) {
	o := open(t)
	w := o.do(post("/signin/passkey/challenge", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || body(w) != `{"publicKey":{}}` {
		t.Error(w.Code, w.Header())
	}
	o.door.err = auth.ErrWait
	if w = o.do(post("/signin/passkey/challenge", nil)); w.Code != http.StatusServiceUnavailable || !strings.HasPrefix(body(w), "There were too many tries.") {
		t.Error(w.Code)
	}
}

func TestACodeIsAskedForAfterThePasswordAndLeadsOn(t *testing.T) {
	o := open(t)
	o.door.signIn = func(string, string) (firm.Caller, error) { return firm.Caller{}, auth.ErrHalf }
	w := o.do(post("/signin", credentials("ada@demo.test", "right", "/console/invoices")))
	if w.Header().Get("Location") != "/signin/code?next=%2Fconsole%2Finvoices" {
		t.Fatal(w.Code, w.Header().Get("Location"))
	}
	if w = o.do(get("/signin/code?next=/console/invoices")); w.Header().Get("Location") != "/signin?next=%2Fconsole%2Finvoices" {
		t.Error("nothing waits:", w.Code)
	}
	o.door.waiting = true
	has(t, body(o.do(get("/signin/code?next=/console/invoices"))), "Your account has a second factor", `value="/console/invoices"`)
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{auth.ErrCode, 401, "That code is not right"}, {auth.ErrHalf, 401, "begin again with your password"}, {auth.ErrWait, 503, "too many tries"},
	} {
		o.door.err = c.err
		w := o.do(post("/signin/code", url.Values{"code": {"123456"}, "next": {"https://evil.test/"}}))
		page := body(w)
		if w.Code != c.status || strings.Contains(page, "123456") || strings.Contains(page, "evil") {
			t.Errorf("%v: %d", c.err, w.Code)
		}
		has(t, page, c.says)
	}
	o.door.err = nil
	w = o.do(post("/signin/code", url.Values{"code": {"123456"}, "next": {"/oauth/authorize?x=1"}}))
	if w.Header().Get("Location") != "/oauth/authorize?x=1" {
		t.Error(w.Code, w.Header().Get("Location"))
	}
}

func TestAPasskeyLeadsOnOrSaysWhyNot(t *testing.T) {
	o := open(t)
	form := url.Values{"answer": {"{}"}, "next": {"/console/ledger"}}
	if w := o.do(post("/signin/passkey", form)); w.Header().Get("Location") != "/console/ledger" {
		t.Error(w.Code)
	}
	o.door.err = auth.ErrPasskey
	w := o.do(post("/signin/passkey", form))
	if w.Code != http.StatusUnauthorized {
		t.Error(w.Code)
	}
	has(t, body(w), "That passkey could not be checked", `value="/console/ledger"`)
}

func TestProvingAgainOffersWhatThePersonHasAndLeadsBack(t *testing.T) {
	o := open(t)
	if w := o.do(get("/signin/again?next=/console/account")); w.Header().Get("Location") != "/signin?next=%2Fconsole%2Faccount" {
		t.Error("nobody:", w.Code, w.Header().Get("Location"))
	}
	for _, ways := range []auth.Ways{{Password: true}, {Code: true, Password: true}, {Passkey: true}, {}} {
		o.door.ways = ways
		page := body(o.do(o.as(o.Admin, get("/signin/again?next=/console/account&why=form"))))
		has(t, page, "Nothing was changed yet")
		for field, offered := range map[string]bool{`name="password"`: ways.Password, `name="code"`: ways.Code, `name="answer"`: ways.Passkey, "nothing to prove it with": ways == auth.Ways{}} {
			if strings.Contains(page, field) != offered {
				t.Errorf("%+v: %s", ways, field)
			}
		}
	}
	again := func(form url.Values) *httptest.ResponseRecorder {
		form.Set("next", "/console/account")
		return o.do(o.as(o.Admin, post("/signin/again", form)))
	}
	o.door.ways = auth.Ways{Password: true}
	w := again(url.Values{"password": {"right"}})
	if w.Header().Get("Location") != "/console/account" || o.door.proofs[0].Password != "right" {
		t.Error(w.Code, o.door.proofs)
	}
	for err, status := range map[error]int{auth.ErrProof: 401, auth.ErrPasskey: 401, auth.ErrWait: 503, fault.New(fault.Internal, "x", "y"): 500} {
		o.door.err = err
		w := again(url.Values{"password": {"wrong"}})
		if page := body(w); w.Code != status || strings.Contains(page, `value="wrong"`) {
			t.Errorf("%v: %d", err, w.Code)
		}
	}
}

func TestAnAdminClearsWhatSomebodyProvesThemselvesWith(t *testing.T) {
	o := open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	o.door.proven = o.Clock.Now().Add(-time.Hour)
	path := "/console/people/" + ben.Person
	if w := o.to(path+"/factors", nil); !strings.HasPrefix(w.Header().Get("Location"), "/signin/again?") {
		t.Error("without a fresh proof:", w.Code)
	}
	o.door.proven = o.Clock.Now()
	if w := o.to(path+"/factors", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != path {
		t.Error(w.Code, w.Header().Get("Location"))
	}
	if w := o.to("/console/people/nobody/factors", nil); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}
