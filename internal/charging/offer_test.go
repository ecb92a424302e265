package charging

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func (d *desk) choice(t *testing.T, what What) *Choice {
	t.Helper()
	_, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{What: what})
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
		o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{What: what})
		if err != nil || o.Draft != draft || (o.Bill == r.Invoice) == draft {
			t.Errorf("%s: %+v %v", what, o, err)
		}
	}
}

func TestWorkThatIsNotOnTheBillIsAskedAbout(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{}); !errors.Is(err, ErrNothingToCharge) {
		t.Errorf("nothing: %v", err)
	}
	d.log(t)
	if ask := d.choice(t, ""); !ask.Unbilled || ask.Draft != nil {
		t.Errorf("unbilled work only: %+v", ask)
	}
	if _, err := d.Billing.AddLast(t.Context(), d.Ask(d.Admin), d.spoken(), billing.Own); err != nil {
		t.Fatal(err)
	}
	if _, err := d.sheets.Start(t.Context(), d.Ask(d.Admin), d.spoken(), timekeeping.When{}); err != nil {
		t.Fatal(err)
	}
	if ask := d.choice(t, ""); !ask.Clock || ask.Unbilled || ask.Draft == nil {
		t.Errorf("a clock runs: %+v", ask)
	}
	if o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{What: ChargeDraft}); err != nil || o.Total != dollars {
		t.Errorf("when the draft is chosen: %+v %v", o, err)
	}
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{What: ChargeInvoice}); !errors.Is(err, ErrNothingToCharge) {
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
	if _, err := d.Offer(t.Context(), ben, d.spoken(), Wish{}); !errors.Is(err, ErrLimit) {
		t.Errorf("offer: %v", err)
	}
	if _, err := d.Confirm(t.Context(), d.Ask(ben), o, theCode); !errors.Is(err, ErrLimit) || len(d.calls) != 0 {
		t.Errorf("confirm: %v", err)
	}
	ben.Channel = firm.ByConsole
	if _, err := d.Offer(t.Context(), ben, d.spoken(), Wish{}); err != nil {
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
		"still being made":     {firm.Firm{}, billing.Bill{State: billing.Draft, Adding: "job"}, billing.ErrAdding},
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

func TestAPartIsChargedAndTheRestStaysOpen(t *testing.T) {
	d := newDesk(t)
	d.work(t)
	part := func(minor int64) (Offer, error) {
		return d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{Part: &Part{Minor: minor}})
	}
	o, err := part(5000)
	if err != nil || o.Total != money.Of(5000, "USD") || o.Owed != dollars || !o.Part() || !o.Draft {
		t.Fatalf("%+v %v", o, err)
	}
	r := d.confirm(t, o)
	if r.State != Charged || r.Amount != money.Of(5000, "USD") || r.Left != money.Of(7000, "USD") || d.taken(t) != money.Of(5000, "USD") {
		t.Errorf("%+v", r)
	}
	if b := d.bill(t, r.Invoice); b.State != billing.PartPaid || b.Outstanding() != money.Of(7000, "USD") {
		t.Errorf("%+v", b)
	}
	var much *TooMuch
	if _, err := part(7001); !errors.As(err, &much) || much.Owed != money.Of(7000, "USD") || much.What != ChargeInvoice {
		t.Errorf("more than is left: %v", err)
	}
	rest := d.offer(t)
	if rest.Draft || rest.Part() || rest.Total != money.Of(7000, "USD") {
		t.Fatalf("the rest: %+v", rest)
	}
	if r = d.confirm(t, rest); r.State != Charged || r.Left.Minor != 0 || d.bill(t, r.Invoice).State != billing.Paid || d.taken(t) != dollars {
		t.Errorf("the rest: %+v", r)
	}
}

func TestAPartIsMoreThanNothingInTheBillsCurrency(t *testing.T) {
	d := newDesk(t)
	d.work(t)
	for _, part := range []Part{{}, {Minor: -1}, {Minor: 100, In: []string{"EUR"}}} {
		if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{Part: &part}); !errors.Is(err, ErrPart) {
			t.Errorf("%v: %v", part, err)
		}
	}
	if o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{Part: &Part{Minor: dollars.Minor, In: []string{"CAD", "USD"}}}); err != nil || o.Part() {
		t.Errorf("all of it: %+v %v", o, err)
	}
}

func TestTheCeilingAndTheLimitAreForWhatIsCharged(t *testing.T) {
	d := newDesk(t)
	d.work(t)
	d.authorise(t, Authorisation{Method: goodCard, Ceiling: money.Of(6000, "USD")})
	for part, want := range map[int64]error{dollars.Minor: ErrCeiling, 6001: ErrCeiling, 6000: nil} {
		if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{Part: &Part{Minor: part}}); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", part, err, want)
		}
	}
}

func TestAPartThatIsDeclinedLeavesAllOfItOpen(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Hughes Medical", "office@hughes.test", brokeCard)
	d.work(t)
	o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{Part: &Part{Minor: 5000}})
	if err != nil {
		t.Fatal(err)
	}
	r := d.confirm(t, o)
	if b := d.bill(t, r.Invoice); r.State != Refused || r.Left != dollars || b.State != billing.Issued || b.Outstanding() != dollars {
		t.Errorf("%+v, %+v", r, b)
	}
}

func TestANameThatFitsNobodyIsTold(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), clients.Spoken{Heard: "zebra"}, Wish{}); !errors.Is(err, clients.ErrNone) {
		t.Errorf("got %v", err)
	}
}
