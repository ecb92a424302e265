package sandbox

import "strings"

// minimum charges in the smallest unit (docs.stripe.com/currencies, "minimum charge amounts"); others: 1.
var minimum = map[string]int64{"usd": 50, "eur": 50, "cad": 50, "aud": 50, "nzd": 50, "chf": 50, "gbp": 30, "jpy": 50}

// maximum is eight digits.
const maximum = 99_999_999

func (t *tx) createPayment(r request) (any, *apiError) {
	pi, failed := t.readPayment(r)
	if failed != nil {
		return nil, failed
	}
	confirm, failed := r.flag("confirm")
	if failed != nil {
		return nil, failed
	}
	offSession, failed := r.flag("off_session")
	if failed != nil {
		return nil, failed
	}
	if offSession && !confirm {
		return nil, errInvalid("", "off_session", "off_session needs confirm=true.")
	}
	t.put(pi)
	t.emit("payment_intent.created", pi)
	if !confirm {
		return pi, nil
	}
	return t.confirmCreated(pi, r.form["payment_method"], offSession)
}

func (t *tx) readPayment(r request) (PaymentIntent, *apiError) {
	amount, given, failed := r.whole("amount")
	switch {
	case failed != nil:
		return PaymentIntent{}, failed
	case !given:
		return PaymentIntent{}, errMissing("amount")
	}
	currency := strings.ToLower(r.form["currency"])
	if failed := priced(amount, currency); failed != nil {
		return PaymentIntent{}, failed
	}
	if id := r.form["customer"]; id != "" {
		if _, failed := need[Customer](t, "customer", id); failed != nil {
			return PaymentIntent{}, failed
		}
	}
	meta, failed := metadata(r.under("metadata"))
	if failed != nil {
		return PaymentIntent{}, failed
	}
	pi := t.newPayment(amount, currency, r.form["customer"], meta)
	pi.Description, pi.ReceiptEmail = ref(r.form["description"]), ref(r.form["receipt_email"])
	return pi, nil
}

func priced(amount int64, currency string) *apiError {
	switch {
	case currency == "":
		return errMissing("currency")
	case len(currency) != 3:
		return errInvalid("", "currency", "Invalid currency: "+currency)
	case amount < max(1, minimum[currency]):
		return errInvalid("amount_too_small", "amount", "The amount is below the least that can be charged.")
	case amount > maximum:
		return errInvalid("amount_too_large", "amount", "The amount has more than eight digits.")
	}
	return nil
}

func (t *tx) newPayment(amount int64, currency, customer string, meta map[string]string) PaymentIntent {
	id := t.id("pi")
	return PaymentIntent{ID: id, Object: "payment_intent", Amount: amount, Currency: currency, Created: t.now.Unix(),
		ClientSecret: id + "_secret_" + t.core.opt.NewID(), Customer: ref(customer), Status: "requires_payment_method",
		CaptureMethod: "automatic", Types: []string{"card"}, Metadata: meta}
}

func (t *tx) confirmCreated(pi PaymentIntent, method string, offSession bool) (any, *apiError) {
	if method == "" {
		return nil, errInvalid("parameter_missing", "payment_method", "A payment method is needed to confirm.")
	}
	pm, failed := t.method("payment_method", method)
	if failed != nil {
		return nil, failed
	}
	if pm.Customer != "" && pm.Customer != pi.Customer {
		return nil, errInvalid("", "payment_method", "The payment method belongs to another customer.")
	}
	if failed := t.confirm(&pi, pm, offSession); failed != nil {
		return nil, failed
	}
	return pi, nil
}

// confirm tries to take the money. A failure leaves the payment asking for another card and is the 402 to answer.
func (t *tx) confirm(pi *PaymentIntent, pm PaymentMethod, offSession bool) *apiError {
	b := t.behaves(pm)
	pi.PaymentMethod = ref(pm.ID)
	if b.needsProof(pm) && t.fault.Kind != Decline {
		if offSession {
			return t.fail(pi, *authRequired)
		}
		pi.Status, pi.LastError = "requires_action", nil
		t.put(*pi)
		t.emit("payment_intent.requires_action", *pi)
		return nil
	}
	return t.take(pi, b)
}

func (b behaviour) needsProof(pm PaymentMethod) bool {
	return b.auth == authAlways || b.auth == authUnlessSetUp && (pm.Hidden == nil || !pm.Hidden.SetUp)
}

// take moves the money, or is declined by the bank.
func (t *tx) take(pi *PaymentIntent, b behaviour) *apiError {
	refusal := b.charge
	if t.fault.Kind == Decline {
		refusal = injected(t.fault.Reason)
	}
	pi.LatestCharge = ref(t.id("ch"))
	if refusal != nil {
		return t.fail(pi, *refusal)
	}
	pi.Status, pi.AmountReceived, pi.LastError = "succeeded", pi.Amount, nil
	t.put(*pi)
	t.emit("payment_intent.succeeded", *pi)
	if b.dispute != "" {
		t.openDispute(*pi, b.dispute)
	}
	return nil
}

func (t *tx) fail(pi *PaymentIntent, e PaymentError) *apiError {
	e.Charge = string(pi.LatestCharge)
	pi.Status, pi.PaymentMethod, pi.LastError = "requires_payment_method", "", &e
	t.put(*pi)
	t.emit("payment_intent.payment_failed", *pi)
	failed := e.declined()
	failed.Error.PaymentIntent = *pi
	return failed
}

// cancelable lists the states out of which a payment can be cancelled.
var cancelable = map[string]bool{"requires_payment_method": true, "requires_confirmation": true, "requires_action": true}

func (t *tx) cancelPayment(r request) (any, *apiError) {
	pi, failed := need[PaymentIntent](t, "id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	if !cancelable[pi.Status] {
		failed := errInvalid("payment_intent_unexpected_state", "", "You cannot cancel this PaymentIntent because it has a status of "+pi.Status+".")
		failed.Error.PaymentIntent = pi
		return nil, failed
	}
	t.cancel(&pi)
	return pi, nil
}

func (t *tx) cancel(pi *PaymentIntent) {
	pi.Status, pi.CanceledAt = "canceled", t.now.Unix()
	t.put(*pi)
	t.emit("payment_intent.canceled", *pi)
}

func (t *tx) listPayments(r request) (any, *apiError) {
	customer := r.form["customer"]
	return page(t, r, func(pi PaymentIntent) int64 { return pi.Created },
		func(pi PaymentIntent) bool { return customer == "" || string(pi.Customer) == customer })
}
