package stripe

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/money"
)

// both are the adapter and the sandbox's own processor, on one core.
func (r *rig) both() map[string]charging.Processor {
	return map[string]charging.Processor{"stripe": r.Processor, "sandbox": sandbox.NewProcessor(r.server.Core, r.Promises())}
}

func payPage(t *testing.T, p charging.Processor, key, customer string) charging.Page {
	t.Helper()
	page, err := p.PayPage(t.Context(), charging.PageRequest{Key: key, Customer: customer, Amount: money.Of(4500, "EUR"), Return: "http://firm.test/back", Expires: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if page.URL != "http://pay.test/pay/"+page.Reference || !page.Expires.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", page)
	}
	return page
}

func expect(t *testing.T, p charging.Processor, reference string, want charging.Result) charging.Outcome {
	t.Helper()
	o, err := p.Fetch(t.Context(), reference)
	if err != nil || o.Result != want || o.Reference != reference {
		t.Errorf("%s is %+v, %v; want %s", reference, o, err, want)
	}
	return o
}

func (r *rig) types(t *testing.T, page, card string) sandbox.Standing {
	t.Helper()
	at, problems, err := r.server.Pay(page, sandbox.CardForm{Number: card, Expiry: "12/34", CVC: "123"})
	if err != nil || problems != nil {
		t.Fatalf("%v, %v", problems, err)
	}
	return at
}

func TestAPayPageIsPaidAndCarriesTheAttempt(t *testing.T) {
	r := newRig(t)
	for name, p := range r.both() {
		page := payPage(t, p, "attempt-"+name, "")
		if again := payPage(t, p, "attempt-"+name, ""); again != page {
			t.Errorf("%s: the same key opened another page", name)
		}
		expect(t, p, page.Reference, charging.NeedsPayer)
		r.types(t, page.Reference, "4000000000009995")
		expect(t, p, page.Reference, charging.NeedsPayer) // another card may be tried
		r.types(t, page.Reference, "4242424242424242")
		o := expect(t, p, page.Reference, charging.Succeeded)
		if o.Amount != money.Of(4500, "EUR") || o.Payment == "" || o.Reason != "" {
			t.Errorf("%s: %+v", name, o)
		}
		paid := expect(t, p, o.Payment, charging.Succeeded)
		found, err := p.Find(t.Context(), charging.ChargeRequest{Key: "attempt-" + name, Created: noon})
		if err != nil || found != paid {
			t.Errorf("%s: found %+v, %v", name, found, err)
		}
	}
}

func TestExpiringAPageTellsWhetherItWasTooLate(t *testing.T) {
	for name := range newRig(t).both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.both()[name]
			for key, c := range map[string]struct {
				before func(page string)
				want   charging.Result
			}{
				"untouched": {func(string) {}, charging.Expired},
				"declined":  {func(page string) { r.types(t, page, "4000000000000002") }, charging.Expired},
				"challenge": {func(page string) { r.types(t, page, "4000002760003184") }, charging.Expired},
				"paid":      {func(page string) { r.types(t, page, "4242424242424242") }, charging.Succeeded},
			} {
				page := payPage(t, p, key, "")
				c.before(page.Reference)
				o, err := p.Expire(t.Context(), page.Reference)
				if err != nil || o.Result != c.want || o.Reference != page.Reference {
					t.Errorf("%s: %+v, %v", key, o, err)
				}
				if again, err := p.Expire(t.Context(), page.Reference); err != nil || again != o {
					t.Errorf("%s: again %+v, %v", key, again, err)
				}
				r.types(t, page.Reference, "4242424242424242") // a payer who kept the page open
				expect(t, p, page.Reference, c.want)
			}
		})
	}
}

func TestExpiringAPaymentTellsWhetherItWasTooLate(t *testing.T) {
	for name := range newRig(t).both() {
		r := newRig(t)
		p := r.both()[name]
		waiting := mustCharge(t, p, r.request(r.saved(t, "pm_card_authenticationRequired"), "a"))
		if o, err := p.Expire(t.Context(), waiting.Reference); err != nil || o.Result != charging.Expired {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if o, err := p.Expire(t.Context(), waiting.Reference); err != nil || o.Result != charging.Expired {
			t.Errorf("%s: twice: %+v, %v", name, o, err)
		}
		paid := mustCharge(t, p, r.request(r.saved(t, "pm_card_visa"), "b"))
		if o, err := p.Expire(t.Context(), paid.Reference); err != nil || o != paid {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if o, err := p.Expire(t.Context(), "pi_none"); err != nil || o.Result != charging.Missing {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

func TestAnExpiryThatWasNotAnsweredIsUnknown(t *testing.T) {
	r := newRig(t)
	waiting := mustCharge(t, r, r.request(r.saved(t, "pm_card_authenticationRequired"), "a"))
	for _, kind := range []sandbox.FaultKind{sandbox.RateLimit, sandbox.Vanish, sandbox.FailBefore} {
		r.faults.Aim(sandbox.To("POST", "/v1/payment_intents/"+waiting.Reference+"/cancel"), sandbox.Fault{Kind: kind})
		if o, err := r.Expire(t.Context(), waiting.Reference); err == nil {
			t.Errorf("%s: %+v", kind, o)
		}
	}
	if o, err := r.Expire(t.Context(), waiting.Reference); err != nil || o.Result != charging.Expired {
		t.Errorf("a stored failure kept the payment from being cancelled: %+v, %v", o, err)
	}
}

func TestACardIsSavedOnAPageAndThenChargedWithoutItsHolder(t *testing.T) {
	r := newRig(t)
	for name, p := range r.both() {
		for _, c := range []struct {
			number, last4 string
			challenge     bool
			want          charging.Result
		}{
			{"4242424242424242", "4242", false, charging.Succeeded},
			{"4000002500003155", "3155", true, charging.Succeeded},
			{"4000002760003184", "3184", true, charging.NeedsPayer},
			{"4000000000000341", "0341", false, charging.Declined},
		} {
			key := name + c.last4
			customer, err := p.Customer(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := p.Customer(t.Context(), key); err != nil || again != customer {
				t.Errorf("%s: the same key made another customer: %s, %v", name, again, err)
			}
			page, err := p.SavePage(t.Context(), charging.PageRequest{Key: key, Customer: customer, Return: "http://firm.test/back"})
			if err != nil {
				t.Fatal(err)
			}
			if m, err := p.Saved(t.Context(), page.Reference); err != nil || m.ID != "" {
				t.Errorf("%s: nothing is saved yet: %+v, %v", name, m, err)
			}
			expect(t, p, page.Reference, charging.NeedsPayer)
			if at := r.types(t, page.Reference, c.number); at.Challenge != c.challenge {
				t.Errorf("%s: %+v", c.number, at)
			}
			if c.challenge {
				if m, err := p.Saved(t.Context(), page.Reference); err != nil || m.ID != "" {
					t.Errorf("%s: saved before the bank agreed: %+v, %v", name, m, err)
				}
				if _, err := r.server.Answer(page.Reference, true); err != nil {
					t.Fatal(err)
				}
			}
			m, err := p.Saved(t.Context(), page.Reference)
			if err != nil || m.Customer != customer || m.ID == "" {
				t.Fatalf("%s: %+v, %v", name, m, err)
			}
			expect(t, p, page.Reference, charging.Succeeded)
			card, err := p.Card(t.Context(), customer, m.ID)
			if want := (charging.Card{Brand: "visa", Last4: c.last4, ExpMonth: 12, ExpYear: 2034}); err != nil || card != want {
				t.Errorf("%s: %+v, %v", name, card, err)
			}
			if o := mustCharge(t, p, r.request(m, "charge-"+key)); o.Result != c.want {
				t.Errorf("%s %s: %+v", name, c.number, o)
			}
		}
	}
}

func TestACardOfAnotherCustomerIsRefused(t *testing.T) {
	r := newRig(t)
	a, b := r.saved(t, "pm_card_visa"), r.saved(t, "pm_card_mastercard")
	for name, p := range r.both() {
		if card, err := p.Card(t.Context(), a.Customer, b.ID); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, card, err)
		}
		if o, err := p.Charge(t.Context(), r.request(charging.Method{Customer: a.Customer, ID: b.ID}, "x"+name)); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if _, err := p.SavePage(t.Context(), charging.PageRequest{Key: "k", Return: "http://firm.test"}); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%s: a card would be saved for nobody: %v", name, err)
		}
	}
}

func TestFetchTellsMissingFromWrong(t *testing.T) {
	for name, p := range newRig(t).both() {
		for _, reference := range []string{"pi_none", "cs_none", "re_none"} {
			if o, err := p.Fetch(t.Context(), reference); err != nil || o.Result != charging.Missing {
				t.Errorf("%s: %s: %+v, %v", name, reference, o, err)
			}
		}
		if _, err := p.Fetch(t.Context(), "ch_1"); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefundsAreGivenOnceAndFound(t *testing.T) {
	for name := range newRig(t).both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.both()[name]
			paid := mustCharge(t, p, r.request(r.saved(t, "pm_card_visa"), "a"))
			part := charging.RefundRequest{Key: "r1", Payment: paid.Reference, Amount: money.Of(5000, "USD")}
			r.faults.Aim(sandbox.To("POST", "/v1/refunds"), sandbox.Fault{Kind: sandbox.LoseReply})
			if _, err := p.Refund(t.Context(), part); err == nil || errors.Is(err, charging.ErrRefused) {
				t.Fatalf("%v: want an unknown outcome", err)
			}
			found, err := p.FindRefund(t.Context(), part)
			if err != nil || found.Result != charging.Succeeded || found.Amount != part.Amount || found.Payment != paid.Reference {
				t.Errorf("%+v, %v", found, err)
			}
			if again, err := p.Refund(t.Context(), part); err != nil || again != found {
				t.Errorf("%+v, %v; want %+v", again, err, found)
			}
			expect(t, p, found.Reference, charging.Succeeded)
			over := charging.RefundRequest{Key: "r2", Payment: paid.Reference, Amount: money.Of(7001, "USD")}
			if o, err := p.Refund(t.Context(), over); !errors.Is(err, charging.ErrRefused) {
				t.Errorf("more than is left: %+v, %v", o, err)
			}
			if o, err := p.FindRefund(t.Context(), over); err != nil || o.Result != charging.Missing {
				t.Errorf("%+v, %v", o, err)
			}
			rest := charging.RefundRequest{Key: "r3", Payment: paid.Reference, Amount: money.Of(7000, "USD")}
			if o, err := p.Refund(t.Context(), rest); err != nil || o.Result != charging.Succeeded {
				t.Errorf("%+v, %v", o, err)
			}
		})
	}
}

func TestARefundMaySettleLaterOrFailAfterItWasAnswered(t *testing.T) {
	for name := range newRig(t).both() {
		r := newRig(t)
		p := r.both()[name]
		for card, want := range map[string][2]charging.Result{
			"pm_card_pendingRefund": {charging.Pending, charging.Succeeded},
			"pm_card_refundFail":    {charging.Succeeded, charging.Declined},
		} {
			paid := mustCharge(t, p, r.request(r.saved(t, card), card))
			o, err := p.Refund(t.Context(), charging.RefundRequest{Key: card, Payment: paid.Reference, Amount: paid.Amount})
			if err != nil || o.Result != want[0] {
				t.Errorf("%s: %s: %+v, %v", name, card, o, err)
			}
			expect(t, p, o.Reference, want[1])
		}
	}
}
