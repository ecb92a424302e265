package billing

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
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
		want   error
	}{
		{"with a line fewer", p.Ask(p.Admin), "m", draft.ID, 1, ErrChanged},
		{"another bill", p.Ask(p.Admin), "m", "other", 2, ErrChanged},
		{"no draft", p.Ask(p.Admin), "none", draft.ID, 2, ErrEmpty},
		{"no matter", p.Ask(p.Admin), "a/b", draft.ID, 2, ErrEmpty},
		{"by who may not", lawyer, "m", draft.ID, 2, firm.ErrForbidden},
		{"as it is", p.Ask(p.Admin), "m", draft.ID, 2, nil},
	} {
		if _, err := p.desk.Approve(ctx, c.caller, c.matter, c.bill, c.count); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
	if b, err := p.issue(ctx, "m", ""); err != nil || b.Number != "1" {
		t.Errorf("approved: number %s, %v", b.Number, err)
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
	if _, err := p.desk.Approve(ctx, p.Ask(p.Admin), "m", b.ID, 1); !errors.Is(err, ErrOnHold) {
		t.Errorf("approving gave %v", err)
	}
	if _, err := p.desk.PutOnHold(ctx, p.Ask(p.Admin), "m", false); err != nil {
		t.Fatal(err)
	}
	if _, err := p.issue(ctx, "m", ""); err != nil {
		t.Errorf("let go: %v", err)
	}
}
