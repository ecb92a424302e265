package billing

import (
	"context"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// gathering is a matter's draft while entries are put on it: what was read for it, and what its commit will write.
type gathering struct {
	act    *firm.Act
	house  *firm.House
	ref    clients.Ref
	by     string // the person who asked
	pair   *clients.Pair
	record *store.Record
	recent *store.Page // the caller's last billed days of the client

	before, bill Bill
	days         map[store.Key]*day
	people       map[string]firm.Person
	lines        []Line
	ops          []store.Op
}

// day is what has been billed to a client of one person's day, before and after.
type day struct {
	record store.Record
	window timekeeping.Window
}

// readTerms adds to the act's batch the read of what an entry of a matter is billed by.
func (d *Desk) readTerms(a *firm.Act, ref clients.Ref) *gathering {
	return &gathering{act: a, house: d.House, ref: ref, by: a.Caller.Person, pair: d.Directory.ReadPair(a, ref.Client, ref.Matter), recent: &store.Page{},
		days: map[store.Key]*day{}, people: map[string]firm.Person{a.Person.ID: a.Person}}
}

// readDraft adds beside them the reads of the matter's draft and of the caller's last billed days of its client.
func (d *Desk) readDraft(a *firm.Act, ref clients.Ref) *gathering {
	v, g := a.Batch.View(), d.readTerms(a, ref)
	g.record = a.Batch.Get(draftKey(v, ref.Matter))
	if a.Caller.Person != "" {
		g.recent = a.Batch.Query(latestWindows(v, ref.Client, a.Caller.Person))
	}
	return g
}

// put puts entries, which are in order, on the draft, after a read of what is not known yet of their days and people.
// Errors: ErrOnHold, ErrCurrency.
func (g *gathering) put(ctx context.Context, u *timekeeping.Unbilled, entries ...timekeeping.Entry) (err error) {
	if g.before, err = g.draft(); err != nil {
		return err
	}
	if err := g.read(ctx, entries); err != nil {
		return err
	}
	g.bill = g.before
	for _, e := range entries {
		line, err := g.line(e)
		if err != nil {
			return err
		}
		if g.bill, line, err = g.bill.with(line, g.act.Firm.Tax); err != nil {
			return err
		}
		g.lines = append(g.lines, line)
		g.ops = append(g.ops, u.Bill(&e, g.bill.ID)...)
		g.ops = append(g.ops, store.CreateOp(lineKey(g.act.Batch.View(), g.bill.ID, line.Seq), line))
	}
	return nil
}

// draft is the matter's draft, or a new one.
func (g *gathering) draft() (Bill, error) {
	if !g.record.Exists() {
		nothing := money.Of(0, g.act.Firm.Currency)
		return Bill{ID: g.house.NewID(), State: Draft, Ref: g.ref, Currency: g.act.Firm.Currency,
			Net: nothing, Costs: nothing, Paid: nothing, Refunded: nothing}, nil
	}
	var b Bill
	if err := store.Decode(*g.record, &b); err != nil {
		return Bill{}, err
	}
	b.Ref = g.ref
	if b.OnHold {
		return Bill{}, ErrOnHold
	}
	return b, nil
}

// read reads the days and the people of entries that are not known yet: one trip, or none.
func (g *gathering) read(ctx context.Context, entries []timekeeping.Entry) error {
	days, people := map[store.Key]*store.Record{}, map[string]*firm.PersonRead{}
	for _, e := range entries {
		if _, known := g.people[e.Person]; !known && people[e.Person] == nil {
			people[e.Person] = firm.ReadPerson(g.act.Batch, e.Person)
		}
		key := windowKey(g.act.Batch.View(), g.ref.Client, e.Person, e.Day)
		if e.Cost != nil || days[key] != nil || g.days[key] != nil {
			continue
		}
		if record, known := g.lately(key); known {
			g.days[key] = &day{record: record}
		} else {
			days[key] = g.act.Batch.Get(key)
		}
	}
	if err := g.act.Run(ctx); err != nil {
		return err
	}
	for key, record := range days {
		g.days[key] = &day{record: *record}
	}
	for id, read := range people {
		p, err := read.Person()
		if err != nil {
			return err
		}
		g.people[id] = p
	}
	for _, of := range g.days {
		if err := store.Decode(of.record, &of.window); err != nil {
			return err
		}
	}
	return nil
}

// lately is a day's record when it is certain from what was read: it is among the caller's last billed days, or none
// was billed that is as old.
func (g *gathering) lately(key store.Key) (store.Record, bool) {
	if g.act.Caller.Person == "" || key.Partition != windowKey(g.act.Batch.View(), g.ref.Client, g.act.Caller.Person, key.Sort).Partition {
		return store.Record{}, false
	}
	for _, r := range g.recent.Records {
		if r.Sort == key.Sort {
			return r, true
		}
	}
	oldest := len(g.recent.Records) - 1
	return store.Record{Key: key}, g.recent.Next == "" || oldest >= 0 && g.recent.Records[oldest].Sort < key.Sort
}

// line freezes an entry: its rounding, rate and amount are what the firm's terms are now, and stay. The time is
// rounded together with what was billed of the same day, so that a minimum is never stacked (ABA 93-379), and the
// amount is rounded once. A cost is billed as it is.
func (g *gathering) line(e timekeeping.Entry) (Line, error) {
	client, matter, err := g.pair.Get()
	if err != nil {
		return Line{}, err
	}
	f, p := g.act.Firm, g.people[e.Person]
	l := Line{Kind: Fee, Entry: e.ID, Day: e.Day, Stop: e.Stop, Person: p.ID, PersonName: p.Name, Narrative: e.Narrative}
	if e.Cost != nil {
		l.Kind, l.Code, l.Amount = Cost, e.Cost.Code, e.Cost.Amount
		if l.Narrative == "" && l.Code != timekeeping.OtherExpense {
			l.Narrative = timekeeping.ExpenseName(l.Code)
		}
		return l, g.fits(l.Amount)
	}
	l.Raw, l.Rounding, l.Rate = e.Seconds, timekeeping.Rounding(f, client, matter), timekeeping.Rate(f, client, matter, p)
	of := g.days[windowKey(g.act.Batch.View(), g.ref.Client, e.Person, e.Day)]
	l.Billed, of.window = of.window.Add(e, l.Rounding)
	if err := g.fits(l.Rate); err != nil {
		return Line{}, err
	}
	l.Amount, err = l.Rate.MulDiv(l.Billed, 3600)
	return l, err
}

// fits demands the bill's currency. Errors: ErrCurrency.
func (g *gathering) fits(a money.Amount) error {
	if a.Currency != g.bill.Currency && !a.IsZero() {
		return ErrCurrency
	}
	return nil
}

// added is what was put on the draft.
func (g *gathering) added() Added {
	a := Added{Ref: g.ref, Bill: g.bill.ID, Lines: len(g.lines), Amount: money.Of(g.bill.Net.Minor-g.before.Net.Minor, g.bill.Currency),
		Count: g.bill.Count, Total: g.bill.Total, Cost: len(g.lines) == 1 && g.lines[0].Kind == Cost}
	for _, l := range g.lines {
		a.Billed += l.Billed
		if l.Person != g.by {
			a.Theirs++
		}
	}
	return a
}

// addition is what the audit keeps of lines added.
type addition struct {
	Bill  Bill   `json:"bill"`
	Lines []Line `json:"lines"`
}

// commit commits the draft with its new lines, and what else belongs to the act.
func (g *gathering) commit(ctx context.Context, result any, more ...[]store.Op) error {
	ops := append(slices.Concat(more...), g.ops...)
	ops = append(ops, store.PutOp(*g.record, g.bill))
	for _, of := range g.days {
		ops = append(ops, store.PutOp(of.record, of.window))
	}
	entry := firm.Entry{Subject: "bill/" + g.bill.ID, Before: g.before, After: addition{g.bill, g.lines}}
	return g.act.Commit(ctx, result, entry, ops...)
}
