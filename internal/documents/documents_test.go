package documents

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/documents/pdf"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"pgregory.net/rapid"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// invoice is an open invoice of n lines, each of another amount.
func invoice(t testing.TB, n int) Invoice {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	issued := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	i := Invoice{
		Firm:    Firm{Name: "Demo and Partners", Contact: "billing@demo.test", Location: zone, Locale: "en-US"},
		PayLink: "https://clerk.example.test/pay/opaque-token", Made: issued,
		Bill: billing.Bill{ID: "b", Number: "17", State: billing.Issued, Currency: "USD", Count: n, Dated: "2026-11-23",
			Due: "2026-12-23", From: "2026-11-02", To: "2026-11-23", Issued: issued, TaxName: "Sales tax", TaxPPM: 88750,
			Ref:       clients.Ref{ClientName: "Acme Corporation", MatterName: "Lease of 1 Main Street"},
			Recipient: billing.Recipient{Name: "Acme Corporation", Address: []string{"1 Main Street", "New York, NY 10001"}, Email: "acme@example.test"},
			Paid:      usd(0), Refunded: usd(0)},
	}
	net := int64(0)
	for k := range n {
		i.Lines = append(i.Lines, billing.Line{Seq: k + 1, Kind: billing.Fee, Day: "2026-11-20", PersonName: "Ada",
			Narrative: "Reviewed the lease with the landlord’s counsel", Raw: 1300, Billed: 1440, Rate: usd(30000),
			Amount: usd(12000 + int64(k)), Rounding: firm.Rounding{Mode: firm.RoundUp, Increment: 360}})
		net += 12000 + int64(k)
	}
	b := &i.Bill
	b.Net = usd(net)
	if b.Tax, err = b.Net.MulDiv(b.TaxPPM, 1_000_000); err != nil {
		t.Fatal(err)
	}
	if b.Total, err = b.Net.Add(b.Tax); err != nil {
		t.Fatal(err)
	}
	return i
}

// paid is the invoice, paid with a card late in the evening of its day.
func paid(i Invoice) Invoice {
	i.Payment = &Payment{Amount: i.Bill.Total, Brand: "visa", Last4: "4242", At: time.Date(2026, 11, 24, 4, 30, 0, 0, time.UTC)}
	i.Bill.State, i.Bill.Paid, i.Made = billing.Paid, i.Bill.Total, i.Payment.At
	return i
}

func file(t testing.TB, render func() ([]byte, error)) []byte {
	t.Helper()
	f, err := render()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func countPages(file []byte) int { return bytes.Count(file, []byte("/Type /Page\n")) }

func facts(list []pdf.Fact) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s: %s\n", f.Label, f.Value)
	}
	return b.String()
}

func TestAnInvoiceShowsEveryLineAndTotalsThatAddUp(t *testing.T) {
	i := invoice(t, 3)
	s := i.invoice()
	for k, row := range s.Rows {
		want := []string{"Nov 20, 2026", "Ada", "Reviewed the lease with the landlord’s counsel", "0.4", "$300.00", fmt.Sprintf("$120.%02d", k)}
		if strings.Join(row, "|") != strings.Join(want, "|") {
			t.Errorf("line %d is %v; want %v", k+1, row, want)
		}
	}
	if got, want := facts(s.Totals), "Subtotal: $360.03\nSales tax 8.875%: $31.95\nTotal due: $391.98\n"; got != want {
		t.Errorf("totals are\n%swant\n%s", got, want)
	}
	if got, want := facts(s.Facts), "Invoice: 17\nDate: November 23, 2026\nDue: December 23, 2026\nServices: Nov 2, 2026 – Nov 23, 2026\n"; got != want {
		t.Errorf("facts are\n%swant\n%s", got, want)
	}
	if s.To.Name != "Acme Corporation" || len(s.To.Lines) != 2 || s.Subject != "Re: Lease of 1 Main Street" || s.Link.URL != i.PayLink {
		t.Errorf("the sheet is %+v", s)
	}
}

func TestAPaidInvoiceSaysHowAndWhenInTheFirmsZoneAndAsksForNothing(t *testing.T) {
	s := paid(invoice(t, 1)).invoice()
	if s.Stamp.Word != "PAID" || s.Stamp.Text != "Paid $130.65 by Visa ending 4242 on November 23, 2026." {
		t.Errorf("stamped %+v", s.Stamp)
	}
	if s.Link.URL != "" || strings.Contains(strings.Join(s.Notes, " "), "Please pay") {
		t.Errorf("still asks: %+v, %v", s.Link, s.Notes)
	}
	if got := facts(s.Totals); !strings.HasSuffix(got, "Paid: -$130.65\nAmount due: $0.00\n") {
		t.Errorf("totals are\n%s", got)
	}
}

func TestAPartPaidInvoiceAsksForTheRest(t *testing.T) {
	i := paid(invoice(t, 1))
	i.Bill.State, i.Bill.Paid = billing.PartPaid, usd(3065)
	s := i.invoice()
	if s.Stamp.Word != "" || s.Link.URL == "" || !strings.Contains(facts(s.Totals), "Amount due: $100.00") {
		t.Errorf("stamp %+v, link %+v, totals %s", s.Stamp, s.Link, facts(s.Totals))
	}
	if text := i.Text(); !strings.Contains(text, "Thank you. We received") || !strings.Contains(text, "$100.00 is due by") || !strings.Contains(text, i.PayLink) {
		t.Errorf("the e-mail says %q", text)
	}
}

func TestAVoidInvoiceSaysSo(t *testing.T) {
	i := invoice(t, 1)
	i.Bill.State = billing.Voided
	if s := i.invoice(); s.Stamp.Word != "VOID" || s.Link.URL != "" {
		t.Errorf("stamp %+v, link %+v", s.Stamp, s.Link)
	}
}

func TestAReceiptIsOnePageThatSaysWhatWasReceived(t *testing.T) {
	i := paid(invoice(t, 400))
	s := i.receipt()
	if s.Heading != "Receipt" || !strings.Contains(s.Stamp.Text, "by Visa ending 4242 on November 23, 2026") || len(s.Rows) != 0 {
		t.Errorf("the sheet is %+v", s)
	}
	if n := countPages(file(t, i.Receipt)); n != 1 {
		t.Errorf("%d pages", n)
	}
	if _, err := invoice(t, 1).Receipt(); !errors.Is(err, ErrUnpaid) {
		t.Errorf("a receipt of nothing: %v", err)
	}
}

func TestAnInvoiceTakesAsManyPagesAsItNeeds(t *testing.T) {
	for lines, want := range map[int]int{1: 1, 40: 2, 1000: 32} {
		if got := countPages(file(t, invoice(t, lines).Render)); got != want {
			t.Errorf("%d lines take %d pages; want %d", lines, got, want)
		}
	}
}

func TestAResentInvoiceIsTheSameFile(t *testing.T) {
	i := paid(invoice(t, 12))
	if !bytes.Equal(file(t, i.Render), file(t, i.Render)) || !bytes.Equal(file(t, i.Receipt), file(t, i.Receipt)) {
		t.Error("two files differ")
	}
}

func TestHoursTimesRateIsTheAmount(t *testing.T) {
	for seconds, want := range map[int64]string{0: "0.0", 360: "0.1", 1440: "0.4", 900: "0.25", 600: "0:10", 3600: "1.0", 5400: "1.5", 3605: "1:00:05", 360000: "100.0"} {
		if got := Hours(seconds); got != want {
			t.Errorf("%d s is %s; want %s", seconds, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(0, 1<<30).Draw(t, "seconds")
		if got := read(t, Hours(seconds)); got.Cmp(big.NewRat(seconds, 3600)) != 0 {
			t.Fatalf("%d s is written %s", seconds, Hours(seconds))
		}
	})
}

// read reads hours back as its reader would.
func read(t *rapid.T, hours string) *big.Rat {
	sum, part := new(big.Rat), int64(1)
	for text := range strings.SplitSeq(hours, ":") {
		n, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number of hours", hours)
		}
		sum.Add(sum, n.Quo(n, big.NewRat(part, 1)))
		part *= 60
	}
	return sum
}

func TestRoundingIsDisclosedOncePerWay(t *testing.T) {
	i := invoice(t, 4)
	i.Lines[1].Rounding = firm.Rounding{Mode: firm.RoundNearest, Increment: 360}
	i.Lines[2].Rounding = firm.Rounding{Mode: firm.RoundNone}
	want := []string{"Time is billed in steps of 6 minutes, rounded up as agreed.", "Time is billed to the nearest 6 minutes."}
	if got := i.roundings(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("says %v", got)
	}
}

func TestACostHasNoHoursAndAnEmptyNarrativeIsNamed(t *testing.T) {
	i := invoice(t, 2)
	i.Lines[0].Kind, i.Lines[0].Narrative = billing.Cost, ""
	i.Lines[1].Narrative = "  "
	s := i.invoice()
	if s.Rows[0][2] != "Expense" || s.Rows[0][3] != "" || s.Rows[0][4] != "" || s.Rows[1][2] != "Professional services" {
		t.Errorf("rows are %v", s.Rows)
	}
}

func TestTheEMailSaysWhoWantsHowMuchAndNoMore(t *testing.T) {
	open := invoice(t, 2)
	if got := open.Subject(); got != "Invoice 17 from Demo and Partners" {
		t.Errorf("subject %q", got)
	}
	for name, c := range map[string]struct {
		invoice Invoice
		want    []string
	}{
		"open": {open, []string{"Invoice 17", "$261.31 is due by December 23, 2026", open.PayLink, "Demo and Partners", "billing@demo.test"}},
		"paid": {paid(open), []string{"Invoice 17 for $261.31 is paid", "Visa ending 4242", "receipt", "Demo and Partners"}},
	} {
		text := c.invoice.Text()
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q:\n%s", name, w, text)
			}
		}
		for _, secret := range []string{"lease", "Lease", "Ada", "landlord"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s says %q:\n%s", name, secret, text)
			}
		}
	}
	if text := paid(open).Text(); strings.Contains(text, "Pay online") {
		t.Errorf("a paid invoice asks to be paid:\n%s", text)
	}
}

func TestAnUnknownBrandIsACard(t *testing.T) {
	for want, p := range map[string]Payment{
		"Visa ending 4242":             {Brand: "visa", Last4: "4242"},
		"American Express ending 0005": {Brand: "amex", Last4: "0005"},
		"Card ending 1234":             {Brand: "something-new", Last4: "1234"},
		"card":                         {},
	} {
		if got := p.card(); got != want {
			t.Errorf("%+v is %q; want %q", p, got, want)
		}
	}
}

func TestTheTaxsRateIsExact(t *testing.T) {
	for ppm, want := range map[int64]string{200_000: "VAT 20%", 88_750: "VAT 8.875%", 1: "VAT 0.0001%", 0: "VAT 0%"} {
		if got := taxLabel(billing.Bill{TaxName: "VAT", TaxPPM: ppm}); got != want {
			t.Errorf("%d ppm is %q; want %q", ppm, got, want)
		}
	}
}
