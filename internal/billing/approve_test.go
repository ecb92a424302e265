package billing

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

func TestWhereTheFirmWantsApprovalOnlyWhatWasSeenAndApprovedIsIssued(t *testing.T) {
	p, ctx := open(t), t.Context()
	f := p.Firm
	f.Voice.ApproveFirst = true
	if _, err := p.House.ChangeFirm(ctx, p.Ask(firmtest.On(p.Admin, firm.ByConsole)), f); err != nil {
		t.Fatal(err)
	}
	if err := p.draft(ctx, "m", nil, 100, 200); err != nil {
		t.Fatal(err)
	}
	if _, err := p.issue(ctx, "m", ""); !errors.Is(err, ErrUnapproved) {
		t.Errorf("unapproved: %v", err)
	}
	draft, _, _ := p.openOf(t, "m")
	lawyer := p.Hire(t, "Lee", firm.Lawyer)
	for _, c := range []struct {
		name   string
		caller firm.Caller
		matter string
		bill   string
		count  int
		total  money.Amount
		want   error
	}{
		{"with a line fewer", p.Ask(p.Admin), "m", draft.ID, 1, draft.Total, ErrChanged},
		{"with another total", p.Ask(p.Admin), "m", draft.ID, 2, usd(299), ErrChanged},
		{"another bill", p.Ask(p.Admin), "m", "other", 2, draft.Total, ErrChanged},
		{"no draft", p.Ask(p.Admin), "none", draft.ID, 2, draft.Total, ErrEmpty},
		{"no matter", p.Ask(p.Admin), "a/b", draft.ID, 2, draft.Total, ErrEmpty},
		{"by who may not", lawyer, "m", draft.ID, 2, draft.Total, firm.ErrForbidden},
		{"as it is", p.Ask(p.Admin), "m", draft.ID, 2, draft.Total, nil},
	} {
		if _, err := p.desk.Approve(ctx, c.caller, c.matter, c.bill, c.count, c.total); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
	if b, err := p.issue(ctx, "m", ""); err != nil || b.Number != "1" {
		t.Errorf("approved: number %s, %v", b.Number, err)
	}
}

func TestAnApprovalLapsesWhenTheTaxIsAnother(t *testing.T) {
	for _, c := range []struct {
		name  string
		tax   firm.Tax
		lapse bool
	}{
		{"another rate", firm.Tax{Name: "sales tax", PPM: 200_000}, true},
		{"another name", firm.Tax{Name: "VAT", PPM: 100_000}, true},
		{"the same", firm.Tax{Name: "sales tax", PPM: 100_000}, false},
	} {
		p, ctx := open(t), t.Context()
		change := func(tax firm.Tax) {
			t.Helper()
			f := p.Firm
			f.Voice.ApproveFirst, f.Tax = true, tax
			f, err := p.House.ChangeFirm(ctx, p.Ask(firmtest.On(p.Admin, firm.ByConsole)), f)
			if err != nil {
				t.Fatal(err)
			}
			p.Firm = f
		}
		change(firm.Tax{Name: "sales tax", PPM: 100_000})
		if err := p.draft(ctx, "m", nil, 100); err != nil {
			t.Fatal(err)
		}
		draft, _, _ := p.openOf(t, "m")
		if b, err := p.desk.Approve(ctx, p.Ask(p.Admin), "m", draft.ID, 1, draft.Total); err != nil || b.Total.Minor != 110 {
			t.Fatal(b, err)
		}
		change(c.tax)
		if _, err := p.issue(ctx, "m", ""); errors.Is(err, ErrUnapproved) != c.lapse {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestABillOnHoldIsNeitherApprovedNorIssuedUntilItGoesOn(t *testing.T) {
	c, ctx := openChambers(t), t.Context()
	hold := func(on bool) (Bill, error) { return c.desk.PutOnHold(ctx, c.Ask(c.lawyer), acme, on) }
	if _, err := hold(true); !errors.Is(err, ErrEmpty) {
		t.Errorf("without a bill: %v", err)
	}
	c.worked(t, c.lawyer, 3600, "")
	c.add(t, c.lawyer)
	if _, err := hold(false); !errors.Is(err, ErrNotOnHold) {
		t.Errorf("let go before it was held: %v", err)
	}
	counted, trips := store.CountTrips(ctx)
	b, err := c.desk.PutOnHold(counted, c.Ask(c.lawyer), acme, true)
	if err != nil || !b.OnHold || trips().Total() != 3 {
		t.Fatalf("on hold: %v, %v, %+v", b.OnHold, err, trips())
	}
	if _, err := c.issue(ctx, c.matter.ID, ""); !errors.Is(err, ErrOnHold) {
		t.Errorf("issuing gave %v", err)
	}
	if _, err := c.desk.Approve(ctx, c.Ask(c.Admin), c.matter.ID, b.ID, 1, b.Total); !errors.Is(err, ErrOnHold) {
		t.Errorf("approving gave %v", err)
	}
	if _, err := c.desk.TakeOff(ctx, c.Ask(c.lawyer), acme); !errors.Is(err, ErrOnHold) {
		t.Errorf("taking off gave %v", err)
	}
	c.worked(t, c.lawyer, 3600, "")
	if _, err := c.desk.AddAll(ctx, c.Ask(c.lawyer), acme); !errors.Is(err, ErrOnHold) {
		t.Errorf("adding gave %v", err)
	}
	if b, err := hold(false); err != nil || b.OnHold {
		t.Fatalf("let go: %v, %v", b.OnHold, err)
	}
	if _, err := c.issue(ctx, c.matter.ID, ""); err != nil {
		t.Errorf("let go: %v", err)
	}
}

func TestWithoutADraftTheOldestOpenInvoiceIsHeldBack(t *testing.T) {
	c, ctx := openChambers(t), t.Context()
	c.worked(t, c.lawyer, 3600, "")
	c.add(t, c.lawyer)
	invoice, err := c.issue(ctx, c.matter.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.desk.PutOnHold(ctx, c.Ask(c.lawyer), acme, true); err != nil || b.ID != invoice.ID || !b.OnHold {
		t.Fatalf("%+v, %v", b, err)
	}
	c.worked(t, c.lawyer, 3600, "") // a draft that is not held back comes first, and is not what is let go
	c.add(t, c.lawyer)
	if b, err := c.desk.PutOnHold(ctx, c.Ask(c.lawyer), acme, false); err != nil || b.ID != invoice.ID || b.OnHold {
		t.Errorf("%+v, %v", b, err)
	}
}
