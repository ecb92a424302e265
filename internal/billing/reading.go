package billing

import (
	"fmt"
	"strconv"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Open is the read of what could be charged for a matter: its draft and its oldest open invoice.
type Open struct {
	act   *firm.Act
	draft *store.Record
	open  *store.Page
}

// ReadOpen adds to the act's batch the reads of a matter's draft and its oldest open invoice.
func (d *Desk) ReadOpen(a *firm.Act, matter string) *Open {
	v := a.Batch.View()
	return &Open{
		act:   a,
		draft: a.Batch.Get(draftKey(v, matter)),
		open:  a.Batch.Query(store.Query{Partition: v.Partition("open", matter), Limit: 10}),
	}
}

// Draft returns the matter's draft when it has lines, else nil. Its tax and total are what issuing it now would make.
func (o *Open) Draft() (*Bill, error) {
	if !o.draft.Exists() {
		return nil, nil
	}
	b, err := draft(o.act, o.draft)
	if err != nil || b.Count == 0 {
		return nil, err
	}
	return &b, nil
}

// Oldest returns the oldest open invoice, else nil, and how many are open (counting stops at 10).
func (o *Open) Oldest() (bill *Bill, count int, err error) {
	if len(o.open.Records) == 0 {
		return nil, 0, nil
	}
	bill = &Bill{}
	if err := store.Decode(o.open.Records[0], bill); err != nil {
		return nil, 0, err
	}
	return bill, len(o.open.Records), nil
}

// Reading is a bill being read. Its operations replace the bill as it was read: of two acts on one bill, one loses
// the race and reads again.
type Reading struct {
	act    *firm.Act
	house  *firm.House
	homes  []*store.Record // where the bill may be kept
	known  *store.Record   // the pointer that an invoice has for ever; nil for a draft
	number *store.Record   // the counter; nil but for a draft
	owing  *store.Record   // where an invoice is listed while something is owed
}

// ReadBill adds the read of an invoice of a client's matter, by its id, to the act's batch: one wave.
func (d *Desk) ReadBill(a *firm.Act, ref clients.Ref, bill string) *Reading {
	r := d.look(a, ref.Matter, bill)
	r.owing = a.Batch.Get(owingKey(a.Batch.View(), ref.Client, bill))
	return r
}

// look is the read of an invoice that is not to be changed.
func (d *Desk) look(a *firm.Act, matter, bill string) *Reading {
	v := a.Batch.View()
	return &Reading{
		act:   a,
		house: d.House,
		homes: []*store.Record{a.Batch.Get(openKey(v, matter, bill)), a.Batch.Get(closedKey(v, matter, bill))},
		known: a.Batch.Get(pointerKey(v, bill)),
	}
}

// ReadDraft adds the reads that issuing a matter's draft needs.
func (d *Desk) ReadDraft(a *firm.Act, matter string) *Reading {
	v := a.Batch.View()
	return &Reading{
		act:    a,
		house:  d.House,
		homes:  []*store.Record{a.Batch.Get(draftKey(v, matter))},
		number: a.Batch.Get(counterKey(v)),
	}
}

// Bill returns the bill as it is. Errors: ErrNoBill; store.ErrConflict when it moved while it was read.
func (r *Reading) Bill() (Bill, error) {
	record := r.record()
	switch {
	case record != nil && r.known == nil:
		return draft(r.act, record)
	case record != nil:
		var b Bill
		err := store.Decode(*record, &b)
		return b, err
	case r.known != nil && r.known.Exists():
		return Bill{}, fmt.Errorf("billing: bill moved while it was read: %w", store.ErrConflict)
	}
	return Bill{}, ErrNoBill
}

func (r *Reading) record() *store.Record {
	for _, home := range r.homes {
		if home.Exists() {
			return home
		}
	}
	return nil
}

// draft decodes a draft and taxes it as the firm would now. An approval was of the tax and total that were there: it
// lapses when they are others.
func draft(a *firm.Act, r *store.Record) (Bill, error) {
	var was Bill
	if err := store.Decode(*r, &was); err != nil {
		return Bill{}, err
	}
	b, err := was.taxed(a.Firm.Tax)
	b.Approved = was.Approved && b.Total == was.Total && b.TaxName == was.TaxName && b.TaxPPM == was.TaxPPM
	return b, err
}

// Issue returns the invoice that the draft becomes, held by an attempt if hold is not empty, and the operations:
// number, invoice, its lists, postings. Nothing of the lines is touched. The number is the one after the last, taken
// in the same commit: no gap, no second use. A bill of nothing is not issued: it takes no number and owes nothing.
// Errors: ErrEmpty, ErrOnHold, ErrAdding, ErrUnapproved.
func (r *Reading) Issue(a *firm.Act, client clients.Client, hold string) (Bill, []store.Op, error) {
	b, err := r.issuable()
	if err != nil {
		return Bill{}, nil, err
	}
	var taken numbers
	if err := store.Decode(*r.number, &taken); err != nil {
		return Bill{}, nil, err
	}
	taken.Last++
	day := a.Now.In(a.Firm.Location())
	b.Number, b.State = strconv.FormatInt(taken.Last, 10), Issued
	b.Issued, b.Dated, b.Due = a.Now.UTC(), day.Format(dayFormat), day.AddDate(0, 0, Terms).Format(dayFormat)
	b.Ref.ClientName = client.Name
	b.Recipient = Recipient{Name: client.Name, Address: client.Address, Email: client.Email}
	b = b.held(hold)

	post, err := r.issued(b)
	if err != nil {
		return Bill{}, nil, err
	}
	v := a.Batch.View()
	ops := append(pointers(v, b), store.PutOp(*r.number, taken), store.DeleteOp(*r.record()),
		store.CreateOp(homeKey(v, b), b), store.CreateOp(owingKey(v, b.Ref.Client, b.ID), b.owing()), post)
	return b, ops, nil
}

// issuable is the draft, if it may become an invoice.
func (r *Reading) issuable() (Bill, error) {
	if r.number == nil || r.record() == nil {
		return Bill{}, ErrEmpty
	}
	b, err := r.Bill()
	switch {
	case err != nil:
		return Bill{}, err
	case b.Count == 0 || b.Total.Minor <= 0:
		return Bill{}, ErrEmpty
	case b.OnHold:
		return Bill{}, ErrOnHold
	case b.Adding != "":
		return Bill{}, ErrAdding
	case r.act.Firm.Voice.ApproveFirst && !b.Approved:
		return Bill{}, ErrUnapproved
	}
	return b, nil
}

func (r *Reading) issued(b Bill) (store.Op, error) {
	fees, err := b.Net.Sub(b.Costs)
	if err != nil {
		return store.Op{}, err
	}
	t, err := ledger.Issuing(r.transaction(b, b.Hold), fees, b.Costs, b.Tax)
	if err != nil {
		return store.Op{}, err
	}
	return ledger.Post(r.act.Batch.View(), t)
}

// transaction is what a posting about the bill says of when, whose and why.
func (r *Reading) transaction(b Bill, attempt string) ledger.Transaction {
	return ledger.Transaction{ID: r.house.NewID(), At: r.act.Now.UTC(), Client: b.Ref.Client, Matter: b.Ref.Matter,
		Invoice: b.ID, Attempt: attempt}
}

// Check returns the operation that makes a commit fail if the bill changed since it was read.
func (r *Reading) Check() store.Op { return store.CheckOp(*r.record()) }

// save returns the operations that write an invoice to where its state keeps it.
func (r *Reading) save(b Bill) []store.Op {
	was, home := *r.record(), homeKey(r.act.Batch.View(), b)
	if was.Key == home {
		return append(r.list(b), store.ReplaceOp(was, b))
	}
	return append(r.list(b), store.DeleteOp(was), store.CreateOp(home, b))
}

// list keeps the list of what is owed in step with an invoice.
func (r *Reading) list(b Bill) []store.Op {
	switch {
	case b.Outstanding().Minor > 0:
		return []store.Op{store.PutOp(*r.owing, b.owing())}
	case r.owing.Exists():
		return []store.Op{store.DeleteOp(*r.owing)}
	}
	return nil
}
