package billing

import (
	"math/big"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"pgregory.net/rapid"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func emptyDraft() Bill {
	return Bill{ID: "b", State: Draft, Currency: "USD", Net: usd(0), Costs: usd(0), Paid: usd(0), Refunded: usd(0)}
}

func TestABillIsItsLinesAndOneTax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tax := firm.Tax{Name: "VAT", PPM: rapid.Int64Range(0, 1_000_000).Draw(t, "ppm")}
		b, net, costs := emptyDraft(), int64(0), int64(0)
		for i := range rapid.IntRange(1, 40).Draw(t, "lines") {
			l := Line{Seq: i + 1, Kind: rapid.SampledFrom([]LineKind{Fee, Cost}).Draw(t, "kind"),
				Amount: usd(rapid.Int64Range(0, 1<<40).Draw(t, "amount")), Day: "2026-11-23"}
			var err error
			if b, _, err = b.with(l, tax); err != nil {
				t.Fatal(err)
			}
			net += l.Amount.Minor
			if l.Kind == Cost {
				costs += l.Amount.Minor
			}
		}
		if b.Net.Minor != net || b.Costs.Minor != costs {
			t.Fatalf("net %v, costs %v; want %d, %d", b.Net, b.Costs, net, costs)
		}
		if b.Net.Minor+b.Tax.Minor != b.Total.Minor {
			t.Fatalf("%v + %v is not %v", b.Net, b.Tax, b.Total)
		}
		// |tax − net×ppm/10⁶| ≤ ½, in exact arithmetic.
		exact := new(big.Int).Mul(big.NewInt(net), big.NewInt(tax.PPM))
		off := exact.Sub(exact, new(big.Int).Mul(big.NewInt(b.Tax.Minor), big.NewInt(1_000_000)))
		if off.CmpAbs(big.NewInt(500_000)) > 0 {
			t.Fatalf("tax %v on %v at %d ppm is off by %v millionths", b.Tax, b.Net, tax.PPM, off)
		}
	})
}

func TestTaxIsRoundedOnceOnTheBillNotOnEachLine(t *testing.T) {
	b, tax := emptyDraft(), firm.Tax{Name: "VAT", PPM: 200_000}
	for i := range 3 { // 3 × 1.01: a fifth of each is 0.202, of all 0.606
		var err error
		if b, _, err = b.with(Line{Seq: i + 1, Kind: Fee, Amount: usd(101), Day: "2026-11-23"}, tax); err != nil {
			t.Fatal(err)
		}
	}
	if b.Tax != usd(61) || b.Total != usd(364) {
		t.Errorf("tax %v, total %v; want 0.61 and 3.64", b.Tax, b.Total)
	}
}

func TestABillSpansItsDaysInWhateverOrderTheyWereAdded(t *testing.T) {
	b := emptyDraft()
	for _, day := range []string{"2026-11-20", "2026-11-23", "2026-11-02"} {
		b, _, _ = b.with(Line{Day: day, Amount: usd(1)}, firm.Tax{})
	}
	if b.From != "2026-11-02" || b.To != "2026-11-23" || b.Count != 3 {
		t.Errorf("%s to %s, %d lines", b.From, b.To, b.Count)
	}
}

func TestALineMoreEndsAnApproval(t *testing.T) {
	b := emptyDraft()
	b.Approved = true
	if b, _, _ = b.with(Line{Day: "2026-11-20", Amount: usd(1)}, firm.Tax{}); b.Approved {
		t.Error("still approved")
	}
}

func TestOverdueIsTheDayAfterItWasDueWhileSomethingIsOwed(t *testing.T) {
	b := Bill{State: Issued, Currency: "USD", Total: usd(100), Paid: usd(0), Due: "2026-12-23"}
	if b.Overdue("2026-12-23") || !b.Overdue("2026-12-24") {
		t.Error("overdue on the wrong day")
	}
	b.State, b.Paid = Paid, usd(100)
	if b.Overdue("2027-01-01") {
		t.Error("a paid bill is overdue")
	}
}

func TestNothingIsOwedOnADraftOrAVoidBill(t *testing.T) {
	for _, state := range []State{Draft, Voided} {
		if owed := (Bill{State: state, Currency: "USD", Total: usd(100)}).Outstanding(); owed != usd(0) {
			t.Errorf("%s owes %v", state, owed)
		}
	}
}
