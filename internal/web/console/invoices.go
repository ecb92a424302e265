package console

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// InvoicesPage is the invoices of one month, newest first.
type InvoicesPage struct {
	Month   string // "March 2026"
	Before  string // address of the month before
	After   string // address of the month after; empty for the month that runs
	List    []InvoiceItem
	Further string // address of what did not fit
	Open    bool   // the documents may be opened: they show rates
}

// InvoiceItem is one invoice in the list.
type InvoiceItem struct {
	ID, Number, Client, Total, Owed string
	Day                             site.When
	State                           Tag
	Pay                             string // address under which the client can pay it; empty when there is nothing to pay
}

// Tag is a state in one word, and how it should look.
type Tag struct {
	Text string
	Tone string // "good", "warn", "bad" or empty
}

var invoicesPage = site.NewPage[InvoicesPage](files, "templates/invoices.html")

// invoices lists a month's invoices. A month that is none is the one that runs.
func (d Desks) invoices(w http.ResponseWriter, r *http.Request) error {
	v, q := site.Visiting(r), r.URL.Query()
	now := d.Now().In(v.Firm.Location())
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	month, err := time.Parse("2006-01", q.Get("month"))
	if err != nil || month.After(first) {
		month = first
	}
	list, next, err := d.Invoices.List(r.Context(), v.Caller, month.Format("2006-01"), q.Get("from"))
	if err != nil {
		return err
	}
	page := InvoicesPage{Month: month.Format("January 2006"), Before: monthPath(month.AddDate(0, -1, 0), ""), Open: v.May(firm.SeeRates) == nil}
	if month.Before(first) {
		page.After = monthPath(month.AddDate(0, 1, 0), "")
	}
	if next != "" {
		page.Further = monthPath(month, next)
	}
	for _, b := range list {
		item := invoiceItem(b, now.Format(time.DateOnly))
		if b.Outstanding().Minor > 0 && !b.Disputed {
			item.Pay = d.PayLink(v.Firm.ID, b.ID)
		}
		page.List = append(page.List, item)
	}
	return invoicesPage.Write(w, r, http.StatusOK, "Invoices", page)
}

func monthPath(month time.Time, cursor string) string {
	q := url.Values{"month": {month.Format("2006-01")}}
	if cursor != "" {
		q.Set("from", cursor)
	}
	return "/console/invoices?" + q.Encode()
}

func invoiceItem(b billing.Bill, today string) InvoiceItem {
	item := InvoiceItem{
		ID: b.ID, Number: b.Number, Client: b.Recipient.Name, Total: site.Money(b.Total),
		Day: site.Day(b.Dated), State: stateTag(b, today),
	}
	if item.Client == "" {
		item.Client = b.Ref.ClientName
	}
	if b.State == billing.PartPaid {
		item.Owed = site.Money(b.Outstanding()) + " still owed"
	}
	return item
}

// stateTag says how an invoice stands; overdue is computed for today, never stored.
func stateTag(b billing.Bill, today string) Tag {
	switch {
	case b.Disputed:
		return Tag{"in dispute", "bad"}
	case b.Hold != "":
		return Tag{"payment under way", "warn"}
	case b.Overdue(today):
		return Tag{"overdue", "bad"}
	case b.State == billing.Paid:
		return Tag{"paid", "good"}
	case b.State == billing.PartPaid:
		return Tag{"part paid", "warn"}
	case b.State == billing.Voided:
		return Tag{"void", ""}
	}
	return Tag{"issued", ""}
}

// invoicePDF shows the stored document, byte for byte as it was sent.
func (d Desks) invoicePDF(w http.ResponseWriter, r *http.Request) error {
	pdf, err := d.Documents.Invoice(r.Context(), site.Visiting(r).Caller, r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="invoice.pdf"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(pdf)))
	_, _ = w.Write(pdf)
	return nil
}
