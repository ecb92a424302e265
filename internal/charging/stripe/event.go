package stripe

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/stripe/stripe-go/v85/webhook"
)

// Errors of ParseEvent. Either way the webhook is answered with 400 and nothing is done.
var (
	ErrSignature = errors.New("stripe: the event is not signed by this account")
	ErrStale     = errors.New("stripe: the event was signed at another time")
)

// ParseEvent verifies a Stripe-Signature header over the very bytes that came, with Stripe's tolerance of 300 s to
// either side of now. The event's API version is not looked at, on purpose: of an event only ids are read, and what
// they point to is fetched in the version that this package speaks.
func (p *Processor) ParseEvent(payload []byte, signature string, now time.Time) (charging.Event, error) {
	at, signatures, err := readSignature(signature)
	if err != nil {
		return charging.Event{}, err
	}
	if p.config.WebhookSecret == "" || !signed(payload, at, signatures, p.config.WebhookSecret) {
		return charging.Event{}, ErrSignature
	}
	if age := now.Sub(at); age > webhook.DefaultTolerance || age < -webhook.DefaultTolerance {
		return charging.Event{}, ErrStale
	}
	return readEvent(payload)
}

// maxSignatures bounds the work a header can ask for; while a secret is rolled there are two.
const maxSignatures = 8

// readSignature reads "t=1495999758,v1=5257a8…,v1=…". Parts of other schemes are passed over; t comes once.
func readSignature(header string) (at time.Time, signatures [][]byte, err error) {
	times := 0
	for part := range strings.SplitSeq(header, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || strings.Contains(value, "=") {
			return at, nil, ErrSignature
		}
		switch name {
		case "t":
			seconds, err := strconv.ParseInt(value, 10, 64)
			if times++; err != nil || times > 1 || seconds < 0 || seconds > 1<<40 {
				return at, nil, ErrSignature
			}
			at = time.Unix(seconds, 0)
		case "v1":
			if mac, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, mac)
			}
		}
	}
	if times == 0 || len(signatures) == 0 || len(signatures) > maxSignatures {
		return at, nil, ErrSignature
	}
	return at, signatures, nil
}

func signed(payload []byte, at time.Time, signatures [][]byte, secret string) bool {
	want := webhook.ComputeSignature(at, payload, secret)
	for _, mac := range signatures {
		if hmac.Equal(mac, want) {
			return true
		}
	}
	return false
}

func readEvent(payload []byte) (charging.Event, error) {
	var e struct {
		ID     string `json:"id"`
		Object string `json:"object"`
		Type   string `json:"type"`
		Data   struct {
			Object struct {
				ID       string              `json:"id"`
				Payment  reference[struct{}] `json:"payment_intent"`
				Client   string              `json:"client_reference_id"`
				Metadata map[string]string   `json:"metadata"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return charging.Event{}, fmt.Errorf("stripe: read the event: %w", err)
	}
	if e.Object != "event" || e.ID == "" {
		return charging.Event{}, errors.New("stripe: the webhook's body is no event")
	}
	o := e.Data.Object
	hint := charging.Event{ID: e.ID, Kind: kind(e.Type), Reference: o.ID, Key: o.Metadata["attempt"]}
	switch hint.Kind {
	case charging.EventRefund, charging.EventDispute:
		hint.Payment = o.Payment.id()
	case charging.EventPage:
		hint.Key = o.Client
	}
	return hint, nil
}

func kind(event string) charging.EventKind {
	for prefix, k := range kinds {
		if strings.HasPrefix(event, prefix) {
			return k
		}
	}
	return charging.EventOther
}

// kinds by the beginning of an event's type; no beginning is the beginning of another.
var kinds = map[string]charging.EventKind{
	"payment_intent.":   charging.EventPayment,
	"checkout.session.": charging.EventPage,
	"refund.":           charging.EventRefund,
	"charge.refund.":    charging.EventRefund,
	"charge.dispute.":   charging.EventDispute,
}
