package charging

import (
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Receipt is what became of a charge.
type Receipt struct {
	Ref     clients.Ref   `json:"ref"`
	Attempt string        `json:"attempt"`
	Invoice string        `json:"invoice"`
	Number  string        `json:"number"`
	Amount  money.Amount  `json:"amount"`
	Left    money.Amount  `json:"left"`  // of the invoice, open after this
	State   State         `json:"state"` // Charged, Refused, AwaitingPayer, Uncertain (still being processed), or Lapsed
	Reason  Reason        `json:"reason,omitempty"`
	Card    Card          `json:"card"`
	Mailed  bool          `json:"mailed"` // the invoice goes out by e-mail; false when paid: there is no address, it is in the print queue
	Hold    time.Duration `json:"hold"`   // how long the mail can still be stopped
}

// placed is what the first commit of a confirmation did, and what a repeated request is answered from.
type placed struct {
	Attempt Attempt `json:"attempt,omitzero"` // as it was made
	Wrong   bool    `json:"wrong,omitempty"`
	Left    int     `json:"left,omitempty"`
}

// Confirm charges what was offered, after "yes", with the person's code. Everything is re-read; if it is not what
// was offered, nothing happens and ErrChanged is returned. In one commit: the code's outcome, the number and invoice
// (for a draft), its postings, the attempt, and the message that finishes what is left. Then the processor is called
// and the outcome is committed: the invoice settled, the mail let go. Three trips and the processor: what the outcome
// changes is read while the processor is being called. All but the last commit is done under Deadline, whatever hangs.
//
// The answer is what was committed, else that it is still being processed; it is never a guess. A repeated request
// returns the same receipt and sends nothing.
// Errors: firm.ErrCodeLocked, ErrCodeUnset, ErrCodeDigits; *firm.WrongCode; ErrChanged; billing.ErrSettled; ErrLater when an
// earlier payment that waits for the payer can't be cancelled; and those of Offer.
func (d *Charges) Confirm(ctx context.Context, c firm.Caller, offer Offer, code string) (r Receipt, err error) {
	defer fault.Wrap(&err, "charging: confirm")
	ctx, cancel := context.WithTimeout(ctx, d.deadline())
	defer cancel()
	p, err := d.Processor(ctx, c.Firm)
	if err != nil {
		return Receipt{}, err
	}
	made := d.House.NewID()
	act, done, err := d.place(ctx, c, offer, code, made)
	var held holder
	if errors.As(err, &held) {
		if err := d.cancel(ctx, p, c.Firm, string(held)); err != nil {
			return Receipt{}, err
		}
		act, done, err = d.place(ctx, c, offer, code, made)
	}
	switch {
	case err != nil:
		return Receipt{}, err
	case done.Wrong && done.Left == 0:
		return Receipt{}, firm.ErrCodeLocked
	case done.Wrong:
		return Receipt{}, &firm.WrongCode{Left: done.Left}
	}
	after := done.Attempt
	if after.ID == made {
		after = d.finish(ctx, p, c.Firm, after)
	} else if after, err = d.attempt(ctx, c, after.ID); err != nil {
		return Receipt{}, err
	}
	return after.receipt(act.Firm.Mail.Hold), nil
}

// holder is the attempt that holds the invoice: an error inside this package.
type holder string

func (holder) Error() string { return billing.ErrHeld.Error() }
func (holder) Unwrap() error { return billing.ErrHeld }

// place makes the attempt, or records the wrong code: all reads in one trip, one commit.
func (d *Charges) place(ctx context.Context, c firm.Caller, offer Offer, code, made string) (act *firm.Act, done placed, err error) {
	if !part(offer.Bill) || !part(offer.Ref.Client) || !part(offer.Ref.Matter) {
		return nil, placed{}, ErrChanged
	}
	err = d.House.Retry(ctx, func() error {
		s := d.reread(c, offer, firm.Action{Name: "charge.confirm", Input: offer})
		act = s.act
		if err := act.Run(ctx); err != nil {
			return err
		}
		if ok, err := act.Done(&done); ok {
			return err
		}
		done, err = d.placeOnce(ctx, s, offer, code, made)
		return err
	})
	return act, done, err
}

// reading is a confirmation's reads.
type reading struct {
	act  *firm.Act
	code *firm.CodeRead
	pair *clients.Pair
	bill *billing.Reading
	card *store.Record
}

// reread begins the act that an offer leads to. A code is no part of its input: a repeated request is known by what it
// charges.
func (d *Charges) reread(c firm.Caller, offer Offer, action firm.Action) *reading {
	act := d.House.Begin(c, action)
	s := &reading{act: act, code: act.ReadCode(), pair: d.Directory.ReadPair(act, offer.Ref.Client, offer.Ref.Matter)}
	s.card = act.Batch.Get(authorisationKey(act.Batch.View(), offer.Ref.Client))
	if offer.Draft {
		s.bill = d.Billing.ReadDraft(act, offer.Ref.Matter)
	} else {
		s.bill = d.Billing.ReadBill(act, offer.Ref, offer.Bill)
	}
	return s
}

// placeOnce refuses what may not be charged before it looks at the code, so that a code is tried only when it
// decides; then the code's outcome is part of the one commit that precedes any answer.
func (d *Charges) placeOnce(ctx context.Context, s *reading, offer Offer, code, made string) (placed, error) {
	auth, err := s.check(offer)
	if err != nil {
		return placed{}, err
	}
	try, left, err := s.code.Try(code)
	if errors.Is(err, firm.ErrCodeWrong) {
		return s.wrong(ctx, try, left)
	}
	if err != nil {
		return placed{}, err
	}
	b, ops, err := s.take(made, offer.Draft)
	if err != nil {
		return placed{}, err
	}
	a, more := d.begin(s.act, Attempt{
		ID: made, Card: auth.Card, By: s.act.Person.ID, Owed: offer.Owed,
		Request: ChargeRequest{Key: made, Customer: auth.Customer, Method: auth.Method, Amount: offer.Total, Created: s.act.Now},
	}, b)
	ops = append(append(ops, more...), try, store.CheckOp(*s.card))
	done := placed{Attempt: a}
	entry := firm.Entry{Subject: "attempt/" + a.ID, Before: offer, After: noted(a, evAsked)}
	return done, s.act.Commit(ctx, done, entry, ops...)
}

// wrong records that the code was not the person's.
func (s *reading) wrong(ctx context.Context, try store.Op, left int) (placed, error) {
	done := placed{Wrong: true, Left: left}
	return done, s.act.Commit(ctx, done, firm.Entry{Subject: "code/" + s.act.Person.ID, After: "wrong"}, try)
}

// check compares what was offered with what is there now.
func (s *reading) check(offer Offer) (auth Authorisation, err error) {
	if err := s.act.May(firm.Charge); err != nil {
		return auth, err
	}
	b, err := s.bill.Bill()
	if errors.Is(err, billing.ErrNoBill) {
		return auth, ErrChanged
	}
	if err != nil {
		return auth, err
	}
	if auth, err = decodeAuthorisation(*s.card); err != nil {
		return auth, err
	}
	now := offerOf(s.act.Firm, b)
	if b.ID == offer.Bill && !now.Draft && now.Owed.Minor <= 0 {
		return auth, billing.ErrSettled
	}
	if now, err = now.of(Wish{Part: &Part{Minor: offer.Total.Minor}}); err != nil {
		return auth, ErrChanged
	}
	if err := allowed(s.act, b, auth, now.Total); err != nil {
		return auth, err
	}
	if now.Bill != offer.Bill || now.Draft != offer.Draft || now.Number != offer.Number || now.Total != offer.Total || now.Owed != offer.Owed ||
		now.Tax != offer.Tax || auth.Card != offer.Card || now.Ref.Client != offer.Ref.Client || now.Ref.Matter != offer.Ref.Matter {
		return auth, ErrChanged
	}
	return auth, nil
}

// take makes the invoice the attempt's: issued from the draft, or held.
func (s *reading) take(attempt string, draft bool) (billing.Bill, []store.Op, error) {
	if draft {
		client, _, err := s.pair.Get()
		if err != nil {
			return billing.Bill{}, nil, err
		}
		return s.bill.Issue(s.act, client, attempt)
	}
	b, ops, err := s.bill.Hold(s.act, attempt)
	if errors.Is(err, billing.ErrHeld) {
		if b, err := s.bill.Bill(); err == nil {
			return b, nil, holder(b.Hold)
		}
	}
	return b, ops, err
}

// begin returns a new attempt for the invoice that it holds, about to be sent, and the operations that record it.
func (d *Charges) begin(act *firm.Act, a Attempt, b billing.Bill) (Attempt, []store.Op) {
	a.State, a.Invoice, a.Number, a.N, a.Ref = Created, b.ID, b.Number, b.Attempts, b.Ref
	a.Mailable, a.Changed = b.Recipient.Email != "", act.Now
	a, _ = d.machine()(a, event{kind: evAsked, at: act.Now})
	v := act.Batch.View()
	ops := d.arm(act, &a)
	return a, append(ops, store.CreateOp(attemptKey(v, a.ID), a), store.CreateOp(orderKey(v, a), trail{a.ID}))
}

// outcomeTime is how long the outcome of a call may take to be committed, even when the caller's time is up.
const outcomeTime = 1500 * time.Millisecond

// finish sends a new attempt, and reads meanwhile what the outcome will change. It returns the attempt as it was
// committed: when the outcome can't be committed, that is the attempt as it was made, and the worker finishes it.
func (d *Charges) finish(ctx context.Context, p Processor, firmID string, a Attempt) Attempt {
	if !d.House.Now().Before(a.Request.Created.Add(Lease)) {
		return a // it is the worker's now
	}
	m := d.system(firmID, event{})
	ready := make(chan *sheet, 1)
	go func(ctx context.Context, m move) {
		s, err := d.read(ctx, a, m)
		if err != nil {
			s = nil
		}
		ready <- s
	}(ctx, m)
	call := doSend
	if a.Page != nil {
		call = doOpen
	}
	m.event = d.call(ctx, p, a, call)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outcomeTime)
	defer cancel()
	after, next, err := d.take(ctx, a, m, <-ready)
	if err != nil {
		return a
	}
	if next != "" {
		if after, err = d.drive(ctx, p, after, d.system(firmID, d.call(ctx, p, after, next))); err != nil {
			return a
		}
	}
	return after
}

// cancel ends an attempt that waits for the payer, at the processor, and sees that confirmed.
// Errors: billing.ErrHeld when it does not wait for the payer; billing.ErrSettled when it was paid meanwhile; ErrLater.
func (d *Charges) cancel(ctx context.Context, p Processor, firmID, attempt string) error {
	a, err := d.attempt(ctx, firm.System(firmID, ""), attempt)
	if err != nil {
		return err
	}
	if a.State != AwaitingPayer && !a.ended() {
		return billing.ErrHeld
	}
	if a.State == AwaitingPayer {
		if a, err = d.drive(ctx, p, a, d.system(firmID, event{kind: evCancel, at: d.House.Now()})); err != nil {
			return err
		}
	}
	switch {
	case a.ended():
		return nil
	case a.took():
		return billing.ErrSettled
	}
	return ErrLater
}

// receipt is what may be said of the attempt as it was committed.
func (a Attempt) receipt(hold time.Duration) Receipt {
	r := Receipt{
		Ref: a.Ref, Attempt: a.ID, Invoice: a.Invoice, Number: a.Number, Amount: a.Request.Amount,
		State: a.State, Reason: a.Reason, Card: a.Card, Left: a.Owed,
	}
	switch {
	case a.took():
		r.State, r.Amount, r.Mailed, r.Hold = Charged, a.Captured, a.Mail != "", hold
		r.Left.Minor = max(0, a.Owed.Minor-a.Captured.Minor)
	case a.State == Created, a.State == Submitted:
		r.State = Uncertain
	}
	return r
}
