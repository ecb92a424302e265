package billing

import (
	"slices"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Hold returns the invoice held by a new attempt, and its operations; no operations when the attempt holds it
// already. Errors: ErrHeld, ErrSettled, ErrNoBill.
func (r *Reading) Hold(a *firm.Act, attempt string) (Bill, []store.Op, error) {
	b, err := r.Bill()
	switch {
	case err != nil:
		return Bill{}, nil, err
	case b.Outstanding().Minor <= 0:
		return Bill{}, nil, ErrSettled
	case b.Hold == attempt:
		return b, nil, nil
	case b.Hold != "":
		return Bill{}, nil, ErrHeld
	}
	b = b.held(attempt)
	return b, r.save(b), nil
}

// held returns the bill held by a new attempt; an empty one holds nothing.
func (b Bill) held(attempt string) Bill {
	if attempt != "" {
		b.Hold = attempt
		b.Attempts++
	}
	return b
}

// Free returns the invoice without the hold of an attempt that ended with no money moved; no operations when the
// attempt does not hold it. Errors: ErrNoBill.
func (r *Reading) Free(a *firm.Act, attempt string) (Bill, []store.Op, error) {
	b, err := r.Bill()
	if err != nil || b.Hold != attempt {
		return b, nil, err
	}
	b.Hold = ""
	return b, r.save(b), nil
}

// Settle returns the invoice after a capture of amount by the attempt that holds it: hold gone, paid or part paid,
// posted. Money that no longer fits (the attempt does not hold the invoice any more, or less is owed) is posted whole
// as an unapplied receipt and reported: what was captured is in the books whatever happened since. An attempt is
// settled once: again, there are no operations and the answer is the same. Errors: ErrAmount, ErrNoBill.
func (r *Reading) Settle(a *firm.Act, attempt string, amount money.Amount) (bill Bill, unapplied bool, ops []store.Op, err error) {
	b, err := r.Bill()
	if err != nil {
		return Bill{}, false, nil, err
	}
	if i := b.receipt(attempt); i >= 0 {
		return b, b.Receipts[i].Unapplied, nil, nil
	}
	if amount.Minor <= 0 || amount.Currency != b.Currency {
		return Bill{}, false, nil, ErrAmount
	}
	unapplied = b.Hold != attempt || amount.Minor > b.Outstanding().Minor
	if b.Hold == attempt {
		b.Hold = ""
	}
	t := r.transaction(b, attempt)
	if unapplied {
		t = ledger.Receiving(t, amount)
	} else {
		t = ledger.Paying(t, amount)
		b.Paid.Minor += amount.Minor
		b.State = b.settled()
	}
	b.Receipts = append(slices.Clone(b.Receipts), Receipt{Attempt: attempt, At: a.Now.UTC(), Amount: amount,
		Unapplied: unapplied, Refunded: money.Of(0, b.Currency)})
	ops, err = r.posted(b, t)
	return b, unapplied, ops, err
}

// receipt is the index of an attempt's receipt, or −1.
func (b Bill) receipt(attempt string) int {
	return slices.IndexFunc(b.Receipts, func(r Receipt) bool { return r.Attempt == attempt })
}

// settled is the state of an issued bill by what is owed of it.
func (b Bill) settled() State {
	switch b.Outstanding().Minor {
	case 0:
		return Paid
	case b.Total.Minor:
		return Issued
	}
	return PartPaid
}

// posted returns the operations that write the invoice and the posting.
func (r *Reading) posted(b Bill, t ledger.Transaction) ([]store.Op, error) {
	post, err := ledger.Post(r.act.Batch.View(), t)
	if err != nil {
		return nil, err
	}
	return append(r.save(b), post), nil
}
