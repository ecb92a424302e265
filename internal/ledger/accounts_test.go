package ledger

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"pgregory.net/rapid"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func facts() Transaction {
	return Transaction{ID: "t1", At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Client: "c1", Matter: "m1", Invoice: "i1"}
}

func sums(t Transaction) map[Account]int64 {
	s := map[Account]int64{}
	for _, l := range t.Lines {
		s[l.Account] += l.Amount.Minor
	}
	return s
}

func TestEveryEventPostsToTheRightSides(t *testing.T) {
	issued, err := Issuing(facts(), usd(10000), usd(500), usd(2100))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  Transaction
		kind Kind
		want map[Account]int64
	}{
		{"issue", issued, Issue, map[Account]int64{"receivable/c1": 12600, Fees: -10000, Costs: -500, TaxPayable: -2100}},
		{"payment", Paying(facts(), usd(7)), Payment, map[Account]int64{Clearing: 7, "receivable/c1": -7}},
		{"refund", Leaving(facts(), RefundPaid, usd(7), usd(0)), RefundPaid, map[Account]int64{Clearing: -7, "receivable/c1": 7}},
		{"failed refund", ComingBack(facts(), RefundFailed, usd(7), usd(0)), RefundFailed, map[Account]int64{Clearing: 7, "receivable/c1": -7}},
		{"dispute", Leaving(facts(), Disputed, usd(4), usd(3)), Disputed, map[Account]int64{Clearing: -7, "receivable/c1": 4, Unapplied: 3}},
		{"dispute won", ComingBack(facts(), DisputeWon, usd(4), usd(3)), DisputeWon, map[Account]int64{Clearing: 7, "receivable/c1": -4, Unapplied: -3}},
		{"fee", Keeping(facts(), usd(7)), Fee, map[Account]int64{Clearing: -7, ProcessorFees: 7}},
		{"fee given back", Keeping(facts(), usd(-7)), Fee, map[Account]int64{Clearing: 7, ProcessorFees: -7}},
		{"unapplied", Receiving(facts(), usd(7)), Unfitting, map[Account]int64{Clearing: 7, Unapplied: -7}},
		{"returned", Leaving(facts(), RefundPaid, usd(0), usd(7)), RefundPaid, map[Account]int64{Clearing: -7, Unapplied: 7}},
		{"deposit", Depositing(facts(), usd(7)), TrustDeposit, map[Account]int64{TrustBank: 7, "trust/matter/m1": -7}},
	} {
		if got := sums(c.got); !maps.Equal(got, c.want) || c.got.Kind != c.kind {
			t.Errorf("%s posts %s %v; want %s %v", c.name, c.got.Kind, got, c.kind, c.want)
		}
	}
}

// Fees and chargebacks never touch trust money (MR 1.15; MI RI-344).
func TestWhatTheProcessorTakesIsNeverTrustMoney(t *testing.T) {
	for _, posted := range []Transaction{Leaving(facts(), Disputed, usd(4), usd(3)), ComingBack(facts(), DisputeWon, usd(4), usd(3)), Keeping(facts(), usd(7))} {
		for _, l := range posted.Lines {
			if strings.HasPrefix(string(l.Account), "trust/") {
				t.Errorf("%s posts to %s", posted.Kind, l.Account)
			}
		}
	}
}

func TestAPartThatIsZeroMakesNoLine(t *testing.T) {
	issued, err := Issuing(facts(), usd(100), usd(0), money.Amount{})
	if err != nil || len(issued.Lines) != 2 {
		t.Errorf("posted %v, %v; want two lines", issued.Lines, err)
	}
}

func TestPostRefusesWhatDoesNotBalance(t *testing.T) {
	v := store.Firm(nil, "f1")
	eur := money.Of(-7, "EUR")
	for name, lines := range map[string][]Line{
		"one line":       {{Fees, usd(0)}},
		"none":           nil,
		"off by a cent":  {{Clearing, usd(7)}, {Fees, usd(-6)}},
		"two currencies": {{Clearing, usd(7)}, {Fees, eur}},
		"a zero line":    {{Clearing, usd(7)}, {Fees, usd(-7)}, {Costs, usd(0)}},
		"no currency":    {{Clearing, money.Amount{Minor: 7}}, {Fees, money.Amount{Minor: -7}}},
	} {
		f := facts()
		f.Lines = lines
		if _, err := Post(v, f); !errors.Is(err, ErrUnbalanced) {
			t.Errorf("%s: %v; want ErrUnbalanced", name, err)
		}
	}
}

func TestEveryEventOfAnyAmountBalances(t *testing.T) {
	v := store.Firm(nil, "f1")
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Int64Range(0, 1<<40)
		fees, costs, tax := usd(part.Draw(t, "fees")), usd(part.Draw(t, "costs")), usd(part.Draw(t, "tax"))
		amount := usd(1 + part.Draw(t, "amount"))
		issued, err := Issuing(facts(), fees, costs, tax)
		if err != nil {
			t.Fatal(err)
		}
		events := []Transaction{Paying(facts(), amount), Receiving(facts(), amount), Leaving(facts(), RefundPaid, amount, fees),
			ComingBack(facts(), DisputeWon, fees, amount), Keeping(facts(), amount), Depositing(facts(), amount)}
		if len(issued.Lines) > 0 {
			events = append(events, issued)
		}
		for _, e := range events {
			if _, err := Post(v, e); err != nil {
				t.Fatalf("%s: %v", e.Kind, err)
			}
		}
	})
}
