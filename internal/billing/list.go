package billing

import (
	"cmp"
	"context"
	"strings"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// pageSize is how many invoices a page of a list has: each has three keys to be read at, and one read has at most
// store.MaxOps.
const pageSize = store.MaxOps / 3

// Get returns an invoice by its id. Two trips. Needs See, but a payer's page, whose token names the invoice, may read
// it too. Errors: ErrNoBill.
func (d *Desk) Get(ctx context.Context, c firm.Caller, bill string) (b Bill, err error) {
	defer fault.Wrap(&err, "billing: invoice")
	if !id(bill) {
		return Bill{}, ErrNoBill
	}
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, firm.Action{})
		pointer, screens := a.Batch.Get(pointerKey(a.Batch.View(), bill)), clients.ReadScreens(a)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if err := a.May(firm.See); err != nil && c.Channel != firm.ByPayer {
			return err
		}
		if !pointer.Exists() {
			return ErrNoBill
		}
		list, err := d.fetch(ctx, a, screens, *pointer)
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return ErrNoBill
		}
		b = list[0]
		return nil
	})
	return b, err
}

// Lines returns a bill's lines in order, a draft's or an invoice's; without their rates and amounts for who may not see
// rates. Needs See.
func (d *Desk) Lines(ctx context.Context, c firm.Caller, bill string) (lines []Line, err error) {
	defer fault.Wrap(&err, "billing: lines")
	if !id(bill) {
		return nil, ErrNoBill
	}
	a := d.House.Begin(c, firm.Action{})
	q := store.Query{Partition: a.Batch.View().Partition("lines", bill), Limit: store.MaxPage}
	page := a.Batch.Query(q)
	pointer, screens := a.Batch.Get(pointerKey(a.Batch.View(), bill)), clients.ReadScreens(a)
	for err = d.see(ctx, a); err == nil; err = a.Run(ctx) {
		if hide, err := hidden(screens, *pointer); err != nil || hide {
			return nil, cmp.Or(err, error(ErrNoBill))
		}
		for _, r := range page.Records {
			var l Line
			if err := store.Decode(r, &l); err != nil {
				return nil, err
			}
			if a.May(firm.SeeRates) != nil {
				l.Rate, l.Amount = money.Amount{}, money.Amount{}
			}
			lines = append(lines, l)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return lines, nil
		}
		page = a.Batch.Query(q)
	}
	return nil, err
}

// List returns the invoices dated in a month of the firm's zone (YYYY-MM), newest first. next is empty on the last
// page. Two trips. Needs See.
func (d *Desk) List(ctx context.Context, c firm.Caller, month, cursor string) (list []Bill, next string, err error) {
	defer fault.Wrap(&err, "billing: invoices of a month")
	if !id(month) {
		return nil, "", nil
	}
	return d.list(ctx, c, datedPartition(d.House.View(c), month), cursor)
}

// OfClient returns a client's invoices, newest first. next is empty on the last page. Two trips. Needs See.
func (d *Desk) OfClient(ctx context.Context, c firm.Caller, client, cursor string) (list []Bill, next string, err error) {
	defer fault.Wrap(&err, "billing: invoices of a client")
	if !id(client) {
		return nil, "", nil
	}
	return d.list(ctx, c, clientPartition(d.House.View(c), client), cursor)
}

func (d *Desk) list(ctx context.Context, c firm.Caller, partition, cursor string) (list []Bill, next string, err error) {
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, firm.Action{})
		page := a.Batch.Query(store.Query{Partition: partition, Desc: true, Limit: pageSize, Cursor: cursor})
		screens := clients.ReadScreens(a)
		if err := d.see(ctx, a); err != nil {
			return err
		}
		next = page.Next
		list, err = d.fetch(ctx, a, screens, page.Records...)
		return err
	})
	return list, next, err
}

// see runs the act's first wave and authorises reading.
func (d *Desk) see(ctx context.Context, a *firm.Act) error {
	if err := a.Run(ctx); err != nil {
		return err
	}
	return a.May(firm.See)
}

// hidden reports whether the caller is screened from the matter of the bill that a pointer leads to.
func hidden(screens *clients.Screens, pointer store.Record) (bool, error) {
	var where whereabouts
	if err := store.Decode(pointer, &where); err != nil {
		return false, err
	}
	return screens.Hide(where.Matter)
}

// fetch reads the invoices that pointers lead to, in one trip, but for those of matters that the caller is screened from.
func (d *Desk) fetch(ctx context.Context, a *firm.Act, screens *clients.Screens, pointers ...store.Record) ([]Bill, error) {
	readings := make([]*Reading, 0, len(pointers))
	for _, p := range pointers {
		var where whereabouts
		if err := store.Decode(p, &where); err != nil {
			return nil, err
		}
		hide, err := screens.Hide(where.Matter)
		if err != nil {
			return nil, err
		}
		if !hide {
			readings = append(readings, d.look(a, where.Matter, where.Bill))
		}
	}
	if err := a.Run(ctx); err != nil {
		return nil, err
	}
	list := make([]Bill, len(readings))
	for i, r := range readings {
		var err error
		if list[i], err = r.Bill(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// id reports whether text from outside may be part of a key.
func id(text string) bool { return text != "" && len(text) <= 64 && !strings.Contains(text, "/") }
