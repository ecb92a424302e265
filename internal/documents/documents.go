// Package documents is what an invoice and a receipt look like to the client who gets them: as a file, and as the
// words of the e-mail that carries it. It reads bills and says them; it decides nothing about money.
//
// A Source reads an invoice as plain data; Render and Receipt set it in type; Text and Subject are the e-mail, which
// says no more than who wants how much: the detail is in the file only.
package documents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/money/written"
)

// Invoice is an invoice as its reader sees it.
type Invoice struct {
	Firm    Firm
	Bill    billing.Bill
	Lines   []billing.Line
	PayLink string    // where it can be paid online; empty: nowhere
	Payment *Payment  // what has been paid with a card; nil: nothing
	Made    time.Time // the moment the document shows; fixed, so that it renders to the same bytes again
}

// Firm is who the invoice is from.
type Firm struct {
	Name     string
	Address  []string
	Contact  string // an e-mail address for questions
	Location *time.Location
	Locale   string // how numbers and dates are written, "en-US"
}

// Payment is a payment that was made.
type Payment struct {
	Amount money.Amount
	Brand  string // as the processor writes it: "visa"
	Last4  string
	At     time.Time
}

// Locale is how documents are written until firms can choose.
const Locale = "en-US"

// Source reads what documents show.
type Source struct {
	House   *firm.House
	Billing *billing.Desk
}

// Build reads an issued invoice. payLink may be empty and payment nil. Needs SeeRates: a line shows what an hour
// costs. Errors: billing.ErrNoBill.
func (s *Source) Build(ctx context.Context, c firm.Caller, bill, payLink string, payment *Payment) (_ Invoice, err error) {
	defer fault.Wrap(&err, "documents: read invoice %s", bill)
	a := s.House.Begin(c, firm.Action{})
	if err := a.Run(ctx); err != nil {
		return Invoice{}, err
	}
	if err := a.May(firm.SeeRates); err != nil {
		return Invoice{}, err
	}
	b, err := s.Billing.Get(ctx, c, bill)
	if err != nil {
		return Invoice{}, err
	}
	lines, err := s.Billing.Lines(ctx, c, bill)
	if err != nil {
		return Invoice{}, err
	}
	// By day, whatever order they were added in.
	slices.SortStableFunc(lines, func(a, b billing.Line) int { return strings.Compare(a.Day, b.Day) })
	made := b.Issued
	if payment != nil {
		made = payment.At
	}
	from := Firm{Name: a.Firm.Name, Contact: a.Firm.Mail.ReplyTo, Location: a.Firm.Location(), Locale: Locale}
	return Invoice{Firm: from, Bill: b, Lines: lines, PayLink: payLink, Payment: payment, Made: made}, nil
}

// Subject is the subject of the e-mail that carries the invoice.
func (i Invoice) Subject() string {
	return fmt.Sprintf("Invoice %s from %s", i.Bill.Number, i.Firm.Name)
}

// Text is the body of the e-mail: the firm, the number, the amount and where to pay. No narrative, no matter: mail is
// read by more eyes than its reader's.
func (i Invoice) Text() string {
	var b strings.Builder
	if name := i.Bill.Recipient.Name; name != "" {
		fmt.Fprintf(&b, "%s\n\n", name)
	}
	switch owed := i.owed(); {
	case i.Payment != nil && owed.Minor <= 0:
		fmt.Fprintf(&b, "Thank you. Invoice %s for %s is paid: %s.\nThe invoice and the receipt are attached.\n",
			i.Bill.Number, i.amount(i.Bill.Total), i.paidBy())
	case owed.Minor <= 0:
		fmt.Fprintf(&b, "Invoice %s for %s is attached. Nothing is due.\n", i.Bill.Number, i.amount(i.Bill.Total))
	default:
		if i.Payment != nil {
			fmt.Fprintf(&b, "Thank you. We received %s.\n", i.paidBy())
		}
		fmt.Fprintf(&b, "Invoice %s is attached. %s is due by %s.\n", i.Bill.Number, i.amount(owed), i.day(i.Bill.Due))
		if i.PayLink != "" {
			fmt.Fprintf(&b, "\nPay online: %s\n", i.PayLink)
		}
	}
	if i.Firm.Contact != "" {
		fmt.Fprintf(&b, "\nQuestions? Write to %s.\n", i.Firm.Contact)
	}
	fmt.Fprintf(&b, "\n%s\n", i.Firm.Name)
	return b.String()
}

// owed is what is still to be paid.
func (i Invoice) owed() money.Amount { return i.Bill.Outstanding() }

// amount writes an amount as the firm's readers do.
func (i Invoice) amount(a money.Amount) string { return written.Amount(a, i.Firm.Locale) }

// day writes a day, YYYY-MM-DD, as the firm's readers do.
func (i Invoice) day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("January 2, 2006")
}

// paidBy says how and when the payment was made.
func (i Invoice) paidBy() string {
	day := i.Payment.At.In(i.Firm.zone()).Format("January 2, 2006")
	return fmt.Sprintf("%s by %s on %s", i.amount(i.Payment.Amount), i.Payment.card(), day)
}

func (f Firm) zone() *time.Location {
	if f.Location == nil {
		return time.UTC
	}
	return f.Location
}

// card names the card as a payer knows it: "Visa ending 4242".
func (p Payment) card() string {
	brand, ok := brands[p.Brand]
	if !ok {
		brand = "Card"
	}
	if p.Last4 == "" {
		return strings.ToLower(brand[:1]) + brand[1:]
	}
	return brand + " ending " + p.Last4
}

// brands are the processor's names for cards, and theirs.
var brands = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
	"diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay", "eftpos_au": "eftpos", "cartes_bancaires": "Cartes Bancaires",
}

// ErrUnpaid is for a receipt of nothing.
var ErrUnpaid = fault.New(fault.State, "document.unpaid", "Nothing has been paid yet, so there is no receipt.")
