package charging

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

func (d *desk) choice(t *testing.T, what What) *Choice {
	t.Helper()
	_, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), what)
	var ask *Choice
	if !errors.As(err, &ask) {
		t.Fatalf("got %v, want a choice", err)
	}
	return ask
}

func TestTwoAnswersAreAskedAbout(t *testing.T) {
	d, r := declined(t)
	d.work(t)
	ask := d.choice(t, "")
	if ask.Draft == nil || ask.Invoice == nil || ask.Invoice.ID != r.Invoice || ask.Open != 1 || ask.Ref.Client != d.client.ID {
		t.Errorf("%+v", ask)
	}
	for what, draft := range map[What]bool{ChargeDraft: true, ChargeInvoice: false} {
		o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), what)
		if err != nil || o.Draft != draft || (o.Bill == r.Invoice) == draft {
			t.Errorf("%s: %+v %v", what, o, err)
		}
	}
}

func TestWorkThatIsNotOnTheBillIsAskedAbout(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), ""); !errors.Is(err, ErrNothingToCharge) {
		t.Errorf("nothing: %v", err)
	}
	d.log(t)
	if ask := d.choice(t, ""); !ask.Unbilled || ask.Draft != nil {
		t.Errorf("unbilled work only: %+v", ask)
	}
	if _, err := d.Billing.AddLast(t.Context(), d.Ask(d.Admin), d.spoken()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.sheets.Start(t.Context(), d.Ask(d.Admin), d.spoken()); err != nil {
		t.Fatal(err)
	}
	if ask := d.choice(t, ""); !ask.Clock || ask.Unbilled || ask.Draft == nil {
		t.Errorf("a clock runs: %+v", ask)
	}
	if o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), ChargeDraft); err != nil || o.Total != dollars {
		t.Errorf("when the draft is chosen: %+v %v", o, err)
	}
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), ChargeInvoice); !errors.Is(err, ErrNothingToCharge) {
		t.Errorf("no invoice is open: %v", err)
	}
}

func TestAPersonsLimitHoldsByVoice(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	p, err := d.Charges.House.AddPerson(t.Context(), d.Ask(d.Admin), firm.Person{Name: "Ben", Email: "b@demo.test", Role: firm.Lawyer, Limit: money.Of(11999, "USD")})
	if err != nil {
		t.Fatal(err)
	}
	ben := d.Grant(t, p.ID)
	if _, err := d.Offer(t.Context(), ben, d.spoken(), ""); !errors.Is(err, ErrLimit) {
		t.Errorf("offer: %v", err)
	}
	if _, err := d.Confirm(t.Context(), d.Ask(ben), o, theCode); !errors.Is(err, ErrLimit) || len(d.calls) != 0 {
		t.Errorf("confirm: %v", err)
	}
	ben.Channel = firm.ByConsole
	if _, err := d.Offer(t.Context(), ben, d.spoken(), ""); err != nil {
		t.Errorf("on the console: %v", err)
	}
}

func TestABillHeldBackOrNotApprovedIsNotCharged(t *testing.T) {
	approveFirst := firm.Firm{Voice: firm.VoiceSettings{ApproveFirst: true}}
	auth := Authorisation{Method: goodCard}
	for name, c := range map[string]struct {
		firm firm.Firm
		bill billing.Bill
		want error
	}{
		"a plain draft":        {firm.Firm{}, billing.Bill{State: billing.Draft}, nil},
		"held back":            {firm.Firm{}, billing.Bill{State: billing.Draft, OnHold: true}, billing.ErrOnHold},
		"an invoice held back": {firm.Firm{}, billing.Bill{State: billing.Issued, OnHold: true}, billing.ErrOnHold},
		"not approved":         {approveFirst, billing.Bill{State: billing.Draft}, billing.ErrUnapproved},
		"approved":             {approveFirst, billing.Bill{State: billing.Draft, Approved: true}, nil},
		"already an invoice":   {approveFirst, billing.Bill{State: billing.Issued}, nil},
	} {
		if err := allowed(&firm.Act{Firm: c.firm}, c.bill, auth, dollars); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := allowed(&firm.Act{}, billing.Bill{State: billing.Issued}, auth, money.Of(0, "USD")); !errors.Is(err, ErrNothingToCharge) {
		t.Errorf("nothing to charge: %v", err)
	}
}

func TestANameThatFitsNobodyIsTold(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), clients.Spoken{Heard: "zebra"}, ""); !errors.Is(err, clients.ErrNone) {
		t.Errorf("got %v", err)
	}
}
