package billing

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Standing is how a matter's bill stands.
type Standing struct {
	Ref     clients.Ref
	Draft   *Bill // has lines; nil: none
	Invoice *Bill // the oldest open one; nil: none
	Open    int   // open invoices, counted to ten
}

// OnBill tells what is on a matter's bill. Two trips. Needs See. Errors: a look-up's.
func (d *Desk) OnBill(ctx context.Context, c firm.Caller, s clients.Spoken) (st Standing, err error) {
	defer fault.Wrap(&err, "billing: what is on a bill")
	a, ref, err := d.seen(ctx, c, s)
	if err != nil {
		return Standing{}, err
	}
	open := d.ReadOpen(a, ref.Matter)
	if err := a.Run(ctx); err != nil {
		return Standing{}, err
	}
	return open.standing(ref)
}

// OnBills tells of several matters, which were chosen before, those on whose bill something is. One trip. Needs See.
func (d *Desk) OnBills(ctx context.Context, c firm.Caller, matters []clients.Ref) (list []Standing, err error) {
	defer fault.Wrap(&err, "billing: what is on several bills")
	a := d.House.Begin(c, firm.Action{})
	screens := clients.ReadScreens(a)
	var reads []*Open
	for _, m := range matters {
		if !id(m.Matter) {
			return nil, clients.ErrNone
		}
		reads = append(reads, d.ReadOpen(a, m.Matter))
	}
	if err := d.see(ctx, a); err != nil {
		return nil, err
	}
	for i, open := range reads {
		st, err := open.standing(matters[i])
		if err != nil {
			return nil, err
		}
		hide, err := screens.Hide(matters[i].Matter)
		if err != nil {
			return nil, err
		}
		if !hide && (st.Draft != nil || st.Invoice != nil) {
			list = append(list, st)
		}
	}
	return list, nil
}

func (o *Open) standing(ref clients.Ref) (st Standing, err error) {
	st.Ref = ref
	if st.Draft, err = o.Draft(); err == nil {
		st.Invoice, st.Open, err = o.Oldest()
	}
	return st, err
}

// Waiting is work and costs of a matter that are on no bill yet.
type Waiting struct {
	Ref     clients.Ref
	Entries int
	Billed  int64        // seconds, each day rounded as it would be billed by itself
	Amount  money.Amount // at today's terms: what has been billed of the same days is not looked at
	Costs   money.Amount // the part of it that is costs
	More    bool         // there is more than was counted
}

// Unbilled tells what of a matter is unbilled, everybody's, of at most a thousand entries. Two trips. Needs See, and
// SeeRates since it tells what work is worth. Errors: a look-up's.
func (d *Desk) Unbilled(ctx context.Context, c firm.Caller, s clients.Spoken) (w Waiting, err error) {
	defer fault.Wrap(&err, "billing: what is unbilled")
	a, ref, err := d.seen(ctx, c, s)
	if err != nil {
		return Waiting{}, err
	}
	if err := a.May(firm.SeeRates); err != nil {
		return Waiting{}, err
	}
	g := d.readTerms(a, ref)
	people := firm.ReadPeople(a.Batch)
	unbilled := d.Timesheets.ReadAllUnbilled(a, ref.Matter, "", store.MaxPage)
	if err := a.Run(ctx); err != nil {
		return Waiting{}, err
	}
	entries, more, err := unbilled.Entries()
	if err != nil {
		return Waiting{}, err
	}
	w = Waiting{Ref: ref, Entries: len(entries), More: more, Amount: money.Of(0, a.Firm.Currency), Costs: money.Of(0, a.Firm.Currency)}
	if g.people, err = people.ByID(); err != nil {
		return Waiting{}, err
	}
	return w, w.value(g, entries)
}

// value sums what entries would come to as lines.
func (w *Waiting) value(g *gathering, entries []timekeeping.Entry) error {
	g.bill.Currency = g.act.Firm.Currency
	for _, e := range entries {
		key := windowKey(g.act.Batch.View(), g.ref.Client, e.Person, e.Day)
		if g.days[key] == nil {
			g.days[key] = &day{}
		}
		l, err := g.line(e)
		if err != nil {
			return err
		}
		w.Billed += l.Billed
		if w.Amount, err = w.Amount.Add(l.Amount); err == nil && l.Kind == Cost {
			w.Costs, err = w.Costs.Add(l.Amount)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// seen begins a question about a matter: the name in the first trip.
func (d *Desk) seen(ctx context.Context, c firm.Caller, s clients.Spoken) (*firm.Act, clients.Ref, error) {
	a := d.House.Begin(c, firm.Action{})
	find := d.Directory.Find(a, s)
	if err := d.see(ctx, a); err != nil {
		return nil, clients.Ref{}, err
	}
	ref, err := find.Answer()
	return a, ref, err
}
