package sandbox

import (
	"net/url"
	"strings"
	"time"
)

// The bounds of a page's life (docs.stripe.com/api/checkout/sessions/create, expires_at).
const (
	shortest = 30 * time.Minute
	longest  = 24 * time.Hour
)

func (t *tx) createSession(r request) (any, *apiError) {
	s := Session{ID: t.id("cs_test"), Object: "checkout.session", Created: t.now.Unix(), Mode: r.form["mode"], Status: "open",
		SuccessURL: r.form["success_url"], CancelURL: ref(r.form["cancel_url"]), ClientReference: ref(r.form["client_reference_id"]),
		Customer: ref(r.form["customer"]), Types: []string{"card"}, Metadata: r.under("metadata"), Hidden: &pageHidden{}}
	for _, read := range []func(*Session, request) *apiError{t.readAddresses, t.readCustomer, t.readExpiry, t.readMode} {
		if failed := read(&s, r); failed != nil {
			return nil, failed
		}
	}
	t.put(s)
	return t.render(s, r.form), nil
}

func (t *tx) readAddresses(s *Session, _ request) *apiError {
	if s.SuccessURL == "" {
		return errMissing("success_url")
	}
	for param, address := range map[string]string{"success_url": s.SuccessURL, "cancel_url": string(s.CancelURL)} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return errInvalid("url_invalid", param, "Not a valid URL.")
		}
	}
	return nil
}

func (t *tx) readCustomer(s *Session, _ request) *apiError {
	if s.Customer == "" {
		return nil
	}
	_, failed := need[Customer](t, "customer", string(s.Customer))
	return failed
}

func (t *tx) readExpiry(s *Session, r request) *apiError {
	at, given, failed := r.whole("expires_at")
	if failed != nil {
		return failed
	}
	s.ExpiresAt = t.now.Add(longest).Unix()
	if given {
		if at < t.now.Add(shortest).Unix() || at > t.now.Add(longest).Unix() {
			return errInvalid("", "expires_at", "expires_at is from 30 minutes to 24 hours from now.")
		}
		s.ExpiresAt = at
	}
	return nil
}

func (t *tx) readMode(s *Session, r request) *apiError {
	switch s.Mode {
	case "setup":
		return t.readSetupMode(s, r)
	case "payment":
		return t.readPaymentMode(s, r)
	}
	return errInvalid("", "mode", "mode is payment or setup.")
}

func (t *tx) readSetupMode(s *Session, r request) *apiError {
	if r.form["payment_method_types[0]"] == "" && r.form["currency"] == "" {
		return errMissing("currency")
	}
	s.PaymentStatus = "no_payment_required"
	s.Hidden.Metadata = r.under2("setup_intent_data", "metadata")
	si := t.newSetup(string(s.Customer), s.Hidden.Metadata)
	t.put(si)
	s.SetupIntent = ref(si.ID)
	return nil
}

func (t *tx) readPaymentMode(s *Session, r request) *apiError {
	const item = "line_items[0]"
	unit, given, failed := r.whole(item + "[price_data][unit_amount]")
	if failed == nil && !given {
		failed = errMissing(item + "[price_data][unit_amount]")
	}
	if failed != nil {
		return failed
	}
	count, given, failed := r.whole(item + "[quantity]")
	if failed != nil || !given || count < 1 || count > 1000 {
		return errMissing(item + "[quantity]")
	}
	s.Currency = ref(strings.ToLower(r.form[item+"[price_data][currency]"]))
	s.Hidden.Product = r.form[item+"[price_data][product_data][name]"]
	if s.Hidden.Product == "" {
		return errMissing(item + "[price_data][product_data][name]")
	}
	if failed := priced(min(unit, maximum+1)*count, string(s.Currency)); failed != nil {
		return failed
	}
	s.AmountTotal, s.PaymentStatus = unit*count, "unpaid"
	s.Hidden.Metadata, failed = metadata(r.under2("payment_intent_data", "metadata"))
	return failed
}

func (t *tx) showSession(r request) (any, *apiError) {
	s, failed := need[Session](t, "id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	return t.render(s, r.form), nil
}

// render is a session as the wire has it: with its address while it is open, and what was asked to be expanded.
func (t *tx) render(s Session, f form) any {
	if s.Status == "open" {
		s.URL = ref(t.core.opt.URL + "/pay/" + s.ID)
	}
	pi, paid := find[PaymentIntent](t, string(s.PaymentIntent))
	si, saved := find[SetupIntent](t, string(s.SetupIntent))
	s.Hidden = nil
	out := struct {
		Session
		Payment any `json:"payment_intent"`
		Setup   any `json:"setup_intent"`
	}{s, s.PaymentIntent, s.SetupIntent}
	if paid && f.expands("payment_intent") {
		out.Payment = pi.wire()
	}
	if saved && f.expands("setup_intent") {
		out.Setup = si.wire()
	}
	return out
}

func (t *tx) expireSession(r request) (any, *apiError) {
	s, failed := need[Session](t, "id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	if s.Status != "open" {
		return nil, errInvalid("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This one is "+s.Status+".")
	}
	return t.render(t.expire(s), r.form), nil
}

// expire closes a page, and cancels the payment it had begun.
func (t *tx) expire(s Session) Session {
	s.Status = "expired"
	t.put(s)
	if pi, ok := find[PaymentIntent](t, string(s.PaymentIntent)); ok && cancelable[pi.Status] {
		t.cancel(&pi)
	}
	t.emit("checkout.session.expired", s)
	return s
}

func (t *tx) settleSession(s Session) {
	if t.now.Unix() >= s.ExpiresAt {
		t.expire(s)
	}
}

func (t *tx) listSessions(r request) (any, *apiError) {
	f := r.form
	return page(t, r, func(s Session) int64 { return s.Created }, func(s Session) bool {
		return (f["customer"] == "" || f["customer"] == string(s.Customer)) && (f["status"] == "" || f["status"] == s.Status) &&
			(f["payment_intent"] == "" || f["payment_intent"] == string(s.PaymentIntent))
	})
}
