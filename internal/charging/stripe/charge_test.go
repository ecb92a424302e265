package stripe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/money"
)

func bodyOf(form url.Values) io.ReadCloser { return io.NopCloser(strings.NewReader(form.Encode())) }

// Each row is one way a charge ends, seen through the adapter and through the sandbox's own processor alike: the
// simulation that drives the latter therefore speaks for the former.
func TestEveryEndOfAChargeIsTold(t *testing.T) {
	decline := func(r charging.Reason) sandbox.Fault { return sandbox.Fault{Kind: sandbox.Decline, Reason: r} }
	for _, c := range []struct {
		name, card string
		fault      sandbox.Fault
		want       charging.Result
		reason     charging.Reason
	}{
		{"paid", "pm_card_visa", sandbox.Fault{}, charging.Succeeded, ""},
		{"declined after it was saved", "pm_card_chargeCustomerFail", sandbox.Fault{}, charging.Declined, charging.ReasonOther},
		{"no money", "pm_card_visa", decline(charging.ReasonFunds), charging.Declined, charging.ReasonFunds},
		{"expired", "pm_card_visa", decline(charging.ReasonExpired), charging.Declined, charging.ReasonExpired},
		{"wrong code", "pm_card_visa", decline(charging.ReasonCVC), charging.Declined, charging.ReasonCVC},
		{"authentication required", "pm_card_authenticationRequired", sandbox.Fault{}, charging.NeedsPayer, ""},
		{"never authenticated", "pm_card_authenticationRequiredOnSetup", sandbox.Fault{}, charging.NeedsPayer, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			m := r.saved(t, c.card)
			for name, p := range map[string]charging.Processor{"stripe": r.Processor, "sandbox": sandbox.NewProcessor(r.server.Core, r.Promises())} {
				if c.fault.Kind != "" {
					r.faults.Aim(sandbox.To("POST", "/v1/payment_intents"), c.fault)
				}
				request := r.request(m, "attempt-"+name)
				got := mustCharge(t, p, request)
				if got.Result != c.want || got.Reason != c.reason || got.Amount != request.Amount || !strings.HasPrefix(got.Reference, "pi_") {
					t.Errorf("%s: charged to %+v", name, got)
				}
				for look, again := range map[string]func() (charging.Outcome, error){
					"sent again": func() (charging.Outcome, error) { return p.Charge(t.Context(), request) },
					"found":      func() (charging.Outcome, error) { return p.Find(t.Context(), request) },
					"fetched":    func() (charging.Outcome, error) { return p.Fetch(t.Context(), got.Reference) },
				} {
					if o, err := again(); err != nil || o != got {
						t.Errorf("%s: %s: %+v, %v; want %+v", name, look, o, err, got)
					}
				}
			}
		})
	}
}

func TestAnUnansweredChargeIsUnknownAndTheSameKeyNeverChargesTwice(t *testing.T) {
	for _, c := range []struct {
		kind  sandbox.FaultKind
		moved bool // money moved although the caller cannot know
	}{
		{sandbox.Vanish, false}, {sandbox.LoseReply, true}, {sandbox.RateLimit, false}, {sandbox.Busy, false},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			r := newRig(t)
			request := r.request(r.saved(t, "pm_card_visa"), "attempt-1")
			r.faults.Aim(sandbox.To("POST", "/v1/payment_intents"), sandbox.Fault{Kind: c.kind})
			o, err := r.Charge(t.Context(), request)
			if err == nil || errors.Is(err, charging.ErrRefused) {
				t.Fatalf("%+v, %v: want an unknown outcome", o, err)
			}
			if found, err := r.Find(t.Context(), request); err != nil || (found.Result == charging.Succeeded) != c.moved {
				t.Errorf("found %+v, %v", found, err)
			}
			first := mustCharge(t, r, request)
			if again := mustCharge(t, r, request); again != first || first.Result != charging.Succeeded {
				t.Errorf("%+v and then %+v", first, again)
			}
			if n := r.payments(t); n != 1 {
				t.Errorf("%d payments", n)
			}
		})
	}
}

// payments counts the payments that the sandbox lists.
func (r *rig) payments(t *testing.T) int {
	t.Helper()
	a, err := r.server.Do(sandbox.Call{Method: "GET", Path: "/v1/payment_intents", Form: "limit=100"})
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("%d, %v", a.Status, err)
	}
	return strings.Count(string(a.Body), `"object": "payment_intent"`)
}

func TestAStoredServerErrorStaysUnknownUntilItIsLookedUp(t *testing.T) {
	for kind, want := range map[sandbox.FaultKind]charging.Result{sandbox.FailAfter: charging.Succeeded, sandbox.FailBefore: charging.Missing} {
		r := newRig(t)
		request := r.request(r.saved(t, "pm_card_visa"), "attempt-1")
		r.faults.Aim(sandbox.To("POST", "/v1/payment_intents"), sandbox.Fault{Kind: kind})
		for range 2 {
			if _, err := r.Charge(t.Context(), request); err == nil || errors.Is(err, charging.ErrRefused) {
				t.Errorf("%s: %v: want an unknown outcome each time", kind, err)
			}
		}
		if o, err := r.Find(t.Context(), request); err != nil || o.Result != want {
			t.Errorf("%s: found %+v, %v", kind, o, err)
		}
	}
}

func TestAKeyUsedWithOtherParametersIsUnknownSinceTheFirstMayHaveCharged(t *testing.T) {
	r := newRig(t)
	request := r.request(r.saved(t, "pm_card_visa"), "attempt-1")
	mustCharge(t, r, request)
	request.Amount = money.Of(99, "USD")
	if _, err := r.Charge(t.Context(), request); err == nil || errors.Is(err, charging.ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestWhatStripeTurnsAwayBeforeExecutingIsRefused(t *testing.T) {
	r := newRig(t)
	good := r.request(r.saved(t, "pm_card_visa"), "attempt-1")
	for name, spoil := range map[string]func(*charging.ChargeRequest){
		"no such customer": func(c *charging.ChargeRequest) { c.Customer = "cus_none" },
		"no such card":     func(c *charging.ChargeRequest) { c.Method = "pm_none" },
		"too small":        func(c *charging.ChargeRequest) { c.Amount.Minor = 10 },
		"nothing":          func(c *charging.ChargeRequest) { c.Amount.Minor = 0 },
		"unsure currency":  func(c *charging.ChargeRequest) { c.Amount.Currency = "UGX" },
		"no key":           func(c *charging.ChargeRequest) { c.Key = "" },
	} {
		bad := good
		spoil(&bad)
		if o, err := r.Charge(t.Context(), bad); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	stranger := New(Config{Key: key("sk_test_other"), BaseURL: r.http.URL, HTTP: r.http.Client()})
	if _, err := stranger.Charge(t.Context(), good); !errors.Is(err, charging.ErrRefused) {
		t.Errorf("a wrong key: %v", err)
	}
	if n := r.payments(t); n != 0 {
		t.Errorf("%d payments", n)
	}
}

// Each answer that Stripe documents, and what may be concluded from it.
func TestOnlyAValidationErrorIsTakenForNothingHappened(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		refused bool
	}{
		{400, `{"error":{"type":"invalid_request_error","code":"parameter_missing"}}`, true},
		{401, `{"error":{"type":"invalid_request_error"}}`, true},
		{403, `{"error":{"type":"invalid_request_error"}}`, true},
		{404, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, true},
		{400, `{"error":{"type":"idempotency_error"}}`, false},
		{400, `{"error":{"type":"api_error"}}`, false},
		{400, `{"error":{"type":"invalid_request_error","code":"lock_timeout"}}`, false},
		{400, `{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use"}}`, false},
		{402, `{"error":{"type":"invalid_request_error"}}`, false},
		{409, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}`, false},
		{409, `{"error":{"type":"invalid_request_error","code":"idempotency_key_in_use"}}`, false},
		{424, `{"error":{"type":"invalid_request_error"}}`, false},
		{429, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, false},
		{500, `{"error":{"type":"api_error"}}`, false},
		{500, `{"error":{"type":"invalid_request_error"}}`, false},
		{502, `<html>bad gateway</html>`, false},
		{200, `not json`, false},
		{200, `{}`, false},
		{200, `{"status":"succeeded","amount":5000,"amount_received":5000,"currency":"usd"}`, false}, // whose, nobody can say
		{402, `{"error":{"type":"card_error","code":"card_declined","payment_intent":{"id":"pi_1","status":"processing"}}}`, false},
	} {
		o, err := answering(t, c.status, c.body).Charge(t.Context(), plain)
		if err == nil || errors.Is(err, charging.ErrRefused) != c.refused {
			t.Errorf("%d %s: %+v, %v", c.status, c.body, o, err)
		}
	}
}

func TestAnAnswerSaysWhatWasTakenAndNothingMore(t *testing.T) {
	for _, c := range []struct {
		status string
		want   charging.Result
		minor  int64
	}{
		{"succeeded", charging.Succeeded, 4000}, {"processing", charging.Pending, 5000}, {"of tomorrow", charging.Pending, 5000},
		{"requires_action", charging.NeedsPayer, 5000}, {"canceled", charging.Expired, 5000},
	} {
		body := fmt.Sprintf(`{"id":"pi_1","status":%q,"amount":5000,"amount_received":4000,"currency":"usd"}`, c.status)
		o, err := answering(t, 200, body).Charge(t.Context(), plain)
		if err != nil || o.Result != c.want || o.Amount != money.Of(c.minor, "USD") || o.Reference != "pi_1" {
			t.Errorf("%s: %+v, %v", c.status, o, err)
		}
	}
}

func TestAKeyIsTrustedForLessThanStripeRemembersIt(t *testing.T) {
	if w := New(Config{}).Promises().Window; w >= 24*time.Hour || w <= 0 {
		t.Errorf("%v", w)
	}
}

var plain = charging.ChargeRequest{Key: "k", Customer: "cus_1", Method: "pm_1", Amount: money.Of(5000, "USD"), Created: noon}

// answering is a processor whose every call is answered so.
func answering(t *testing.T, status int, body string) *Processor {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return New(Config{Key: key("sk_test_x"), BaseURL: server.URL, HTTP: server.Client()})
}

func TestAnErrorTellsNothingThatThePayerTyped(t *testing.T) {
	_, err := answering(t, 400, `{"error":{"type":"invalid_request_error","code":"x","message":"for Jane Roe",
		"payment_method":{"id":"pm_1","billing_details":{"name":"Jane Roe","email":"jane@roe.test"}}}}`).Charge(t.Context(), plain)
	if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "Roe") || strings.Contains(err.Error(), "roe.test") {
		t.Errorf("%v", err)
	}
}

func TestACallEndsWithItsContextAndIsUnknown(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
	}))
	defer server.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := New(Config{Key: key("k"), BaseURL: server.URL, HTTP: server.Client()}).Charge(ctx, plain)
	if !errors.Is(err, context.Canceled) || errors.Is(err, charging.ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestEveryCallHasADeadlineAndIsSentOnce(t *testing.T) {
	calls := 0
	p := New(Config{Key: key("k"), BaseURL: "http://stripe.test", HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		calls++
		if _, ok := r.Context().Deadline(); !ok {
			t.Error("no deadline")
		}
		return nil, errors.New("connection reset")
	})}})
	if _, err := p.Charge(t.Context(), plain); err == nil || errors.Is(err, charging.ErrRefused) {
		t.Errorf("%v", err)
	}
	if calls != 1 {
		t.Errorf("sent %d times: when to send again is not the library's decision", calls)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAMissingAccountKeyIsUnknownRatherThanRefused(t *testing.T) {
	p := New(Config{Key: func(context.Context) (string, error) { return "", errors.New("the parameter store is down") }})
	if _, err := p.Charge(t.Context(), plain); err == nil || errors.Is(err, charging.ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestOnlyOpaqueThingsAreSent(t *testing.T) {
	r := newRig(t)
	request := r.request(r.saved(t, "pm_card_visa"), "attempt-1")
	r.seen = nil
	o := mustCharge(t, r, request)
	if _, err := r.Refund(t.Context(), charging.RefundRequest{Key: "refund-1", Payment: o.Reference, Amount: request.Amount}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.PayPage(t.Context(), charging.PageRequest{Key: "attempt-2", Customer: request.Customer, Amount: request.Amount, Return: "https://firm.test/pay/x"}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"amount=12000&confirm=true&currency=usd&customer=" + request.Customer + "&metadata[attempt]=attempt-1&off_session=true&payment_method=" + request.Method + "&payment_method_types[0]=card",
		"amount=12000&metadata[attempt]=refund-1&payment_intent=" + o.Reference,
		"cancel_url=https://firm.test/pay/x&client_reference_id=attempt-2&customer=" + request.Customer + "&line_items[0][price_data][currency]=usd&line_items[0][price_data][product_data][name]=Invoice payment&line_items[0][price_data][unit_amount]=12000&line_items[0][quantity]=1&mode=payment&payment_intent_data[metadata][attempt]=attempt-2&payment_method_types[0]=card&success_url=https://firm.test/pay/x",
	}
	keys := []string{"attempt-1", "refund-1:refund", "attempt-2:page"}
	for i, q := range r.seen {
		sent, err := url.PathUnescape(strings.ReplaceAll(q.PostForm.Encode(), "+", "%20"))
		if err != nil || sent != want[i] || q.Header.Get("Idempotency-Key") != keys[i] {
			t.Errorf("sent %s\nwant %s\nkey %s", sent, want[i], q.Header.Get("Idempotency-Key"))
		}
		if q.Header.Get("X-Stripe-Client-Telemetry") != "" || strings.Contains(q.Header.Get("X-Stripe-Client-User-Agent"), "linux") {
			t.Errorf("the library tells of this machine: %v", q.Header)
		}
	}
}

func TestFindWalksAllPagesAndSinceTheAttemptOnly(t *testing.T) {
	r := newRig(t)
	m := r.saved(t, "pm_card_visa")
	first := r.request(m, "attempt-0")
	paid := mustCharge(t, r, first)
	for i := range 130 {
		mustCharge(t, r, r.request(m, fmt.Sprintf("later-%d", i)))
	}
	if o, err := r.Find(t.Context(), first); err != nil || o != paid {
		t.Errorf("on the second page: %+v, %v", o, err)
	}
	first.Created = noon.Add(time.Hour)
	if o, err := r.Find(t.Context(), first); err != nil || o.Result != charging.Missing {
		t.Errorf("older than asked for: %+v, %v", o, err)
	}
	r.pass(5 * time.Minute)
	skewed := r.request(m, "skewed")
	skewed.Created = r.clock().Add(3 * time.Minute) // our clock is ahead of Stripe's
	want := mustCharge(t, r, skewed)
	if o, err := r.Find(t.Context(), skewed); err != nil || o != want {
		t.Errorf("with a skewed clock: %+v, %v", o, err)
	}
}
