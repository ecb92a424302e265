package billing

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
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
	p, ctx := open(t), t.Context()
	if err := p.draft(ctx, "m", nil, 100); err != nil {
		t.Fatal(err)
	}
	b, err := p.desk.PutOnHold(ctx, p.Ask(p.Admin), "m", true)
	if err != nil || !b.OnHold {
		t.Fatalf("on hold: %v, %v", b.OnHold, err)
	}
	if _, err := p.issue(ctx, "m", ""); !errors.Is(err, ErrOnHold) {
		t.Errorf("issuing gave %v", err)
	}
	if _, err := p.desk.Approve(ctx, p.Ask(p.Admin), "m", b.ID, 1, b.Total); !errors.Is(err, ErrOnHold) {
		t.Errorf("approving gave %v", err)
	}
	if _, err := p.desk.PutOnHold(ctx, p.Ask(p.Admin), "m", false); err != nil {
		t.Fatal(err)
	}
	if _, err := p.issue(ctx, "m", ""); err != nil {
		t.Errorf("let go: %v", err)
	}
}
