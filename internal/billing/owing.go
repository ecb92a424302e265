package billing

import (
	"cmp"
	"context"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Owing is an invoice of which something is owed, as the list of what is owed keeps it.
type Owing struct {
	Ref    clients.Ref  `json:"ref"`
	Bill   string       `json:"bill"`
	Number string       `json:"number"`
	Owed   money.Amount `json:"owed"`
	Paid   money.Amount `json:"paid"` // of it, and not given back
	Due    string       `json:"due"`  // YYYY-MM-DD
	Held   bool         `json:"held"` // a payment is under way
}

// owing is how an invoice is listed.
func (b Bill) owing() Owing {
	return Owing{Ref: b.Ref, Bill: b.ID, Number: b.Number, Owed: b.Outstanding(), Due: b.Due, Held: b.Hold != "",
		Paid: money.Of(b.Paid.Minor-b.Refunded.Minor, b.Currency)}
}

// Debt is what a client owes.
type Debt struct {
	Ref      clients.Ref  // the client
	Owed     money.Amount // of all invoices together
	Overdue  money.Amount // of that, after the due day
	Invoices []Owing      // oldest first, at most a hundred
	More     bool         // there are more than are counted
	Any      bool         // an invoice was ever issued
}

// Owed tells what a client owes, all matters together but those that the caller is screened from. Two trips. Needs See.
// Errors: a look-up's, but a client that is closed, or has several matters, is told of.
func (d *Desk) Owed(ctx context.Context, c firm.Caller, s clients.Spoken) (debt Debt, err error) {
	defer fault.Wrap(&err, "billing: what is owed")
	a := d.House.Begin(c, firm.Action{})
	find, screens := d.Directory.Find(a, s), clients.ReadScreens(a)
	if err := d.see(ctx, a); err != nil {
		return Debt{}, err
	}
	ref, err := find.Client()
	if err != nil {
		return Debt{}, err
	}
	debt.Ref = clients.Ref{Client: ref.Client, ClientName: ref.ClientName}
	v := a.Batch.View()
	page := a.Batch.Query(owedBy(v, debt.Ref.Client))
	ever := a.Batch.Query(store.Query{Partition: clientPartition(v, debt.Ref.Client), Desc: true, Limit: 1})
	if err := a.Run(ctx); err != nil {
		return Debt{}, err
	}
	debt.Owed, debt.Overdue = money.Of(0, a.Firm.Currency), money.Of(0, a.Firm.Currency)
	debt.More, debt.Any = page.Next != "", len(ever.Records) > 0
	return debt, debt.gather(a, screens, page)
}

// gather adds what a page lists.
func (debt *Debt) gather(a *firm.Act, screens *clients.Screens, page *store.Page) error {
	today := a.Now.In(a.Firm.Location()).Format(dayFormat)
	for _, r := range page.Records {
		o, hidden, err := listed(r, screens)
		if err != nil {
			return err
		}
		if hidden {
			continue
		}
		debt.Invoices = append(debt.Invoices, o)
		debt.Owed.Minor += o.Owed.Minor
		if o.Due < today {
			debt.Overdue.Minor += o.Owed.Minor
		}
	}
	return nil
}

func listed(r store.Record, screens *clients.Screens) (o Owing, hidden bool, err error) {
	if err = store.Decode(r, &o); err == nil {
		hidden, err = screens.Hide(o.Ref.Matter)
	}
	return o, hidden, err
}

// Debtors is who owes the firm money.
type Debtors struct {
	Clients []Debt       // who owes most first; without their invoices
	Owed    money.Amount // by all of them
	More    bool         // there are more invoices than are counted
}

// perShard is how many invoices of a shard are counted at once.
const perShard = 250

// WhoOwes tells which clients owe money: of at most two thousand invoices, but those of matters that the caller is screened
// from. One trip. Needs See.
func (d *Desk) WhoOwes(ctx context.Context, c firm.Caller) (all Debtors, err error) {
	defer fault.Wrap(&err, "billing: who owes")
	a := d.House.Begin(c, firm.Action{})
	screens := clients.ReadScreens(a)
	pages := make([]*store.Page, shards)
	for n := range pages {
		pages[n] = a.Batch.Query(store.Query{Partition: shard(a.Batch.View(), uint32(n)), Limit: perShard})
	}
	if err := d.see(ctx, a); err != nil {
		return Debtors{}, err
	}
	by := map[string]*Debt{}
	for _, page := range pages {
		all.More = all.More || page.Next != ""
		one := Debt{}
		if err := one.gather(a, screens, page); err != nil {
			return Debtors{}, err
		}
		for _, o := range one.Invoices {
			if by[o.Ref.Client] == nil {
				by[o.Ref.Client] = &Debt{Ref: clients.Ref{Client: o.Ref.Client, ClientName: o.Ref.ClientName}, Owed: money.Of(0, a.Firm.Currency), Any: true}
			}
			by[o.Ref.Client].Owed.Minor += o.Owed.Minor
		}
	}
	all.Owed = money.Of(0, a.Firm.Currency)
	for _, debt := range by {
		all.Clients = append(all.Clients, *debt)
		all.Owed.Minor += debt.Owed.Minor
	}
	slices.SortFunc(all.Clients, func(a, b Debt) int {
		return cmp.Or(cmp.Compare(b.Owed.Minor, a.Owed.Minor), cmp.Compare(a.Ref.Client, b.Ref.Client))
	})
	return all, nil
}
