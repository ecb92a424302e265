package stripe

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/charging"
	sdk "github.com/stripe/stripe-go/v85"
)

// failure is an error that Stripe answered, stripped to what a log may hold: the library's own error prints what the
// payer typed.
type failure struct {
	status  int
	kind    sdk.ErrorType
	code    sdk.ErrorCode
	decline sdk.DeclineCode
	request string
	payment *sdk.PaymentIntent // of a card's refusal; never printed
}

// Error is safe for logs.
func (f *failure) Error() string {
	return fmt.Sprintf("answered %d %s %s %s (%s)", f.status, f.kind, f.code, f.decline, f.request)
}

// Is makes errors.Is(err, charging.ErrRefused) tell whether the request certainly did nothing. That is said of this
// sending only: an earlier one under the same key may have moved money, so a caller for whom the outcome is unknown
// already must not take it for a failure.
//
// Refused: what Stripe turns away before executing it, with 400, 401, 403 or 404 and an invalid_request_error.
// Everything else leaves the outcome unknown: a key in use (409), a key used with other parameters (an earlier, other
// request may have executed), too many requests (429), any 5xx (stored and replayed for the key), and no answer.
func (f *failure) Is(target error) bool {
	if target != charging.ErrRefused || f.kind != sdk.ErrorTypeInvalidRequest {
		return false
	}
	switch f.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return f.code != sdk.ErrorCodeIdempotencyKeyInUse && f.code != sdk.ErrorCodeLockTimeout && f.code != sdk.ErrorCodeRateLimit
	}
	return false
}

// classify keeps of an error what may be kept.
func classify(err error) error {
	var answered *sdk.Error
	if !errors.As(err, &answered) {
		return err
	}
	return &failure{answered.HTTPStatusCode, answered.Type, answered.Code, answered.DeclineCode, answered.RequestID, answered.PaymentIntent}
}

// gone tells whether the object that was asked for does not exist.
func gone(err error) bool {
	f := (*failure)(nil)
	return errors.As(err, &f) && f.status == http.StatusNotFound && f.code == sdk.ErrorCodeResourceMissing
}

// refusedState tells whether a request was turned away because of what the object is, or is not: not because of who
// asked, which says nothing about the object.
func refusedState(err error) bool {
	f := (*failure)(nil)
	return errors.As(err, &f) && errors.Is(err, charging.ErrRefused) && (f.status == http.StatusBadRequest || f.status == http.StatusNotFound)
}

// declined reads a card's refusal: 402 with a card_error. Anything else is not ok, and stays an error.
func declined(err error, r charging.ChargeRequest) (charging.Outcome, bool) {
	f := (*failure)(nil)
	if !errors.As(err, &f) || f.status != http.StatusPaymentRequired || f.kind != sdk.ErrorTypeCard {
		return charging.Outcome{}, false
	}
	o := charging.Outcome{Key: r.Key, Amount: r.Amount}
	o.Result, o.Reason = refusal{string(f.code), string(f.decline)}.result()
	if f.payment == nil {
		return o, true
	}
	o.Reference = f.payment.ID
	switch f.payment.Status {
	case sdk.PaymentIntentStatusRequiresPaymentMethod, sdk.PaymentIntentStatusCanceled, sdk.PaymentIntentStatusRequiresAction:
		return o, true
	}
	return charging.Outcome{}, false // a refusal whose payment is under way: unknown until it is fetched
}

// refusal is why a card was refused.
type refusal struct {
	Code    string `json:"code"`
	Decline string `json:"decline_code"`
}

func (r refusal) result() (charging.Result, charging.Reason) {
	switch {
	case r.Code == "authentication_required", r.Decline == "authentication_required":
		return charging.NeedsPayer, ""
	case r.Code == "insufficient_funds", r.Decline == "insufficient_funds":
		return charging.Declined, charging.ReasonFunds
	case r.Code == "expired_card", r.Decline == "expired_card":
		return charging.Declined, charging.ReasonExpired
	case r.Code == "incorrect_cvc", r.Code == "invalid_cvc", r.Decline == "incorrect_cvc", r.Decline == "invalid_cvc":
		return charging.Declined, charging.ReasonCVC
	}
	return charging.Declined, charging.ReasonOther
}
