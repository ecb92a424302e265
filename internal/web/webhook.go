package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// freeForgeries is how many webhooks of nobody's in a minute one place may send.
const freeForgeries = 60

// maxEvent is the most a webhook's body may be, in bytes; Stripe's own events stay far below it.
const maxEvent = 256 << 10

// Endpoints tells whose account a webhook address belongs to.
type Endpoints interface {
	// Firm returns the firm of an endpoint. Errors: fault.Missing.
	Firm(ctx context.Context, endpoint string) (firmID string, err error)
}

// Hints takes webhooks: charging.Charges.
type Hints interface {
	// Hint verifies a webhook, fetches what it points to and applies it; a duplicate is no error.
	// Errors: fault.Invalid or fault.Unauthenticated for a signature that is not the processor's.
	Hint(ctx context.Context, firmID, endpoint string, payload []byte, signature string) error
}

// Faults of webhooks.
var (
	errSignature = fault.New(fault.Invalid, "webhook.signature", "The signature does not fit.")
	errResend    = fault.New(fault.Busy, "webhook.later", "Not done yet: send it again.")
)

// webhook answers 200 for what was handled, now or before; 400 for a signature that does not fit; 404 for an
// endpoint that is nobody's; and 5xx for whatever should be sent again, a lost race included.
// An endpoint that is nobody's and a signature that does not fit cost a look at the secrets: who sends too many of them is
// refused before that. What the processor signed is never slowed, since it comes from its own network.
func webhook(endpoints Endpoints, hints Hints, failures *site.Brake) site.Handler {
	take := taking(endpoints, hints)
	return func(w http.ResponseWriter, r *http.Request) error {
		if wait := failures.Wait(site.Place(r)); wait > 0 {
			return site.TooOften(w, wait)
		}
		err := take(w, r)
		if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Missing) {
			failures.Count(site.Place(r))
		}
		return err
	}
}

func taking(endpoints Endpoints, hints Hints) site.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		endpoint := r.PathValue("endpoint")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return fmt.Errorf("webhook body: %w", err)
		}
		firmID, err := endpoints.Firm(r.Context(), endpoint)
		if err != nil {
			return err
		}
		if err := hints.Hint(r.Context(), firmID, endpoint, body, r.Header.Get("Stripe-Signature")); err != nil {
			return hintFault(err)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
		return nil
	}
}

// hintFault says of a firm that has no processor what it says of a wrong signature: whoever cannot sign is not told
// which firms there are. The processor sends again after any refusal.
func hintFault(err error) error {
	switch kind := fault.KindOf(err); {
	case kind == fault.Invalid, kind == fault.Unauthenticated, errors.Is(err, charging.ErrNoProcessor):
		return errSignature.Because(err)
	case kind == fault.Internal:
		return err
	}
	return errResend.Because(err)
}
