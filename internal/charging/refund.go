package charging

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Refund gives back all that an attempt took. The request is committed before it is sent; the postings are reversed
// when the processor confirms it, and the worker finishes what is left: the answer's State is Refunded, Refunding
// (still being processed), or Charged when the processor would not, which is a task for a person. Needs Refund.
// Errors: ErrNoAttempt; ErrNoRefund for an attempt that took nothing, is in dispute, or is being given back already.
func (d *Charges) Refund(ctx context.Context, c firm.Caller, attempt string) (after Attempt, err error) {
	defer fault.Wrap(&err, "charging: refund")
	a, err := d.given(ctx, c, attempt, firm.Refund)
	if err != nil {
		return after, err
	}
	p, err := d.Processor(ctx, c.Firm)
	if err != nil {
		return after, err
	}
	m := d.refund(c, a)
	after, call, err := d.take(ctx, a, m, nil)
	if err != nil || after.Refund.Request.Key != m.event.refund.Request.Key { // the same request asked before
		return after, err
	}
	final, err := d.drive(ctx, p, after, d.system(c.Firm, d.call(ctx, p, after, call)))
	if err != nil {
		return after, nil // it was asked, and the worker finishes it
	}
	return final, nil
}

// refund is the move that asks for a refund, under a new key that leads back to the attempt.
func (d *Charges) refund(c firm.Caller, a Attempt) move {
	key := d.House.NewID()
	request := RefundRequest{Key: key} // what is given back is what was taken when it is asked for
	return move{
		by: c, action: firm.Action{Name: "charge.refund", Input: a.ID}, needs: firm.Refund, refuse: ErrNoRefund,
		event: event{kind: evRefund, at: d.House.Now(), refund: &Refund{Request: request, Asked: d.House.Now(), By: c.Person}},
		also:  []store.Op{store.CreateOp(knownKey(d.House.View(c), key), trail{a.ID})},
	}
}
