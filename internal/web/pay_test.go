package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
)

var (
	_ Payments = (*charging.Charges)(nil)
	_ Links    = (*token.Signer)(nil)
)

func TestThePayersPageSaysHowTheInvoiceStands(t *testing.T) {
	o := open(t)
	for _, c := range []struct {
		state charging.PayState
		query string
		says  string
		pays  bool
	}{
		{charging.PayOpen, "", "Pay $120.00 by card", true},
		{charging.PayOpen, "?back", "No payment was made.", true},
		{charging.PayProcessing, "?back", "Your payment is being processed.", false},
		{charging.PayPaid, "?back", "This invoice is paid.", false},
		{charging.PayClosed, "", "cannot be paid here any more", false},
	} {
		o.pay.view = charging.PayView{Firm: "Demo & Partners", Number: "17", Amount: usd(12000), State: c.state}
		w := o.do(get("/pay/genuine" + c.query))
		page := body(w)
		if w.Code != 200 || !strings.Contains(page, c.says) || !strings.Contains(page, "Invoice 17") || !strings.Contains(page, "Demo &amp; Partners") {
			t.Errorf("%s%s: %d %s", c.state, c.query, w.Code, page)
		}
		if form := strings.Contains(page, `<form method="post" action="/pay/genuine"`); form != c.pays {
			t.Errorf("%s: can be paid: %v", c.state, form)
		}
		if strings.Contains(page, "/console/") || strings.Contains(page, "Billing Clerk") {
			t.Errorf("%s: the payer sees more than the firm", c.state)
		}
	}
}

func TestALinkThatOpensNothingIsTheSamePageWhateverTheReason(t *testing.T) {
	o := open(t)
	forged := o.do(get("/pay/forged"))
	o.pay.viewErr = billing.ErrNoBill
	unknown := o.do(get("/pay/genuine"))
	posted := o.do(post("/pay/forged", url.Values{}))
	pages := []string{body(forged), body(unknown), body(posted)}
	for i, w := range []int{forged.Code, unknown.Code, posted.Code} {
		if w != http.StatusNotFound || !strings.Contains(pages[i], "This link opens nothing") || mask(pages[i]) != mask(pages[0]) {
			t.Errorf("page %d: %d %s", i, w, pages[i])
		}
	}
	o.pay.viewErr = fault.New(fault.Busy, "store.busy", "Please try again in a moment.")
	if w := o.do(get("/pay/genuine")); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a database that does not answer: %d", w.Code)
	}
}

// mask takes out what differs with each answer: the nonce.
func mask(page string) string {
	parts := strings.Split(page, `nonce="`)
	for i := range parts[1:] {
		_, parts[i+1], _ = strings.Cut(parts[i+1], `"`)
	}
	return strings.Join(parts, "")
}

func TestPayingLeadsToTheProcessorsPageAndBack(t *testing.T) {
	o := open(t)
	o.pay.page = "https://pay.test/c/abc"
	w := o.do(post("/pay/genuine", url.Values{}))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://pay.test/c/abc" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	if o.pay.back != "https://clerk.test/pay/genuine?back" {
		t.Errorf("the payer comes back to %s", o.pay.back)
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://pay.test;") {
		t.Errorf("a browser would refuse the redirect: %s", policy)
	}
}

func TestThePayerIsSentNowhereButToTheProcessor(t *testing.T) {
	o := open(t)
	for _, page := range []string{"https://evil.test/c/abc", "http://pay.test/", "https://pay.test@evil.test/", "//pay.test/", "javascript:alert(1)", "https://pay.test.evil.test/", ""} {
		o.pay.page = page
		if w := o.do(post("/pay/genuine", url.Values{})); w.Code != http.StatusInternalServerError || w.Header().Get("Location") != "" {
			t.Errorf("%q: %d to %s", page, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestPayingWhatIsSettledMeanwhileShowsThePageAgain(t *testing.T) {
	o := open(t)
	o.pay.pageErr = charging.ErrNoPayment
	if w := o.do(post("/pay/genuine", url.Values{})); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/pay/genuine" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	o.pay.pageErr = charging.ErrLater
	if w := o.do(post("/pay/genuine", url.Values{})); w.Code != http.StatusServiceUnavailable || !strings.Contains(body(w), charging.ErrLater.Message) {
		t.Errorf("a processor that does not answer: %d", w.Code)
	}
}

func TestAWebhooksStatusSaysWhetherToSendItAgain(t *testing.T) {
	for _, c := range []struct {
		name, endpoint string
		err            error
		want           int
	}{
		{"handled, or a duplicate", "ep1", nil, 200},
		{"a signature that does not fit", "ep1", charging.ErrEvent, 400},
		{"an endpoint of nobody", "ep2", nil, 404},
		{"a lost race", "ep1", fault.New(fault.Conflict, "x", "x"), 503},
		{"a firm without a processor, which is told to nobody", "ep1", charging.ErrNoProcessor, 400},
		{"a state that may pass", "ep1", fault.New(fault.State, "x", "x"), 503},
		{"not known whether it was done", "ep1", fault.New(fault.Unknown, "x", "x"), 503},
		{"a processor that does not answer", "ep1", charging.ErrLater, 503},
		{"an invoice that cannot be found", "ep1", billing.ErrNoBill, 503},
		{"a defect", "ep1", errors.New("nil map"), 500},
	} {
		o := open(t)
		o.pay.hintErr = c.err
		r := post("/webhooks/stripe/"+c.endpoint, nil)
		r.Header.Del("Sec-Fetch-Site")
		w := o.do(r)
		if w.Code != c.want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestAWebhooksBodyReachesTheDomainByteForByteWithinItsBound(t *testing.T) {
	o := open(t)
	send := func(text string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://clerk.test/webhooks/stripe/ep1", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Stripe-Signature", "t=1,v1=ab")
		return o.do(r).Code
	}
	if code := send("{ \"a\":1 }\n"); code != 200 || o.pay.hints[0] != "firm-1|ep1|{ \"a\":1 }\n|t=1,v1=ab" {
		t.Errorf("%d %q", code, o.pay.hints)
	}
	if code := send(strings.Repeat("x", maxEvent+1)); code != http.StatusRequestEntityTooLarge || len(o.pay.hints) != 1 {
		t.Errorf("too large: %d, %d reached the domain", code, len(o.pay.hints))
	}
}
