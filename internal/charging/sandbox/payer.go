package sandbox

import "errors"

// Standing is where a page is, for the payer who looks at it.
type Standing struct {
	Mode      string // "payment" or "setup"
	Status    string // "open", "complete", "expired"
	Challenge bool   // the bank asks the payer to approve
	Amount    int64  // as Stripe counts it; payment mode only
	Currency  string
	Product   string
	Message   string // why the last try failed
	Success   string // where the payer goes when it is done
	Cancel    string // where the payer goes instead; may be empty
}

// ErrNoPage means that there is no such page.
var ErrNoPage = errors.New("sandbox: no such page")

// Look reads where a page is.
func (c *Core) Look(page string) (Standing, error) {
	return c.visit(page, func(*tx, *Session) {})
}

// Pay is the payer typing a card on a page, or a test id such as "pm_card_visa" instead of a number. Problems are
// what the form says beside its fields; a decline is in Standing.Message.
func (c *Core) Pay(page string, f CardForm) (Standing, []Problem, error) {
	card, problems := f.read(c.opt.Now())
	if b, ok := token(f.Number); ok {
		card, problems = typed{b, b.number[len(b.number)-4:], 12, c.opt.Now().Year() + 4}, nil
	}
	if problems != nil {
		standing, err := c.Look(page)
		return standing, problems, err
	}
	standing, err := c.visit(page, func(t *tx, s *Session) { t.submit(s, card) })
	return standing, nil, err
}

// Answer is the payer answering the bank's challenge.
func (c *Core) Answer(page string, approve bool) (Standing, error) {
	return c.visit(page, func(t *tx, s *Session) { t.challenged(s, approve) })
}

// visit lets the payer do something on a page that is open.
func (c *Core) visit(page string, do func(*tx, *Session)) (Standing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.settle(); err != nil {
		return Standing{}, err
	}
	t := c.begin(Call{}, Fault{})
	s, ok := find[Session](t, page)
	if !ok {
		return Standing{}, ErrNoPage
	}
	if s.Status == "open" {
		do(t, &s)
	}
	if err := c.commit(t.entry()); err != nil {
		return Standing{}, err
	}
	return t.standing(s), nil
}

func (t *tx) standing(s Session) Standing {
	at := Standing{Mode: s.Mode, Status: s.Status, Amount: s.AmountTotal, Currency: string(s.Currency), Product: s.Hidden.Product,
		Success: s.SuccessURL, Cancel: string(s.CancelURL)}
	var failure *PaymentError
	if pi, ok := find[PaymentIntent](t, string(s.PaymentIntent)); ok {
		at.Challenge, failure = pi.Status == "requires_action", pi.LastError
	}
	if si, ok := find[SetupIntent](t, string(s.SetupIntent)); ok {
		at.Challenge, failure = si.Status == "requires_action", si.LastError
	}
	if failure != nil {
		at.Message = failure.Message
	}
	return at
}

// submit tries a card on a page. A page whose payment waits for the bank takes no second card.
func (t *tx) submit(s *Session, card typed) {
	pm := t.newMethod(card.card, card.last4, card.expMonth, card.expYear)
	if s.Mode == "setup" {
		si, ok := find[SetupIntent](t, string(s.SetupIntent))
		if ok && si.Status == "requires_payment_method" {
			t.put(pm)
			if t.setUp(&si, pm) == nil && si.Status == "succeeded" {
				t.complete(s, "no_payment_required")
			}
		}
		return
	}
	pi, ok := find[PaymentIntent](t, string(s.PaymentIntent))
	if !ok {
		pi = t.newPayment(s.AmountTotal, string(s.Currency), string(s.Customer), s.Hidden.Metadata)
		t.put(pi)
		t.emit("payment_intent.created", pi)
		s.PaymentIntent = ref(pi.ID)
		t.put(*s)
	}
	if pi.Status == "requires_payment_method" {
		t.put(pm)
		if t.confirm(&pi, pm, false) == nil && pi.Status == "succeeded" {
			t.complete(s, "paid")
		}
	}
}

// challenged goes on where the bank's question stopped.
func (t *tx) challenged(s *Session, approve bool) {
	if si, ok := find[SetupIntent](t, string(s.SetupIntent)); ok && si.Status == "requires_action" {
		if !approve {
			t.failSetup(&si, *setupProof)
			return
		}
		if pm, ok := find[PaymentMethod](t, string(si.PaymentMethod)); ok {
			t.finishSetup(&si, pm)
			t.complete(s, "no_payment_required")
		}
	}
	pi, ok := find[PaymentIntent](t, string(s.PaymentIntent))
	if !ok || pi.Status != "requires_action" {
		return
	}
	pm, _ := find[PaymentMethod](t, string(pi.PaymentMethod))
	switch {
	case !approve:
		t.fail(&pi, *declinedProof)
	case t.take(&pi, t.behaves(pm)) == nil:
		t.complete(s, "paid")
	}
}

func (t *tx) complete(s *Session, payment string) {
	s.Status, s.PaymentStatus = "complete", payment
	t.put(*s)
	t.emit("checkout.session.completed", *s)
}
