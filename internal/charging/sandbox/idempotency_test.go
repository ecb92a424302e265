package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const payments = "/v1/payment_intents"

func TestTheSameKeyGetsTheSameAnswerAndChargesOnce(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	first := d.must(t, payments, charge(customer, method), "k")
	if first.header.Get("Idempotent-Replayed") != "" {
		t.Error("the first answer claims to be a replay")
	}
	parts := strings.Split(charge(customer, method), "&")
	parts[0], parts[3] = parts[3], parts[0] // the order of parameters does not matter
	again := d.must(t, payments, strings.Join(parts, "&"), "k")
	if again.text != first.text || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s\nand then %s", first.text, again.text)
	}
	if other := d.must(t, payments, charge(customer, method), "k2"); other.field("id") == first.field("id") {
		t.Error("another key found the same payment")
	}
}

func TestADeclineIsReplayedToo(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_chargeCustomerFail")
	first := d.post(t, payments, charge(customer, method), "k")
	again := d.post(t, payments, charge(customer, method), "k")
	if first.status != http.StatusPaymentRequired || again.status != first.status || again.text != first.text {
		t.Errorf("%d, then %d", first.status, again.status)
	}
}

func TestAKeyWithOtherParametersOrPathIsRefused(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	d.must(t, payments, charge(customer, method), "k")
	for path, form := range map[string]string{
		payments:        strings.Replace(charge(customer, method), "12000", "12001", 1),
		"/v1/customers": "",
	} {
		g := d.post(t, path, form, "k")
		if g.status != http.StatusBadRequest || g.field("error.type") != "idempotency_error" {
			t.Errorf("%s: %d %s", path, g.status, g.text)
		}
	}
}

func TestNothingIsStoredAfterAValidationFailureOrATurnedAwayRequest(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	bad := d.post(t, payments, charge(customer, "pm_none"), "k")
	if bad.status != http.StatusBadRequest || bad.field("error.code") != "resource_missing" || bad.field("error.param") != "payment_method" {
		t.Errorf("%d %s", bad.status, bad.text)
	}
	if n := len(d.get(t, payments, "").body["data"].([]any)); n != 0 {
		t.Errorf("a refused request left %d payments", n)
	}
	d.faults.Aim(nil, Fault{Kind: RateLimit})
	if g := d.post(t, payments, charge(customer, method), "k"); g.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", g.status, g.text)
	}
	if g := d.must(t, payments, charge(customer, method), "k"); g.field("status") != "succeeded" {
		t.Errorf("the key remembered a failure: %s", g.text)
	}
}

func TestAServerErrorIsStoredAndReplayed(t *testing.T) {
	for kind, payments1 := range map[FaultKind]int{FailBefore: 0, FailAfter: 1} {
		d := newDesk(t)
		customer, method := d.onFile(t, "pm_card_visa")
		d.faults.Aim(To(post, payments), Fault{Kind: kind})
		first := d.post(t, payments, charge(customer, method), "k")
		d.restart(t)
		again := d.post(t, payments, charge(customer, method), "k")
		if first.status != 500 || again.status != 500 || again.text != first.text || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %d %s, then %d %s", kind, first.status, first.text, again.status, again.text)
		}
		if n := len(d.get(t, payments, "").body["data"].([]any)); n != payments1 {
			t.Errorf("%s: %d payments", kind, n)
		}
	}
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	d := newDesk(t)
	first := d.must(t, "/v1/customers", "", "k").field("id")
	d.pass(Window - time.Second)
	if d.must(t, "/v1/customers", "", "k").field("id") != first {
		t.Error("forgotten too early")
	}
	d.pass(time.Second)
	if d.must(t, "/v1/customers", "", "k").field("id") == first {
		t.Error("remembered for longer than is promised: a test could lean on it")
	}
	if len(d.state.replies) != 1 || len(d.state.keys) != 1 {
		t.Errorf("%d replies and %d keys are kept", len(d.state.replies), len(d.state.keys))
	}
}

func TestAKeyInUseIsAConflict(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	arrived, goOn := make(chan struct{}), make(chan struct{})
	d.faults.Aim(nil, Fault{Delay: time.Minute})
	done := make(chan Answer)
	go func() {
		a, err := d.do(Call{post, payments, charge(customer, method), "k"}, func(time.Duration) { close(arrived); <-goOn })
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	<-arrived
	g := d.post(t, payments, charge(customer, method), "k")
	if g.status != http.StatusConflict || g.field("error.code") != "idempotency_key_in_use" {
		t.Errorf("%d %s", g.status, g.text)
	}
	if other := d.must(t, payments, charge(customer, method), "k2"); other.field("status") != "succeeded" {
		t.Errorf("another key had to wait: %s", other.text)
	}
	close(goOn)
	first := <-done
	if again := d.must(t, payments, charge(customer, method), "k"); again.text != string(first.Body) {
		t.Errorf("%s\nand then %s", first.Body, again.text)
	}
}

func TestTheKeyOfAReadMeansNothing(t *testing.T) {
	d := newDesk(t)
	d.must(t, "/v1/customers", "", "k")
	if g, err := d.call(get, payments, "", "k"); err != nil || g.status != http.StatusOK || g.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("%d, %v", g.status, err)
	}
}

func TestALostReplyHappenedAndALostRequestDidNot(t *testing.T) {
	for kind, want := range map[FaultKind]int{LoseReply: 1, Vanish: 0, Late: 0} {
		d := newDesk(t)
		customer, method := d.onFile(t, "pm_card_visa")
		d.faults.Aim(To(post, payments), Fault{Kind: kind})
		if g, err := d.call(post, payments, charge(customer, method), "k"); err == nil {
			t.Errorf("%s: answered %d", kind, g.status)
		}
		if n := len(d.get(t, payments, "").body["data"].([]any)); n != want {
			t.Errorf("%s: %d payments", kind, n)
		}
	}
}

// The nastiest case: the caller gave up, looked, found nothing, and then it happens.
func TestALateRequestHappensAfterItWasLookedFor(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_visa")
	d.faults.Aim(To(post, payments), Fault{Kind: Late})
	if g, err := d.call(post, payments, charge(customer, method), "k"); err == nil {
		t.Fatalf("answered %d", g.status)
	}
	if err := d.Arrive(); err != nil {
		t.Fatal(err)
	}
	if n := len(d.get(t, payments, "").body["data"].([]any)); n != 1 {
		t.Errorf("%d payments", n)
	}
	if g := d.must(t, payments, charge(customer, method), "k"); g.header.Get("Idempotent-Replayed") != "true" {
		t.Error("it happened twice")
	}
}

func TestOnlyTheSecretKeyOpensTheInterface(t *testing.T) {
	d := newDesk(t)
	for name, authorise := range map[string]func(*http.Request){
		"none":   func(*http.Request) {},
		"wrong":  func(r *http.Request) { r.Header.Set("Authorization", "Bearer sk_test_other") },
		"scheme": func(r *http.Request) { r.Header.Set("Authorization", DefaultKey) },
	} {
		r, _ := http.NewRequest(get, d.http.URL+payments, http.NoBody)
		authorise(r)
		if g, err := answered(d.http.Client().Do(r)); err != nil || g.status != http.StatusUnauthorized || g.field("error.type") != "invalid_request_error" {
			t.Errorf("%s: %d %s, %v", name, g.status, g.text, err)
		}
	}
	r, _ := http.NewRequest(get, d.http.URL+payments, http.NoBody)
	r.SetBasicAuth(DefaultKey, "")
	if g, err := answered(d.http.Client().Do(r)); err != nil || g.status != http.StatusOK {
		t.Errorf("basic: %d, %v", g.status, err)
	}
}

func TestUnknownParametersPathsAndOversizedBodiesAreRefused(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		path, form string
		status     int
		code       string
	}{
		{"/v1/customers", "nickname=x", 400, "parameter_unknown"},
		{"/v1/customers", "metadata=x", 400, "parameter_unknown"},
		{"/v1/customers", "name=a&name=b", 400, "parameter_invalid"},
		{"/v1/customers", "metadata[" + url.QueryEscape(strings.Repeat("k", 41)) + "]=x", 400, ""},
		{"/v1/customers", "name=%zz", 400, ""},
		{"/v1/customers", "name=" + strings.Repeat("x", maxBody), 400, ""},
		{"/v1/payment_intents", "amount=1.5&currency=usd", 400, "parameter_invalid_integer"},
		{"/v1/payment_intents", "currency=usd", 400, "parameter_missing"},
		{"/v1/payment_intents", "amount=49&currency=usd", 400, "amount_too_small"},
		{"/v1/payment_intents", "amount=100000000&currency=usd", 400, "amount_too_large"},
		{"/v1/payment_intents", "amount=100&currency=dollars", 400, ""},
		{"/v1/payment_intents", "amount=100&currency=usd&confirm=maybe", 400, ""},
		{"/v1/payment_intents", "amount=100&currency=usd&confirm=true", 400, "parameter_missing"},
		{"/v1/payment_intents", "amount=100&currency=usd&off_session=true", 400, ""},
		{"/v1/payment_intents", "amount=100&currency=usd&customer=cus_none", 400, "resource_missing"},
		{"/v1/payment_intents/pi_none/cancel", "", 404, "resource_missing"},
		{"/v1/charges", "", 404, ""},
		{"/v1/payment_methods", "type=card&card[number]=4242424242424242", 400, ""},
	} {
		g := d.post(t, c.path, c.form, "")
		if g.status != c.status || g.field("error.code") != c.code || g.field("error.type") != "invalid_request_error" {
			t.Errorf("%s %.40s: %d %s", c.path, c.form, g.status, g.text)
		}
	}
}
