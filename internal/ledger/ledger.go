// Package ledger is double-entry book-keeping: balanced transactions, appended and never changed, and trust balances
// that cannot go below zero. Every commit that touches money posts here.
package ledger

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Account is an account's name. Accounts with an owner are "receivable/<client>", "trust/<matter>".
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
	Void         Kind = "void"
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
	Lines    []Line    `json:"lines"`
	Reverses string    `json:"reverses,omitempty"`
}

// Post returns the operation that appends a transaction. Errors: ErrUnbalanced for lines that do not sum to zero,
// mix currencies, are zero, or are fewer than two.
func Post(v store.View, t Transaction) (store.Op, error) { panic("ledger: to be written") }

// Books is the firm's ledger.
type Books struct{ House *firm.House }

// Journal calls f for the transactions of [from, to), oldest first. Needs See.
func (b *Books) Journal(ctx context.Context, c firm.Caller, from, to time.Time, f func(Transaction) error) error {
	panic("ledger: to be written")
}

// Balances sums the whole journal by account; the sum over all accounts is zero, which it checks.
func (b *Books) Balances(ctx context.Context, c firm.Caller) (map[Account]money.Amount, error) {
	panic("ledger: to be written")
}

// DepositTrust records money taken into trust for a matter.
func (b *Books) DepositTrust(ctx context.Context, c firm.Caller, client, matter string, amount money.Amount) error {
	panic("ledger: to be written")
}

// TrustBalance is what is held for a matter.
func (b *Books) TrustBalance(ctx context.Context, c firm.Caller, matter string) (money.Amount, error) {
	panic("ledger: to be written")
}

// Faults of the ledger.
var (
	ErrUnbalanced = fault.New(fault.Internal, "ledger.unbalanced", "The books would not balance, so nothing was changed.")
	ErrOverdrawn  = fault.New(fault.State, "trust.overdrawn", "There is not that much in trust for the matter.")
)
