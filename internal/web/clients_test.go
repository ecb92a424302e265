package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// lease opens a client with one matter and returns the matter's page.
func lease(t *testing.T, o *office) string {
	t.Helper()
	dir := clients.Directory{House: o.House}
	c, m, err := dir.Open(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), clients.Client{Number: "1001", Name: hostile, Email: "acme@clients.test", Rate: usd(31000)}, clients.Matter{Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	return "/console/clients/" + c.ID + "/matters/" + m[0].ID
}

func TestAClientAndItsMattersAreFoundFromTheList(t *testing.T) {
	o := open(t)
	if page := o.page("/console/clients"); !strings.Contains(page, "No clients here") {
		t.Error("no clients")
	}
	matter := lease(t, o)
	client, _, _ := strings.Cut(matter, "/matters/")
	for path, wants := range map[string][]string{
		"/console/clients": {"&lt;script&gt;", "1001", `href="` + client + `"`},
		client:             {"acme@clients.test", "310.00", `href="` + matter + `"`, "Nov 23, 2026"},
		matter:             {"lease", "nobody", "nobody else in the firm"},
	} {
		page := o.page(path)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", path, want)
			}
		}
		if strings.Contains(page, "<script>alert") {
			t.Errorf("%s: a name is not escaped", path)
		}
	}
	reader := o.Hire(t, "Rea", firm.ReadOnly)
	for _, path := range []string{client, matter} {
		if page := body(o.do(o.as(reader, get(path)))); strings.Contains(page, "310.00") || strings.Contains(page, "Screened") || !strings.Contains(page, "lease") {
			t.Errorf("%s shows who may only read a rate or a screen", path)
		}
	}
	for _, path := range []string{"/console/clients/none", client + "/matters/none", "/console/clients/none/matters/none"} {
		if w := o.do(o.as(o.Admin, get(path))); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestALongListOfClientsGoesOnOnAnotherPage(t *testing.T) {
	o := open(t)
	for range 51 {
		dir := clients.Directory{House: o.House}
		number := o.House.NewID()
		if _, _, err := dir.Open(t.Context(), o.Ask(o.Admin), clients.Client{Number: number[len(number)-6:], Name: "Client " + number}); err != nil {
			t.Fatal(err)
		}
	}
	first := o.page("/console/clients")
	_, rest, _ := strings.Cut(first, `href="/console/clients?from=`)
	from, _, ok := strings.Cut(rest, `"`)
	if !ok || strings.Count(first, "<tr>") != 51 || strings.Count(o.page("/console/clients?from="+from), "<tr>") != 2 {
		t.Error(strings.Count(first, "<tr>"), from)
	}
}

func TestAMatterIsScreenedOnItsPage(t *testing.T) {
	o := open(t)
	matter := lease(t, o)
	ben, lee := o.Hire(t, "Ben", firm.Admin), o.Hire(t, "Lee", firm.Lawyer)
	form := url.Values{"person": {ben.Person}, "reason": {"his brother works there"}}
	o.door.proven = o.Clock.Now().Add(-time.Hour)
	w := o.do(o.as(o.Admin, post(matter+"/screen", form)))
	again := "/signin/again?" + url.Values{"next": {matter}, "why": {"form"}}.Encode()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != again {
		t.Fatal("nobody was asked who they are:", w.Code)
	}
	o.door.proven = o.Clock.Now()
	if code, page := o.send(matter+"/screen", form); code != http.StatusSeeOther {
		t.Fatal(code, page)
	}
	page := o.page(matter)
	for _, want := range []string{"<dd>1 person</dd>", "his brother works there", `value="` + ben.Person + `" checked`, `name="was" value="` + ben.Person} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, o.Admin.Person) {
		t.Error("the page offers to screen oneself")
	}
	for _, path := range []string{matter, "/console/clients"} {
		if w := o.do(o.as(ben, get(path))); (w.Code == http.StatusOK) == (path == matter) || strings.Contains(body(w), "&lt;script&gt;") {
			t.Error("it is there for Ben:", path)
		}
	}
	lift := url.Values{"was": {ben.Person}, "person": {lee.Person}, "reason": {"he left that side"}}
	if code, page := o.send(matter+"/screen", lift); code != http.StatusSeeOther {
		t.Fatal(code, page)
	}
	if w := o.do(o.as(ben, get(matter))); w.Code != http.StatusOK {
		t.Error("lifted:", w.Code)
	}
	if w := o.do(o.as(lee, get(matter))); w.Code != http.StatusNotFound {
		t.Error("Lee instead:", w.Code)
	}
	log, _, err := o.House.Audit(t.Context(), o.Ask(o.Admin), "2026-11", "")
	if err != nil || log[0].Action != "matter.screen" || !strings.Contains(string(log[0].After), "he left that side") {
		t.Error(log[0], err)
	}
}

func TestAScreenThatIsWrongKeepsWhatWasChosen(t *testing.T) {
	o := open(t)
	matter := lease(t, o)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	for says, form := range map[string]url.Values{
		"Say why":                   {"person": {ben.Person}, "reason": {" "}},
		"Tick or untick":            {"person": {ben.Person}, "was": {ben.Person}, "reason": {"why"}},
		"can&#39;t screen yourself": {"person": {ben.Person, o.Admin.Person}, "reason": {hostile}},
	} {
		code, page := o.send(matter+"/screen", form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, says) || !strings.Contains(page, `value="`+ben.Person+`" checked`) || strings.Contains(page, "<script>alert") {
			t.Errorf("%s: %d %s", says, code, page)
		}
	}
	if w := o.do(o.as(o.Hire(t, "Lee", firm.Lawyer), post(matter+"/screen", url.Values{"person": {ben.Person}, "reason": {"why"}}))); w.Code != http.StatusForbidden {
		t.Error("a lawyer screened:", w.Code)
	}
	if w := o.do(o.as(ben, get(matter))); w.Code != http.StatusOK {
		t.Error("somebody was screened")
	}
}
