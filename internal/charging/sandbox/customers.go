package sandbox

func (t *tx) createCustomer(r request) (any, *apiError) {
	meta, failed := metadata(r.under("metadata"))
	if failed != nil {
		return nil, failed
	}
	c := Customer{ID: t.id("cus"), Object: "customer", Created: t.now.Unix(), Name: ref(r.form["name"]),
		Email: ref(r.form["email"]), Description: ref(r.form["description"]), Metadata: meta}
	t.put(c)
	t.emit("customer.created", c)
	return c, nil
}

// createMethod makes a card from a test token. Numbers are refused, as Stripe refuses them from servers.
func (t *tx) createMethod(r request) (any, *apiError) {
	if r.form["card[number]"] != "" {
		return nil, errInvalid("", "card[number]", "Sending card numbers directly is not supported; use a test token.")
	}
	if r.form["type"] != "card" {
		return nil, errMissing("type")
	}
	b, ok := token(r.form["card[token]"])
	if !ok {
		return nil, errNoSuch("card[token]", r.form["card[token]"])
	}
	pm := t.newMethod(b, b.number[len(b.number)-4:], 12, t.now.Year()+4)
	t.put(pm)
	return pm.wire(), nil
}

func (t *tx) newMethod(b behaviour, last4 string, month, year int) PaymentMethod {
	return PaymentMethod{ID: t.id("pm"), Object: "payment_method", Created: t.now.Unix(), Type: "card", Metadata: map[string]string{},
		Card:   CardDetails{Brand: b.brand, Last4: last4, ExpMonth: month, ExpYear: year, Country: "US", Funding: "credit"},
		Hidden: &cardHidden{Behaviour: b.name()}}
}

// method finds a card by its id; a test id such as pm_card_visa makes a new one.
func (t *tx) method(param, id string) (PaymentMethod, *apiError) {
	if b, ok := token(id); ok {
		pm := t.newMethod(b, b.number[len(b.number)-4:], 12, t.now.Year()+4)
		t.put(pm)
		return pm, nil
	}
	return need[PaymentMethod](t, param, id)
}

// behaves tells how a card acts. A card that lost its table row is declined.
func (t *tx) behaves(pm PaymentMethod) behaviour {
	if pm.Hidden != nil {
		if b, ok := act(pm.Hidden.Behaviour); ok {
			return b
		}
	}
	return numbered("")
}

func (t *tx) attach(r request) (any, *apiError) {
	if r.form["customer"] == "" {
		return nil, errMissing("customer")
	}
	if _, failed := need[Customer](t, "customer", r.form["customer"]); failed != nil {
		return nil, failed
	}
	pm, failed := t.method("id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	if pm.Customer != "" && string(pm.Customer) != r.form["customer"] {
		return nil, errInvalid("", "customer", "The payment method is attached to another customer already.")
	}
	if refusal := t.behaves(pm).saving; refusal != nil {
		return nil, refusal.declined()
	}
	pm.Customer = ref(r.form["customer"])
	t.put(pm)
	t.emit("payment_method.attached", pm)
	return pm.wire(), nil
}

func (t *tx) detach(r request) (any, *apiError) {
	pm, failed := need[PaymentMethod](t, "id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	if pm.Customer == "" {
		return nil, errInvalid("", "", "The payment method is not attached to a customer.")
	}
	pm.Customer = ""
	t.put(pm)
	t.emit("payment_method.detached", pm)
	return pm.wire(), nil
}

func (t *tx) showMethod(r request) (any, *apiError) {
	pm, failed := need[PaymentMethod](t, "id", r.ids[1])
	if failed != nil || string(pm.Customer) != r.ids[0] {
		return nil, errNoSuch("id", r.ids[1])
	}
	return pm.wire(), nil
}

func (t *tx) listMethods(r request) (any, *apiError) {
	if _, failed := need[Customer](t, "id", r.ids[0]); failed != nil {
		return nil, failed
	}
	return page(t, r, func(pm PaymentMethod) int64 { return pm.Created },
		func(pm PaymentMethod) bool { return string(pm.Customer) == r.ids[0] })
}
