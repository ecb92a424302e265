package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/charging"
)

func TestTestCardsActAsStripeDocumentsThem(t *testing.T) {
	for _, c := range []struct {
		token               string
		attach              int    // status of saving it
		code, decline       string // of the failure, wherever it comes
		charged             string // the payment's status after an off-session charge
		last4, brand, error string
	}{
		{token: "pm_card_visa", attach: 200, charged: "succeeded", last4: "4242", brand: "visa"},
		{token: "pm_card_mastercard", attach: 200, charged: "succeeded", last4: "4444", brand: "mastercard"},
		{token: "pm_card_amex", attach: 200, charged: "succeeded", last4: "0005", brand: "amex"},
		{token: "pm_card_authenticationRequiredSetupForOffSession", attach: 200, charged: "succeeded", last4: "0446", brand: "visa"},
		{token: "pm_card_chargeCustomerFail", attach: 200, code: "card_declined", decline: "generic_decline", charged: "requires_payment_method", last4: "0341", brand: "visa"},
		{token: "pm_card_authenticationRequired", attach: 200, code: "authentication_required", decline: "authentication_required", charged: "requires_payment_method", last4: "3184", brand: "visa"},
		{token: "pm_card_authenticationRequiredOnSetup", attach: 200, code: "authentication_required", decline: "authentication_required", charged: "requires_payment_method", last4: "3155", brand: "visa"},
		{token: "pm_card_visa_chargeDeclined", attach: 402, code: "card_declined", decline: "generic_decline"},
		{token: "pm_card_visa_chargeDeclinedInsufficientFunds", attach: 402, code: "card_declined", decline: "insufficient_funds"},
		{token: "pm_card_chargeDeclinedExpiredCard", attach: 402, code: "expired_card"},
		{token: "pm_card_chargeDeclinedIncorrectCvc", attach: 402, code: "incorrect_cvc"},
		{token: "pm_card_chargeDeclinedProcessingError", attach: 402, code: "processing_error"},
	} {
		d := newDesk(t)
		customer := d.must(t, "/v1/customers", "", "").field("id")
		attached := d.post(t, "/v1/payment_methods/"+c.token+"/attach", query("customer", customer), "")
		if attached.status != c.attach {
			t.Errorf("%s: attaching answered %d %s", c.token, attached.status, attached.text)
			continue
		}
		if c.attach != http.StatusOK {
			if attached.field("error.type") != "card_error" || attached.field("error.code") != c.code || attached.field("error.decline_code") != c.decline {
				t.Errorf("%s: %s", c.token, attached.text)
			}
			continue
		}
		if attached.field("card.last4") != c.last4 || attached.field("card.brand") != c.brand {
			t.Errorf("%s: %s", c.token, attached.text)
		}
		g := d.post(t, payments, charge(customer, attached.field("id")), "k")
		status := g.field("status")
		if g.status == http.StatusPaymentRequired {
			status = g.field("error.payment_intent.status")
		}
		if status != c.charged || g.field("error.code") != c.code || g.field("error.decline_code") != c.decline {
			t.Errorf("%s: %d %s", c.token, g.status, g.text)
		}
	}
}

func TestADeclinedPaymentIsKeptWithItsReason(t *testing.T) {
	d := newDesk(t)
	customer, method := d.onFile(t, "pm_card_chargeCustomerFail")
	failed := d.post(t, payments, charge(customer, method), "k")
	id := failed.field("error.payment_intent.id")
	g := d.get(t, payments+"/"+id, "")
	if g.field("status") != "requires_payment_method" || g.field("last_payment_error.code") != "card_declined" || g.field("amount_received") != "0" || g.field("metadata.attempt") != "a1" {
		t.Errorf("%s", g.text)
	}
	if !strings.HasPrefix(g.field("latest_charge"), "ch_") {
		t.Error("a declined charge is a charge too")
	}
}

func TestATestIdMakesANewCardEachTime(t *testing.T) {
	d := newDesk(t)
	_, a := d.onFile(t, "pm_card_visa")
	customer, b := d.onFile(t, "pm_card_visa")
	if a == b || a == "pm_card_visa" {
		t.Errorf("%s and %s", a, b)
	}
	if g := d.post(t, "/v1/payment_methods/"+a+"/attach", query("customer", customer), ""); g.status != http.StatusBadRequest {
		t.Errorf("a card went to a second customer: %s", g.text)
	}
	made := d.must(t, "/v1/payment_methods", query("type", "card", "card[token]", "tok_mastercard"), "")
	if made.field("card.brand") != "mastercard" || made.field("customer") != "" {
		t.Errorf("%s", made.text)
	}
	d.must(t, "/v1/payment_methods/"+b+"/detach", "", "")
	if g := d.get(t, "/v1/customers/"+customer+"/payment_methods", ""); len(g.body["data"].([]any)) != 0 {
		t.Errorf("%s", g.text)
	}
}

func TestSetupIntentsSaveACardForLater(t *testing.T) {
	d := newDesk(t)
	customer := d.must(t, "/v1/customers", "", "").field("id")
	form := query("customer", customer, "confirm", "true", "payment_method")
	ok := d.must(t, "/v1/setup_intents", form+"&payment_method=pm_card_visa", "")
	if ok.field("status") != "succeeded" || d.get(t, "/v1/payment_methods/"+ok.field("payment_method"), "").field("customer") != customer {
		t.Errorf("%s", ok.text)
	}
	proof := d.must(t, "/v1/setup_intents", form+"&payment_method=pm_card_authenticationRequired", "")
	if proof.field("status") != "requires_action" {
		t.Errorf("%s", proof.text)
	}
	bad := d.post(t, "/v1/setup_intents", form+"&payment_method=pm_card_visa_chargeDeclined", "")
	if bad.status != http.StatusPaymentRequired || bad.field("error.setup_intent.last_setup_error.decline_code") != "generic_decline" {
		t.Errorf("%s", bad.text)
	}
}

func TestTheCardFormSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		form CardForm
		want string
	}{
		{CardForm{"4242 4242 4242 4242", "12/34", "123"}, ""},
		{CardForm{"4242-4242-4242-4242", "3 / 2026", "123"}, ""},
		{CardForm{"378282246310005", "12/34", "1234"}, ""},
		{CardForm{"4242424242424241", "12/34", "123"}, "number"},
		{CardForm{"4242", "12/34", "123"}, "number"},
		{CardForm{"card", "12/34", "123"}, "number"},
		{CardForm{"", "", ""}, "number expiry cvc"},
		{CardForm{"4242424242424242", "13/34", "123"}, "expiry"},
		{CardForm{"4242424242424242", "02/26", "123"}, "expiry"},
		{CardForm{"4242424242424242", "1234", "123"}, "expiry"},
		{CardForm{"4242424242424242", "12/99", "123"}, "expiry"},
		{CardForm{"4242424242424242", "12/34", "12"}, "cvc"},
		{CardForm{"4242424242424242", "12/34", "1234"}, "cvc"},
		{CardForm{"378282246310005", "12/34", "123"}, "cvc"},
		{CardForm{"4242424242424242", "12/34", "1 3"}, "cvc"},
	} {
		_, problems := c.form.read(noon)
		var fields []string
		for _, p := range problems {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, " "); got != c.want {
			t.Errorf("%+v: wrong are %q; want %q", c.form, got, c.want)
		}
	}
}

func TestEveryTestNumberIsANumberAndNamedOnce(t *testing.T) {
	numbers, names := map[string]bool{}, map[string]bool{}
	for _, b := range behaviours {
		if !luhn(b.number) || numbers[b.number] || names[b.name()] || b.brand == "" {
			t.Errorf("%+v", b)
		}
		numbers[b.number], names[b.name()] = true, true
		if found, ok := act(b.name()); !ok || found.number != b.number {
			t.Errorf("%s is not found again", b.name())
		}
	}
	for _, s := range samples {
		if !numbers[digits(s.Number)] {
			t.Errorf("the page offers %s, which is no test card", s.Number)
		}
	}
}

func TestAnInjectedDeclineIsForTheReasonAsked(t *testing.T) {
	for reason, code := range map[charging.Reason]string{charging.ReasonFunds: "card_declined", charging.ReasonExpired: "expired_card", charging.ReasonCVC: "incorrect_cvc", charging.ReasonOther: "card_declined"} {
		d := newDesk(t)
		customer, method := d.onFile(t, "pm_card_visa")
		d.faults.Aim(To(post, payments), Fault{Kind: Decline, Reason: reason})
		if g := d.post(t, payments, charge(customer, method), ""); g.status != 402 || g.field("error.code") != code {
			t.Errorf("%s: %s", reason, g.text)
		}
	}
}
