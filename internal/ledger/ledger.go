// Package ledger is double-entry book-keeping: balanced transactions, appended and never changed, and what is held in
// trust for each matter. Every commit that touches money posts here.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Account is an account's name. Accounts with an owner are "receivable/<client>", "trust/matter/<matter>".
type Account string

// Accounts. Debits are positive, credits negative.
const (
	Clearing   Account = "asset/processor" // captured by the processor, not yet paid out
	Bank       Account = "asset/bank"      // operating bank account: cheques and wires
	TrustBank  Account = "trust/bank"      // the trust bank account
	Fees       Account = "income/fees"
	Costs      Account = "income/costs" // expenses recovered
	TaxPayable Account = "liability/tax"
	Unapplied  Account = "liability/unapplied" // received, for no open invoice: a person must decide
	WrittenOff Account = "expense/written-off"
	// ProcessorFees is what the processor keeps for disputes.
	ProcessorFees Account = "expense/processor"
)

// Receivable is what a client owes.
func Receivable(client string) Account { return Account("receivable/" + client) }

// Trust is what the firm holds in trust for a matter: a liability.
func Trust(matter string) Account { return Account("trust/matter/" + matter) }

// Kind is what a transaction records.
type Kind string

// Kinds.
const (
	Issue        Kind = "issue"
	Payment      Kind = "payment"
	RefundPaid   Kind = "refund"
	RefundFailed Kind = "refund-failed"
	Disputed     Kind = "dispute"     // the payer's bank took it back
	DisputeWon   Kind = "dispute-won" // and gave it back
	Fee          Kind = "fee"
	Unfitting    Kind = "unapplied" // money received that fits no open invoice
	TrustDeposit Kind = "trust-deposit"
)

// Line is one side of a transaction.
type Line struct {
	Account Account      `json:"account"`
	Amount  money.Amount `json:"amount"` // debit > 0, credit < 0; never 0
}

// Transaction is balanced: its lines sum to zero.
type Transaction struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"` // UTC
	Kind     Kind      `json:"kind"`
	Client   string    `json:"client,omitempty"`
	Matter   string    `json:"matter,omitempty"`
	Invoice  string    `json:"invoice,omitempty"`
	Attempt  string    `json:"attempt,omitempty"`
	Outside  string    `json:"outside,omitempty"` // the processor's reference of the refund or dispute
	Lines    []Line    `json:"lines"`
	Reverses string    `json:"reverses,omitempty"`
}

// Post returns the operation that appends a transaction. Errors: ErrUnbalanced for lines that do not sum to zero,
// mix currencies, are zero, or are fewer than two.
func Post(v store.View, t Transaction) (store.Op, error) {
	if err := t.balanced(); err != nil {
		return store.Op{}, ErrUnbalanced.Because(fmt.Errorf("%s transaction %s: %w", t.Kind, t.ID, err))
	}
	return store.CreateOp(journalKey(v, t.At, t.ID), t), nil
}

func (t Transaction) balanced() error {
	if len(t.Lines) < 2 {
		return errors.New("fewer than two lines")
	}
	var sum money.Amount
	for _, l := range t.Lines {
		if l.Amount.IsZero() || l.Amount.Currency == "" {
			return errors.New("a line of nothing")
		}
		var err error
		if sum, err = sum.Add(l.Amount); err != nil {
			return err
		}
	}
	if !sum.IsZero() {
		return errors.New("lines do not sum to zero")
	}
	return nil
}

// Books is the firm's ledger.
type Books struct{ House *firm.House }

// Journal calls f for the transactions of [from, to), oldest first; a zero from or to is no bound. Needs See. Pages
// are consistent reads but no snapshot of each other: what is posted meanwhile may be missing. Of a matter that the
// caller is screened from there is nothing: what is left balances, since each transaction does.
func (b *Books) Journal(ctx context.Context, c firm.Caller, from, to time.Time, f func(Transaction) error) (err error) {
	defer fault.Wrap(&err, "ledger: journal")
	a := b.House.Begin(c, firm.Action{})
	screens := clients.ReadScreens(a)
	if err := a.Run(ctx); err != nil {
		return err
	}
	if err := a.May(firm.See); err != nil {
		return err
	}
	known := func(t Transaction) error {
		if hide, err := screens.Hide(t.Matter); err != nil || hide {
			return err
		}
		return f(t)
	}
	// A day's grace on both sides: the clocks of two machines may differ at a month's edge.
	if opened := a.Firm.Opened.AddDate(0, 0, -1); from.Before(opened) {
		from = opened
	}
	if latest := a.Now.AddDate(0, 0, 1); to.IsZero() || to.After(latest) {
		to = latest
	}
	for month := firstOfMonth(from); month.Before(to); month = month.AddDate(0, 1, 0) {
		if err := eachPosted(ctx, b.House.View(c), month, from, to, known); err != nil {
			return err
		}
	}
	return nil
}

// eachPosted calls f for a month's transactions of [from, to).
func eachPosted(ctx context.Context, v store.View, month, from, to time.Time, f func(Transaction) error) error {
	q := journalQuery(v, month, from, to)
	for {
		page, err := v.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			var t Transaction
			if err := store.Decode(r, &t); err != nil {
				return err
			}
			if err := f(t); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// Balances sums the whole journal by account; the sum over all accounts is zero, which it checks. Needs See.
// Errors: ErrUnbalanced.
func (b *Books) Balances(ctx context.Context, c firm.Caller) (map[Account]money.Amount, error) {
	sums := map[Account]money.Amount{}
	err := b.Journal(ctx, c, time.Time{}, time.Time{}, func(t Transaction) error {
		for _, l := range t.Lines {
			sum, err := sums[l.Account].Add(l.Amount)
			if err != nil {
				return err
			}
			sums[l.Account] = sum
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sums, zeroSum(sums)
}

func zeroSum(sums map[Account]money.Amount) error {
	var all money.Amount
	for _, sum := range sums {
		var err error
		if all, err = all.Add(sum); err != nil {
			return ErrUnbalanced.Because(err)
		}
	}
	if !all.IsZero() {
		return ErrUnbalanced.Because(fmt.Errorf("all accounts sum to %v", all))
	}
	return nil
}

// Faults of the ledger.
var (
	ErrUnbalanced = fault.New(fault.Internal, "ledger.unbalanced", "The books would not balance, so nothing was changed.")
	ErrNotTaken   = fault.New(fault.Invalid, "trust.amount", "A trust amount must be more than nothing, in the firm's currency.")
)
