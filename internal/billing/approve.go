package billing

import (
	"cmp"
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Approve approves a matter's draft as it is: one more line on it, or another tax, and it must be approved again. Where
// the firm wants approval first, only an approved draft is issued. Two trips. Needs Approve. Errors: ErrEmpty, ErrOnHold;
// ErrChanged when the draft is not the one, or has not the lines and the total, that the person looked at.
func (d *Desk) Approve(ctx context.Context, c firm.Caller, matter, bill string, count int, total money.Amount) (b Bill, err error) {
	type input struct {
		Matter, Bill string
		Count        int
		Total        money.Amount
	}
	return d.change(ctx, c, firm.Action{Name: "bill.approve", Input: input{matter, bill, count, total}}, firm.Approve, matter, func(b *Bill) error {
		switch {
		case b.ID != bill || b.Count != count || b.Total != total:
			return ErrChanged
		case b.OnHold:
			return ErrOnHold
		case b.Count == 0:
			return ErrEmpty
		}
		b.Approved = true
		return nil
	})
}

// PutOnHold holds a matter's draft back, so that it takes no line and is not issued, or lets it go on. Two trips.
// Needs Manage. Errors: ErrEmpty.
func (d *Desk) PutOnHold(ctx context.Context, c firm.Caller, matter string, hold bool) (Bill, error) {
	type input struct {
		Matter string
		Hold   bool
	}
	return d.change(ctx, c, firm.Action{Name: "bill.hold", Input: input{matter, hold}}, firm.Manage, matter, func(b *Bill) error {
		b.OnHold = hold
		return nil
	})
}

// change is one act on a matter's draft.
func (d *Desk) change(ctx context.Context, c firm.Caller, action firm.Action, needs firm.Permission, matter string, f func(*Bill) error) (b Bill, err error) {
	defer fault.Wrap(&err, "billing: %s", action.Name)
	if !id(matter) {
		return Bill{}, ErrEmpty
	}
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, action)
		record, screens := a.Batch.Get(draftKey(a.Batch.View(), matter)), clients.ReadScreens(a)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(&b); done || err != nil {
			return err
		}
		if err := a.May(needs); err != nil {
			return err
		}
		if hide, err := screens.Hide(matter); err != nil || hide || !record.Exists() {
			return cmp.Or(err, error(ErrEmpty))
		}
		before, err := draft(a, record)
		if err != nil {
			return err
		}
		b = before
		if err := f(&b); err != nil {
			return err
		}
		return a.Commit(ctx, b, firm.Entry{Subject: "bill/" + b.ID, Before: before, After: b}, store.ReplaceOp(*record, b))
	})
	if err != nil {
		return Bill{}, err
	}
	return b, nil
}
