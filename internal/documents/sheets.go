package documents

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/documents/pdf"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Render sets the invoice as a PDF: every line, what is owed, and how to pay or how it was paid.
func (i Invoice) Render() ([]byte, error) { return pdf.Render(i.invoice()) }

// Receipt sets the receipt of the payment as a PDF of one page. Without a payment it is ErrUnpaid.
func (i Invoice) Receipt() ([]byte, error) {
	if i.Payment == nil {
		return nil, ErrUnpaid
	}
	return pdf.Render(i.receipt())
}

// invoice is the sheet of the invoice.
func (i Invoice) invoice() pdf.Sheet {
	s := i.sheet("Invoice", "Invoice "+i.Bill.Number)
	s.Facts = append(s.Facts, pdf.Fact{Label: "Due", Value: i.day(i.Bill.Due)})
	if i.Bill.From != "" {
		s.Facts = append(s.Facts, pdf.Fact{Label: "Services", Value: i.period()})
	}
	s.Columns = []pdf.Column{{Name: "Date", Width: 23}, {Name: "Timekeeper", Width: 24}, {Name: "Description"},
		{Name: "Hours", Width: 14, Right: true}, {Name: "Rate", Width: 20, Right: true}, {Name: "Amount", Width: 24, Right: true}}
	for _, l := range i.Lines {
		s.Rows = append(s.Rows, i.row(l))
	}
	s.Totals = i.totals()
	s.Notes = i.terms()
	switch {
	case i.Bill.State == billing.Voided:
		s.Stamp = pdf.Stamp{Word: "VOID", Text: "This invoice was cancelled. Nothing is owed on it."}
	case i.owed().Minor > 0 && i.PayLink != "":
		s.Link = pdf.Link{Text: "Pay this invoice online", URL: i.PayLink}
	case i.owed().Minor <= 0 && i.Payment != nil:
		s.Stamp = pdf.Stamp{Word: "PAID", Text: "Paid " + i.paidBy() + "."}
	case i.owed().Minor <= 0:
		s.Stamp = pdf.Stamp{Word: "PAID", Text: "Paid in full."}
	}
	return s
}

// receipt is the sheet of the receipt.
func (i Invoice) receipt() pdf.Sheet {
	s := i.sheet("Receipt", "Receipt for invoice "+i.Bill.Number)
	s.Facts = append(s.Facts, pdf.Fact{Label: "Paid on", Value: i.Payment.At.In(i.Firm.zone()).Format("January 2, 2006")},
		pdf.Fact{Label: "Paid by", Value: i.Payment.card()})
	s.Totals = []pdf.Fact{{Label: "Invoice total", Value: i.amount(i.Bill.Total)},
		{Label: "Received", Value: i.amount(i.Payment.Amount), Strong: true},
		{Label: "Still owed on this invoice", Value: i.amount(i.owed())}}
	s.Stamp = pdf.Stamp{Word: "RECEIVED", Text: fmt.Sprintf("%s for invoice %s. Thank you.", i.paidBy(), i.Bill.Number)}
	s.Notes = i.questions()
	return s
}

// sheet is what both documents share. The matter is named, its work is not.
func (i Invoice) sheet(heading, title string) pdf.Sheet {
	return pdf.Sheet{
		Paper: paper(i.Bill.Currency), Lang: i.Firm.Locale, Made: i.Made, Heading: heading, Title: title,
		From: pdf.Party{Name: i.Firm.Name, Lines: slices.Concat(i.Firm.Address, nonEmpty(i.Firm.Contact))},
		To:   pdf.Party{Name: i.Bill.Recipient.Name, Lines: i.Bill.Recipient.Address},
		Facts: []pdf.Fact{{Label: "Invoice", Value: i.Bill.Number, Strong: true},
			{Label: "Date", Value: i.day(i.Bill.Dated)}},
		Subject: subject(i.Bill.Ref.MatterName),
	}
}

func subject(matter string) string {
	if matter == "" {
		return ""
	}
	return "Re: " + matter
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// paper is Letter where it is usual (CLDR's paperSize), by the currency, and A4 elsewhere.
func paper(currency string) pdf.Paper {
	switch currency {
	case "USD", "CAD", "MXN", "COP", "CLP", "CRC", "PHP", "GTQ", "NIO", "PAB", "BZD":
		return pdf.Letter
	}
	return pdf.A4
}

// period is the first and the last day of work.
func (i Invoice) period() string {
	if i.Bill.From == i.Bill.To {
		return i.day(i.Bill.From)
	}
	return shortDay(i.Bill.From) + " – " + shortDay(i.Bill.To)
}

func (i Invoice) row(l billing.Line) []string {
	narrative := l.Narrative
	if strings.TrimSpace(narrative) == "" {
		narrative = "Professional services"
		if l.Kind == billing.Cost {
			narrative = "Expense"
		}
	}
	row := []string{shortDay(l.Day), l.PersonName, narrative, "", "", i.amount(l.Amount)}
	if l.Kind != billing.Cost {
		row[3], row[4] = Hours(l.Billed), i.amount(l.Rate)
	}
	return row
}

func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("Jan 2, 2006")
}

// Hours writes billed seconds so that hours × rate is the amount: in tenths where that is exact ("0.4"), in
// hundredths where those are ("0.25"), and otherwise as a clock does ("0:10", "0:10:05").
func Hours(seconds int64) string {
	hours := big.NewRat(seconds, 3600)
	switch {
	case seconds%360 == 0:
		return hours.FloatString(1)
	case seconds%36 == 0:
		return hours.FloatString(2)
	case seconds%60 == 0:
		return fmt.Sprintf("%d:%02d", seconds/3600, seconds/60%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// totals add up before the reader's eyes: net, tax, total, what was paid, what is due.
func (i Invoice) totals() []pdf.Fact {
	b := i.Bill
	var facts []pdf.Fact
	if !b.Tax.IsZero() || b.TaxName != "" {
		facts = append(facts, pdf.Fact{Label: "Subtotal", Value: i.amount(b.Net)},
			pdf.Fact{Label: taxLabel(b), Value: i.amount(b.Tax)})
	}
	total := pdf.Fact{Label: "Total", Value: i.amount(b.Total), Strong: b.Paid.IsZero()}
	if b.Paid.IsZero() && i.owed().Minor > 0 {
		total.Label = "Total due"
	}
	facts = append(facts, total)
	if !b.Paid.IsZero() {
		facts = append(facts, pdf.Fact{Label: "Paid", Value: i.amount(b.Paid.Neg())})
	}
	if !b.Refunded.IsZero() {
		facts = append(facts, pdf.Fact{Label: "Refunded", Value: i.amount(b.Refunded)})
	}
	if !b.Paid.IsZero() {
		facts = append(facts, pdf.Fact{Label: "Amount due", Value: i.amount(i.owed()), Strong: true})
	}
	return facts
}

// taxLabel is the tax's name and rate, "VAT 8.875%".
func taxLabel(b billing.Bill) string {
	if b.TaxName == "" {
		return "Tax"
	}
	percent := strings.TrimRight(strings.TrimRight(big.NewRat(b.TaxPPM, 10_000).FloatString(4), "0"), ".")
	return b.TaxName + " " + percent + "%"
}

// terms are what the client must know beside the figures. How time was rounded is said, since a fee term that is not
// disclosed is none (ABA 93-379).
func (i Invoice) terms() []string {
	var notes []string
	if i.owed().Minor > 0 {
		notes = append(notes, fmt.Sprintf("Please pay %s by %s, quoting invoice %s.", i.amount(i.owed()), i.day(i.Bill.Due), i.Bill.Number))
	}
	return append(append(notes, i.roundings()...), i.questions()...)
}

// roundings says each way in which the time on the invoice was rounded, once.
func (i Invoice) roundings() (notes []string) {
	for _, l := range i.Lines {
		if l.Kind == billing.Cost {
			continue
		}
		if note := roundingNote(l.Rounding); note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}

func roundingNote(r firm.Rounding) string {
	minutes := fmt.Sprintf("%d minutes", r.Increment/60)
	switch r.Mode {
	case firm.RoundNearest:
		return "Time is billed to the nearest " + minutes + "."
	case firm.RoundUp:
		return "Time is billed in steps of " + minutes + ", rounded up as agreed."
	case firm.RoundDown:
		return "Time is billed in steps of " + minutes + ", rounded down."
	}
	return ""
}

func (i Invoice) questions() []string {
	if i.Firm.Contact == "" {
		return nil
	}
	return []string{"Questions about this invoice? Write to " + i.Firm.Contact + "."}
}
