package sandbox

import "strconv"

func (t *tx) createRefund(r request) (any, *apiError) {
	pi, failed := t.refunded(r)
	if failed != nil {
		return nil, failed
	}
	left := pi.AmountReceived - t.given(pi.ID)
	amount, given, failed := r.whole("amount")
	if failed != nil {
		return nil, failed
	}
	if !given {
		amount = left
	}
	switch {
	case pi.Status != "succeeded":
		return nil, errInvalid("charge_not_refundable", "payment_intent", "This PaymentIntent does not have a successful charge to refund.")
	case t.disputed(pi.ID):
		return nil, errInvalid("charge_disputed", "payment_intent", "The charge has been charged back and cannot be refunded.")
	case left == 0:
		return nil, errInvalid("charge_already_refunded", "", "The charge has already been refunded.")
	case amount < 1:
		return nil, errInvalid("parameter_invalid_integer", "amount", "The amount must be positive.")
	case amount > left:
		return nil, errInvalid("", "amount", "Refund amount is greater than unrefunded amount on charge ("+strconv.FormatInt(left, 10)+").")
	}
	meta, failed := metadata(r.under("metadata"))
	if failed != nil {
		return nil, failed
	}
	return t.giveBack(pi, amount, ref(r.form["reason"]), meta), nil
}

// refunded finds the payment that a refund is about, by its own id or its charge's.
func (t *tx) refunded(r request) (PaymentIntent, *apiError) {
	if id := r.form["payment_intent"]; id != "" {
		return need[PaymentIntent](t, "payment_intent", id)
	}
	charge := r.form["charge"]
	if charge == "" {
		return PaymentIntent{}, errMissing("payment_intent")
	}
	for _, id := range t.core.state.order {
		if pi, ok := t.core.state.objects[id].(PaymentIntent); ok && string(pi.LatestCharge) == charge {
			return pi, nil
		}
	}
	return PaymentIntent{}, errNoSuch("charge", charge)
}

func (t *tx) giveBack(pi PaymentIntent, amount int64, reason ref, meta map[string]string) any {
	refund := Refund{ID: t.id("re"), Object: "refund", Amount: amount, Currency: pi.Currency, Created: t.now.Unix(),
		Charge: pi.LatestCharge, PaymentIntent: ref(pi.ID), Status: "succeeded", Reason: reason, Metadata: meta}
	if pm, ok := find[PaymentMethod](t, string(pi.PaymentMethod)); ok {
		switch t.behaves(pm).refund {
		case "pending":
			refund.Status, refund.Next = "pending", "succeeded"
		case "failed":
			refund.Next = "failed"
		}
	}
	t.put(refund)
	t.emit("refund.created", refund)
	return refund.wire()
}

// settleRefund gives a refund the status it was to have: refunds fail later than they are answered.
func (t *tx) settleRefund(r Refund) {
	r.Status, r.Next = r.Next, ""
	kind := "refund.updated"
	if r.Status == "failed" {
		r.FailureReason, kind = "expired_or_canceled_card", "refund.failed"
	}
	t.put(r)
	t.emit(kind, r)
}

// given sums the refunds of a payment that were not in vain.
func (t *tx) given(payment string) (sum int64) {
	for _, id := range t.core.state.order {
		r, ok := t.core.state.objects[id].(Refund)
		if ok && string(r.PaymentIntent) == payment && r.Status != "failed" && r.Status != "canceled" {
			sum += r.Amount
		}
	}
	return sum
}

func (t *tx) listRefunds(r request) (any, *apiError) {
	payment, charge := ref(r.form["payment_intent"]), ref(r.form["charge"])
	return page(t, r, func(o Refund) int64 { return o.Created }, func(o Refund) bool {
		return (payment == "" || o.PaymentIntent == payment) && (charge == "" || o.Charge == charge)
	})
}
