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

// PutOnHold holds a matter's bill back, so that it is not charged, and a draft takes no line and is not issued; or lets it
// go on. The bill is the draft, if it has lines, else the oldest open invoice; to let go, the one that is held back. Three
// trips. Needs BillWork. Errors: a look-up's; ErrEmpty; ErrNotOnHold; ErrAdding.
func (d *Desk) PutOnHold(ctx context.Context, c firm.Caller, s clients.Spoken, hold bool) (b Bill, err error) {
	type input struct {
		Spoken clients.Spoken
		Hold   bool
	}
	action := firm.Action{Name: "bill.hold", Input: input{s, hold}}
	err = d.bill(ctx, c, action, s, &b, func(a *firm.Act, find *clients.Lookup, ref clients.Ref) error {
		open := d.ReadOpen(a, ref.Matter)
		if err := a.Run(ctx); err != nil {
			return err
		}
		before, record, err := open.pick(!hold)
		if err != nil {
			return err
		}
		b = before
		b.OnHold = hold
		entry := firm.Entry{Subject: "bill/" + b.ID, Before: before, After: b}
		return a.Commit(ctx, b, entry, append(find.Check(), store.ReplaceOp(record, b))...)
	})
	return b, err
}

// pick returns the bill that is meant, as it was read: one that is held back, or the first that there is.
func (o *Open) pick(held bool) (Bill, store.Record, error) {
	bills, records, err := o.all()
	if err != nil {
		return Bill{}, store.Record{}, err
	}
	for i, b := range bills {
		switch {
		case held && !b.OnHold:
			continue
		case b.Adding != "":
			return Bill{}, store.Record{}, ErrAdding
		}
		return b, records[i], nil
	}
	if len(bills) > 0 {
		return Bill{}, store.Record{}, ErrNotOnHold
	}
	return Bill{}, store.Record{}, ErrEmpty
}

// all returns the draft, if it has lines, and then the open invoices, oldest first.
func (o *Open) all() (bills []Bill, records []store.Record, err error) {
	b, err := o.Draft()
	if err != nil {
		return nil, nil, err
	}
	if b != nil {
		bills, records = append(bills, *b), append(records, *o.draft)
	}
	for _, r := range o.open.Records {
		var b Bill
		if err := store.Decode(r, &b); err != nil {
			return nil, nil, err
		}
		bills, records = append(bills, b), append(records, r)
	}
	return bills, records, nil
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
