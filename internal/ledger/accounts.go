package ledger

import "github.com/billingclerk/billingclerk/internal/money"

// The functions below are the firm's chart of what each event does to the accounts. Each completes a transaction
// that already says when it was, whose it is and what caused it. Amounts are positive, in minor units; a part that
// is zero makes no line.

// Issuing records an invoice: the client owes its total, and the firm has earned fees, recovered costs and owes tax.
func Issuing(t Transaction, fees, costs, tax money.Amount) (Transaction, error) {
	total, err := money.Sum(fees, costs, tax)
	if err != nil {
		return Transaction{}, err
	}
	return t.with(Issue,
		Line{Receivable(t.Client), total}, Line{Fees, fees.Neg()}, Line{Costs, costs.Neg()}, Line{TaxPayable, tax.Neg()}), nil
}

// Paying records money captured by the processor for an open invoice.
func Paying(t Transaction, amount money.Amount) Transaction {
	return t.with(Payment, Line{Clearing, amount}, Line{Receivable(t.Client), amount.Neg()})
}

// Receiving records money captured that fits no open invoice: the firm owes it until a person decides.
func Receiving(t Transaction, amount money.Amount) Transaction {
	return t.with(Unfitting, Line{Clearing, amount}, Line{Unapplied, amount.Neg()})
}

// Leaving records that money which the processor had captured left again, a refund or a dispute: of what had been
// applied to an invoice the client owes it again, what was unapplied is owed no more.
func Leaving(t Transaction, kind Kind, applied, unapplied money.Amount) Transaction {
	return ComingBack(t, kind, applied, unapplied).reversed(kind)
}

// ComingBack records that money came back which Leaving recorded: a refund failed, a dispute was won.
func ComingBack(t Transaction, kind Kind, applied, unapplied money.Amount) Transaction {
	return t.with(kind, Line{Clearing, money.Of(applied.Minor+unapplied.Minor, applied.Currency)},
		Line{Receivable(t.Client), applied.Neg()}, Line{Unapplied, unapplied.Neg()})
}

// Keeping records what the processor keeps for itself for a dispute; given back, it is negative. It is the firm's own
// expense, never a client's and never trust money's.
func Keeping(t Transaction, fee money.Amount) Transaction {
	return t.with(Fee, Line{ProcessorFees, fee}, Line{Clearing, fee.Neg()})
}

// Depositing records money taken into trust for a matter: the firm holds it and owes it, and has earned none of it
// (ABA Model Rule 1.15).
func Depositing(t Transaction, amount money.Amount) Transaction {
	return t.with(TrustDeposit, Line{TrustBank, amount}, Line{Trust(t.Matter), amount.Neg()})
}

func (t Transaction) with(kind Kind, lines ...Line) Transaction {
	t.Kind, t.Lines = kind, nil
	for _, l := range lines {
		if !l.Amount.IsZero() {
			t.Lines = append(t.Lines, l)
		}
	}
	return t
}

func (t Transaction) reversed(kind Kind) Transaction {
	lines := make([]Line, len(t.Lines))
	for i, l := range t.Lines {
		lines[i] = Line{l.Account, l.Amount.Neg()}
	}
	t.Kind, t.Lines = kind, lines
	return t
}
