package billing

import (
	"slices"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Movement is what became of captured money afterwards.
type Movement struct {
	Kind     ledger.Kind  // empty: no money moved, and only Disputed is told
	Out      money.Amount // what left: a refund, a dispute. Of what was paid so much is owed again
	Back     money.Amount // what came back of that
	Disputed bool         // the payer's bank is still at it: the invoice is shown as disputed, and not charged
	Outside  string       // the processor's reference of it
}

// Move returns the invoice after a movement of what an attempt captured, with its postings. What comes back when the
// invoice no longer waits for it (less is owed, another payment is under way, it is void) is unapplied, and reported. A
// movement without a kind only says whether the invoice is in dispute. Errors: ErrAmount for more than the attempt captured
// and has not left before, or for more to come back than left; ErrNoBill.
func (r *Reading) Move(a *firm.Act, attempt string, m Movement) (bill Bill, unapplied bool, ops []store.Op, err error) {
	b, err := r.Bill()
	if err != nil {
		return Bill{}, false, nil, err
	}
	b.Disputed, b.Receipts = m.Disputed, slices.Clone(b.Receipts)
	switch {
	case m.Kind == "":
		return b, false, r.save(b), nil
	case m.Out.Minor+m.Back.Minor <= 0:
		return Bill{}, false, nil, ErrAmount
	}
	t := r.transaction(b, attempt)
	t.Outside = m.Outside
	if m.Out.Minor > 0 {
		applied, free, err := b.leave(attempt, m.Out)
		if err != nil {
			return Bill{}, false, nil, err
		}
		ops, err = r.posted(b, ledger.Leaving(t, m.Kind, applied, free))
		return b, false, ops, err
	}
	applied, free, err := b.comeBack(a, attempt, m.Back)
	if err != nil {
		return Bill{}, false, nil, err
	}
	ops, err = r.posted(b, ledger.ComingBack(t, m.Kind, applied, free))
	return b, free.Minor > 0, ops, err
}

// leave takes an amount from what an attempt captured.
func (b *Bill) leave(attempt string, amount money.Amount) (applied, unapplied money.Amount, err error) {
	applied, unapplied = money.Of(0, b.Currency), money.Of(0, b.Currency)
	left := amount.Minor
	for i := range b.Receipts {
		r := &b.Receipts[i]
		if r.Attempt != attempt {
			continue
		}
		part := min(left, r.Amount.Minor-r.Refunded.Minor)
		r.Refunded.Minor += part
		left -= part
		if r.Unapplied {
			unapplied.Minor += part
		} else {
			applied.Minor += part
		}
	}
	if left != 0 || amount.Currency != b.Currency {
		return applied, unapplied, ErrAmount
	}
	b.Refunded.Minor += applied.Minor
	b.State = b.settled()
	return applied, unapplied, nil
}

// comeBack puts an amount back to what an attempt captured: to the invoice, if it still waits for it.
func (b *Bill) comeBack(a *firm.Act, attempt string, amount money.Amount) (applied, unapplied money.Amount, err error) {
	applied, unapplied = money.Of(0, b.Currency), money.Of(0, b.Currency)
	left := amount.Minor
	fits := b.Hold == "" && b.State != Voided && amount.Minor <= b.Outstanding().Minor
	again := Receipt{Attempt: attempt, At: a.Now.UTC(), Amount: money.Of(0, b.Currency), Unapplied: true, Refunded: money.Of(0, b.Currency)}
	for i := range b.Receipts {
		r := &b.Receipts[i]
		if r.Attempt != attempt {
			continue
		}
		part := min(left, r.Refunded.Minor)
		r.Refunded.Minor -= part
		left -= part
		switch {
		case r.Unapplied:
			unapplied.Minor += part
		case fits:
			applied.Minor += part
			b.Refunded.Minor -= part
		default: // it is as if it had never paid this invoice, and now came for none
			r.Amount.Minor -= part
			b.Paid.Minor -= part
			b.Refunded.Minor -= part
			again.Amount.Minor += part
			unapplied.Minor += part
		}
	}
	if left != 0 || amount.Currency != b.Currency {
		return applied, unapplied, ErrAmount
	}
	if again.Amount.Minor > 0 {
		b.Receipts = append(slices.DeleteFunc(b.Receipts, func(r Receipt) bool { return r.Amount.IsZero() }), again)
	}
	if b.State != Voided {
		b.State = b.settled()
	}
	return applied, unapplied, nil
}

// Fee returns the operation that posts what the processor keeps for a dispute of the invoice's payment, or gives back.
func (r *Reading) Fee(attempt string, fee money.Amount, outside string) ([]store.Op, error) {
	b, err := r.Bill()
	if err != nil {
		return nil, err
	}
	t := r.transaction(b, attempt)
	t.Outside = outside
	op, err := ledger.Post(r.act.Batch.View(), ledger.Keeping(t, fee))
	return []store.Op{op}, err
}
