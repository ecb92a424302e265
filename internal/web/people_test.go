package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// members is everybody, as the admin reads them.
func (o *office) members(t *testing.T) []firm.Member {
	t.Helper()
	list, err := o.House.Members(t.Context(), o.Ask(o.Admin))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (o *office) send(path string, form url.Values) (int, string) {
	w := o.do(o.as(o.Admin, post(path, form)))
	return w.Code, body(w)
}

func (o *office) page(path string) string { return body(o.do(o.as(o.Admin, get(path)))) }

func TestPeopleAreListedWithTheirStateAndNamesAreEscaped(t *testing.T) {
	o := open(t)
	if page := o.page("/console/people"); !strings.Contains(page, "Nobody else is here yet") || !strings.Contains(page, "(you)") {
		t.Error("alone")
	}
	locked, gone := o.Hire(t, hostile, firm.Lawyer), o.Hire(t, "Gil", firm.Timekeeper)
	lock(t, o, locked)
	p := o.members(t)[2].Person
	p.Active = false
	if _, err := o.House.ChangePerson(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), p); err != nil || p.ID != gone.Person {
		t.Fatal(err)
	}
	if code, page := o.send("/console/people/invite", url.Values{"email": {"ida@demo.test"}, "role": {"bookkeeper"}}); code != http.StatusSeeOther {
		t.Fatal(code, page)
	}
	page := o.page("/console/people")
	for _, want := range []string{"active</span>", "deactivated</span>", "invited</span>", "code locked", "ida@demo.test", "Bookkeeper", "&lt;script&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("a name is not escaped")
	}
}

func TestAnInvitationIsCheckedAndWhatWasTypedIsKept(t *testing.T) {
	o := open(t)
	for says, change := range map[string]url.Values{
		"plain e-mail address": {"email": {"nobody"}}, "already has that": {"email": {"ada@demo.test"}}, "Write amounts": {"limit": {"lots"}},
		"A role is": {"role": {"owner"}}, "IANA": {"zone": {"Mars/Olympus"}}, "can&#39;t have those": {"own": {"own"}, "may": {"manage"}},
	} {
		form := url.Values{"email": {"ida@demo.test"}, "name": {hostile}, "role": {"lawyer"}, "ledes": {"ASSOC"}}
		for name, v := range change {
			form[name] = v
		}
		code, page := o.send("/console/people/invite", form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(page, says) || !strings.Contains(page, `value="ASSOC"`) || strings.Contains(page, "<script>alert") {
			t.Errorf("%s: %d", says, code)
		}
	}
	if len(o.members(t)) != 1 {
		t.Error("somebody was invited")
	}
}

func TestAFormThatIsSentTwiceInvitesOnce(t *testing.T) {
	o := open(t)
	form := url.Values{"email": {"ida@demo.test"}, "role": {"lawyer"}, "once": {"0190a000-once-once-once"}}
	first, _ := o.send("/console/people/invite", form)
	second, _ := o.send("/console/people/invite", form)
	if first != http.StatusSeeOther || second != first || len(o.members(t)) != 2 {
		t.Error(first, second, len(o.members(t)))
	}
}

func TestAPersonIsChangedDeactivatedAndMadeActiveAgain(t *testing.T) {
	o := open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	path := "/console/people/" + ben.Person
	form := url.Values{"revision": {"1"}, "name": {"Ben Brown"}, "role": {"lawyer"}, "own": {"own"}, "may": {"approve", "refund"}, "limit": {"1,000"}, "rate": {"250.50"}}
	if code, page := o.send(path, form); code != http.StatusSeeOther {
		t.Fatal(code, page)
	}
	p := o.members(t)[1]
	if p.Name != "Ben Brown" || !p.May(firm.Approve) || p.May(firm.Charge) || p.Limit.Minor != 100000 || p.Rate.Minor != 25050 {
		t.Fatalf("%+v", p)
	}
	if code, page := o.send(path, form); code != http.StatusConflict || !strings.Contains(page, "Somebody else changed that") {
		t.Error("an old form", code)
	}
	for _, step := range []struct {
		act    string
		active bool
	}{{"/deactivate", false}, {"/activate", true}} {
		form := url.Values{"revision": {strings.TrimSpace(itoa(o.members(t)[1].Revision))}}
		if code, page := o.send(path+step.act, form); code != http.StatusSeeOther || o.members(t)[1].Active != step.active {
			t.Fatal(step.act, code, page)
		}
	}
	me := url.Values{"revision": {itoa(o.members(t)[0].Revision)}}
	if code, page := o.send("/console/people/"+o.Admin.Person+"/deactivate", me); code != http.StatusConflict || !strings.Contains(page, "at least one active admin") {
		t.Error("the last admin left", code)
	}
	if code, page := o.send(path+"/address", url.Values{"email": {"x"}}); code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="x"`) {
		t.Error("a bad address", code)
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

func TestAnotherFirmsPeopleAreNotThere(t *testing.T) {
	o := open(t)
	other := firmtest.In(t, o.House, o.Clock)
	if w := o.do(o.as(o.Admin, get("/console/people/"+other.Admin.Person))); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	for _, act := range []string{"", "/deactivate", "/activate", "/address", "/reinvite", "/withdraw", "/code"} {
		form := url.Values{"revision": {"1"}, "name": {"Mine"}, "role": {"admin"}, "email": {"mine@demo.test"}}
		if code, _ := o.send("/console/people/"+other.Admin.Person+act, form); code != http.StatusNotFound {
			t.Errorf("%s: %d", act, code)
		}
	}
}

func TestTheFirmsSettingsAreSavedAndMistakesKeepWhatWasTyped(t *testing.T) {
	o := open(t)
	good := url.Values{"revision": {"1"}, "name": {"Demo & Partners"}, "zone": {"Europe/London"}, "rate": {"310"}, "mode": {"up"}, "increment": {"6"},
		"tax": {"VAT"}, "percent": {"8.875"}, "hold": {"5"}, "word": {"client"}, "approve": {"on"}, "vouch": {"on"}, "screens": {"on"}, "hints": {"on"}, "learn": {"on"},
		"phrases": {"call with client\r\n\r\n drafting & filing"}, "forgotten": {"10"}}
	for says, change := range map[string][2]string{
		"IANA": {"zone", "Mars/Olympus"}, "Round nearest": {"increment", "7"}, "at most a day": {"hold", "1441"}, "rate from 0 to 100": {"percent", "x"},
		"needs a name of at most": {"name", " "}, "Write amounts": {"rate", "1.234"},
		"asked about after 1 to 24 hours": {"forgotten", "25"}, "at most 50 phrases": {"phrases", strings.Repeat("x", 81)},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(change[0], change[1])
		if code, page := o.send("/console/firm", form); code != http.StatusUnprocessableEntity || !strings.Contains(page, says) || !strings.Contains(page, `value="VAT"`) {
			t.Errorf("%s: %d", says, code)
		}
	}
	if code, page := o.send("/console/firm", good); code != http.StatusSeeOther {
		t.Fatal(code, page)
	}
	page := o.page("/console/firm")
	for _, want := range []string{"Demo &amp; Partners", `value="8.875"`, `value="310.00"`, `value="5"`, `name="approve" value="on" checked`,
		`name="vouch" value="on" checked`, `name="screens" value="on" checked`, `name="hints" value="on" checked`, `name="learn" value="on" checked`,
		`name="forgotten" type="text" inputmode="numeric" value="10"`, ">call with client\ndrafting &amp; filing</textarea>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if code, _ := o.send("/console/firm", good); code != http.StatusConflict {
		t.Error("an old form", code)
	}
}

func TestOnlyWhoManagesIsShownTheWayToPeople(t *testing.T) {
	o := open(t)
	lee := o.Hire(t, "Lee", firm.Lawyer)
	if page := body(o.do(o.as(lee, get("/console/")))); strings.Contains(page, "/console/people") {
		t.Error("a lawyer is led to a page that is not theirs")
	}
	if !strings.Contains(o.page("/console/"), "/console/people") {
		t.Error("an admin is not led there")
	}
}
