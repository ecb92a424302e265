package charging

import (
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

const (
	// pageLife is how long a page for paying stays open.
	pageLife = time.Hour
	// pageLeft is how much of it must be left for a page to be handed out again.
	pageLeft = 10 * time.Minute
)

// OpenPage returns the address of the processor's page on which a payer pays what is outstanding on an invoice: the
// one that is open, or a new one. The page is an attempt and holds the invoice; an earlier payment that waits for the
// payer is cancelled first. The caller is firm.Payer, whom a pay link proved, or a person who may Charge.
// Errors: ErrNoPayment (settled, void, on hold, or a payment is under way), ErrNoProcessor, ErrLater, billing.ErrNoBill.
func (d *Charges) OpenPage(ctx context.Context, c firm.Caller, invoice, back string) (address string, err error) {
	defer fault.Wrap(&err, "charging: page")
	p, err := d.Processor(ctx, c.Firm)
	if err != nil {
		return "", err
	}
	b, err := d.Billing.Get(ctx, c, invoice)
	if err != nil {
		return "", err
	}
	if b.Hold != "" {
		address, err := d.held(ctx, p, c.Firm, b.Hold)
		if err != nil || address != "" {
			return address, err
		}
	}
	made := d.House.NewID()
	a, err := d.placePage(ctx, c, b, back, made)
	if err != nil {
		return "", err
	}
	if a.ID != made { // the same request again
		if a, err = d.attempt(ctx, c, a.ID); err != nil {
			return "", err
		}
		return d.handOut(a)
	}
	return d.handOut(d.finish(ctx, p, c.Firm, a))
}

// handOut gives a page's address away only when the attempt that waits for it is committed.
func (d *Charges) handOut(a Attempt) (string, error) {
	switch {
	case a.State == AwaitingPayer && a.PageURL != "":
		return a.PageURL, nil
	case a.took():
		return "", ErrNoPayment
	}
	return "", ErrLater
}

// held returns the address of the page that holds an invoice, if it stays open long enough; else it is cancelled.
func (d *Charges) held(ctx context.Context, p Processor, firmID, attempt string) (string, error) {
	a, err := d.attempt(ctx, firm.System(firmID, ""), attempt)
	if err != nil {
		return "", err
	}
	if a.State == AwaitingPayer && a.PageURL != "" && d.House.Now().Add(pageLeft).Before(a.PageEnds) {
		return a.PageURL, nil
	}
	err = d.cancel(ctx, p, firmID, attempt)
	if errors.Is(err, billing.ErrHeld) || errors.Is(err, billing.ErrSettled) {
		return "", ErrNoPayment.Because(err)
	}
	return "", err
}

// placePage makes a page's attempt: one trip and one commit.
func (d *Charges) placePage(ctx context.Context, c firm.Caller, known billing.Bill, back, made string) (a Attempt, err error) {
	err = d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "charge.page", Input: known.ID})
		reading := d.Billing.ReadBill(act, known.Ref, known.ID)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&a); done {
			return err
		}
		if err := act.May(firm.Charge); err != nil && c.Channel != firm.ByPayer {
			return err
		}
		b, ops, err := payable(act, reading, made)
		if err != nil {
			return err
		}
		due := b.Outstanding()
		page := PageRequest{Key: made, Amount: due, Return: back, Expires: act.Now.Add(pageLife)}
		var more []store.Op
		a, more = d.begin(act, Attempt{ID: made, By: act.Person.ID, Page: &page,
			Request: ChargeRequest{Key: made, Amount: due, Created: act.Now}}, b)
		return act.Commit(ctx, a, firm.Entry{Subject: "attempt/" + a.ID, Before: due, After: noted(a, evAsked)}, append(ops, more...)...)
	})
	return a, err
}

func payable(act *firm.Act, reading *billing.Reading, attempt string) (billing.Bill, []store.Op, error) {
	b, err := reading.Bill()
	if err == nil {
		err = refusedPage(b)
	}
	if err != nil {
		return b, nil, err
	}
	b, ops, err := reading.Hold(act, attempt)
	if errors.Is(err, billing.ErrHeld) || errors.Is(err, billing.ErrSettled) {
		err = ErrNoPayment.Because(err)
	}
	return b, ops, err
}

// refusedPage says whether the firm takes no payment for a bill.
func refusedPage(b billing.Bill) error {
	if b.OnHold || b.Disputed || b.State == billing.Voided {
		return ErrNoPayment
	}
	return nil
}

// PayView is what a payer may see of an invoice: no client, no matter, no line.
type PayView struct {
	Firm   string // the firm's name
	Number string
	Amount money.Amount // what is outstanding; of a paid invoice, what was paid
	State  PayState
}

// PayState is how an invoice stands towards its payer.
type PayState string

// Pay states.
const (
	PayOpen       PayState = "open"       // may be paid
	PayProcessing PayState = "processing" // a payment is under way, and its outcome is not known yet
	PayPaid       PayState = "paid"
	PayClosed     PayState = "closed" // void, or held back
)

// PayView returns what may be shown of an invoice to whoever holds its link. A page that is open is asked about at the
// processor first, so that a payer who comes back sees what they did. Errors: billing.ErrNoBill.
func (d *Charges) PayView(ctx context.Context, firmID, invoice string) (v PayView, err error) {
	defer fault.Wrap(&err, "charging: payer's view")
	c := firm.Payer(firmID, "")
	act := d.House.Begin(c, firm.Action{})
	if err := act.Run(ctx); err != nil {
		return PayView{}, err
	}
	b, err := d.Billing.Get(ctx, c, invoice)
	if err != nil {
		return PayView{}, err
	}
	var a Attempt
	if b.Hold != "" {
		if a, err = d.attempt(ctx, c, b.Hold); err != nil {
			return PayView{}, err
		}
		if after, err := d.look(ctx, firmID, a); err == nil { // what can't be asked is shown as it is known
			a = after
		}
		if b, err = d.Billing.Get(ctx, c, invoice); err != nil {
			return PayView{}, err
		}
	}
	v = PayView{Firm: act.Firm.Name, Number: b.Number, Amount: b.Outstanding(), State: PayOpen}
	switch {
	case b.State == billing.Paid:
		v.State, v.Amount = PayPaid, b.Paid
	case b.State == billing.Voided, b.OnHold, b.Disputed:
		v.State = PayClosed
	case b.Hold != "" && a.State != AwaitingPayer:
		v.State = PayProcessing
	}
	return v, nil
}

// look asks the processor about an attempt that waits for the payer.
func (d *Charges) look(ctx context.Context, firmID string, a Attempt) (Attempt, error) {
	if a.State != AwaitingPayer {
		return a, nil
	}
	p, err := d.Processor(ctx, firmID)
	if err != nil {
		return a, err
	}
	return d.drive(ctx, p, a, d.system(firmID, d.call(ctx, p, a, doFetch)))
}
