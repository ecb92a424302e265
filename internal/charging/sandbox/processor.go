package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/money"
)

// processor drives a Core as charging's processor, without a network and without the adapter: for simulation.
type processor struct {
	core     *Core
	promises charging.Promises
}

// NewProcessor returns a processor that drives core. It promises what it is told to, so that a simulation can play a
// processor without idempotency too: with a Window of 0 no key is sent, and a repeated charge charges again.
func NewProcessor(core *Core, promises charging.Promises) charging.Processor {
	return &processor{core, promises}
}

func (p *processor) Promises() charging.Promises { return p.promises }

func (p *processor) Customer(_ context.Context, key string) (string, error) {
	var c Customer
	err := p.send("/v1/customers", key+":customer", query("metadata[client]", key), &c)
	return c.ID, err
}

func (p *processor) SavePage(_ context.Context, r charging.PageRequest) (charging.Page, error) {
	if r.Customer == "" {
		return charging.Page{}, fmt.Errorf("sandbox: a saved card needs a customer: %w", charging.ErrRefused)
	}
	return p.open(r, "mode", "setup", "customer", r.Customer, "payment_method_types[0]", "card")
}

func (p *processor) PayPage(_ context.Context, r charging.PageRequest) (charging.Page, error) {
	pairs := []string{"mode", "payment", "payment_intent_data[metadata][attempt]", r.Key, "line_items[0][quantity]", "1",
		"line_items[0][price_data][currency]", strings.ToLower(r.Amount.Currency), "line_items[0][price_data][unit_amount]",
		strconv.FormatInt(r.Amount.Minor, 10), "line_items[0][price_data][product_data][name]", "Invoice payment"}
	if r.Customer != "" {
		pairs = append(pairs, "customer", r.Customer)
	}
	return p.open(r, pairs...)
}

func (p *processor) open(r charging.PageRequest, pairs ...string) (charging.Page, error) {
	pairs = append(pairs, "client_reference_id", r.Key, "success_url", r.Return, "cancel_url", r.Return)
	if !r.Expires.IsZero() {
		pairs = append(pairs, "expires_at", unix(r.Expires))
	}
	var s Session
	err := p.send("/v1/checkout/sessions", r.Key+":page", query(pairs...), &s)
	return charging.Page{Reference: s.ID, URL: string(s.URL), Expires: time.Unix(s.ExpiresAt, 0).UTC()}, err
}

func (p *processor) Saved(_ context.Context, page string) (charging.Method, error) {
	var s Session
	if err := p.read("/v1/checkout/sessions/"+page, "", &s); err != nil || s.Status != "complete" || s.SetupIntent == "" {
		return charging.Method{Customer: string(s.Customer)}, err
	}
	var si SetupIntent
	if err := p.read("/v1/setup_intents/"+string(s.SetupIntent), "", &si); err != nil || si.Status != "succeeded" {
		return charging.Method{Customer: string(s.Customer)}, err
	}
	return charging.Method{Customer: string(s.Customer), ID: string(si.PaymentMethod)}, nil
}

func (p *processor) Card(_ context.Context, customer, method string) (charging.Card, error) {
	var pm PaymentMethod
	err := p.read("/v1/customers/"+customer+"/payment_methods/"+method, "", &pm)
	return charging.Card{Brand: pm.Card.Brand, Last4: pm.Card.Last4, ExpMonth: pm.Card.ExpMonth, ExpYear: pm.Card.ExpYear}, err
}

func (p *processor) Charge(_ context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	var pi PaymentIntent
	err := p.send("/v1/payment_intents", r.Key, query("amount", strconv.FormatInt(r.Amount.Minor, 10),
		"currency", strings.ToLower(r.Amount.Currency), "customer", r.Customer, "payment_method", r.Method,
		"confirm", "true", "off_session", "true", "metadata[attempt]", r.Key), &pi)
	if declined := (*decline)(nil); errors.As(err, &declined) {
		return declined.payment.outcome(), nil
	}
	if err != nil {
		return charging.Outcome{}, err
	}
	return pi.outcome(), nil
}

func (p *processor) Find(_ context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	pairs := []string{"created[gte]", unix(r.Created.Add(-5 * time.Minute)), "limit", "100"}
	if r.Customer != "" {
		pairs = append(pairs, "customer", r.Customer)
	}
	return search(p, "/v1/payment_intents", pairs, r.Key, func(pi PaymentIntent) (string, string, charging.Outcome) {
		return pi.ID, pi.Metadata["attempt"], pi.outcome()
	})
}

func (p *processor) Refund(_ context.Context, r charging.RefundRequest) (charging.Outcome, error) {
	var refund Refund
	err := p.send("/v1/refunds", r.Key+":refund", query("payment_intent", r.Payment, "amount", strconv.FormatInt(r.Amount.Minor, 10),
		"metadata[attempt]", r.Key), &refund)
	if err != nil {
		return charging.Outcome{}, err
	}
	return refund.outcome(), nil
}

func (p *processor) FindRefund(_ context.Context, r charging.RefundRequest) (charging.Outcome, error) {
	return search(p, "/v1/refunds", []string{"payment_intent", r.Payment, "limit", "100"}, r.Key,
		func(o Refund) (string, string, charging.Outcome) { return o.ID, o.Metadata["attempt"], o.outcome() })
}

func (p *processor) FetchDispute(_ context.Context, reference string) (charging.Dispute, error) {
	var d Dispute
	err := p.read("/v1/disputes/"+reference, "", &d)
	return d.read(), err
}

func (p *processor) Fetch(_ context.Context, reference string) (charging.Outcome, error) {
	switch prefix, _, _ := strings.Cut(reference, "_"); prefix {
	case "pi":
		var pi PaymentIntent
		err := p.read("/v1/payment_intents/"+reference, "", &pi)
		return missing(pi.outcome(), err)
	case "re":
		var refund Refund
		err := p.read("/v1/refunds/"+reference, "", &refund)
		return missing(refund.outcome(), err)
	case "cs":
		return p.page(reference)
	}
	return charging.Outcome{}, fmt.Errorf("sandbox: not a reference of a payment, page or refund: %w", charging.ErrRefused)
}

func (p *processor) page(reference string) (charging.Outcome, error) {
	var s Session
	if err := p.read("/v1/checkout/sessions/"+reference, "", &s); err != nil {
		return missing(charging.Outcome{}, err)
	}
	if s.PaymentIntent == "" {
		return s.outcome(nil), nil
	}
	var pi PaymentIntent
	if err := p.read("/v1/payment_intents/"+string(s.PaymentIntent), "", &pi); err != nil {
		return charging.Outcome{}, err
	}
	return s.outcome(&pi), nil
}

func (p *processor) Expire(ctx context.Context, reference string) (charging.Outcome, error) {
	path := "/v1/payment_intents/" + reference + "/cancel"
	if strings.HasPrefix(reference, "cs_") {
		path = "/v1/checkout/sessions/" + reference + "/expire"
	}
	if err := p.send(path, "", "", nil); err != nil && !errors.Is(err, charging.ErrRefused) {
		return charging.Outcome{}, err
	}
	return p.Fetch(ctx, reference)
}

func (p *processor) ParseEvent(payload []byte, signature string, now time.Time) (charging.Event, error) {
	if signature != Sign(payload, p.core.opt.WebhookSecret, now) {
		return charging.Event{}, errors.New("sandbox: the event is not signed by this processor at this time")
	}
	var e Event
	if err := json.Unmarshal(payload, &e); err != nil {
		return charging.Event{}, fmt.Errorf("sandbox: read the event: %w", err)
	}
	return e.hint()
}

// decline is the 402 of a payment.
type decline struct{ payment PaymentIntent }

func (*decline) Error() string { return "sandbox: declined" }

// send posts; a key is sent only where keys are remembered.
func (p *processor) send(path, key, form string, result any) error {
	if p.promises.Window == 0 {
		key = ""
	}
	return p.call(Call{post, path, form, key}, result)
}

func (p *processor) read(path, form string, result any) error {
	return p.call(Call{get, path, form, ""}, result)
}

func (p *processor) call(call Call, result any) error {
	answer, err := p.core.Do(call)
	if err != nil {
		return err
	}
	if answer.Status == http.StatusOK && result == nil {
		return nil
	}
	if answer.Status == http.StatusOK {
		return json.Unmarshal(answer.Body, result)
	}
	var failed struct {
		Error struct {
			Type    string        `json:"type"`
			Code    string        `json:"code"`
			Payment PaymentIntent `json:"payment_intent"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer.Body, &failed); err != nil {
		return err
	}
	switch {
	case answer.Status == http.StatusPaymentRequired && failed.Error.Payment.ID != "":
		return &decline{failed.Error.Payment}
	case answer.Status == http.StatusNotFound:
		return fmt.Errorf("sandbox: %w: %w", errGone, charging.ErrRefused)
	case answer.Status < http.StatusPaymentRequired && failed.Error.Type == "invalid_request_error":
		return fmt.Errorf("sandbox: %d %s: %w", answer.Status, failed.Error.Code, charging.ErrRefused)
	}
	return fmt.Errorf("sandbox: answered %d %s", answer.Status, failed.Error.Code)
}

var errGone = errors.New("no such object")

func missing(o charging.Outcome, err error) (charging.Outcome, error) {
	if errors.Is(err, errGone) {
		return charging.Outcome{Result: charging.Missing}, nil
	}
	if err != nil {
		return charging.Outcome{}, err
	}
	return o, nil
}

// search walks a listing for our key. Several payments under one key (a processor without idempotency) show the one
// that moved money.
func search[T any](p *processor, path string, pairs []string, key string, read func(T) (id, key string, o charging.Outcome)) (charging.Outcome, error) {
	found := charging.Outcome{Result: charging.Missing}
	for after := ""; ; {
		form := query(pairs...)
		if after != "" {
			form += "&" + query("starting_after", after)
		}
		var listed struct {
			More bool `json:"has_more"`
			Data []T  `json:"data"`
		}
		if err := p.read(path, form, &listed); err != nil {
			return charging.Outcome{}, err
		}
		for _, one := range listed.Data {
			id, its, o := read(one)
			after = id
			if its == key && (found.Result == charging.Missing || o.Result == charging.Succeeded) {
				found = o
			}
		}
		if !listed.More || len(listed.Data) == 0 {
			return found, nil
		}
	}
}

func amount(minor int64, currency string) money.Amount {
	return money.Of(minor, strings.ToUpper(currency))
}
