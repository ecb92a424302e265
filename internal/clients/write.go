package clients

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// opened is what Open stores for a repeated request.
type opened struct {
	Client  Client   `json:"client"`
	Matters []Matter `json:"matters"`
}

// Open adds a client with its first matters, at most ten; a matter without a number gets the next. Ids and instants
// are made here. Needs Manage. Errors: fault.Invalid for what is missing or wrong, ErrNumber for a number taken.
func (d *Directory) Open(ctx context.Context, c firm.Caller, client Client, matters ...Matter) (Client, []Matter, error) {
	var result opened
	action := firm.Action{Name: "client.open", Input: opened{client, matters}}
	err := d.write(ctx, c, action, &result, func(a *firm.Act) (change, error) {
		result = opened{client, slices.Clone(matters)}
		return d.open(ctx, a, &result)
	})
	return result.Client, result.Matters, err
}

func (d *Directory) open(ctx context.Context, a *firm.Act, o *opened) (change, error) {
	v := d.House.View(a.Caller)
	record := clientRecord{Client: tidyClient(o.Client)}
	record.ID, record.Client.Opened, record.Closed = d.House.NewID(), a.Now, false
	if err := record.Client.validate(a.Firm.Currency); err != nil {
		return change{}, err
	}
	if len(o.Matters) > maxFirst {
		return change{}, ErrTooManyMatters
	}
	number, err := d.unused(ctx, a, numberKey(v, record.Number))
	if err != nil {
		return change{}, err
	}
	ops := []store.Op{store.CreateOp(number.Key, record.ID)}
	for i := range o.Matters {
		more, err := d.begin(a, &record, &o.Matters[i])
		if err != nil {
			return change{}, err
		}
		ops = append(ops, more...)
	}
	o.Client = record.Client
	return change{record: store.Record{Key: clientKey(v, record.ID)}, after: record, ops: ops}, nil
}

// OpenMatter adds a matter to a client; without a number it gets the next. Needs Manage.
// Errors: fault.Invalid; ErrNone; ErrClosed for a closed client; ErrNumber.
func (d *Directory) OpenMatter(ctx context.Context, c firm.Caller, m Matter) (Matter, error) {
	result := m
	action := firm.Action{Name: "matter.open", Input: m}
	err := d.write(ctx, c, action, &result, func(a *firm.Act) (change, error) {
		result = m
		ch, err := d.load(ctx, a, m.Client)
		if err != nil {
			return ch, err
		}
		if ch.after.Closed {
			return ch, ErrClosed
		}
		if m.Number != "" {
			if _, err := d.unused(ctx, a, matterNumberKey(d.House.View(c), m.Client, strings.TrimSpace(m.Number))); err != nil {
				return ch, err
			}
		}
		ch.ops, err = d.begin(a, &ch.after, &result)
		return ch, err
	})
	return result, err
}

// begin adds a new matter to a client's record and returns the operations that make it.
func (d *Directory) begin(a *firm.Act, record *clientRecord, m *Matter) ([]store.Op, error) {
	v := d.House.View(a.Caller)
	record.Matters++
	*m = tidyMatter(*m)
	m.ID, m.Client, m.Opened, m.Closed, m.Screened, m.Why = d.House.NewID(), record.ID, a.Now, false, nil, ""
	if m.Number == "" {
		m.Number = nextNumber(*record)
	}
	if err := m.validate(a.Firm.Currency); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(record.Open, func(b brief) bool { return b.Number == m.Number }) {
		return nil, ErrNumber
	}
	if err := record.note(*m); err != nil {
		return nil, err
	}
	return []store.Op{
		store.CreateOp(matterKey(v, m.Client, m.ID), *m),
		store.CreateOp(matterNumberKey(v, m.Client, m.Number), m.ID),
	}, nil
}

// Change replaces a client's name, aliases, address, e-mail, rate, rounding, number or state, and with it every name
// record. Needs Manage. Errors: fault.Invalid; ErrNone; ErrNumber.
func (d *Directory) Change(ctx context.Context, c firm.Caller, client Client) error {
	action := firm.Action{Name: "client.change", Input: client}
	return d.write(ctx, c, action, nil, func(a *firm.Act) (change, error) {
		ch, err := d.load(ctx, a, client.ID)
		if err != nil {
			return ch, err
		}
		to := tidyClient(client)
		to.ID, to.Opened = ch.before.ID, ch.before.Client.Opened
		if err := to.validate(a.Firm.Currency); err != nil {
			return ch, err
		}
		ch.after.Client = to
		return ch, d.renumber(ctx, a, &ch)
	})
}

// renumber moves the number's record when a client's number changed.
func (d *Directory) renumber(ctx context.Context, a *firm.Act, ch *change) error {
	if ch.before.Number == ch.after.Number {
		return nil
	}
	v := d.House.View(a.Caller)
	taken, err := d.unused(ctx, a, numberKey(v, ch.after.Number))
	if err != nil {
		return err
	}
	old := a.Batch.Get(numberKey(v, ch.before.Number))
	if err := a.Run(ctx); err != nil {
		return err
	}
	ch.ops = append(ch.ops, store.CreateOp(taken.Key, ch.after.ID), store.DeleteOp(*old))
	return nil
}

// ChangeMatter replaces a matter's name, rates, rounding or state; its number stays. Needs Manage.
// Errors: fault.Invalid; ErrNone.
func (d *Directory) ChangeMatter(ctx context.Context, c firm.Caller, m Matter) error {
	action := firm.Action{Name: "matter.change", Input: m}
	return d.write(ctx, c, action, nil, func(a *firm.Act) (change, error) {
		ch, read, before, err := d.loadMatter(ctx, a, m.Client, m.ID)
		if err != nil {
			return ch, err
		}
		to := tidyMatter(m)
		to.Number, to.Opened, to.Screened, to.Why = before.Number, before.Opened, before.Screened, before.Why
		if err := to.validate(a.Firm.Currency); err != nil {
			return ch, err
		}
		ch.ops = []store.Op{store.ReplaceOp(read, to)}
		return ch, ch.after.note(to)
	})
}

// loadMatter reads a matter beside its client's record. Errors: ErrNone, also when the caller is screened from it.
func (d *Directory) loadMatter(ctx context.Context, a *firm.Act, client, matter string) (ch change, record store.Record, m Matter, err error) {
	pair := d.ReadPair(a, client, matter)
	if ch, err = d.load(ctx, a, client); err != nil {
		return ch, record, m, err
	}
	_, m, err = pair.Get()
	return ch, *pair.matter, m, err
}

// change is a client's record before and after, with the operations of what else changes.
type change struct {
	record        store.Record // as read; only a key for a new client
	before, after clientRecord
	ops           []store.Op
	entry         *firm.Entry // nil: the client, before and after
}

// write carries out one change of a client that needs Manage.
func (d *Directory) write(ctx context.Context, c firm.Caller, action firm.Action, result any, make func(*firm.Act) (change, error)) error {
	return d.writeAs(ctx, c, firm.Manage, action, result, make)
}

// writeAs carries out one change of a client: authorise, make it, bring the name records after it, commit once.
func (d *Directory) writeAs(ctx context.Context, c firm.Caller, may firm.Permission, action firm.Action, result any, make func(*firm.Act) (change, error)) error {
	return d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, action)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(result); done {
			return err
		}
		if err := a.May(may); err != nil {
			return err
		}
		ch, err := make(a)
		if err != nil {
			return err
		}
		ops, err := d.reindex(ctx, a, &ch)
		if err != nil {
			return err
		}
		entry := firm.Entry{Subject: "client/" + ch.after.ID, Before: ch.before.Client, After: ch.after.Client}
		if ch.entry != nil {
			entry = *ch.entry
		}
		return a.Commit(ctx, result, entry, append(ops, ch.ops...)...)
	})
}

// load reads a client's record. It must be of the caller's firm, and one that the caller may know of: else it is not there.
func (d *Directory) load(ctx context.Context, a *firm.Act, client string) (change, error) {
	if !goodID(client) {
		return change{}, ErrNone
	}
	r, screens := a.Batch.Get(clientKey(d.House.View(a.Caller), client)), ReadScreens(a)
	if err := a.Run(ctx); err != nil {
		return change{}, err
	}
	if !r.Exists() {
		return change{}, ErrNone
	}
	ch := change{record: *r}
	if err := store.Decode(*r, &ch.before); err != nil {
		return ch, err
	}
	seen := ch.before
	if err := screens.see(&seen); err != nil {
		return ch, err
	}
	return ch, store.Decode(*r, &ch.after)
}

// unused reads a key that must be free.
func (d *Directory) unused(ctx context.Context, a *firm.Act, k store.Key) (store.Record, error) {
	r := a.Batch.Get(k)
	if err := a.Run(ctx); err != nil {
		return *r, err
	}
	if r.Exists() {
		return *r, ErrNumber
	}
	return *r, nil
}

// reindex returns the operations that write the client's record and bring its name records up to it.
func (d *Directory) reindex(ctx context.Context, a *firm.Act, ch *change) ([]store.Op, error) {
	want := indexed(ch.after)
	if len(want) > maxIndex {
		return nil, ErrTooManyNames
	}
	v := d.House.View(a.Caller)
	have := map[store.Key]*store.Record{}
	for _, b := range ch.before.Index {
		k := b.key(v, ch.before.Client)
		have[k] = a.Batch.Get(k)
	}
	if err := a.Run(ctx); err != nil {
		return nil, err
	}
	ch.after.Index = nil
	var ops []store.Op
	for _, b := range slices.SortedFunc(maps.Keys(want), inSort) {
		ch.after.Index = append(ch.after.Index, b)
		k := b.key(v, ch.after.Client)
		if r := have[k]; r != nil {
			ops = append(ops, store.PutOp(*r, want[b]))
			delete(have, k)
		} else {
			ops = append(ops, store.CreateOp(k, want[b]))
		}
	}
	for _, r := range have {
		if r.Exists() {
			ops = append(ops, store.DeleteOp(*r))
		}
	}
	return append(ops, store.PutOp(ch.record, ch.after)), nil
}

// Faults of changes.
var (
	ErrNumber         = fault.New(fault.Invalid, "client.number", "That number is already taken.")
	ErrTooManyNames   = fault.New(fault.Invalid, "client.names", "That is more other names than can be kept for one client. Leave some out.")
	ErrTooManyMatters = fault.New(fault.Invalid, "client.matters", "That is more open matters than one client can have.")
)
