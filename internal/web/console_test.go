package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/web/console"
)

var _ console.Charges = (*charging.Charges)(nil)

const hostile = `<script>alert("x")</script>`

// busy fills the desk with one of everything that needs a person.
func busy(t *testing.T) *office {
	o := open(t)
	at := o.Clock.Now()
	o.desk.attempts = []charging.Attempt{
		{ID: "a1", Number: "17", Ref: acme(), Request: charging.ChargeRequest{Amount: usd(12000)}, Card: charging.Card{Brand: "visa", Last4: "4242"}, Changed: at, State: charging.Uncertain, Tasks: []charging.Task{charging.TaskUnknown}},
		{ID: "a2", Number: "18", Ref: clients.Ref{ClientName: hostile}, Request: charging.ChargeRequest{Amount: usd(990)}, Changed: at, State: charging.Disputed, Tasks: []charging.Task{charging.TaskDispute}},
	}
	o.desk.letters = []console.Letter{{ID: "l1", Kind: charging.KindMail, Reason: "smtp.refused", Attempts: 12, Due: at}}
	o.desk.prints = []charging.Printable{{Invoice: "i1", Number: "9", Ref: acme(), Since: at}}
	ben := o.Hire(t, "Ben", firm.Lawyer)
	lock(t, o, ben)
	return o
}

// lock locks a person's code as three wrong tries by voice do.
func lock(t *testing.T, o *office, who firm.Caller) {
	t.Helper()
	if err := o.House.SetCode(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), who.Person, "1234"); err != nil {
		t.Fatal(err)
	}
	for range firm.MaxWrong {
		if err := o.House.Prove(t.Context(), o.Ask(who), "9999"); err == nil {
			t.Fatal("a wrong code was right")
		}
	}
}

func TestWhatNeedsYouShowsEveryKindAndEscapesNames(t *testing.T) {
	o := busy(t)
	w := o.do(o.as(o.Admin, get("/console/")))
	page := body(w)
	for _, want := range []string{
		"5 things need you.", "Acme Corporation, $120.00", "Visa ending 4242", "may or may not have been charged",
		"disputed this payment", "Sending an invoice by e-mail", "smtp.refused", "12 tries", "Ben", "Invoice 9, Acme Corporation",
		"Nov 23, 2026, 10:00 AM EST", "&lt;script&gt;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Code != 200 || strings.Contains(page, "<script>alert") {
		t.Errorf("%d, or a name is not escaped", w.Code)
	}
}

func TestNothingNeedsYouIsSaid(t *testing.T) {
	o := open(t)
	if page := body(o.do(o.as(o.Admin, get("/console/")))); !strings.Contains(page, "Nothing needs you") {
		t.Error(page)
	}
	o.desk.attempts = busy(t).desk.attempts
	lawyer := o.Hire(t, "Lea", firm.Lawyer)
	if page := body(o.do(o.as(lawyer, get("/console/")))); !strings.Contains(page, "Nothing needs you") || strings.Contains(page, "Acme") {
		t.Error("somebody who may not act on charges sees them")
	}
}

var forms = regexp.MustCompile(`(?s)<form method="post" action="(/console/[^"]+)">(.*?)</form>`)
var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]+)">`)

func TestEveryFormOfThePageDoesWhatItSaysAndLeadsBack(t *testing.T) {
	o := busy(t)
	found := forms.FindAllStringSubmatch(body(o.do(o.as(o.Admin, get("/console/")))), -1)
	keys := map[string]bool{}
	for _, f := range found {
		values := url.Values{"outcome": {"paid"}, "reference": {"pi_1"}}
		for _, h := range hidden.FindAllStringSubmatch(f[2], -1) {
			values.Set(h[1], h[2])
		}
		if once := values.Get("once"); once == "" || keys[once] {
			t.Errorf("%s: idempotency key %q", f[1], once)
		}
		keys[values.Get("once")] = true
		w := o.do(o.as(o.Admin, post(f[1], values)))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/" {
			t.Errorf("%s: %d %s", f[1], w.Code, body(w))
		}
		if page := follow(o, w); !strings.Contains(page, `class="notice"`) {
			t.Errorf("%s: the next page says nothing", f[1])
		}
	}
	want := "resolve a1 paid pi_1|done a2 dispute|retry l1|discard l1|printed i1"
	if got := strings.Join(o.desk.did, "|"); got != want {
		t.Errorf("did %s", got)
	}
	if locked, err := o.House.LockedCodes(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole)); err != nil || len(locked) != 0 {
		t.Errorf("still locked: %v, %v", locked, err)
	}
}

// follow loads the page that a form leads to.
func follow(o *office, w *httptest.ResponseRecorder) string {
	r := o.as(o.Admin, get(w.Header().Get("Location")))
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	return body(o.do(r))
}

func TestAWordOnAChargeIsCheckedAndWhatWasTypedIsKept(t *testing.T) {
	o := busy(t)
	for _, c := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"reference": {"pi_" + hostile}}, "Choose whether it was paid."},
		{url.Values{"outcome": {"paid"}, "reference": {"  "}}, "Enter the payment’s reference"},
		{url.Values{"outcome": {"paid"}, "reference": {strings.Repeat("x", 300)}}, "too long"},
	} {
		w := o.do(o.as(o.Admin, post("/console/charges/a1/resolve", c.form)))
		page := body(w)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.says) || strings.Contains(page, "<script>alert") {
			t.Errorf("%v: %d", c.form, w.Code)
		}
		if c.form.Has("outcome") && !strings.Contains(page, `value="paid" checked`) {
			t.Errorf("%v: the choice is lost", c.form)
		}
	}
	o.desk.err = fault.New(fault.Invalid, "charge.reference", "No other payment may have that reference.")
	w := o.do(o.as(o.Admin, post("/console/charges/a1/resolve", url.Values{"outcome": {"paid"}, "reference": {"pi_typed"}})))
	if page := body(w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "No other payment") || !strings.Contains(page, `value="pi_typed"`) {
		t.Errorf("the domain's word: %d", w.Code)
	}
}

func TestAnActThatIsTooLateIsTheErrorPage(t *testing.T) {
	o := busy(t)
	o.desk.err = charging.ErrNoTask
	w := o.do(o.as(o.Admin, post("/console/charges/a1/resolve", url.Values{"outcome": {"never"}})))
	if w.Code != http.StatusConflict || !strings.Contains(body(w), charging.ErrNoTask.Message) {
		t.Errorf("%d", w.Code)
	}
}

func TestInvoicesAreListedByMonthWithTheirState(t *testing.T) {
	o := open(t)
	bill := func(number string, state billing.State, paid int64, due string) billing.Bill {
		return billing.Bill{ID: "i" + number, Number: number, State: state, Ref: acme(), Currency: "USD", Total: usd(12000), Paid: usd(paid), Refunded: usd(0), Dated: "2026-11-02", Due: due}
	}
	held := bill("5", billing.Issued, 0, "2026-12-02")
	held.Hold = "a1"
	o.desk.bills = []billing.Bill{
		bill("1", billing.Paid, 12000, "2026-11-10"), bill("2", billing.Issued, 0, "2026-11-22"), bill("3", billing.PartPaid, 2000, "2026-12-02"),
		bill("4", billing.Voided, 0, "2026-11-10"), held, bill("6", billing.Issued, 0, "2026-11-23"),
	}
	o.desk.next = "more+of it"
	page := body(o.do(o.as(o.Admin, get("/console/invoices"))))
	for _, want := range []string{
		`tag good">paid`, `tag bad">overdue`, `tag warn">part paid`, "$100.00 still owed", `>void`, `>payment under way`, `>issued`, "November 2026",
		"Nov 2, 2026", "$120.00", `href="/console/invoices/i1/pdf"`, "month=2026-10", "from=more%2Bof&#43;it",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Count(page, "overdue") != 1 {
		t.Error("what is due today is not overdue")
	}
	for number, payable := range map[string]bool{"1": false, "2": true, "3": true, "4": false, "5": true, "6": true} {
		if strings.Contains(page, "/pay/"+o.Firm.ID+".i"+number+`"`) != payable {
			t.Errorf("invoice %s has a link to pay: %v", number, !payable)
		}
	}
	o.do(o.as(o.Admin, get("/console/invoices?month=2026-03&from=cur")))
	o.do(o.as(o.Admin, get("/console/invoices?month=2027-01")))
	o.do(o.as(o.Admin, get("/console/invoices?month=../x")))
	if got := strings.Join(o.desk.did, "|"); got != "list 2026-11 |list 2026-03 cur|list 2026-11 |list 2026-11 " {
		t.Errorf("listed %q", got)
	}
}

func TestAMonthWithoutInvoicesSaysSo(t *testing.T) {
	o := open(t)
	if page := body(o.do(o.as(o.Admin, get("/console/invoices?month=2026-03")))); !strings.Contains(page, "No invoices in March 2026") {
		t.Error(page)
	}
}

func TestAnInvoicesPDFIsTheStoredDocument(t *testing.T) {
	o := open(t)
	w := o.do(o.as(o.Admin, get("/console/invoices/i1/pdf")))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/pdf" || body(w) != "%PDF-1.7" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w = o.do(o.as(o.Admin, get("/console/invoices/other/pdf"))); w.Code != 404 {
		t.Errorf("another: %d", w.Code)
	}
}

func TestTheLedgerShowsOneSumForEachKindAndBalances(t *testing.T) {
	o := open(t)
	if page := body(o.do(o.as(o.Admin, get("/console/ledger")))); !strings.Contains(page, "Nothing is booked yet") {
		t.Error("the empty ledger is not said to be empty")
	}
	v := o.House.View(o.Admin)
	for i, client := range []string{"client-one", "client-two"} {
		issued, err := ledger.Issuing(ledger.Transaction{ID: o.House.NewID(), At: o.Clock.Now().Add(time.Duration(i) * time.Second), Client: client, Matter: "m" + client, Invoice: "i" + client}, usd(10000), usd(0), usd(2000))
		if err != nil {
			t.Fatal(err)
		}
		op, err := ledger.Post(v, issued)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Commit(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	o.Clock.Advance(time.Minute)
	page := body(o.do(o.as(o.Admin, get("/console/ledger"))))
	for _, want := range []string{"Owed by clients", "$240.00", "Fees", "$200.00", "Tax to pay", "$40.00"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "client-one") || strings.Count(page, "Owed by clients") != 1 {
		t.Error("clients' accounts are not one sum")
	}
}
