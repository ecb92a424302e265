package timekeeping

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// ClocksRead is the read of a person's clocks, for who must know whether one runs: charging asks before it bills.
type ClocksRead struct{ record *store.Record }

// ReadClocks adds the read of the caller's clocks to the act's batch. The system has none.
func (ts *Timesheets) ReadClocks(a *firm.Act) *ClocksRead {
	if a.Caller.Person == "" {
		return &ClocksRead{&store.Record{}}
	}
	return &ClocksRead{a.Batch.Get(clocksKey(a.Batch.View(), a.Caller.Person))}
}

// On returns the clock of a matter, running or paused, or nil.
func (r *ClocksRead) On(matter string) (*Clock, error) {
	var s sheet
	if err := store.Decode(*r.record, &s); err != nil {
		return nil, err
	}
	return s.on(matter), nil
}

// Unbilled is the read of a matter's unbilled entries: those that are billable and need no confirmation.
type Unbilled struct {
	view   store.View
	own    *store.Page
	others []*store.Page
	held   *store.Page
}

// ReadUnbilled adds to the act's batch the read of the person's own latest unbilled entry of a matter, and beside it
// whether others have some, and whether the person's wait to be confirmed. person may be empty: then all are others'.
func (ts *Timesheets) ReadUnbilled(a *firm.Act, matter, person string) *Unbilled {
	v := a.Batch.View()
	u := &Unbilled{view: v, own: &nothing, held: &nothing}
	entries := store.Query{Partition: v.Partition(unbilledFamily, matter), Desc: true, Limit: 1}
	if person == "" {
		u.others = []*store.Page{a.Batch.Query(entries)}
		return u
	}
	before, own, after := entries, entries, entries
	from, to := person+"/", person+"0" // the byte after the slash
	before.To, own.From, own.To, after.From = from, from, to, to
	u.others = []*store.Page{a.Batch.Query(before), a.Batch.Query(after)}
	u.own = a.Batch.Query(own)
	own.Partition, own.Limit = v.Partition(heldFamily, matter), maxHeld
	u.held = a.Batch.Query(own)
	return u
}

// nothing is the page of what was not asked for.
var nothing store.Page

// maxHeld is how many entries are looked at for one that waits to be confirmed.
const maxHeld = 5

// Last returns the person's own latest unbilled entry, by when it ended; nil when there is none.
func (u *Unbilled) Last() (*Entry, error) {
	if len(u.own.Records) == 0 {
		return nil, nil
	}
	e := &Entry{}
	return e, store.Decode(u.own.Records[0], e)
}

// Others reports whether somebody else has unbilled entries on the matter.
func (u *Unbilled) Others() bool {
	for _, p := range u.others {
		if len(p.Records) > 0 {
			return true
		}
	}
	return false
}

// Any reports whether the matter has any unbilled entry.
func (u *Unbilled) Any() bool { return len(u.own.Records) > 0 || u.Others() }

// Waiting returns the person's latest entry that needs Confirm before it can be billed; nil when there is none among
// the latest five that are held back.
func (u *Unbilled) Waiting() (*Entry, error) {
	for _, r := range u.held.Records {
		var e Entry
		if err := store.Decode(r, &e); err != nil {
			return nil, err
		}
		if e.Unconfirmed && e.Billable {
			return &e, nil
		}
	}
	return nil, nil
}

// OthersLast returns the latest entry that was read of somebody else's; nil when nobody else has any. Of many colleagues
// not each one's is read, so it is a colleague's latest, not always the latest of all.
func (u *Unbilled) OthersLast() (last *Entry, err error) {
	for _, p := range u.others {
		for _, r := range p.Records {
			e := &Entry{}
			if err := store.Decode(r, e); err != nil {
				return nil, err
			}
			if last == nil || e.Stop.After(last.Stop) {
				last = e
			}
		}
	}
	return last, nil
}

// ReadAllUnbilled adds to the act's batch the read of a matter's unbilled entries, everybody's, at most limit, and of
// the person's own that wait to be confirmed.
func (ts *Timesheets) ReadAllUnbilled(a *firm.Act, matter, person string, limit int) *Unbilled {
	v := a.Batch.View()
	all := a.Batch.Query(store.Query{Partition: v.Partition(unbilledFamily, matter), Limit: limit})
	u := &Unbilled{view: v, own: &store.Page{}, others: []*store.Page{all}, held: &store.Page{}}
	if person != "" {
		u.held = a.Batch.Query(store.Query{Partition: v.Partition(heldFamily, matter), Desc: true, Limit: maxHeld,
			From: person + "/", To: person + "0"})
	}
	return u
}

// Entries returns the entries that were read, and whether there are more.
func (u *Unbilled) Entries() (list []Entry, more bool, err error) {
	for _, p := range append([]*store.Page{u.own}, u.others...) {
		more = more || p.Next != ""
		for _, r := range p.Records {
			var e Entry
			if err := store.Decode(r, &e); err != nil {
				return nil, false, err
			}
			list = append(list, e)
		}
	}
	return list, more, nil
}

// Bill returns the operations that put an entry that was read on a bill: it is locked from then on. None for any other
// entry.
func (u *Unbilled) Bill(e *Entry, bill string) []store.Op {
	for _, p := range append([]*store.Page{u.own}, u.others...) {
		for _, r := range p.Records {
			if r.Sort == homeOf(*e).Sort {
				billed := *e
				billed.Bill = bill
				return changeOps(u.view, r, billed)
			}
		}
	}
	return nil
}

// Billed is the read of an entry that is on a bill.
type Billed struct {
	view   store.View
	stored stored
}

// ReadBilled adds the read of an entry to the act's batch, by its matter, person, stop and id.
func (ts *Timesheets) ReadBilled(a *firm.Act, matter, person string, stop time.Time, entry string) *Billed {
	h := homeOf(Entry{ID: entry, Person: person, Stop: stop, Ref: clients.Ref{Matter: matter}})
	return &Billed{a.Batch.View(), readEntry(a.Batch, h)}
}

// Free returns the entry as it is once it is taken off the bill, unbilled and open to change again, and the operations.
// Errors: ErrNoEntry when it is not on the bill.
func (b *Billed) Free(bill string) (Entry, []store.Op, error) {
	e, r, err := b.stored.entry()
	switch {
	case err != nil:
		return e, nil, err
	case e.Bill != bill:
		return e, nil, ErrNoEntry
	}
	e.Bill = ""
	return e, changeOps(b.view, r, e), nil
}
