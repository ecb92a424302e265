package effects

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// teller takes every charge, gives everything back, and tells of a dispute to whoever delivers any event.
type teller struct{ charging.Processor }

func (teller) Promises() charging.Promises { return charging.Promises{Window: time.Hour} }

func (teller) Charge(_ context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	return charging.Outcome{Result: charging.Succeeded, Reference: "pay", Amount: r.Amount}, nil
}

func (teller) Refund(_ context.Context, r charging.RefundRequest) (charging.Outcome, error) {
	return charging.Outcome{Result: charging.Succeeded, Reference: "re", Amount: r.Amount}, nil
}

func (teller) Fetch(context.Context, string) (charging.Outcome, error) {
	return charging.Outcome{Result: charging.Pending, Reference: "pay"}, nil
}

func (teller) ParseEvent([]byte, string, time.Time) (charging.Event, error) {
	return charging.Event{ID: "evt", Kind: charging.EventPayment, Reference: "pay"}, nil
}

// carrier keeps what it carries, and fails as often as it is told.
type carrier struct {
	fail    int
	carried []mail.Letter
}

func (c *carrier) Carry(_ context.Context, l mail.Letter) error {
	c.carried = append(c.carried, l)
	if c.fail--; c.fail >= 0 {
		return errors.New("no answer")
	}
	return nil
}

type office struct {
	*firmtest.Office
	desk    *Office
	carrier *carrier
	post    *outbox.Post
	offer   charging.Offer
}

// worked is an office whose client has a bill that can be charged.
func worked(t *testing.T) *office {
	t.Helper()
	f, ctx := firmtest.Open(t), t.Context()
	system := app.Join(app.Parts{Store: f.House.Store, Now: f.Clock.Now, NewID: f.House.NewID, Pepper: f.House.Pepper, Log: slog.New(slog.DiscardHandler),
		Processor: func(context.Context, string) (charging.Processor, error) { return teller{}, nil }})
	folder, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	o := &office{Office: f, carrier: &carrier{}}
	o.desk = &Office{System: system, Blobs: folder, Carrier: o.carrier, From: "billing@demo.test",
		PayLink: func(string, string) string { return "https://pay.test/x" }}
	o.post = o.desk.Post(func() float64 { return 0 })
	client, matters, err := system.Directory.Open(ctx, f.Ask(f.Admin), clients.Client{Name: "Acme Corporation", Number: "1", Email: "office@acme.test"}, clients.Matter{Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	acme := clients.Spoken{Client: client.ID, Matter: matters[0].ID}
	_, logged := system.Timesheets.Log(ctx, f.Ask(f.Admin), acme, timekeeping.Entry{Seconds: 1440, Billable: true})
	_, added := system.Billing.AddLast(ctx, f.Ask(f.Admin), acme, billing.Own)
	allowed := system.Charges.Authorise(ctx, f.Ask(f.Admin), charging.Authorisation{Client: client.ID, Customer: "c", Method: "m", Text: "May we?", Card: charging.Card{Brand: "visa", Last4: "4242"}})
	coded := system.House.SetCode(ctx, firmtest.On(f.Ask(f.Admin), firm.ByConsole), f.Admin.Person, "1234")
	if err := errors.Join(logged, added, allowed, coded); err != nil {
		t.Fatal(err)
	}
	if o.offer, err = system.Charges.Offer(ctx, f.Ask(f.Admin), acme, charging.Wish{}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) charge(t *testing.T) charging.Receipt {
	t.Helper()
	r, err := o.desk.System.Charges.Confirm(t.Context(), o.Ask(o.Admin), o.offer, "1234")
	if err != nil || r.State != charging.Charged {
		t.Fatal(r, err)
	}
	return r
}

func (o *office) seen(t *testing.T, invoice string) []byte {
	t.Helper()
	pdf, err := o.desk.Invoice(t.Context(), o.Ask(o.Admin), invoice)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

func TestAReceiptIsDatedByThePaymentWhateverIsHeardLater(t *testing.T) {
	o := worked(t)
	paid := o.Clock.Now()
	r := o.charge(t)
	o.Clock.Advance(48 * time.Hour)
	if err := o.desk.System.Charges.Hint(t.Context(), o.Firm.ID, "end", nil, ""); err != nil {
		t.Fatal(err)
	}
	c := firm.System(o.Firm.ID, "x")
	bill, err := o.desk.System.Billing.Get(t.Context(), c, r.Invoice)
	if err != nil {
		t.Fatal(err)
	}
	invoice, err := o.desk.read(t.Context(), c, bill, r.Attempt)
	if err != nil || invoice.Payment == nil || !invoice.Payment.At.Equal(paid) || invoice.Payment.Amount != r.Amount || invoice.Payment.Last4 != "4242" {
		t.Errorf("%+v %v; want the payment of %v", invoice.Payment, err, paid)
	}
}

func TestAPaymentIsShownWithoutWhatWasGivenBackOfIt(t *testing.T) {
	b := billing.Bill{Currency: "USD", Receipts: []billing.Receipt{{Attempt: "a", Amount: money.Of(12000, "USD"), Refunded: money.Of(5000, "USD")}}}
	o := worked(t)
	c := firm.System(o.Firm.ID, "x")
	if p, err := o.desk.payment(t.Context(), c, b, "a"); err != nil || p.Amount.Minor != 7000 {
		t.Errorf("%+v %v", p, err)
	}
	b.Receipts[0].Refunded.Minor = 12000
	if p, err := o.desk.payment(t.Context(), c, b, "a"); err != nil || p != nil {
		t.Errorf("all was given back: %+v %v", p, err)
	}
}

func TestAnInvoiceIsSeenAsItIsNow(t *testing.T) {
	o := worked(t)
	r := o.charge(t)
	paid := o.seen(t, r.Invoice)
	if !bytes.Equal(paid, o.seen(t, r.Invoice)) {
		t.Error("seen twice it is another")
	}
	if _, err := o.desk.System.Charges.Refund(t.Context(), o.Ask(o.Admin), r.Attempt); err != nil {
		t.Fatal(err)
	}
	if owed := o.seen(t, r.Invoice); bytes.Equal(owed, paid) {
		t.Error("after the money was given back it is still shown as paid")
	}
}

func TestALetterThatWasNotCarriedIsSentAgainByteForByte(t *testing.T) {
	o := worked(t)
	o.charge(t)
	o.carrier.fail = 2
	for range 6 {
		o.Clock.Advance(time.Minute)
		if _, err := o.post.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.carrier.carried) != 3 {
		t.Fatalf("carried %d times", len(o.carrier.carried))
	}
	for _, l := range o.carrier.carried[1:] {
		if first := o.carrier.carried[0]; l.ID != first.ID || l.To != "office@acme.test" || !bytes.Equal(l.Raw, first.Raw) {
			t.Error("another letter")
		}
	}
}
