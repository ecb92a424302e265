package charging

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

func (d *desk) offerSend(t *testing.T) Offer {
	t.Helper()
	o, err := d.OfferSend(t.Context(), d.Ask(d.Admin), d.spoken(), "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAnInvoiceIsIssuedAndSentWithoutACharge(t *testing.T) {
	d := newDesk(t)
	d.work(t)
	ctx, trips := store.CountTrips(t.Context())
	o, err := d.OfferSend(ctx, d.Ask(d.Admin), d.spoken(), "")
	if err != nil || !o.Draft || o.Owed != dollars || o.Card != (Card{}) || trips().Total() > 3 {
		t.Fatalf("%+v %v, %+v", o, err, trips())
	}
	request := d.Ask(d.Admin)
	ctx, trips = store.CountTrips(t.Context())
	sent, err := d.Send(ctx, request, o)
	if err != nil || trips().Total() != 2 || sent.Number != "1" || !sent.Mailed || sent.Owed != dollars {
		t.Fatalf("%+v %v, %+v", sent, err, trips())
	}
	if again, err := d.Send(t.Context(), request, o); err != nil || again != sent {
		t.Errorf("said again: %+v %v", again, err)
	}
	d.sweep(t, time.Second)
	if len(d.calls) != 0 || len(d.mailed) != 1 || !strings.Contains(d.mailed[0], sent.Invoice) || strings.Contains(d.mailed[0], "attempt") {
		t.Errorf("calls %v, mails %v", d.calls, d.mailed)
	}
	if b := d.bill(t, sent.Invoice); b.State != billing.Issued || b.Hold != "" || b.Attempts != 0 {
		t.Errorf("%+v", b)
	}
	// It is charged later as any open invoice is, and can be sent again.
	if o = d.offerSend(t); o.Draft || o.Number != "1" {
		t.Errorf("again: %+v", o)
	}
	if again, err := d.Send(t.Context(), d.Ask(d.Admin), o); err != nil || again.Number != "1" {
		t.Errorf("sent again: %+v %v", again, err)
	}
	if r := d.confirm(t, d.offer(t)); r.State != Charged {
		t.Errorf("%+v", r)
	}
}

func TestAnInvoiceWithoutAnAddressIsToBePrinted(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Marlow Group", "", goodCard)
	d.work(t)
	sent, err := d.Send(t.Context(), d.Ask(d.Admin), d.offerSend(t))
	if err != nil || sent.Mailed {
		t.Fatalf("%+v %v", sent, err)
	}
	list, err := d.PrintQueue(t.Context(), d.Ask(d.Admin))
	if err != nil || len(list) != 1 || list[0].Invoice != sent.Invoice {
		t.Errorf("%+v %v", list, err)
	}
}

func TestNothingIsSentThatIsNotWhatWasOffered(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *desk, *Offer)
		want   error
	}{
		"more on the bill":  {func(t *testing.T, d *desk, _ *Offer) { d.Clock.Advance(time.Hour); d.work(t) }, ErrChanged},
		"another total":     {func(_ *testing.T, _ *desk, o *Offer) { o.Owed.Minor-- }, ErrChanged},
		"another tax":       {func(_ *testing.T, _ *desk, o *Offer) { o.Tax = money.Of(1, "USD") }, ErrChanged},
		"another bill":      {func(_ *testing.T, _ *desk, o *Offer) { o.Bill = "other" }, ErrChanged},
		"a bill of nothing": {func(_ *testing.T, _ *desk, o *Offer) { o.Bill = "" }, ErrChanged},
		"issued meanwhile":  {func(t *testing.T, d *desk, o *Offer) { d.confirm(t, d.offer(t)) }, ErrChanged},
		"held back": {func(t *testing.T, d *desk, _ *Offer) {
			if _, err := d.Billing.PutOnHold(t.Context(), d.Ask(d.Admin), d.spoken(), true); err != nil {
				t.Fatal(err)
			}
		}, billing.ErrOnHold},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.work(t)
			o := d.offerSend(t)
			c.change(t, d, &o)
			if _, err := d.Send(t.Context(), d.Ask(d.Admin), o); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhoMayNotBillSendsNothing(t *testing.T) {
	d := newDesk(t)
	d.work(t)
	o := d.offerSend(t)
	tim := d.Hire(t, "Tim", firm.Timekeeper)
	if _, err := d.OfferSend(t.Context(), d.Ask(tim), d.spoken(), ""); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("offer: %v", err)
	}
	if _, err := d.Send(t.Context(), d.Ask(tim), o); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("send: %v", err)
	}
	f := d.Firm
	f.Voice.ApproveFirst = true
	if _, err := d.Charges.House.ChangeFirm(context.WithoutCancel(t.Context()), d.Ask(firmtest.On(d.Admin, firm.ByConsole)), f); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Send(t.Context(), d.Ask(d.Admin), o); !errors.Is(err, billing.ErrUnapproved) {
		t.Errorf("not approved: %v", err)
	}
}

func TestAnInvoiceIsNotSentAsOwedWhileItIsBeingPaid(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Slow Limited", "office@slow.test", slowCard)
	r := d.confirm(t, d.worked(t))
	if r.State != Uncertain {
		t.Fatalf("%+v", r)
	}
	if _, err := d.OfferSend(t.Context(), d.Ask(d.Admin), d.spoken(), ""); !errors.Is(err, billing.ErrHeld) {
		t.Errorf("got %v", err)
	}
}
