package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// NeedsPage is everything that waits for a person.
type NeedsPage struct {
	Operator bool   // the visitor looks after charges, messages and codes
	Total    string // "3 things need you"; empty when nothing does
	Charges  []ChargeItem
	Letters  []LetterItem
	Codes    []CodeItem
	Prints   []PrintItem
	Open     bool // the documents may be opened: they show rates
}

// ChargeItem is a charge that needs a person.
type ChargeItem struct {
	ID      string
	Client  string
	Matter  string
	Invoice string
	Amount  string
	Card    string
	Since   site.When
	Tasks   []TaskItem
	Form    ResolveForm // for the task that is Unknown
}

// TaskItem is one reason why a charge needs a person.
type TaskItem struct {
	Task    string
	Words   string
	Unknown bool // whether it was paid must be said
	Wait    bool // it cannot be ended by a person yet
	Once    string
}

// LetterItem is an effect that could not be carried out.
type LetterItem struct {
	ID      string
	What    string // "Sending an invoice by e-mail"
	Without string // what discarding it means
	Reason  string
	Tries   string
	Since   site.When
	Retry   string // idempotency keys of the two forms
	Discard string
}

// CodeItem is a person whose voice code is locked.
type CodeItem struct{ ID, Name, Once string }

// PrintItem is an invoice to be printed.
type PrintItem struct {
	ID, Number, Client string
	Since              site.When
	Once               string
}

var needsPage = site.NewPage[NeedsPage](files, "templates/needs.html")

func (d Desks) needs(w http.ResponseWriter, r *http.Request) error {
	page, err := d.needsPage(r.Context(), site.Visiting(r))
	if err != nil {
		return err
	}
	return needsPage.Write(w, r, http.StatusOK, "What needs you", page)
}

// needsPage reads what the visitor may act on.
func (d Desks) needsPage(ctx context.Context, v site.Visitor) (p NeedsPage, err error) {
	p.Operator, p.Open = v.May(firm.Operate) == nil, v.May(firm.SeeRates) == nil
	if p.Operator {
		err = d.operations(ctx, v, &p)
	}
	if err == nil && v.May(firm.BillWork) == nil {
		err = d.prints(ctx, v, &p)
	}
	switch n := len(p.Charges) + len(p.Letters) + len(p.Codes) + len(p.Prints); n {
	case 0:
	case 1:
		p.Total = "One thing needs you."
	default:
		p.Total = strconv.Itoa(n) + " things need you."
	}
	return p, err
}

func (d Desks) operations(ctx context.Context, v site.Visitor, p *NeedsPage) error {
	attempts, err := d.Charges.Attention(ctx, v.Caller)
	if err != nil {
		return err
	}
	letters, err := d.Letters.DeadLetters(ctx, v.Caller)
	if err != nil {
		return err
	}
	people, err := d.Codes.LockedCodes(ctx, v.Caller)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		p.Charges = append(p.Charges, d.chargeItem(a, v.Zone()))
	}
	for _, l := range letters {
		p.Letters = append(p.Letters, d.letterItem(l, v.Zone()))
	}
	for _, person := range people {
		p.Codes = append(p.Codes, CodeItem{person.ID, person.Name, d.NewID()})
	}
	return nil
}

func (d Desks) prints(ctx context.Context, v site.Visitor, p *NeedsPage) error {
	queue, err := d.Charges.PrintQueue(ctx, v.Caller)
	for _, q := range queue {
		p.Prints = append(p.Prints, PrintItem{q.Invoice, q.Number, q.Ref.ClientName, site.DayOf(q.Since, v.Zone()), d.NewID()})
	}
	return err
}

func (d Desks) chargeItem(a charging.Attempt, zone *time.Location) ChargeItem {
	item := ChargeItem{
		ID: a.ID, Client: a.Ref.ClientName, Matter: a.Ref.MatterName, Invoice: a.Number,
		Amount: site.Money(a.Request.Amount), Card: cardWords(a.Card), Since: site.At(a.Changed, zone),
		Form: ResolveForm{Once: d.NewID()},
	}
	for _, t := range a.Tasks {
		task := TaskItem{Task: string(t), Words: taskWords[t], Once: d.NewID()}
		task.Unknown = t == charging.TaskUnknown
		task.Wait = t == charging.TaskRefund && a.State == charging.Refunding
		item.Tasks = append(item.Tasks, task)
	}
	return item
}

var taskWords = map[charging.Task]string{
	charging.TaskUnknown:   "The processor’s answer was lost, and it could not be found out since. The card may or may not have been charged.",
	charging.TaskUnapplied: "Money came when the invoice no longer waited for it. It is booked as unapplied: give it back, or apply it to another invoice.",
	charging.TaskDispute:   "The payer’s bank has disputed this payment, or decided about it. Answer on the processor’s own pages. What it took or gave back is booked, and so is the fee.",
	charging.TaskRefund:    "A refund failed, or its outcome could not be found out. Look at the processor’s own pages. Money that came back is booked.",
	charging.TaskElsewhere: "A refund was made on the processor’s own pages. It is booked, and the client owes that much again.",
	charging.TaskContrary:  "The processor now says something else than what was recorded here by hand.",
}

var brands = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
	"diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}

func cardWords(c charging.Card) string {
	if c.Last4 == "" {
		return "the processor’s page"
	}
	brand := brands[c.Brand]
	if brand == "" {
		brand = "Card"
	}
	return brand + " ending " + c.Last4
}

// letterWords says what each kind of effect does, and what it means to drop it.
var letterWords = map[string][2]string{
	charging.KindMail:   {"Sending an invoice by e-mail", "The client will not get this invoice by e-mail. It can still be printed from the list of invoices."},
	firm.KindInvite:     {"Sending an invitation", "The person does not get it. It can be sent again from their page."},
	"mail.reset":        {"Sending a link for a new password", "The person does not get it. They can ask for another."},
	"mail.address":      {"Sending a mail about a changed address", "It does not go out. The change can be asked for again."},
	charging.KindResume: {"Finishing a charge", "Nobody will look at this charge again: it stays as it is now, and money that moved may not be noticed."},
}

func (d Desks) letterItem(l Letter, zone *time.Location) LetterItem {
	words, known := letterWords[l.Kind]
	if !known {
		words = [2]string{"A task of the system (" + l.Kind + ")", "It will never be carried out."}
	}
	return LetterItem{
		ID: l.ID, What: words[0], Without: words[1], Reason: l.Reason,
		Tries: site.Count(l.Attempts, "try", "tries"), Since: site.At(l.Due, zone),
		Retry: d.NewID(), Discard: d.NewID(),
	}
}
