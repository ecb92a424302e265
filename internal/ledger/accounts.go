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

// Voiding takes an invoice back that nothing is paid of: Issuing reversed.
func Voiding(t Transaction, fees, costs, tax money.Amount) (Transaction, error) {
	issued, err := Issuing(t, fees, costs, tax)
	if err != nil {
		return Transaction{}, err
	}
	return issued.reversed(Void), nil
}

// Paying records money captured by the processor for an open invoice.
func Paying(t Transaction, amount money.Amount) Transaction {
	return t.with(Payment, Line{Clearing, amount}, Line{Receivable(t.Client), amount.Neg()})
}

// Refunding gives back money that Paying recorded: the client owes it again.
func Refunding(t Transaction, amount money.Amount) Transaction {
	return Paying(t, amount).reversed(RefundPaid)
}

// Receiving records money captured that fits no open invoice: the firm owes it until a person decides.
func Receiving(t Transaction, amount money.Amount) Transaction {
	return t.with(Unfitting, Line{Clearing, amount}, Line{Unapplied, amount.Neg()})
}

// Returning gives back money that Receiving recorded.
func Returning(t Transaction, amount money.Amount) Transaction {
	return Receiving(t, amount).reversed(RefundPaid)
}

// Depositing records money taken into trust for a matter: the firm holds it and owes it, and has earned none of it
// (ABA Model Rule 1.15).
func Depositing(t Transaction, amount money.Amount) Transaction {
	return t.with(TrustDeposit, Line{TrustBank, amount}, Line{Trust(t.Matter), amount.Neg()})
}

// Applying pays an issued invoice out of trust: the money leaves the trust bank for the operating bank in the same
// moment in which the client's debt and the firm's trust liability fall.
func Applying(t Transaction, amount money.Amount) Transaction {
	return t.with(TrustApplied,
		Line{Trust(t.Matter), amount}, Line{TrustBank, amount.Neg()},
		Line{Bank, amount}, Line{Receivable(t.Client), amount.Neg()})
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
