package billing

import (
	"context"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
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
	Others bool         `json:"others"` // a colleague has unbilled work there too

	Waiting bool `json:"waiting,omitempty"` // another entry of the caller's must be confirmed before it can be billed
}

// AddLast puts the caller's own latest unbilled entry of a client's matter on its draft. Three trips; four when the
// entry is older than the last month of days billed to the client. Needs BillWork.
// Errors: a look-up's; ErrNothing, or ErrUnconfirmed when what there is must be confirmed first, or ErrOnlyOthers when
// a colleague has some; ErrOnHold; ErrCurrency.
func (d *Desk) AddLast(ctx context.Context, c firm.Caller, s clients.Spoken) (added Added, err error) {
	defer fault.Wrap(&err, "billing: add the last entry")
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, firm.Action{Name: "bill.add-last", Input: s})
		find := d.Directory.Find(a, s)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(&added); done || err != nil {
			return err
		}
		if err := a.May(firm.BillWork); err != nil {
			return err
		}
		ref, err := find.Answer()
		if err != nil {
			return err
		}
		added, err = d.addLast(ctx, a, ref, find.Check())
		return err
	})
	return added, err
}

// addLast is the second and third wave: what is known of the matter, then the commit.
func (d *Desk) addLast(ctx context.Context, a *firm.Act, ref clients.Ref, checks []store.Op) (Added, error) {
	w := d.readWork(a, ref)
	if err := a.Run(ctx); err != nil {
		return Added{}, err
	}
	entry, waiting, err := w.last()
	if err != nil {
		return Added{}, err
	}
	window, err := w.window(ctx, entry.Day)
	if err != nil {
		return Added{}, err
	}
	before, err := w.bill(d.House)
	if err != nil {
		return Added{}, err
	}
	line, after, err := w.line(before, entry, window)
	if err != nil {
		return Added{}, err
	}
	bill, err := before.with(line, a.Firm.Tax)
	if err != nil {
		return Added{}, err
	}
	ops := slices.Concat(checks, w.unbilled.Bill(entry, bill.ID))
	ops = append(ops, store.PutOp(*w.draft, bill), store.PutOp(window, after),
		store.CreateOp(lineKey(a.Batch.View(), bill.ID, line.Seq), line))
	added := Added{Ref: ref, Bill: bill.ID, Lines: 1, Billed: line.Billed, Amount: line.Amount,
		Count: bill.Count, Total: bill.Total, Others: w.unbilled.Others(), Waiting: waiting}
	change := firm.Entry{Subject: "bill/" + bill.ID, Before: before, After: addition{bill, line}}
	return added, a.Commit(ctx, added, change, ops...)
}

// addition is what the audit keeps of a line added.
type addition struct {
	Bill Bill `json:"bill"`
	Line Line `json:"line"`
}

// work is what is read to put a person's time for a matter on its draft.
type work struct {
	act      *firm.Act
	ref      clients.Ref
	pair     *clients.Pair
	unbilled *timekeeping.Unbilled
	draft    *store.Record
	windows  *store.Page
}

func (d *Desk) readWork(a *firm.Act, ref clients.Ref) *work {
	v := a.Batch.View()
	return &work{
		act:      a,
		ref:      ref,
		pair:     d.Directory.ReadPair(a, ref.Client, ref.Matter),
		unbilled: d.Timesheets.ReadUnbilled(a, ref.Matter, a.Caller.Person),
		draft:    a.Batch.Get(draftKey(v, ref.Matter)),
		windows:  a.Batch.Query(latestWindows(v, ref.Client, a.Caller.Person)),
	}
}

// last is the person's own latest unbilled entry, and whether another one waits to be confirmed.
func (w *work) last() (last *timekeeping.Entry, waiting bool, err error) {
	if last, err = w.unbilled.Last(); err != nil {
		return nil, false, err
	}
	held, err := w.unbilled.Waiting()
	switch {
	case err != nil:
		return nil, false, err
	case last != nil:
		return last, held != nil, nil
	case held != nil:
		return nil, true, ErrUnconfirmed
	case w.unbilled.Others():
		return nil, false, ErrOnlyOthers
	}
	return nil, false, ErrNothing
}

// window is what has been billed of the day to the client, read again only when the day is older than those that
// were read.
func (w *work) window(ctx context.Context, day string) (store.Record, error) {
	key := windowKey(w.act.Batch.View(), w.ref.Client, w.act.Caller.Person, day)
	for _, r := range w.windows.Records {
		if r.Sort == day {
			return r, nil
		}
	}
	oldest := len(w.windows.Records) - 1
	if w.windows.Next == "" || oldest >= 0 && w.windows.Records[oldest].Sort < day {
		return store.Record{Key: key}, nil
	}
	record := w.act.Batch.Get(key)
	err := w.act.Run(ctx)
	return *record, err
}

// bill is the matter's draft, or a new one.
func (w *work) bill(house *firm.House) (Bill, error) {
	if !w.draft.Exists() {
		nothing := money.Of(0, w.act.Firm.Currency)
		return Bill{ID: house.NewID(), State: Draft, Ref: w.ref, Currency: w.act.Firm.Currency,
			Net: nothing, Costs: nothing, Paid: nothing, Refunded: nothing}, nil
	}
	var b Bill
	if err := store.Decode(*w.draft, &b); err != nil {
		return Bill{}, err
	}
	b.Ref = w.ref
	if b.OnHold {
		return Bill{}, ErrOnHold
	}
	return b, nil
}

// line freezes an entry: its rounding, rate and amount are what the firm's terms are now, and stay. The time is
// rounded together with what was billed of the same day, so that a minimum is never stacked (ABA 93-379), and the
// amount is rounded once.
func (w *work) line(b Bill, e *timekeeping.Entry, day store.Record) (Line, timekeeping.Window, error) {
	client, matter, err := w.pair.Get()
	if err != nil {
		return Line{}, timekeeping.Window{}, err
	}
	var window timekeeping.Window
	if err := store.Decode(day, &window); err != nil {
		return Line{}, window, err
	}
	f, p := w.act.Firm, w.act.Person
	policy := timekeeping.Rounding(f, client, matter)
	billed, after := window.Add(*e, policy)
	rate := timekeeping.Rate(f, client, matter, p)
	if rate.Currency != b.Currency && !rate.IsZero() {
		return Line{}, window, ErrCurrency
	}
	amount, err := rate.MulDiv(billed, 3600)
	return Line{
		Seq: b.Count + 1, Kind: Fee, Entry: e.ID, Day: e.Day, Person: p.ID, PersonName: p.Name, Narrative: e.Narrative,
		Raw: e.Seconds, Billed: billed, Rounding: policy, Rate: rate, Amount: amount,
	}, after, err
}
