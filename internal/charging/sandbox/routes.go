package sandbox

import "strings"

// request is what a handler gets.
type request struct {
	ids []string // of the path, in order
	form
}

type handler func(*tx, request) (any, *apiError)

// route is one line of the interface. Parameters that it does not list are refused.
type route struct {
	method, path string // {} stands for an id
	handle       handler
	params       []string
}

type routed struct {
	request
	handle handler
}

const (
	get  = "GET"
	post = "POST"
)

var paging = []string{"limit", "starting_after", "ending_before", "expand[*]"}

var created = []string{"created", "created[gt]", "created[gte]", "created[lt]", "created[lte]"}

func with(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// routes is the whole interface.
var routes = []route{
	{post, "/v1/customers", (*tx).createCustomer, []string{"name", "email", "description", "metadata[*]", "expand[*]"}},
	{get, "/v1/customers/{}", show[Customer], []string{"expand[*]"}},
	{get, "/v1/customers/{}/payment_methods", (*tx).listMethods, with(paging, []string{"type"})},
	{get, "/v1/customers/{}/payment_methods/{}", (*tx).showMethod, []string{"expand[*]"}},

	{post, "/v1/payment_methods", (*tx).createMethod, []string{"type", "card[token]", "card[number]", "card[exp_month]", "card[exp_year]", "card[cvc]", "metadata[*]", "expand[*]"}},
	{get, "/v1/payment_methods/{}", show[PaymentMethod], []string{"expand[*]"}},
	{post, "/v1/payment_methods/{}/attach", (*tx).attach, []string{"customer", "expand[*]"}},
	{post, "/v1/payment_methods/{}/detach", (*tx).detach, []string{"expand[*]"}},

	{post, "/v1/setup_intents", (*tx).createSetup, []string{"customer", "payment_method", "payment_method_types[*]", "usage", "confirm", "metadata[*]", "expand[*]"}},
	{get, "/v1/setup_intents/{}", show[SetupIntent], []string{"expand[*]"}},

	{post, "/v1/payment_intents", (*tx).createPayment, []string{"amount", "currency", "customer", "payment_method", "payment_method_types[*]", "confirm", "off_session", "description", "receipt_email", "metadata[*]", "expand[*]"}},
	{get, "/v1/payment_intents", (*tx).listPayments, with(paging, created, []string{"customer"})},
	{get, "/v1/payment_intents/{}", show[PaymentIntent], []string{"expand[*]"}},
	{post, "/v1/payment_intents/{}/cancel", (*tx).cancelPayment, []string{"cancellation_reason", "expand[*]"}},

	{post, "/v1/refunds", (*tx).createRefund, []string{"payment_intent", "charge", "amount", "reason", "metadata[*]", "expand[*]"}},
	{get, "/v1/refunds", (*tx).listRefunds, with(paging, created, []string{"payment_intent", "charge"})},
	{get, "/v1/refunds/{}", show[Refund], []string{"expand[*]"}},

	{post, "/v1/checkout/sessions", (*tx).createSession, []string{"mode", "success_url", "cancel_url", "client_reference_id", "customer", "expires_at", "currency",
		"payment_method_types[*]", "metadata[*]", "payment_intent_data[metadata][*]", "setup_intent_data[metadata][*]", "line_items[*][quantity]",
		"line_items[*][price_data][currency]", "line_items[*][price_data][unit_amount]", "line_items[*][price_data][product_data][name]", "expand[*]"}},
	{get, "/v1/checkout/sessions", (*tx).listSessions, with(paging, created, []string{"customer", "payment_intent", "status"})},
	{get, "/v1/checkout/sessions/{}", (*tx).showSession, []string{"expand[*]"}},
	{post, "/v1/checkout/sessions/{}/expire", (*tx).expireSession, []string{"expand[*]"}},

	{get, "/v1/disputes", (*tx).listDisputes, with(paging, created, []string{"payment_intent", "charge"})},
	{get, "/v1/disputes/{}", show[Dispute], []string{"expand[*]"}},
	{post, "/v1/disputes/{}", (*tx).answerDispute, []string{"evidence[uncategorized_text]", "submit", "metadata[*]", "expand[*]"}},
	{post, "/v1/disputes/{}/close", (*tx).closeDispute, []string{"expand[*]"}},

	{get, "/v1/events", (*tx).listEvents, with(paging, created, []string{"type"})},
	{get, "/v1/events/{}", show[Event], []string{"expand[*]"}},
}

func (t *tx) route() (routed, *apiError) {
	for _, r := range routes {
		ids, ok := match(r.path, t.call.Path)
		if !ok || r.method != t.call.Method {
			continue
		}
		f, failed := readForm(t.call.Form)
		if failed == nil {
			failed = f.only(r.params)
		}
		return routed{request{ids, f}, r.handle}, failed
	}
	return routed{}, errNoRoute(t.call.Method, t.call.Path)
}

func match(pattern, path string) (ids []string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i := range want {
		switch {
		case want[i] == "{}" && got[i] != "":
			ids = append(ids, got[i])
		case want[i] != got[i]:
			return nil, false
		}
	}
	return ids, true
}

// show answers an object by its id.
func show[T object](t *tx, r request) (any, *apiError) {
	o, failed := need[T](t, "id", r.ids[0])
	if failed != nil {
		return nil, failed
	}
	return o.wire(), nil
}
