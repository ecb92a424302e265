package sandbox

import (
	"encoding/json"
	"fmt"
)

// apiVersion is the version whose shapes are answered; it is that of stripe-go v85.0.0.
const apiVersion = "2026-03-25.dahlia"

// object is a thing the processor keeps. The whole of it is journalled; wire leaves out what Stripe does not show.
type object interface {
	ident() string
	kind() string
	wire() any
}

// ref is an id, or null.
type ref string

// MarshalJSON writes an empty reference as null.
func (r ref) MarshalJSON() ([]byte, error) {
	if r == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(r))
}

// Customer is whoever pays. Of what a caller may send, everything is shown on the sandbox's own page.
type Customer struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Created     int64             `json:"created"`
	Livemode    bool              `json:"livemode"`
	Name        ref               `json:"name"`
	Email       ref               `json:"email"`
	Description ref               `json:"description"`
	Metadata    map[string]string `json:"metadata"`
}

// PaymentMethod is a card. Its number is never kept.
type PaymentMethod struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Created  int64             `json:"created"`
	Livemode bool              `json:"livemode"`
	Type     string            `json:"type"`
	Customer ref               `json:"customer"`
	Card     CardDetails       `json:"card"`
	Metadata map[string]string `json:"metadata"`
	Hidden   *cardHidden       `json:"hidden,omitempty"`
}

// CardDetails is what may be said of a card.
type CardDetails struct {
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	Country  string `json:"country"`
	Funding  string `json:"funding"`
}

type cardHidden struct {
	Behaviour string `json:"behaviour"` // the token of a test card
	SetUp     bool   `json:"setUp"`     // the payer has authenticated it for later charges
}

// SetupIntent is the saving of a card.
type SetupIntent struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Created       int64             `json:"created"`
	Livemode      bool              `json:"livemode"`
	ClientSecret  string            `json:"client_secret"`
	Customer      ref               `json:"customer"`
	PaymentMethod ref               `json:"payment_method"`
	Status        string            `json:"status"`
	Usage         string            `json:"usage"`
	LastError     *PaymentError     `json:"last_setup_error"`
	Types         []string          `json:"payment_method_types"`
	Metadata      map[string]string `json:"metadata"`
}

// PaymentIntent is a payment. Amounts are in the currency's minor units as Stripe counts them.
type PaymentIntent struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Amount         int64             `json:"amount"`
	AmountReceived int64             `json:"amount_received"`
	Currency       string            `json:"currency"`
	Created        int64             `json:"created"`
	Livemode       bool              `json:"livemode"`
	ClientSecret   string            `json:"client_secret"`
	Customer       ref               `json:"customer"`
	PaymentMethod  ref               `json:"payment_method"`
	Status         string            `json:"status"`
	CaptureMethod  string            `json:"capture_method"`
	LastError      *PaymentError     `json:"last_payment_error"`
	LatestCharge   ref               `json:"latest_charge"`
	CanceledAt     int64             `json:"canceled_at,omitempty"`
	Description    ref               `json:"description"`
	ReceiptEmail   ref               `json:"receipt_email"`
	Types          []string          `json:"payment_method_types"`
	Metadata       map[string]string `json:"metadata"`
}

// PaymentError is why a payment or a setup failed.
type PaymentError struct {
	Type        string `json:"type"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message"`
	Charge      string `json:"charge,omitempty"`
}

// Refund gives money back.
type Refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Created       int64             `json:"created"`
	Charge        ref               `json:"charge"`
	PaymentIntent ref               `json:"payment_intent"`
	Status        string            `json:"status"`
	Reason        ref               `json:"reason"`
	FailureReason ref               `json:"failure_reason"`
	Metadata      map[string]string `json:"metadata"`
	Next          string            `json:"hidden,omitempty"` // the status it will have a little later
}

// Session is a hosted page.
type Session struct {
	ID              string            `json:"id"`
	Object          string            `json:"object"`
	Created         int64             `json:"created"`
	Livemode        bool              `json:"livemode"`
	ExpiresAt       int64             `json:"expires_at"`
	Mode            string            `json:"mode"`
	Status          string            `json:"status"`
	PaymentStatus   string            `json:"payment_status"`
	URL             ref               `json:"url"`
	SuccessURL      string            `json:"success_url"`
	CancelURL       ref               `json:"cancel_url"`
	ClientReference ref               `json:"client_reference_id"`
	Customer        ref               `json:"customer"`
	PaymentIntent   ref               `json:"payment_intent"`
	SetupIntent     ref               `json:"setup_intent"`
	AmountTotal     int64             `json:"amount_total"`
	Currency        ref               `json:"currency"`
	Types           []string          `json:"payment_method_types"`
	Metadata        map[string]string `json:"metadata"`
	Hidden          *pageHidden       `json:"hidden,omitempty"`
}

type pageHidden struct {
	Product  string            `json:"product"`  // what the line item is called
	Metadata map[string]string `json:"metadata"` // of the payment or setup to come
}

// Dispute is money that the payer's bank took back.
type Dispute struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Created       int64             `json:"created"`
	Livemode      bool              `json:"livemode"`
	Charge        ref               `json:"charge"`
	PaymentIntent ref               `json:"payment_intent"`
	Reason        string            `json:"reason"`
	Status        string            `json:"status"`
	Moves         []DisputeMove     `json:"balance_transactions"`
	Metadata      map[string]string `json:"metadata"`
}

// DisputeMove is the part of a balance transaction that tells what a dispute withdrew or reinstated, and what is kept.
type DisputeMove struct {
	Object   string `json:"object"`
	Amount   int64  `json:"amount"`
	Fee      int64  `json:"fee"`
	Net      int64  `json:"net"`
	Currency string `json:"currency"`
}

// Event tells that something happened.
type Event struct {
	ID         string       `json:"id"`
	Object     string       `json:"object"`
	APIVersion string       `json:"api_version"`
	Created    int64        `json:"created"`
	Livemode   bool         `json:"livemode"`
	Type       string       `json:"type"`
	Pending    int          `json:"pending_webhooks"`
	Data       EventData    `json:"data"`
	Request    EventRequest `json:"request"`
}

// EventData is the object as it was when the event was made.
type EventData struct {
	Object json.RawMessage `json:"object"`
}

// EventRequest is the request that caused an event.
type EventRequest struct {
	ID  ref `json:"id"`
	Key ref `json:"idempotency_key"`
}

func (o Customer) ident() string      { return o.ID }
func (o PaymentMethod) ident() string { return o.ID }
func (o SetupIntent) ident() string   { return o.ID }
func (o PaymentIntent) ident() string { return o.ID }
func (o Refund) ident() string        { return o.ID }
func (o Session) ident() string       { return o.ID }
func (o Dispute) ident() string       { return o.ID }
func (o Event) ident() string         { return o.ID }

func (o Customer) kind() string      { return "customer" }
func (o PaymentMethod) kind() string { return "payment_method" }
func (o SetupIntent) kind() string   { return "setup_intent" }
func (o PaymentIntent) kind() string { return "payment_intent" }
func (o Refund) kind() string        { return "refund" }
func (o Session) kind() string       { return "checkout.session" }
func (o Dispute) kind() string       { return "dispute" }
func (o Event) kind() string         { return "event" }

func (o Customer) wire() any      { return o }
func (o PaymentMethod) wire() any { o.Hidden = nil; return o }
func (o SetupIntent) wire() any   { return o }
func (o PaymentIntent) wire() any { return o }
func (o Refund) wire() any        { o.Next = ""; return o }
func (o Session) wire() any       { o.Hidden = nil; return o }
func (o Dispute) wire() any       { return o }
func (o Event) wire() any         { return o }

// waits tells whether time alone may change the object.
func waits(o object) bool {
	switch o := o.(type) {
	case Session:
		return o.Status == "open"
	case Refund:
		return o.Next != ""
	}
	return false
}

// readObject decodes a journalled object by what it says it is.
func readObject(raw json.RawMessage) (object, error) {
	var head struct {
		Object string `json:"object"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, err
	}
	read, ok := readers[head.Object]
	if !ok {
		return nil, fmt.Errorf("sandbox: an object of unknown kind %q", head.Object)
	}
	return read(raw)
}

var readers = map[string]func(json.RawMessage) (object, error){
	"customer": decode[Customer], "payment_method": decode[PaymentMethod], "setup_intent": decode[SetupIntent],
	"payment_intent": decode[PaymentIntent], "refund": decode[Refund], "checkout.session": decode[Session],
	"dispute": decode[Dispute], "event": decode[Event],
}

func decode[T object](raw json.RawMessage) (object, error) {
	var o T
	err := json.Unmarshal(raw, &o)
	return o, err
}
