package charging

import (
	"slices"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
)

// Outflow is money that left again after an attempt took it: a refund, asked for here or made at the processor, or a
// dispute's withdrawal. It is known by the processor's own reference, so whatever is told of it, how often and in which
// order, it is booked once when it leaves and once when it comes back.
type Outflow struct {
	Reference string        `json:"reference"`
	Amount    money.Amount  `json:"amount"`
	Back      bool          `json:"back,omitempty"`    // it came back, or never left: the refund failed, the dispute was won. Final
	Dispute   DisputeStatus `json:"dispute,omitempty"` // empty: a refund
	Fee       money.Amount  `json:"fee,omitzero"`      // what the processor keeps for a dispute, as far as it is booked
}

// out is how much of what was taken is away.
func (a Attempt) out() money.Amount {
	sum := money.Of(0, a.Captured.Currency)
	for _, o := range a.Outflows {
		if !o.Back {
			sum.Minor += o.Amount.Minor
		}
	}
	return sum
}

// left is what can still be given back.
func (a Attempt) left() money.Amount {
	return money.Of(a.Captured.Minor-a.out().Minor, a.Captured.Currency)
}

// outflow is the index of what the processor knows under a reference, or −1.
func (a Attempt) outflow(reference string) int {
	return slices.IndexFunc(a.Outflows, func(o Outflow) bool { return o.Reference == reference })
}

// dispute is the status of the dispute that is not over well; empty: there is none.
func (a Attempt) dispute() DisputeStatus {
	for _, o := range a.Outflows {
		if o.Dispute != "" && !o.Back {
			return o.Dispute
		}
	}
	return ""
}

// stands is the state of an attempt whose money was taken and of which no refund is under way.
func (a Attempt) stands() State {
	switch {
	case a.dispute() != "":
		return Disputed
	case a.Captured.Minor > 0 && a.left().Minor <= 0:
		return Refunded
	}
	return Charged
}

// settled moves the state to where the money is, unless a refund is still under way.
func (a Attempt) settled() Attempt {
	if a.took() && a.State != Refunding {
		a.State = a.stands()
	}
	return a
}

// leaves notes a refund that left, once. One that is known to have come back stays so: that is the later truth.
func leaves(a Attempt, reference string, amount money.Amount) (Attempt, []effect) {
	if a.outflow(reference) >= 0 {
		return a, nil
	}
	o := Outflow{Reference: reference, Amount: amount}
	a.Outflows = append(a.Outflows, o)
	return a, []effect{{kind: doReverse, amount: amount, reference: reference}}
}

// returns notes a refund that failed. What had left is here again, and booked; what had not is noted, so that an old
// answer which comes late is known to be old.
func returns(a Attempt, reference string, amount money.Amount) (Attempt, []effect) {
	i := a.outflow(reference)
	switch {
	case i < 0:
		a.Outflows = append(a.Outflows, Outflow{Reference: reference, Amount: amount, Back: true})
		return a, nil
	case a.Outflows[i].Back:
		return a, nil
	}
	a.Outflows[i].Back = true
	return a, []effect{{kind: doRestore, amount: a.Outflows[i].Amount, reference: reference}}
}

// elsewhere notes how a refund stands that was not asked for here. It is booked, and a person is told.
func elsewhere(a Attempt, e event) (Attempt, []effect) {
	o := e.outcome
	if !a.took() || o.Reference == "" {
		return a, nil
	}
	var effects []effect
	switch o.Result {
	case Succeeded:
		a, effects = leaves(a, o.Reference, o.Amount)
	case Declined, Expired:
		a, effects = returns(a, o.Reference, o.Amount)
		if len(effects) > 0 {
			a, effects = join(a.settled(), effects, raise, TaskRefund)
		}
		return a, effects
	default:
		return a, nil
	}
	if len(effects) == 0 {
		return a, nil
	}
	return join(a.settled(), effects, raise, TaskElsewhere)
}

// rank orders what may be told of a dispute: what comes late and is older changes nothing.
var rank = map[DisputeStatus]int{DisputeInquiry: 1, DisputeWithdrawn: 2, DisputeLost: 3, DisputeWon: 4}

// disputed notes how a dispute stands: money that was withdrawn or came back is booked, and so is the fee.
func disputed(a Attempt, d Dispute) (Attempt, []effect) {
	if !a.took() || d.Reference == "" || rank[d.Status] == 0 {
		return a, nil // the capture that it presupposes is told first
	}
	i := a.outflow(d.Reference)
	if i < 0 {
		i = len(a.Outflows)
		a.Outflows = append(a.Outflows, Outflow{Reference: d.Reference, Amount: money.Of(0, a.Captured.Currency), Fee: money.Of(0, a.Captured.Currency)})
	}
	was := a.Outflows[i]
	if rank[d.Status] <= rank[was.Dispute] {
		return a, nil
	}
	now := Outflow{Reference: d.Reference, Amount: was.Amount, Dispute: d.Status, Back: d.Status == DisputeWon, Fee: d.Fee}
	effects := []effect{{kind: doDispute, reference: d.Reference, amount: was.Amount}}
	switch {
	case d.Status != DisputeInquiry && d.Status != DisputeWon && was.Amount.IsZero():
		now.Amount = d.Amount
		effects[0].kind, effects[0].amount = doReverse, d.Amount
	case now.Back && !was.Amount.IsZero():
		effects[0].kind = doRestore
	}
	if fee := d.Fee.Minor - was.Fee.Minor; fee != 0 {
		effects = append(effects, effect{kind: doFee, reference: d.Reference, amount: money.Of(fee, a.Captured.Currency)})
	}
	a.Outflows[i] = now
	return join(a.settled(), effects, raise, TaskDispute)
}

// movement is what an effect means for the invoice.
func (a Attempt) movement(e effect) billing.Movement {
	m := billing.Movement{Outside: e.reference}
	dispute := a.Outflows[a.outflow(e.reference)].Dispute != ""
	switch status := a.dispute(); status {
	case DisputeInquiry, DisputeWithdrawn:
		m.Disputed = true
	}
	switch {
	case e.kind == doReverse && dispute:
		m.Kind, m.Out = ledger.Disputed, e.amount
	case e.kind == doReverse:
		m.Kind, m.Out = ledger.RefundPaid, e.amount
	case e.kind == doRestore && dispute:
		m.Kind, m.Back = ledger.DisputeWon, e.amount
	case e.kind == doRestore:
		m.Kind, m.Back = ledger.RefundFailed, e.amount
	}
	return m
}
