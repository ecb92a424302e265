package clients

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// ClientRead is the read of a client by id.
type ClientRead struct {
	record  *store.Record
	screens *Screens
}

// ReadClient adds the read of a client to the act's batch.
func (d *Directory) ReadClient(a *firm.Act, client string) *ClientRead {
	if !goodID(client) {
		return &ClientRead{&store.Record{}, &Screens{record: &store.Record{}}}
	}
	return &ClientRead{a.Batch.Get(clientKey(d.House.View(a.Caller), client)), ReadScreens(a)}
}

// Get returns the client, a closed one too. Errors: ErrNone, also when the caller is screened from all of it.
func (r *ClientRead) Get() (Client, error) {
	var c clientRecord
	if !r.record.Exists() {
		return Client{}, ErrNone
	}
	if err := store.Decode(*r.record, &c); err != nil {
		return Client{}, err
	}
	if err := r.screens.see(&c); err != nil {
		return Client{}, err
	}
	return c.Client, nil
}

// Pair is the read of a client and a matter by id.
type Pair struct {
	client, matter *store.Record
	screens        *Screens
}

// ReadPair adds the reads of a client and its matter to the act's batch.
func (d *Directory) ReadPair(a *firm.Act, client, matter string) *Pair {
	if !goodID(client) || !goodID(matter) {
		return &Pair{&store.Record{}, &store.Record{}, &Screens{record: &store.Record{}}}
	}
	v := d.House.View(a.Caller)
	return &Pair{a.Batch.Get(clientKey(v, client)), a.Batch.Get(matterKey(v, client, matter)), ReadScreens(a)}
}

// Get returns the client and the matter, closed ones too. Errors: ErrNone, also when the caller is screened from it.
func (p *Pair) Get() (Client, Matter, error) {
	var c Client
	var m Matter
	if !p.client.Exists() || !p.matter.Exists() {
		return Client{}, Matter{}, ErrNone
	}
	if err := store.Decode(*p.client, &c); err != nil {
		return Client{}, Matter{}, err
	}
	if err := store.Decode(*p.matter, &m); err != nil {
		return Client{}, Matter{}, err
	}
	hidden, err := p.screens.Hide(m.ID)
	if err == nil && hidden {
		err = ErrNone
	}
	if err != nil {
		return Client{}, Matter{}, err
	}
	return c, m, nil
}

// Check returns the operations that make a commit fail if the client or the matter changed since they were read.
func (p *Pair) Check() []store.Op {
	return []store.Op{store.CheckOp(*p.client), store.CheckOp(*p.matter)}
}

// perPage is how many clients List returns at most.
const perPage = 50

// shown is the client as the caller may see it: without its rate for who may not see rates.
func (c Client) shown(a *firm.Act) Client {
	if a.May(firm.SeeRates) != nil {
		c.Rate = money.Amount{}
	}
	return c
}

func (m Matter) shown(a *firm.Act) Matter {
	if a.May(firm.SeeRates) != nil {
		m.Rate, m.Rates = money.Amount{}, nil
	}
	if a.May(firm.Manage) != nil {
		m.Screened, m.Why = nil, ""
	}
	return m
}

// List returns clients, at most 50, in the order of their numbers: "9" before "10". Needs See.
func (d *Directory) List(ctx context.Context, c firm.Caller, cursor string) (list []Client, next string, err error) {
	a := d.House.Begin(c, firm.Action{})
	v := d.House.View(c)
	pages := make([]*store.Page, shards)
	for i := range pages {
		pages[i] = a.Batch.Query(store.Query{Partition: shardPartition(v, i), From: cursor, Limit: perPage + 1})
	}
	screens := ReadScreens(a)
	if err := a.Run(ctx); errors.Is(err, store.ErrLimit) {
		return nil, "", firm.ErrCursor.Because(err)
	} else if err != nil {
		return nil, "", err
	}
	if err := a.May(firm.See); err != nil {
		return nil, "", err
	}
	ids, next, err := merged(pages)
	if err != nil {
		return nil, "", err
	}
	reads := make([]*store.Record, len(ids))
	for i, id := range ids {
		reads[i] = a.Batch.Get(clientKey(v, id))
	}
	if err := a.Run(ctx); err != nil {
		return nil, "", err
	}
	for _, r := range reads {
		var record clientRecord
		if err := store.Decode(*r, &record); err != nil {
			return nil, "", err
		}
		err := screens.see(&record)
		if err != nil && !errors.Is(err, ErrNone) {
			return nil, "", err
		}
		if r.Exists() && err == nil {
			list = append(list, record.Client.shown(a))
		}
	}
	return list, next, nil
}

// merged returns the first ids of all shards together, and where the next page begins.
func merged(pages []*store.Page) (ids []string, next string, err error) {
	var all []store.Record
	for _, p := range pages {
		all = append(all, p.Records...)
	}
	slices.SortFunc(all, func(a, b store.Record) int { return cmp.Compare(a.Sort, b.Sort) })
	if len(all) > perPage {
		all, next = all[:perPage], all[perPage].Sort
	}
	for _, r := range all {
		var id string
		if err := store.Decode(r, &id); err != nil {
			return nil, "", err
		}
		ids = append(ids, id)
	}
	return ids, next, nil
}

// Get returns a client by id. Needs See. Errors: ErrNone.
func (d *Directory) Get(ctx context.Context, c firm.Caller, client string) (Client, error) {
	a := d.House.Begin(c, firm.Action{})
	ch, err := d.load(ctx, a, client)
	if err != nil {
		return Client{}, err
	}
	if err := a.May(firm.See); err != nil {
		return Client{}, err
	}
	return ch.before.Client.shown(a), nil
}

// Matters returns a client's matters, open first, in the order of their numbers. Needs See.
func (d *Directory) Matters(ctx context.Context, c firm.Caller, client string) ([]Matter, error) {
	if !goodID(client) {
		return nil, ErrNone
	}
	a := d.House.Begin(c, firm.Action{})
	screens := ReadScreens(a)
	q := store.Query{Partition: d.House.View(c).Partition("client", client), From: "matter-", To: "matter.", Limit: store.MaxPage}
	var list []Matter
	for {
		page := a.Batch.Query(q)
		if err := a.Run(ctx); err != nil {
			return nil, err
		}
		if err := a.May(firm.See); err != nil {
			return nil, err
		}
		for _, r := range page.Records {
			var m Matter
			if err := store.Decode(r, &m); err != nil {
				return nil, err
			}
			hidden, err := screens.Hide(m.ID)
			if err != nil {
				return nil, err
			}
			if !hidden {
				list = append(list, m.shown(a))
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			slices.SortFunc(list, openFirst)
			return list, nil
		}
	}
}

// Matter returns a matter with its client, closed ones too. One trip. Needs See. Errors: ErrNone.
func (d *Directory) Matter(ctx context.Context, c firm.Caller, client, matter string) (Client, Matter, error) {
	a := d.House.Begin(c, firm.Action{})
	pair := d.ReadPair(a, client, matter)
	if err := a.Run(ctx); err != nil {
		return Client{}, Matter{}, err
	}
	if err := a.May(firm.See); err != nil {
		return Client{}, Matter{}, err
	}
	of, m, err := pair.Get()
	return of.shown(a), m.shown(a), err
}

func openFirst(a, b Matter) int {
	if a.Closed != b.Closed {
		if b.Closed {
			return -1
		}
		return 1
	}
	return cmp.Compare(inOrder(a.Number), inOrder(b.Number))
}

// note brings a matter's state into its client's record.
func (c *clientRecord) note(m Matter) error {
	at := slices.IndexFunc(c.Open, func(b brief) bool { return b.ID == m.ID })
	b := brief{ID: m.ID, Name: m.Name, Number: m.Number, Rounding: m.Rounding}
	switch {
	case m.Closed && at >= 0:
		c.Open = slices.Delete(c.Open, at, at+1)
	case m.Closed:
	case at >= 0:
		c.Open[at] = b
	case len(c.Open) == maxOpen:
		return ErrTooManyMatters
	default:
		c.Open = slices.Insert(c.Open, 0, b)
	}
	return nil
}
