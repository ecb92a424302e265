package sandbox

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/money"
)

// How the processor tells each end of a charge, a page and a refund is tested beside the adapter, on both.

func simulated(t *testing.T, window time.Duration) (*Core, *Faults, charging.Processor, charging.ChargeRequest) {
	t.Helper()
	clock, faults := newClock(), &Faults{}
	core := NewCore(Options{Now: clock.Now, NewID: clock.id, Fault: faults.Next})
	p := NewProcessor(core, charging.Promises{Window: window})
	customer, err := p.Customer(t.Context(), "client")
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.SavePage(t.Context(), charging.PageRequest{Key: "s", Customer: customer, Return: "http://firm.test/x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, problems, err := core.Pay(page.Reference, CardForm{Number: "pm_card_visa"}); err != nil || problems != nil {
		t.Fatal(problems, err)
	}
	m, err := p.Saved(t.Context(), page.Reference)
	if err != nil || m.ID == "" {
		t.Fatal(m, err)
	}
	return core, faults, p, charging.ChargeRequest{Key: "a1", Customer: customer, Method: m.ID, Amount: money.Of(12000, "USD"), Created: noon}
}

func TestALateChargeIsFoundOnlyWhenItArrives(t *testing.T) {
	core, faults, p, r := simulated(t, 23*time.Hour)
	faults.Aim(To(post, payments), Fault{Kind: Late})
	if _, err := p.Charge(t.Context(), r); !errors.Is(err, ErrNoAnswer) || errors.Is(err, charging.ErrRefused) {
		t.Errorf("%v", err)
	}
	if o, err := p.Find(t.Context(), r); err != nil || o.Result != charging.Missing {
		t.Errorf("%+v, %v", o, err)
	}
	if err := core.Arrive(); err != nil {
		t.Fatal(err)
	}
	o, err := p.Find(t.Context(), r)
	if again, failed := p.Charge(t.Context(), r); err != nil || failed != nil || o != again || o.Result != charging.Succeeded {
		t.Errorf("%+v, %v and then %+v, %v", o, err, again, failed)
	}
}

func TestAProcessorWithoutIdempotencyChargesAgain(t *testing.T) {
	_, faults, p, r := simulated(t, 0)
	faults.Aim(To(post, payments), Fault{Kind: Decline, Reason: charging.ReasonFunds})
	first, err := p.Charge(t.Context(), r)
	if err != nil || first.Reason != charging.ReasonFunds {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := p.Charge(t.Context(), r)
	if err != nil || second.Result != charging.Succeeded || second.Reference == first.Reference {
		t.Errorf("%+v, %v", second, err)
	}
	if _, err := p.Charge(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if found, err := p.Find(t.Context(), r); err != nil || found.Result != charging.Succeeded {
		t.Errorf("a decline hid the payment: %+v, %v", found, err)
	}
}

func TestTheSimulatedProcessorReadsItsOwnEvents(t *testing.T) {
	core, _, p, r := simulated(t, 23*time.Hour)
	if _, err := p.Charge(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	events := core.Undelivered()
	payload, err := events[len(events)-1].Payload()
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.ParseEvent(payload, Sign(payload, DefaultSecret, noon), noon)
	if err != nil || e.Kind != charging.EventPayment || e.Key != "a1" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := p.ParseEvent(payload, Sign(payload, "other", noon), noon); err == nil {
		t.Error("a forged event was read")
	}
}
