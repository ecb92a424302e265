package charging

import (
	"context"
	"slices"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Offer is what a charge would do: everything that is read back, and what the confirmation is checked against.
type Offer struct {
	Ref    clients.Ref  `json:"ref"`
	Bill   string       `json:"bill"`  // the draft's or the invoice's id
	Draft  bool         `json:"draft"` // it is issued by the charge
	Number string       `json:"number,omitempty"`
	Total  money.Amount `json:"total"` // what is charged: all that is owed, or the part that was asked for
	Owed   money.Amount `json:"owed"`  // the draft's total, or what is outstanding
	Tax    money.Amount `json:"tax"`
	Card   Card         `json:"card"`
	Firm   string       `json:"firm"` // the firm's name
}

// Part reports whether less is charged than is owed.
func (o Offer) Part() bool { return o.Total.Minor < o.Owed.Minor }

// Choice is returned as an error by Offer when what to charge must be asked.
type Choice struct {
	Ref      clients.Ref
	Draft    *billing.Bill // has lines
	Invoice  *billing.Bill // the oldest open one; both Draft and Invoice: ask which
	Open     int           // open invoices
	Unbilled bool          // there is work to put on the bill first
	Clock    bool          // the caller's clock on the matter runs or is paused
}

func (*Choice) Error() string { return "charging: what is charged must be asked" }

// What picks what is charged when the voice asked.
type What string

// What may be charged. The empty What asks when there is more than one answer.
const (
	ChargeDraft   What = "draft"
	ChargeInvoice What = "invoice"
)

// Wish is what a caller wants charged. The empty Wish is all of what there is, and asks when there is more than one answer.
type Wish struct {
	What What  `json:"what,omitempty"`
	Part *Part `json:"part,omitempty"` // nil: all of it
}

// Part is how much of what is owed is to be charged, in the bill's currency.
type Part struct {
	Minor int64    `json:"minor"`
	In    []string `json:"in,omitempty"` // the bill's currency must be one of these; none: whichever it is
}

// TooMuch is returned as an error by Offer for a part that is more than is owed.
type TooMuch struct {
	Ref  clients.Ref
	What What         // what it was asked of
	Owed money.Amount // all that can be charged
}

func (*TooMuch) Error() string { return "charging: that part is more than is owed" }

// question is an offer's reads: what could be charged, and what forbids it.
type question struct {
	act      *firm.Act
	ref      clients.Ref
	clocks   *timekeeping.ClocksRead
	open     *billing.Open
	unbilled *timekeeping.Unbilled
	card     *store.Record
}

// Offer reads what a charge would do. It changes nothing. At most three trips. Needs Charge.
// Errors: a look-up's; *Choice; *TooMuch and ErrPart for a part that can't be charged; ErrNothingToCharge, ErrNoCard, ErrCeiling, ErrLimit; billing.ErrHeld while a payment
// of it is under way that does not wait for the payer, billing.ErrOnHold, billing.ErrAdding, billing.ErrUnapproved; firm.ErrForbidden.
func (d *Charges) Offer(ctx context.Context, c firm.Caller, s clients.Spoken, want Wish) (o Offer, err error) {
	defer fault.Wrap(&err, "charging: offer")
	q, err := d.ask(ctx, c, s, firm.Charge)
	if err != nil {
		return Offer{}, err
	}
	b, err := q.choose(want.What)
	if err != nil {
		return Offer{}, err
	}
	if o, err = offerOf(q.act.Firm, b).of(want); err != nil {
		return Offer{}, err
	}
	auth, err := decodeAuthorisation(*q.card)
	if err != nil {
		return Offer{}, err
	}
	if err := allowed(q.act, b, auth, o.Total); err != nil {
		return Offer{}, err
	}
	o.Card = auth.Card
	return o, d.free(ctx, q.act, b)
}

// ask reads what an offer is about: the name in the first trip, the money in the second.
func (d *Charges) ask(ctx context.Context, c firm.Caller, s clients.Spoken, needs firm.Permission) (*question, error) {
	act := d.House.Begin(c, firm.Action{})
	find := d.Directory.Find(act, s)
	q := &question{act: act, clocks: d.Billing.Timesheets.ReadClocks(act)}
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(needs); err != nil {
		return nil, err
	}
	var err error
	if q.ref, err = find.Answer(); err != nil {
		return nil, err
	}
	q.open = d.Billing.ReadOpen(act, q.ref.Matter)
	q.unbilled = d.Billing.Timesheets.ReadUnbilled(act, q.ref.Matter, "")
	q.card = act.Batch.Get(authorisationKey(act.Batch.View(), q.ref.Client))
	return q, act.Run(ctx)
}

// choose picks the draft or the oldest open invoice, or says what must be asked.
func (q *question) choose(what What) (billing.Bill, error) {
	ask := &Choice{Ref: q.ref, Unbilled: q.unbilled.Any()}
	clock, err := q.clocks.On(q.ref.Matter)
	if err != nil {
		return billing.Bill{}, err
	}
	ask.Clock = clock != nil
	if ask.Draft, err = q.open.Draft(); err != nil {
		return billing.Bill{}, err
	}
	if ask.Invoice, ask.Open, err = q.open.Oldest(); err != nil {
		return billing.Bill{}, err
	}
	switch {
	case what == ChargeDraft && ask.Draft != nil:
		return *ask.Draft, nil
	case what == ChargeInvoice && ask.Invoice != nil:
		return *ask.Invoice, nil
	case what != "":
		return billing.Bill{}, ErrNothingToCharge
	case ask.Draft != nil && ask.Invoice != nil, ask.Unbilled, ask.Clock:
		return billing.Bill{}, ask
	case ask.Draft != nil:
		return *ask.Draft, nil
	case ask.Invoice != nil:
		return *ask.Invoice, nil
	}
	return billing.Bill{}, ErrNothingToCharge
}

// free demands that no payment of the bill is under way, unless it waits for the payer: that one is cancelled before
// a new one begins.
func (d *Charges) free(ctx context.Context, act *firm.Act, b billing.Bill) error {
	if b.Hold == "" {
		return nil
	}
	held := act.Batch.Get(attemptKey(act.Batch.View(), b.Hold))
	if err := act.Run(ctx); err != nil {
		return err
	}
	var a Attempt
	if err := store.Decode(*held, &a); err != nil {
		return err
	}
	if a.State != AwaitingPayer {
		return billing.ErrHeld
	}
	return nil
}

func offerOf(f firm.Firm, b billing.Bill) Offer {
	o := Offer{Ref: b.Ref, Bill: b.ID, Draft: b.State == billing.Draft, Number: b.Number, Tax: b.Tax, Firm: f.Name}
	o.Owed = b.Outstanding()
	if o.Draft {
		o.Owed = b.Total
	}
	o.Total = o.Owed
	return o
}

// of returns the offer of the part that is wanted. What is left of the invoice stays open. Errors: *TooMuch; ErrPart
// for a part that is nothing, less, or in another currency.
func (o Offer) of(want Wish) (Offer, error) {
	part := want.Part
	switch {
	case part == nil, o.Owed.Minor <= 0: // of nothing there is no part
		return o, nil
	case part.Minor <= 0, len(part.In) > 0 && !slices.Contains(part.In, o.Owed.Currency):
		return o, ErrPart
	case part.Minor > o.Owed.Minor:
		what := ChargeInvoice
		if o.Draft {
			what = ChargeDraft
		}
		return o, &TooMuch{Ref: o.Ref, What: what, Owed: o.Owed}
	}
	o.Total.Minor = part.Minor
	return o, nil
}

// allowed says whether the caller may charge a total of a bill under an authorisation.
func allowed(act *firm.Act, b billing.Bill, auth Authorisation, total money.Amount) error {
	if err := ready(act, b, total); err != nil {
		return err
	}
	switch {
	case auth.Method == "" || !auth.Revoked.IsZero():
		return ErrNoCard
	case act.Caller.Channel == firm.ByVoice && above(total, act.Person.Limit):
		return ErrLimit
	case above(total, auth.Ceiling):
		return ErrCeiling
	}
	return nil
}

// ready says whether a bill, of which a total is owed, may go to the client.
func ready(act *firm.Act, b billing.Bill, total money.Amount) error {
	switch {
	case total.Minor <= 0:
		return ErrNothingToCharge
	case b.OnHold:
		return billing.ErrOnHold
	case b.Disputed:
		return billing.ErrDisputed
	case b.Adding != "":
		return billing.ErrAdding
	case b.State == billing.Draft && act.Firm.Voice.ApproveFirst && !b.Approved:
		return billing.ErrUnapproved
	}
	return nil
}

// above reports whether an amount is more than a limit, or can't be compared with it. A limit of zero is none.
func above(a, limit money.Amount) bool {
	if limit.IsZero() {
		return false
	}
	cmp, err := a.Cmp(limit)
	return err != nil || cmp > 0
}
