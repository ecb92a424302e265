package charging

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func TestAGoodCardIsChargedOnceAndTheInvoiceGoesOut(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	if !o.Draft || o.Total != dollars || o.Card.Last4 != "4242" || o.Firm != "Demo and Partners" || o.Ref.ClientName != "Acme Corporation" {
		t.Errorf("offer: %+v", o)
	}
	r := d.confirm(t, o)
	if r.State != Charged || r.Number != "1" || r.Amount != dollars || !r.Mailed || r.Card.Brand != "visa" {
		t.Errorf("receipt: %+v", r)
	}
	if b := d.bill(t, r.Invoice); b.State != billing.Paid || b.Hold != "" || b.Attempts != 1 {
		t.Errorf("invoice: %+v", b)
	}
	if got := d.taken(t); got != dollars {
		t.Errorf("the books say %v was taken", got)
	}
	d.sweep(t, time.Hour)
	if d.sends() != 1 || len(d.mailed) != 1 || !strings.Contains(d.mailed[0], r.Invoice) {
		t.Errorf("%d sends, mailed %v", d.sends(), d.mailed)
	}
}

func TestOfferTakesThreeTripsAndConfirmThreeAndTheProcessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.work(t)
		ctx, trips := store.CountTrips(t.Context())
		o, err := d.Offer(ctx, d.Ask(d.Admin), d.spoken(), Wish{})
		if err != nil || trips().Total() > 3 || trips().Commits != 0 {
			t.Errorf("offer: %+v, %v", trips(), err)
		}
		ctx, trips = store.CountTrips(t.Context())
		var whileCalling store.Trips
		d.Processor = func(context.Context, string) (Processor, error) {
			return &teller{bank: d.bank, window: promised, meet: func(string) bankFault {
				synctest.Wait() // whatever is done beside the call is done
				whileCalling = trips()
				return bankWell
			}}, nil
		}
		if _, err := d.Confirm(ctx, d.Ask(d.Admin), o, theCode); err != nil {
			t.Fatal(err)
		}
		if before := (store.Trips{Reads: 2, Commits: 1}); whileCalling != before {
			t.Errorf("while the processor was called: %+v, want %+v", whileCalling, before)
		}
		if all := (store.Trips{Reads: 2, Commits: 2}); trips() != all {
			t.Errorf("confirm: %+v, want %+v, one of the reads beside the processor's call", trips(), all)
		}
	})
}

func TestEachOutcomeIsToldAsItIs(t *testing.T) {
	for _, c := range []struct {
		name, card string
		fault      bankFault
		want       State
		reason     Reason
		held       bool
		taken      int64
	}{
		{"declined", brokeCard, bankWell, Refused, ReasonFunds, false, 0},
		{"the payer must act", askingCard, bankWell, AwaitingPayer, "", true, 0},
		{"pending", slowCard, bankWell, Uncertain, "", true, 0},
		{"refused", goodCard, bankRefuse, Refused, ReasonRefused, false, 0},
		{"request lost", goodCard, bankVanish, Uncertain, "", true, 0},
		{"reply lost", goodCard, bankLoseReply, Uncertain, "", true, 0},
		{"500 after the effect", goodCard, bankStored500, Uncertain, "", true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.open(t, "Beta Industries", "office@beta.test", c.card)
			d.faults = []bankFault{c.fault}
			r := d.confirm(t, d.worked(t))
			if r.State != c.want || r.Reason != c.reason || r.Mailed {
				t.Errorf("receipt: %+v", r)
			}
			b := d.bill(t, r.Invoice)
			if (b.Hold != "") != c.held || b.State != billing.Issued || b.Number != "1" {
				t.Errorf("invoice: %+v", b)
			}
			if got := d.taken(t); got.Minor != c.taken {
				t.Errorf("taken: %v", got)
			}
		})
	}
}

func TestAWrongCodeIsCountedAndNothingElseHappens(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	for left := 2; left > 0; left-- {
		var wrong *firm.WrongCode
		_, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, "9999")
		if !errors.As(err, &wrong) || wrong.Left != left || !errors.Is(err, firm.ErrCodeWrong) {
			t.Fatalf("got %v, want %d left", err, left)
		}
	}
	locking := d.Ask(d.Admin)
	for range 2 { // a repeated request is no further try
		if _, err := d.Confirm(t.Context(), locking, o, "9999"); !errors.Is(err, firm.ErrCodeLocked) {
			t.Errorf("the third: %v", err)
		}
	}
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, firm.ErrCodeLocked) {
		t.Errorf("the right one after it: %v", err)
	}
	if len(d.calls) != 0 || d.offer(t) != o {
		t.Errorf("something happened: %v", d.calls)
	}
}

func TestARightCodeForgivesTheWrongOnes(t *testing.T) {
	d := newDesk(t)
	for range 2 {
		o := d.worked(t)
		for range 2 {
			if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, "9999"); !errors.Is(err, firm.ErrCodeWrong) {
				t.Fatal(err)
			}
		}
		d.confirm(t, o)
	}
}

func TestARepeatedRequestGetsTheSameReceiptAndSendsNothing(t *testing.T) {
	d := newDesk(t)
	o, c := d.worked(t), d.Ask(d.Admin)
	first, err := d.Confirm(t.Context(), c, o, theCode)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Confirm(t.Context(), c, o, "the code is not asked for again")
	if err != nil || again != first || d.sends() != 1 {
		t.Errorf("%+v, %v, %d sends", again, err, d.sends())
	}
	o.Total.Minor++
	if _, err := d.Confirm(t.Context(), c, o, theCode); !errors.Is(err, firm.ErrReused) {
		t.Errorf("another offer under the same request: %v", err)
	}
}

func TestARequestRepeatedWhileTheFirstIsUnderWayIsStillBeingProcessed(t *testing.T) {
	d := newDesk(t)
	o, c := d.worked(t), d.Ask(d.Admin)
	var meanwhile Receipt
	plain := &teller{bank: d.bank, meet: d.meet, window: promised}
	d.Processor = func(context.Context, string) (Processor, error) {
		return &teller{bank: d.bank, window: promised, meet: func(string) bankFault {
			d.Processor = func(context.Context, string) (Processor, error) { return plain, nil }
			var err error
			if meanwhile, err = d.Confirm(t.Context(), c, o, theCode); err != nil {
				t.Error(err)
			}
			return bankWell
		}}, nil
	}
	if r, err := d.Confirm(t.Context(), c, o, theCode); err != nil || r.State != Charged {
		t.Errorf("%+v %v", r, err)
	}
	if meanwhile.State != Uncertain || len(d.calls) != 0 {
		t.Errorf("meanwhile: %+v %v", meanwhile, d.calls)
	}
}

func TestNothingIsChargedThatIsNotWhatWasOffered(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *desk, *Offer){
		"more on the bill":    func(t *testing.T, d *desk, _ *Offer) { d.Clock.Advance(time.Hour); d.work(t) },
		"another card":        func(t *testing.T, d *desk, _ *Offer) { d.authorise2(t, "0005") },
		"more than is owed":   func(_ *testing.T, _ *desk, o *Offer) { o.Total.Minor++ },
		"another debt":        func(_ *testing.T, _ *desk, o *Offer) { o.Owed.Minor++ },
		"nothing of it":       func(_ *testing.T, _ *desk, o *Offer) { o.Total = money.Amount{} },
		"another currency":    func(_ *testing.T, _ *desk, o *Offer) { o.Total.Currency = "EUR" },
		"another tax":         func(_ *testing.T, _ *desk, o *Offer) { o.Tax = money.Of(1, "USD") },
		"another bill":        func(_ *testing.T, _ *desk, o *Offer) { o.Bill = "other" },
		"another client":      func(_ *testing.T, _ *desk, o *Offer) { o.Ref.Client = "other" },
		"a bill out of bound": func(_ *testing.T, _ *desk, o *Offer) { o.Bill, o.Draft = "a/b", false },
		"the draft is gone":   func(t *testing.T, d *desk, o *Offer) { d.confirm(t, *o) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			o := d.worked(t)
			change(t, d, &o)
			before := len(d.calls)
			_, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode)
			want := ErrChanged
			if name == "another client" { // who has no card on file
				want = ErrNoCard
			}
			if !errors.Is(err, want) || len(d.calls) != before {
				t.Errorf("got %v, calls %v", err, d.calls)
			}
		})
	}
}

func (d *desk) authorise2(t *testing.T, last4 string) {
	t.Helper()
	a := Authorisation{Client: d.client.ID, Customer: "cus", Method: goodCard, Text: "May we?", Card: Card{Brand: "visa", Last4: last4}}
	if err := d.Authorise(t.Context(), d.Ask(d.Admin), a); err != nil {
		t.Fatal(err)
	}
}

func TestADeclinedInvoiceIsChargedAgainAsAttemptTwo(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Hughes Medical", "office@hughes.test", brokeCard)
	first := d.confirm(t, d.worked(t))
	d.authorise(t, Authorisation{Method: goodCard})
	o := d.offer(t)
	if o.Draft || o.Bill != first.Invoice || o.Number != "1" || o.Total != dollars {
		t.Fatalf("offer: %+v", o)
	}
	second := d.confirm(t, o)
	if second.State != Charged || second.Attempt == first.Attempt || second.Number != "1" {
		t.Errorf("%+v", second)
	}
	list, err := d.Attempts(t.Context(), d.Ask(d.Admin), first.Invoice)
	if err != nil || len(list) != 2 || list[0].State != Refused || list[1].N != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	d.sweep(t, time.Minute)
	if len(d.mailed) != 1 {
		t.Errorf("mailed %v", d.mailed)
	}
}

func TestAChargeThatWaitsForThePayerIsCancelledBeforeANewOne(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Beta Industries", "", askingCard)
	first := d.confirm(t, d.worked(t))
	d.authorise(t, Authorisation{Method: goodCard})
	o := d.offer(t)
	d.faults = []bankFault{bankVanish}
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, ErrLater) || d.sends() != 1 {
		t.Fatalf("the cancelling was lost: %v, %v", err, d.calls)
	}
	if r := d.confirm(t, o); r.State != Charged || r.Mailed {
		t.Errorf("%+v", r)
	}
	if a := d.got(t, first.Attempt); a.State != Lapsed {
		t.Errorf("the first is %s", a.State)
	}
	queue, err := d.PrintQueue(t.Context(), d.Ask(d.Admin))
	if err != nil || len(queue) != 1 || queue[0].Number != "1" {
		t.Fatalf("print queue: %v %v", queue, err)
	}
	if err := d.Printed(t.Context(), d.Ask(d.Admin), queue[0].Invoice); err != nil {
		t.Error(err)
	}
	if queue, err = d.PrintQueue(t.Context(), d.Ask(d.Admin)); err != nil || len(queue) != 0 {
		t.Errorf("print queue: %v %v", queue, err)
	}
}

func TestAnInvoiceUnderWayIsNeitherOfferedNorCharged(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankVanish}
	r := d.confirm(t, o)
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{}); !errors.Is(err, billing.ErrHeld) {
		t.Errorf("offer: %v", err)
	}
	o.Draft, o.Number = false, r.Number
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, billing.ErrHeld) {
		t.Errorf("confirm: %v", err)
	}
	d.sweep(t, time.Minute)
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, billing.ErrSettled) {
		t.Errorf("confirm once it is paid: %v", err)
	}
	if d.sends() != 2 || d.taken(t) != dollars {
		t.Errorf("%d sends, %v taken", d.sends(), d.taken(t))
	}
}

func TestWhoMayNotChargeDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*testing.T, *desk) firm.Caller
		want  error
	}{
		"a paralegal": {func(t *testing.T, d *desk) firm.Caller { return d.Hire(t, "Cid", firm.Timekeeper) }, firm.ErrForbidden},
		"a card never authorised": {func(t *testing.T, d *desk) firm.Caller {
			c, m, err := d.Directory.Open(t.Context(), d.Ask(d.Admin), clients.Client{Name: "Gamma", Number: "9"}, clients.Matter{Name: "sale"})
			if err != nil {
				t.Fatal(err)
			}
			d.client, d.matter = c, m[0]
			d.work(t)
			return d.Ask(d.Admin)
		}, ErrNoCard},
		"a card revoked": {func(t *testing.T, d *desk) firm.Caller {
			if err := d.Revoke(t.Context(), d.Ask(d.Admin), d.client.ID); err != nil {
				t.Fatal(err)
			}
			return d.Ask(d.Admin)
		}, ErrNoCard},
		"above the ceiling": {func(t *testing.T, d *desk) firm.Caller {
			d.authorise(t, Authorisation{Method: goodCard, Ceiling: money.Of(11999, "USD")})
			return d.Ask(d.Admin)
		}, ErrCeiling},
		"a ceiling in another currency": {func(t *testing.T, d *desk) firm.Caller {
			d.authorise(t, Authorisation{Method: goodCard, Ceiling: money.Of(99999999, "JPY")})
			return d.Ask(d.Admin)
		}, ErrCeiling},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			o := d.worked(t)
			caller := c.spoil(t, d)
			if _, err := d.Offer(t.Context(), caller, d.spoken(), Wish{}); !errors.Is(err, c.want) {
				t.Errorf("offer: %v, want %v", err, c.want)
			}
			o.Ref.Client, o.Ref.Matter = d.client.ID, d.matter.ID
			if _, err := d.Confirm(t.Context(), caller, o, theCode); !errors.Is(err, c.want) && !errors.Is(err, ErrChanged) || len(d.calls) != 0 {
				t.Errorf("confirm: %v, want %v, calls %v", err, c.want, d.calls)
			}
		})
	}
}

func TestACardRevokedAtTheSameMomentIsNotCharged(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	house := *d.Charges.House
	house.Store = storetest.NewFaulty(house.Store, func(c storetest.Call) storetest.Fault {
		if !c.Read && c.N == 0 { // between the reads and the commit
			if err := d.Revoke(t.Context(), d.Ask(d.Admin), d.client.ID); err != nil {
				t.Error(err)
			}
		}
		return storetest.None
	})
	racing, _ := modules(&house, &teller{bank: d.bank, meet: d.meet, window: promised})
	if _, err := racing.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, ErrNoCard) || len(d.calls) != 0 {
		t.Errorf("got %v, calls %v", err, d.calls)
	}
}

func TestWhoseLeaseRanOutSendsNothing(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	house := *d.Charges.House
	house.Store = storetest.NewFaulty(house.Store, func(c storetest.Call) storetest.Fault {
		if !c.Read && c.N == 0 { // a commit that takes as long as the lease
			d.Clock.Advance(Lease)
		}
		return storetest.None
	})
	slow, _ := modules(&house, &teller{bank: d.bank, meet: d.meet, window: promised})
	r, err := slow.Confirm(t.Context(), d.Ask(d.Admin), o, theCode)
	if err != nil || r.State != Uncertain || len(d.calls) != 0 {
		t.Errorf("%+v %v, calls %v", r, err, d.calls)
	}
	d.sweep(t, 0)
	if a := d.got(t, r.Attempt); a.State != Charged || d.sends() != 1 {
		t.Errorf("%+v", a)
	}
}
