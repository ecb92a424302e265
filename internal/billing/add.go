package billing

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Added is what putting work on a bill did.
type Added struct {
	Ref    clients.Ref  `json:"ref"`
	Bill   string       `json:"bill"`
	Lines  int          `json:"lines"`  // added now
	Billed int64        `json:"billed"` // seconds added
	Amount money.Amount `json:"amount"` // added, net
	Count  int          `json:"count"`  // on the bill after it
	Total  money.Amount `json:"total"`  // of the bill after it, with tax
	Cost   bool         `json:"cost"`   // the one line added is a cost

	Others  bool   `json:"others"`            // a colleague has unbilled work there too
	Newer   bool   `json:"newer,omitempty"`   // and newer than what was added
	Waiting bool   `json:"waiting,omitempty"` // another entry of the caller's must be confirmed before it can be billed
	Theirs  int    `json:"theirs,omitempty"`  // of the lines, colleagues' work
	Left    int    `json:"left,omitempty"`    // entries that are still to be added; the job goes on with them
	Job     string `json:"job,omitempty"`
}

// Whose entry is added.
type Whose string

// Whose.
const (
	Own        Whose = ""
	Colleagues Whose = "colleague"
)

// AddLast puts the latest unbilled entry of a client's matter on its draft, time or cost: the caller's own, or a
// colleague's when that is wanted. Three trips for one's own, four when the entry is older than the last month of days
// billed to the client or a colleague's. Needs BillWork.
// Errors: a look-up's; ErrNothing, or ErrUnconfirmed when what there is must be confirmed first, or *OnlyOthers when
// a colleague has some; ErrOnHold; ErrCurrency.
func (d *Desk) AddLast(ctx context.Context, c firm.Caller, s clients.Spoken, whose Whose) (added Added, err error) {
	type input struct {
		Spoken clients.Spoken
		Whose  Whose
	}
	action := firm.Action{Name: "bill.add-last", Input: input{s, whose}}
	err = d.bill(ctx, c, action, s, &added, func(a *firm.Act, find *clients.Lookup, ref clients.Ref) error {
		g := d.readDraft(a, ref)
		unbilled := d.Timesheets.ReadUnbilled(a, ref.Matter, a.Caller.Person)
		if err := a.Run(ctx); err != nil {
			return err
		}
		entry, waiting, err := last(unbilled, ref, whose)
		if err != nil {
			return err
		}
		if err := g.put(ctx, unbilled, *entry); err != nil {
			return err
		}
		added = g.added()
		added.Others, added.Waiting = unbilled.Others(), waiting
		if added.Newer, err = newer(unbilled, *entry); err != nil {
			return err
		}
		return g.commit(ctx, added, find.Check())
	})
	return added, err
}

// bill is one act on the bill of a matter that is named: the name in the first trip, then act.
func (d *Desk) bill(ctx context.Context, c firm.Caller, action firm.Action, s clients.Spoken, result any,
	act func(*firm.Act, *clients.Lookup, clients.Ref) error) (err error) {
	defer fault.Wrap(&err, "billing: %s", action.Name)
	return d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, action)
		find := d.Directory.Find(a, s)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(result); done || err != nil {
			return err
		}
		if err := a.May(firm.BillWork); err != nil {
			return err
		}
		ref, err := find.Answer()
		if err != nil {
			return err
		}
		return act(a, find, ref)
	})
}

// OnlyOthers is returned as an error when the caller has nothing unbilled on a matter, but a colleague has.
type OnlyOthers struct{ Ref clients.Ref }

func (*OnlyOthers) Error() string { return ErrOnlyOthers.Error() }
func (*OnlyOthers) Unwrap() error { return ErrOnlyOthers }

// last is the latest unbilled entry, and whether another one of the caller's waits to be confirmed.
func last(u *timekeeping.Unbilled, ref clients.Ref, whose Whose) (last *timekeeping.Entry, waiting bool, err error) {
	find := u.Last
	if whose == Colleagues {
		find = u.OthersLast
	}
	if last, err = find(); err != nil {
		return nil, false, err
	}
	held, err := u.Waiting()
	switch {
	case err != nil:
		return nil, false, err
	case last != nil:
		return last, held != nil, nil
	case whose == Colleagues:
		return nil, false, ErrNothing
	case held != nil:
		return nil, true, ErrUnconfirmed
	case u.Others():
		return nil, false, &OnlyOthers{ref}
	}
	return nil, false, ErrNothing
}

// newer reports whether a colleague has an entry that ended after this one.
func newer(u *timekeeping.Unbilled, than timekeeping.Entry) (bool, error) {
	other, err := u.OthersLast()
	return other != nil && other.ID != than.ID && other.Stop.After(than.Stop), err
}
