// Package stripe is charging's Processor on a firm's own Stripe account, through stripe-go.
//
// Requests and errors are the library's; answers are decoded into the few fields that are used, because decoding the
// library's whole types costs ten times as much the first time, which is when a lawyer waits for a cold function.
// Nothing is sent but opaque ids, amounts, currencies and addresses to return to: no name, e-mail address or text.
package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/outbound"
	sdk "github.com/stripe/stripe-go/v85"
)

// Config connects an account.
type Config struct {
	// Key returns the account's restricted secret key. It is asked before each call, so that a rotated key is found.
	Key           func(ctx context.Context) (string, error)
	WebhookSecret string       // of the firm's webhook endpoint, "whsec_…"
	BaseURL       string       // empty: Stripe
	HTTP          *http.Client // nil: outbound.Client
	TrustCapable  bool         // the firm declared that fees and chargebacks never touch this account's deposits
}

// window is how long Stripe remembers a key, 24 hours, less an hour for clocks and requests under way.
const window = 23 * time.Hour

// longest bounds a call whose context has no earlier deadline.
const longest = 30 * time.Second

// Processor is one account. Safe for concurrent use.
type Processor struct {
	config  Config
	backend sdk.Backend
}

// New returns a processor; it connects to nothing yet. The library's own retries, telemetry and log are off: when to
// send again is charging's decision, and a log of its errors would hold what payers typed.
func New(c Config) *Processor {
	if c.HTTP == nil {
		c.HTTP = outbound.Client(0)
	}
	backend := &sdk.BackendConfig{
		EnableTelemetry:   sdk.Bool(false),
		HTTPClient:        c.HTTP,
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull},
		MaxNetworkRetries: sdk.Int64(0),
	}
	if c.BaseURL != "" {
		backend.URL = sdk.String(c.BaseURL)
	}
	return &Processor{c, sdk.GetBackendWithConfig(sdk.APIBackend, backend)}
}

var _ charging.Processor = (*Processor)(nil)

// Promises tells that a key is remembered for 23 hours.
func (p *Processor) Promises() charging.Promises {
	return charging.Promises{Window: window, TrustCapable: p.config.TrustCapable}
}

// Customer makes a customer for our opaque key. Within a day the same key gives the same customer; later it gives a
// new one, which harms nothing: a customer holds no money, and callers keep the one they got.
func (p *Processor) Customer(ctx context.Context, key string) (string, error) {
	var c struct {
		sdk.APIResource
		ID string `json:"id"`
	}
	params := &sdk.CustomerCreateParams{Metadata: map[string]string{"client": key}}
	if err := p.post(ctx, "/v1/customers", key+":customer", params, &c); err != nil {
		return "", fmt.Errorf("stripe: make a customer: %w", err)
	}
	return c.ID, has(c.ID)
}

// Card describes a saved method. Errors: ErrRefused when it is not a card of this customer's.
func (p *Processor) Card(ctx context.Context, customer, method string) (charging.Card, error) {
	var m struct {
		sdk.APIResource
		ID   string `json:"id"`
		Card *struct {
			Brand    string `json:"brand"`
			Last4    string `json:"last4"`
			ExpMonth int    `json:"exp_month"`
			ExpYear  int    `json:"exp_year"`
		} `json:"card"`
	}
	path := sdk.FormatURLPath("/v1/customers/%s/payment_methods/%s", customer, method)
	if err := p.get(ctx, path, &sdk.Params{}, &m); err != nil {
		return charging.Card{}, fmt.Errorf("stripe: read a card: %w", err)
	}
	if m.Card == nil {
		return charging.Card{}, fmt.Errorf("stripe: the saved method is no card: %w", charging.ErrRefused)
	}
	return charging.Card{Brand: m.Card.Brand, Last4: m.Card.Last4, ExpMonth: m.Card.ExpMonth, ExpYear: m.Card.ExpYear}, nil
}

// post sends a request that changes something. An empty key lets the library make one up: for calls that do the same
// however often they are made.
func (p *Processor) post(ctx context.Context, path, key string, params sdk.ParamsContainer, result sdk.LastResponseSetter) error {
	if key != "" {
		params.GetParams().IdempotencyKey = &key
	}
	return p.call(ctx, http.MethodPost, path, params, result)
}

func (p *Processor) get(ctx context.Context, path string, params sdk.ParamsContainer, result sdk.LastResponseSetter) error {
	return p.call(ctx, http.MethodGet, path, params, result)
}

func (p *Processor) call(ctx context.Context, method, path string, params sdk.ParamsContainer, result sdk.LastResponseSetter) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	secret, err := p.config.Key(ctx)
	if err != nil {
		return fmt.Errorf("the account's key: %w", err)
	}
	params.GetParams().Context = ctx
	return classify(p.backend.Call(method, path, secret, params, result))
}

// has refuses an answer without an id: it is none of Stripe's, so what happened is unknown.
func has(id string) error {
	if id == "" {
		return errors.New("stripe: the answer has no id")
	}
	return nil
}
