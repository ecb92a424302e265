package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Links opens the links that payers hold: token.Signer.
type Links interface {
	// OpenPay returns the firm and the invoice of a pay token. Errors: fault.Unauthenticated for any other text.
	OpenPay(token string) (firmID, invoice string, err error)
}

// Payments is what a payer sees and may do: charging.Charges.
type Payments interface {
	// PayView returns what may be shown of an invoice to whoever holds its link. Errors: fault.Missing.
	PayView(ctx context.Context, firmID, invoice string) (charging.PayView, error)
	// OpenPage returns the processor's page for what is outstanding; the payer comes back to the address back.
	// Errors: fault.State when there is nothing to pay now; fault.Busy.
	OpenPage(ctx context.Context, c firm.Caller, invoice, back string) (address string, err error)
}

// PayPage is the payer's page.
type PayPage struct {
	Firm   string
	Number string
	Amount string
	Open   bool
	Busy   bool
	Paid   bool
	Back   bool   // the payer has just come back from the processor's page
	Self   string // the address of this page, for the form and for looking again
}

// NoPayPage is shown for every link that opens nothing, whatever the reason.
type NoPayPage struct{}

var (
	payPage   = site.NewPage[PayPage](files, "templates/pay.html")
	noPayPage = site.NewPage[NoPayPage](files, "templates/nopay.html")
)

type payer struct{ Config }

// show is the payer's page. It is a pure read of ours: looking at it starts no payment.
func (p payer) show(w http.ResponseWriter, r *http.Request) error {
	firmID, invoice, err := p.Links.OpenPay(r.PathValue("token"))
	if err != nil {
		return noPayment(w, r, err)
	}
	view, err := p.Payments.PayView(r.Context(), firmID, invoice)
	if err != nil {
		return noPayment(w, r, err)
	}
	page := PayPage{
		Firm: view.Firm, Number: view.Number, Amount: site.Money(view.Amount),
		Open: view.State == charging.PayOpen, Busy: view.State == charging.PayProcessing, Paid: view.State == charging.PayPaid,
		Back: r.URL.Query().Has("back"), Self: r.URL.EscapedPath(),
	}
	return payPage.Write(w, r, http.StatusOK, "Invoice "+view.Number+" from "+view.Firm, page)
}

// pay sends the payer to the processor's page. When there is nothing to pay any more, the payer's page says so.
func (p payer) pay(w http.ResponseWriter, r *http.Request) error {
	firmID, invoice, err := p.Links.OpenPay(r.PathValue("token"))
	if err != nil {
		return noPayment(w, r, err)
	}
	self := r.URL.EscapedPath()
	back := p.Base.ResolveReference(&url.URL{Path: r.URL.Path, RawQuery: "back"}).String()
	page, err := p.Payments.OpenPage(r.Context(), firm.Payer(firmID, site.RequestID(r)), invoice, back)
	switch {
	case fault.KindOf(err) == fault.State:
		http.Redirect(w, r, self, http.StatusSeeOther)
		return nil
	case err != nil:
		return noPayment(w, r, err)
	case !p.processors(page):
		return fmt.Errorf("pay: the processor's page is on an origin that is not one of PayOrigins")
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
	return nil
}

// processors reports whether an address is on one of the processor's origins.
func (p payer) processors(page string) bool {
	u, err := url.Parse(page)
	return err == nil && u.User == nil && slices.Contains(p.PayOrigins, u.Scheme+"://"+u.Host)
}

// noPayment answers a link that opens nothing with one page, so that a forged link learns nothing; what broke on our
// side stays an error.
func noPayment(w http.ResponseWriter, r *http.Request, err error) error {
	switch fault.KindOf(err) {
	case fault.Missing, fault.Unauthenticated, fault.Invalid, fault.Forbidden:
		return noPayPage.Write(w, r, http.StatusNotFound, "Payment link", NoPayPage{})
	}
	return err
}
