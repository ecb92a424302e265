package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser posts and reads pages without following redirects.
func (d *desk) browse(t *testing.T, method, path string, form url.Values) got {
	t.Helper()
	r, err := http.NewRequest(method, d.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := *d.http.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	g, err := answered(client.Do(r))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (d *desk) session(t *testing.T, pairs ...string) string {
	t.Helper()
	pairs = append(pairs, "success_url", "http://firm.test:8080/thanks", "cancel_url", "http://firm.test:8080/back")
	return "/pay/" + d.must(t, "/v1/checkout/sessions", query(pairs...), "").field("id")
}

func (d *desk) payment(t *testing.T) string {
	t.Helper()
	return d.session(t, "mode", "payment", "line_items[0][quantity]", "1", "line_items[0][price_data][currency]", "usd",
		"line_items[0][price_data][unit_amount]", "12000", "line_items[0][price_data][product_data][name]", "Invoice <payment>")
}

func typing(number, expiry, cvc string) url.Values {
	return url.Values{"number": {number}, "expiry": {expiry}, "cvc": {cvc}}
}

func TestThePayersPageSaysThatItIsASandbox(t *testing.T) {
	d := newDesk(t)
	page := d.browse(t, get, d.payment(t), nil)
	for _, want := range []string{"No money moves here", "4242 4242 4242 4242", "120.00 USD", "Invoice &lt;payment&gt;", `name="viewport"`, `href="http://firm.test:8080/back"`} {
		if !strings.Contains(page.text, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": policy + " http://firm.test:8080", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if page.header.Get(name) != want {
			t.Errorf("%s: %q", name, page.header.Get(name))
		}
	}
	if style := d.browse(t, get, "/style.css", nil); style.status != http.StatusOK || !strings.HasPrefix(style.header.Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", style.status, style.header)
	}
	if g := d.browse(t, get, "/pay/cs_none", nil); g.status != http.StatusNotFound {
		t.Errorf("%d", g.status)
	}
}

func TestAPayerPaysAndIsSentBack(t *testing.T) {
	d := newDesk(t)
	page := d.payment(t)
	g := d.browse(t, post, page, typing("4242 4242 4242 4242", "12/34", "123"))
	if g.status != http.StatusSeeOther || g.header.Get("Location") != "http://firm.test:8080/thanks" {
		t.Errorf("%d %s", g.status, g.header.Get("Location"))
	}
	if again := d.browse(t, post, page, typing("4242 4242 4242 4242", "12/34", "123")); again.status != http.StatusSeeOther {
		t.Errorf("%d", again.status)
	}
	if n := len(d.get(t, payments, "").body["data"].([]any)); n != 1 {
		t.Errorf("the form was sent twice and paid %d times", n)
	}
}

func TestWhatIsTypedWrongIsSaidBesideTheField(t *testing.T) {
	d := newDesk(t)
	page := d.payment(t)
	g := d.browse(t, post, page, typing("4242424242424241", "02/26", "12"))
	if g.status != http.StatusUnprocessableEntity || strings.Count(g.text, `aria-invalid="true"`) != 3 || !strings.Contains(g.text, "in the past") {
		t.Errorf("%d %s", g.status, g.text)
	}
	if strings.Contains(g.text, "4242424242424241") {
		t.Error("the number came back")
	}
	declined := d.browse(t, post, page, typing("4000000000009995", "12/34", "123"))
	if declined.status != http.StatusOK || !strings.Contains(declined.text, "insufficient funds") || !strings.Contains(declined.text, "another card") {
		t.Errorf("%d %s", declined.status, declined.text)
	}
	live := d.browse(t, post, page, typing("4111111111111111", "12/34", "123"))
	if !strings.Contains(live.text, "test cards only") {
		t.Errorf("%s", live.text)
	}
}

func TestTheBanksQuestionIsAnswered(t *testing.T) {
	d := newDesk(t)
	page := d.payment(t)
	asked := d.browse(t, post, page, typing("4000002760003184", "12/34", "123"))
	if !strings.Contains(asked.text, "Approve") || strings.Contains(asked.text, `name="number"`) {
		t.Errorf("%s", asked.text)
	}
	other := d.browse(t, post, page, typing("4242424242424242", "12/34", "123"))
	if !strings.Contains(other.text, "Approve") {
		t.Error("a second card was taken while the bank was asked")
	}
	denied := d.browse(t, post, page+"/challenge", url.Values{"decision": {"deny"}})
	if !strings.Contains(denied.text, "not authenticated") {
		t.Errorf("%s", denied.text)
	}
	d.browse(t, post, page, typing("4000002760003184", "12/34", "123"))
	approved := d.browse(t, post, page+"/challenge", url.Values{"decision": {"approve"}})
	if approved.status != http.StatusSeeOther {
		t.Errorf("%d %s", approved.status, approved.text)
	}
	broke := d.payment(t)
	d.browse(t, post, broke, typing("4000008400001629", "12/34", "123"))
	if g := d.browse(t, post, broke+"/challenge", url.Values{"decision": {"approve"}}); !strings.Contains(g.text, "was declined") {
		t.Errorf("%s", g.text)
	}
	denial := d.session(t, "mode", "setup", "payment_method_types[0]", "card")
	d.browse(t, post, denial, typing("4000002500003155", "12/34", "123"))
	if g := d.browse(t, post, denial+"/challenge", url.Values{"decision": {"deny"}}); !strings.Contains(g.text, "not authenticated") || !strings.Contains(g.text, "Save the card") {
		t.Errorf("%s", g.text)
	}
}

func TestAnotherSitesFormIsTurnedAway(t *testing.T) {
	d := newDesk(t)
	r, err := http.NewRequest(post, d.http.URL+d.payment(t), strings.NewReader(typing("4242424242424242", "12/34", "123").Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if g, err := answered(d.http.Client().Do(r)); err != nil || g.status != http.StatusForbidden {
		t.Errorf("%d, %v", g.status, err)
	}
}

func TestADeveloperSeesWhatTheProcessorKnows(t *testing.T) {
	d := newDesk(t)
	if g := d.browse(t, get, "/", nil); !strings.Contains(g.text, "None yet") {
		t.Errorf("%s", g.text)
	}
	pi := d.paid(t, "pm_card_visa")
	d.must(t, "/v1/customers", query("name", "Leaked Name", "metadata[client]", "0195"), "")
	g := d.browse(t, get, "/", nil)
	for _, want := range []string{pi, "120.00 USD", "succeeded", "attempt = a1", "Leaked Name", "client = 0195", "not told"} {
		if !strings.Contains(g.text, want) {
			t.Errorf("no %q on the page: a leak would not be seen", want)
		}
	}
	for currency, want := range map[string]string{"jpy": "1234 JPY", "isk": "1234 ISK", "usd": "12.34 USD", "kwd": "1.234 KWD", "zzz": "1234 ZZZ"} {
		if got := shown(1234, currency); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
