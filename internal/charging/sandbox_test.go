package charging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// counter is a firm whose processor is the sandbox's core.
type counter struct {
	*firmtest.Office
	desk   *charging.Charges
	core   *sandbox.Core
	faults *sandbox.Faults
	post   *outbox.Post
	offer  charging.Offer
}

func newCounter(t *testing.T, card string) *counter {
	t.Helper()
	o := firmtest.Open(t)
	ids := 0
	c := &counter{Office: o, faults: &sandbox.Faults{}}
	c.core = sandbox.NewCore(sandbox.Options{Now: o.Clock.Now, NewID: func() string { ids++; return fmt.Sprintf("id%d", ids) }, Fault: c.faults.Next})
	processor := sandbox.NewProcessor(c.core, charging.Promises{Window: 23 * time.Hour})
	dir := &clients.Directory{House: o.House}
	sheets := &timekeeping.Timesheets{House: o.House, Directory: dir}
	c.desk = &charging.Charges{House: o.House, Directory: dir,
		Billing:   &billing.Desk{House: o.House, Directory: dir, Timesheets: sheets},
		Processor: func(context.Context, string) (charging.Processor, error) { return processor, nil }}
	c.post = &outbox.Post{Store: o.House.Store, Now: o.Clock.Now, Jitter: func() float64 { return 0 }, Workers: 1,
		Handlers: map[string]outbox.Handler{charging.KindResume: c.desk.Deliver, charging.KindMail: func(context.Context, outbox.Message) error { return nil }}}
	must(t, o.House.SetCode(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), o.Admin.Person, "1234"))
	acme, matters, err := dir.Open(t.Context(), o.Ask(o.Admin), clients.Client{Name: "Acme", Number: "1", Email: "a@acme.test"}, clients.Matter{Name: "lease"})
	must(t, err)
	customer, err := processor.Customer(t.Context(), acme.ID)
	must(t, err)
	method := c.attach(t, customer, card)
	shown, err := processor.Card(t.Context(), customer, method)
	must(t, err)
	must(t, c.desk.Authorise(t.Context(), o.Ask(o.Admin), charging.Authorisation{Client: acme.ID, Customer: customer, Method: method, Card: shown, Text: "May we?"}))
	spoken := clients.Spoken{Client: acme.ID, Matter: matters[0].ID}
	now := o.Clock.Now()
	_, err = sheets.Log(t.Context(), o.Ask(o.Admin), spoken, timekeeping.Entry{Start: now.Add(-24 * time.Minute), Stop: now, Seconds: 1440, Billable: true})
	must(t, err)
	_, err = c.desk.Billing.AddLast(t.Context(), o.Ask(o.Admin), spoken, billing.Own)
	must(t, err)
	c.offer, err = c.desk.Offer(t.Context(), o.Ask(o.Admin), spoken, charging.Wish{})
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *counter) attach(t *testing.T, customer, card string) string {
	t.Helper()
	answer, err := c.core.Do(sandbox.Call{Method: "POST", Path: "/v1/payment_methods/" + card + "/attach", Form: "customer=" + customer, Key: "attach"})
	must(t, err)
	var method struct{ ID string }
	must(t, json.Unmarshal(answer.Body, &method))
	return method.ID
}

// succeeded counts the payments that the sandbox took.
func (c *counter) succeeded(t *testing.T) (n int) {
	t.Helper()
	answer, err := c.core.Do(sandbox.Call{Method: "GET", Path: "/v1/payment_intents", Form: "limit=100"})
	must(t, err)
	var list struct{ Data []struct{ Status string } }
	must(t, json.Unmarshal(answer.Body, &list))
	for _, p := range list.Data {
		if p.Status == "succeeded" {
			n++
		}
	}
	return n
}

func TestTheSandboxTakesMoneyOnceWhateverBefallsTheCall(t *testing.T) {
	for _, c := range []struct {
		card  string
		state charging.State
		moved int
	}{
		{"pm_card_visa", charging.Charged, 1},
		{"pm_card_chargeCustomerFail", charging.Refused, 0},
		{"pm_card_authenticationRequired", charging.AwaitingPayer, 0},
	} {
		for _, fault := range []sandbox.FaultKind{"", sandbox.Vanish, sandbox.LoseReply, sandbox.Late, sandbox.FailAfter, sandbox.RateLimit, sandbox.Busy} {
			t.Run(c.card+" "+string(fault), func(t *testing.T) {
				d := newCounter(t, c.card)
				if fault != "" {
					d.faults.Aim(sandbox.To("POST", "/v1/payment_intents"), sandbox.Fault{Kind: fault})
				}
				request := d.Ask(d.Admin)
				r, err := d.desk.Confirm(t.Context(), request, d.offer, "1234")
				must(t, err)
				if fault == "" && r.State != c.state || fault != "" && r.State != charging.Uncertain && r.State != c.state {
					t.Errorf("said %s", r.State)
				}
				must(t, d.core.Arrive())
				for range 5 {
					d.Clock.Advance(10 * time.Hour)
					_, err := d.post.Sweep(t.Context())
					must(t, err)
				}
				r, err = d.desk.Confirm(t.Context(), request, d.offer, "1234")
				if d.succeeded(t) != c.moved {
					t.Errorf("%d payments, want %d; now %+v, %v", d.succeeded(t), c.moved, r, err)
				}
				list, err := d.desk.Attempts(t.Context(), d.Ask(d.Admin), d.offer.Bill)
				must(t, err)
				if len(list) != 1 || list[0].State != c.state {
					t.Errorf("%+v", list)
				}
			})
		}
	}
}
