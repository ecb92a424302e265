// Package console is the firm's own pages: what needs a person, the invoices, the ledger. A page reads through one
// domain method for each of its parts, and an act is one form: it is posted, carried out, and answered by a redirect
// to a page that says what was done.
//
// The way in is Routes; what the pages need of the domain is in Desks.
package console

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

//go:embed templates/*.html
var files embed.FS

// Desks is what the console needs of the domain. Everything is required.
type Desks struct {
	Charges   Charges
	Letters   Letters
	Codes     Codes
	People    People
	Addresses Addresses
	Factors   Factors
	Clients   Clients
	Invoices  Invoices
	Ledger    Ledger
	Documents Documents
	PayLink   func(firmID, invoice string) string // the address under which a client can pay an invoice
	Now       func() time.Time                    // UTC
	NewID     func() string                       // the idempotency key of a form
}

// Charges is what needs a person among the charges, and the paid invoices that wait to be printed:
// charging.Charges.
type Charges interface {
	Attention(ctx context.Context, c firm.Caller) ([]charging.Attempt, error)
	Resolve(ctx context.Context, c firm.Caller, attempt string, paid bool, reference string) error
	Done(ctx context.Context, c firm.Caller, attempt string, task charging.Task) error
	PrintQueue(ctx context.Context, c firm.Caller) ([]charging.Printable, error)
	Printed(ctx context.Context, c firm.Caller, invoice string) error
}

// Letters is the effects that could not be carried out. Its methods need firm.Operate.
type Letters interface {
	// DeadLetters lists them, oldest first.
	DeadLetters(ctx context.Context, c firm.Caller) ([]Letter, error)
	// RetryLetter gives one its tries back and makes it due now. Errors: fault.Missing.
	RetryLetter(ctx context.Context, c firm.Caller, id string) error
	// DiscardLetter drops one for good. Errors: fault.Missing.
	DiscardLetter(ctx context.Context, c firm.Caller, id string) error
}

// Letter is an effect that kept failing until it was given to a person.
type Letter struct {
	ID       string
	Kind     string // as the outbox names it: "mail.invoice"
	Reason   string // the code or class of the last failure, never content
	Attempts int
	Due      time.Time // when it should have been carried out last, UTC
}

// Codes is the voice codes: firm.House.
type Codes interface {
	LockedCodes(ctx context.Context, c firm.Caller) ([]firm.Person, error)
	ResetCode(ctx context.Context, c firm.Caller, person string) error
}

// Invoices is the firm's invoices by month: billing.Desk.
type Invoices interface {
	List(ctx context.Context, c firm.Caller, month, cursor string) (list []billing.Bill, next string, err error)
}

// Ledger is the firm's books: ledger.Books.
type Ledger interface {
	Balances(ctx context.Context, c firm.Caller) (map[ledger.Account]money.Amount, error)
}

// Documents is the stored documents.
type Documents interface {
	// Invoice returns the PDF of an invoice as it was sent. Needs firm.SeeRates. Errors: fault.Missing.
	Invoice(ctx context.Context, c firm.Caller, id string) (pdf []byte, err error)
}

// Nav is the console's navigation.
var Nav = []site.Link{
	{Text: "Needs you", Href: "/console/"},
	{Text: "Clients", Href: "/console/clients"},
	{Text: "Invoices", Href: "/console/invoices"},
	{Text: "Ledger", Href: "/console/ledger"},
	{Text: "People", Href: "/console/people", Needs: firm.Manage},
	{Text: "Firm", Href: "/console/firm", Needs: firm.Manage},
}

// Routes is every page and act of the console.
func Routes(d Desks) []site.Route {
	get := func(path string, h site.Handler, needs firm.Permission) site.Route {
		return site.Route{Method: "GET", Path: path, Who: site.Member, Needs: needs, Serve: h}
	}
	post := func(path string, h site.Handler, needs firm.Permission) site.Route {
		return site.Route{Method: "POST", Path: path, Who: site.Member, Needs: needs, Serve: h}
	}
	// Who has access, and to what, what is charged and what is booked: that is decided by somebody who has just proven
	// who they are.
	fresh := func(r site.Route, form string) site.Route {
		r.Fresh, r.Form = true, form
		return r
	}
	return []site.Route{
		get("/console/{$}", d.needs, ""),
		fresh(post("/console/charges/{attempt}/resolve", d.resolve, firm.Operate), "/console/{$}"),
		post("/console/charges/{attempt}/done", d.taskDone, firm.Operate),
		post("/console/letters/{id}/retry", d.retryLetter, firm.Operate),
		fresh(post("/console/letters/{id}/discard", d.discardLetter, firm.Operate), "/console/{$}"),
		fresh(post("/console/codes/{person}/reset", d.resetCode, firm.Operate), "/console/{$}"),
		post("/console/print/{invoice}/done", d.printed, firm.BillWork),
		get("/console/clients", d.clients, firm.See),
		get("/console/clients/{client}", d.client, firm.See),
		get("/console/clients/{client}/matters/{matter}", d.matter, firm.See),
		fresh(post("/console/clients/{client}/matters/{matter}/screen", d.screen, firm.Manage), "/console/clients/{client}/matters/{matter}"),
		get("/console/invoices", d.invoices, firm.See),
		get("/console/invoices/{id}/pdf", d.invoicePDF, firm.SeeRates),
		get("/console/ledger", d.ledger, firm.See),
		get("/console/people", d.people, firm.Manage),
		fresh(post("/console/people/invite", d.invite, firm.Manage), "/console/people"),
		get("/console/people/{person}", d.person, firm.Manage),
		fresh(post("/console/people/{person}", d.changePerson, firm.Manage), ""),
		fresh(post("/console/people/{person}/deactivate", d.deactivate, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/activate", d.activate, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/address", d.changeAddress, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/factors", d.clearFactors, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/reinvite", d.reinvite, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/withdraw", d.withdraw, firm.Manage), "/console/people/{person}"),
		fresh(post("/console/people/{person}/code", d.unlockCode, firm.Operate), "/console/people/{person}"),
		get("/console/firm", d.settings, firm.Manage),
		fresh(post("/console/firm", d.changeSettings, firm.Manage), ""),
	}
}

// Valid says what is missing.
func (d Desks) Valid() error {
	for name, missing := range map[string]bool{
		"Charges": d.Charges == nil, "Letters": d.Letters == nil, "Codes": d.Codes == nil,
		"People": d.People == nil, "Addresses": d.Addresses == nil, "Factors": d.Factors == nil,
		"Clients": d.Clients == nil, "Invoices": d.Invoices == nil, "Ledger": d.Ledger == nil,
		"Documents": d.Documents == nil, "Now": d.Now == nil, "NewID": d.NewID == nil,
	} {
		if missing {
			return fmt.Errorf("console: %s is required", name)
		}
	}
	return nil
}
