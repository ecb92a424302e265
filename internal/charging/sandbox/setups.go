package sandbox

import "net/http"

func (t *tx) createSetup(r request) (any, *apiError) {
	if id := r.form["customer"]; id != "" {
		if _, failed := need[Customer](t, "customer", id); failed != nil {
			return nil, failed
		}
	}
	meta, failed := metadata(r.under("metadata"))
	if failed != nil {
		return nil, failed
	}
	confirm, failed := r.flag("confirm")
	if failed != nil {
		return nil, failed
	}
	si := t.newSetup(r.form["customer"], meta)
	t.put(si)
	if !confirm {
		return si, nil
	}
	pm, failed := t.method("payment_method", r.form["payment_method"])
	if failed != nil {
		return nil, failed
	}
	if failed := t.setUp(&si, pm); failed != nil {
		return nil, failed
	}
	return si, nil
}

func (t *tx) newSetup(customer string, meta map[string]string) SetupIntent {
	id := t.id("seti")
	return SetupIntent{ID: id, Object: "setup_intent", Created: t.now.Unix(), ClientSecret: id + "_secret_" + t.core.opt.NewID(),
		Customer: ref(customer), Status: "requires_payment_method", Usage: "off_session", Types: []string{"card"}, Metadata: meta}
}

// setUp tries to save a card for later charges. Cards that must be authenticated wait for the payer.
func (t *tx) setUp(si *SetupIntent, pm PaymentMethod) *apiError {
	b := t.behaves(pm)
	switch {
	case b.saving != nil:
		return t.failSetup(si, *b.saving)
	case b.auth != authNever:
		si.PaymentMethod, si.Status, si.LastError = ref(pm.ID), "requires_action", nil
		t.put(*si)
		t.emit("setup_intent.requires_action", *si)
		return nil
	}
	t.finishSetup(si, pm)
	return nil
}

func (t *tx) finishSetup(si *SetupIntent, pm PaymentMethod) {
	hidden := *pm.Hidden
	hidden.SetUp = true
	pm.Hidden, pm.Customer = &hidden, si.Customer
	t.put(pm)
	si.PaymentMethod, si.Status, si.LastError = ref(pm.ID), "succeeded", nil
	t.put(*si)
	t.emit("payment_method.attached", pm)
	t.emit("setup_intent.succeeded", *si)
}

func (t *tx) failSetup(si *SetupIntent, e PaymentError) *apiError {
	si.PaymentMethod, si.Status, si.LastError = "", "requires_payment_method", &e
	t.put(*si)
	t.emit("setup_intent.setup_failed", *si)
	return &apiError{http.StatusPaymentRequired, errorBody{Type: e.Type, Code: e.Code, DeclineCode: e.DeclineCode, Message: e.Message, SetupIntent: *si}}
}
