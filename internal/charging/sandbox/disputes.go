package sandbox

import "slices"

// openDispute takes the money back for the payer; an inquiry only asks.
func (t *tx) openDispute(pi PaymentIntent, reason string) {
	d := Dispute{ID: t.id("du"), Object: "dispute", Amount: pi.AmountReceived, Currency: pi.Currency, Created: t.now.Unix(),
		Charge: pi.LatestCharge, PaymentIntent: ref(pi.ID), Reason: reason, Status: "needs_response", Moves: []DisputeMove{}, Metadata: map[string]string{}}
	if reason == "inquiry" {
		d.Reason, d.Status = "general", "warning_needs_response"
	}
	if d.Status == "needs_response" {
		d.move(-d.Amount, disputeFee)
	}
	t.put(d)
	t.emit("charge.dispute.created", d)
	if d.Status == "needs_response" {
		t.emit("charge.dispute.funds_withdrawn", d)
	}
}

// disputeFee is what a dispute costs, in minor units, whoever wins it (stripe.com/pricing).
const disputeFee = 1500

func (d *Dispute) move(minor, fee int64) {
	d.Moves = append(slices.Clone(d.Moves), DisputeMove{Object: "balance_transaction", Amount: minor, Fee: fee, Net: minor - fee, Currency: d.Currency})
}

// answerDispute decides by the evidence, as the test values of docs.stripe.com/testing do.
func (t *tx) answerDispute(r request) (any, *apiError) {
	d, failed := t.open(r.ids[0])
	if failed != nil {
		return nil, failed
	}
	switch r.form["evidence[uncategorized_text]"] {
	case "winning_evidence":
		return t.decide(d, "won"), nil
	case "losing_evidence":
		return t.decide(d, "lost"), nil
	}
	return d.wire(), nil
}

// closeDispute gives in.
func (t *tx) closeDispute(r request) (any, *apiError) {
	d, failed := t.open(r.ids[0])
	if failed != nil {
		return nil, failed
	}
	return t.decide(d, "lost"), nil
}

func (t *tx) open(id string) (Dispute, *apiError) {
	d, failed := need[Dispute](t, "id", id)
	if failed == nil && d.Status != "needs_response" && d.Status != "warning_needs_response" {
		failed = errInvalid("", "", "This dispute is already closed.")
	}
	return d, failed
}

func (t *tx) decide(d Dispute, status string) any {
	inquiry := d.Status == "warning_needs_response"
	if inquiry {
		status = "warning_closed"
	}
	d.Status = status
	if status == "won" {
		d.move(d.Amount, 0)
	}
	t.put(d)
	if status == "won" {
		t.emit("charge.dispute.funds_reinstated", d)
	}
	t.emit("charge.dispute.closed", d)
	return d.wire()
}

// disputed tells whether the payer's bank holds the money of a payment.
func (t *tx) disputed(payment string) bool {
	for _, id := range t.core.state.order {
		d, ok := t.core.state.objects[id].(Dispute)
		if ok && string(d.PaymentIntent) == payment && (d.Status == "needs_response" || d.Status == "lost") {
			return true
		}
	}
	return false
}

func (t *tx) listDisputes(r request) (any, *apiError) {
	payment, charge := ref(r.form["payment_intent"]), ref(r.form["charge"])
	return page(t, r, func(d Dispute) int64 { return d.Created }, func(d Dispute) bool {
		return (payment == "" || d.PaymentIntent == payment) && (charge == "" || d.Charge == charge)
	})
}

func (t *tx) listEvents(r request) (any, *apiError) {
	kind := r.form["type"]
	return page(t, r, func(e Event) int64 { return e.Created }, func(e Event) bool { return kind == "" || e.Type == kind })
}
