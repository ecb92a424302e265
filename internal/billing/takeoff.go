package billing

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Taken is what taking the last line off a draft did.
type Taken struct {
	Ref    clients.Ref  `json:"ref"`
	Line   Line         `json:"line"`
	Count  int          `json:"count"` // on the bill after it
	Total  money.Amount `json:"total"` // of the bill after it, with tax
	Billed int64        `json:"billed"`
}

// TakeOff takes the line that was put on a matter's draft last off it again: its entry is unbilled and open to change,
// as if it had not been added. Five trips. Needs BillWork. Errors: a look-up's; ErrEmpty; ErrOnHold; ErrAdding.
func (d *Desk) TakeOff(ctx context.Context, c firm.Caller, s clients.Spoken) (taken Taken, err error) {
	action := firm.Action{Name: "bill.take-off", Input: s}
	err = d.bill(ctx, c, action, s, &taken, func(a *firm.Act, find *clients.Lookup, ref clients.Ref) error {
		r := &removal{act: a, ref: ref, record: a.Batch.Get(draftKey(a.Batch.View(), ref.Matter))}
		if err := r.read(ctx, d.Timesheets); err != nil {
			return err
		}
		ops, err := r.ops()
		if err != nil {
			return err
		}
		taken = Taken{Ref: ref, Line: r.line, Count: r.after.Count, Total: r.after.Total, Billed: r.line.Billed}
		entry := firm.Entry{Subject: "bill/" + r.after.ID, Before: addition{r.before, []Line{r.line}}, After: r.after}
		return a.Commit(ctx, taken, entry, append(find.Check(), ops...)...)
	})
	return taken, err
}

// removal is a draft while its last line is taken off.
type removal struct {
	act            *firm.Act
	ref            clients.Ref
	record         *store.Record
	before, after  Bill
	last, previous *store.Record // lines
	line           Line
	entry          *timekeeping.Billed
	day            *store.Record // what is billed of the entry's day
}

// read reads the draft, its last two lines, and what the last one came from: each tells where the next is.
func (r *removal) read(ctx context.Context, sheets *timekeeping.Timesheets) (err error) {
	if err := r.act.Run(ctx); err != nil {
		return err
	}
	if err := store.Decode(*r.record, &r.before); err != nil {
		return err
	}
	switch {
	case r.before.Count == 0:
		return ErrEmpty
	case r.before.OnHold:
		return ErrOnHold
	case r.before.Adding != "":
		return ErrAdding
	}
	v := r.act.Batch.View()
	r.last, r.previous = r.act.Batch.Get(lineKey(v, r.before.ID, r.before.Count)), &store.Record{}
	if r.before.Count > 1 {
		r.previous = r.act.Batch.Get(lineKey(v, r.before.ID, r.before.Count-1))
	}
	if err := r.act.Run(ctx); err != nil {
		return err
	}
	if err := store.Decode(*r.last, &r.line); err != nil {
		return err
	}
	r.entry = sheets.ReadBilled(r.act, r.ref.Matter, r.line.Person, r.line.Stop, r.line.Entry)
	r.day = r.act.Batch.Get(windowKey(v, r.ref.Client, r.line.Person, r.line.Day))
	return r.act.Run(ctx)
}

// ops are the operations that take the line off, and sets the bill after it.
func (r *removal) ops() ([]store.Op, error) {
	var before *Line
	if r.previous.Exists() {
		before = &Line{}
		if err := store.Decode(*r.previous, before); err != nil {
			return nil, err
		}
	}
	var err error
	if r.after, err = r.before.without(r.line, before, r.act.Firm.Tax); err != nil {
		return nil, err
	}
	entry, ops, err := r.entry.Free(r.before.ID)
	if err != nil {
		return nil, err
	}
	ops = append(ops, store.ReplaceOp(*r.record, r.after), store.DeleteOp(*r.last))
	if entry.Cost != nil {
		return ops, nil
	}
	var window timekeeping.Window
	if err := store.Decode(*r.day, &window); err != nil {
		return nil, err
	}
	return append(ops, store.PutOp(*r.day, window.Take(entry, r.line.Billed))), nil
}
