package sandbox

import (
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
)

// behaviour is how a test card acts. The table is that of docs.stripe.com/testing.
type behaviour struct {
	token, number, brand string
	saving               *PaymentError // saving it fails
	charge               *PaymentError // charging it fails
	auth                 authRule
	dispute              string // the reason of the dispute that follows a charge
	refund               string // "pending" or "failed": what becomes of a refund
}

// authRule tells when a charge needs the payer's authentication.
type authRule int

const (
	authNever       authRule = iota
	authUnlessSetUp          // until it was authenticated once while being saved
	authAlways               // each time, so never off-session
)

func cardError(code, decline, message string) *PaymentError {
	return &PaymentError{Type: "card_error", Code: code, DeclineCode: decline, Message: message}
}

var (
	declinedGeneric = cardError("card_declined", "generic_decline", "Your card was declined.")
	declinedFunds   = cardError("card_declined", "insufficient_funds", "Your card has insufficient funds.")
	declinedLost    = cardError("card_declined", "lost_card", "Your card was declined.")
	declinedStolen  = cardError("card_declined", "stolen_card", "Your card was declined.")
	declinedFraud   = cardError("card_declined", "fraudulent", "Your card was declined.")
	declinedExpired = cardError("expired_card", "", "Your card has expired.")
	declinedCVC     = cardError("incorrect_cvc", "", "Your card's security code is incorrect.")
	declinedProcess = cardError("processing_error", "", "An error occurred while processing your card. Try again in a little bit.")
	declinedOften   = cardError("card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently.")
	declinedLive    = cardError("card_declined", "test_mode_live_card", "Your card was declined: the sandbox takes test cards only.")
	declinedProof   = cardError("payment_intent_authentication_failure", "", "The card was not authenticated.")
	setupProof      = cardError("setup_intent_authentication_failure", "", "The card was not authenticated.")
	authRequired    = cardError("authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.")
)

// behaviours is the table of test cards. One that declines when it is charged cannot be saved either, but for 0341.
var behaviours = []behaviour{
	{token: "pm_card_visa", number: "4242424242424242", brand: "visa"},
	{token: "pm_card_visa_debit", number: "4000056655665556", brand: "visa"},
	{token: "pm_card_mastercard", number: "5555555555554444", brand: "mastercard"},
	{token: "pm_card_mastercard_debit", number: "5200828282828210", brand: "mastercard"},
	{token: "pm_card_mastercard_prepaid", number: "5105105105105100", brand: "mastercard"},
	{number: "2223003122003222", brand: "mastercard"},
	{token: "pm_card_amex", number: "378282246310005", brand: "amex"},
	{number: "371449635398431", brand: "amex"},
	{token: "pm_card_discover", number: "6011111111111117", brand: "discover"},
	{token: "pm_card_diners", number: "3056930009020004", brand: "diners"},
	{token: "pm_card_jcb", number: "3566002020360505", brand: "jcb"},
	{token: "pm_card_unionpay", number: "6200000000000005", brand: "unionpay"},

	{token: "pm_card_visa_chargeDeclined", number: "4000000000000002", brand: "visa", saving: declinedGeneric, charge: declinedGeneric},
	{token: "pm_card_visa_chargeDeclinedInsufficientFunds", number: "4000000000009995", brand: "visa", saving: declinedFunds, charge: declinedFunds},
	{token: "pm_card_visa_chargeDeclinedLostCard", number: "4000000000009987", brand: "visa", saving: declinedLost, charge: declinedLost},
	{token: "pm_card_visa_chargeDeclinedStolenCard", number: "4000000000009979", brand: "visa", saving: declinedStolen, charge: declinedStolen},
	{token: "pm_card_chargeDeclinedExpiredCard", number: "4000000000000069", brand: "visa", saving: declinedExpired, charge: declinedExpired},
	{token: "pm_card_chargeDeclinedIncorrectCvc", number: "4000000000000127", brand: "visa", saving: declinedCVC, charge: declinedCVC},
	{token: "pm_card_chargeDeclinedProcessingError", number: "4000000000000119", brand: "visa", saving: declinedProcess, charge: declinedProcess},
	{token: "pm_card_visa_chargeDeclinedVelocityLimitExceeded", number: "4000000000006975", brand: "visa", saving: declinedOften, charge: declinedOften},
	{token: "pm_card_radarBlock", number: "4100000000000019", brand: "visa", saving: declinedFraud, charge: declinedFraud},
	{token: "pm_card_chargeCustomerFail", number: "4000000000000341", brand: "visa", charge: declinedGeneric},

	{token: "pm_card_authenticationRequiredOnSetup", number: "4000002500003155", brand: "visa", auth: authUnlessSetUp},
	{token: "pm_card_authenticationRequired", number: "4000002760003184", brand: "visa", auth: authAlways},
	{token: "pm_card_authenticationRequiredSetupForOffSession", number: "4000003800000446", brand: "visa"},
	{token: "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", number: "4000008260003178", brand: "visa", auth: authUnlessSetUp, charge: declinedFunds},
	{token: "pm_card_threeDSecure2Required", number: "4000000000003220", brand: "visa", auth: authAlways},
	{token: "pm_card_threeDSecureRequiredChargeDeclined", number: "4000008400001629", brand: "visa", auth: authAlways, charge: declinedGeneric},

	{token: "pm_card_createDispute", number: "4000000000000259", brand: "visa", dispute: "fraudulent"},
	{token: "pm_card_createDisputeProductNotReceived", number: "4000000000002685", brand: "visa", dispute: "product_not_received"},
	{token: "pm_card_createDisputeInquiry", number: "4000000000001976", brand: "visa", dispute: "inquiry"},
	{token: "pm_card_pendingRefund", number: "4000000000007726", brand: "visa", refund: "pending"},
	{token: "pm_card_refundFail", number: "4000000000005126", brand: "visa", refund: "failed"},
}

// name is how a card's behaviour is kept: its token, or for the few cards without one the last four digits. All that
// are no test cards have one name, which is in no row of the table.
func (b behaviour) name() string {
	switch {
	case b.token != "":
		return b.token
	case b.number == "":
		return "no-test-card"
	}
	return b.brand + "-" + b.number[len(b.number)-4:]
}

// act finds a behaviour by its name.
func act(name string) (behaviour, bool) {
	for _, b := range behaviours {
		if b.name() == name {
			return b, true
		}
	}
	return behaviour{}, false
}

// token finds a test card by the id that API callers use: "pm_card_visa" or "tok_visa".
func token(id string) (behaviour, bool) {
	if short, ok := strings.CutPrefix(id, "tok_"); ok {
		id = "pm_card_" + short
	}
	for _, b := range behaviours {
		if b.token != "" && b.token == id {
			return b, true
		}
	}
	return behaviour{}, false
}

// injected is the decline of a Decline fault.
func injected(r charging.Reason) *PaymentError {
	switch r {
	case charging.ReasonFunds:
		return declinedFunds
	case charging.ReasonExpired:
		return declinedExpired
	case charging.ReasonCVC:
		return declinedCVC
	}
	return declinedGeneric
}

// CardForm is what a payer types. It is looked at and forgotten.
type CardForm struct{ Number, Expiry, CVC string }

// typed is a card as it was typed, without its number.
type typed struct {
	card     behaviour
	last4    string
	expMonth int
	expYear  int
}

// Problem is a message beside a field of the card form.
type Problem struct{ Field, Message string }

// read checks a card form. Problems are in the order of the fields.
func (f CardForm) read(now time.Time) (typed, []Problem) {
	var problems []Problem
	number := digits(f.Number)
	if len(number) < 12 || len(number) > 19 || !luhn(number) {
		problems = append(problems, Problem{"number", "Your card number is not valid. Check the digits."})
	}
	month, year, message := expiry(f.Expiry, now)
	if message != "" {
		problems = append(problems, Problem{"expiry", message})
	}
	want := 3
	if strings.HasPrefix(number, "34") || strings.HasPrefix(number, "37") {
		want = 4
	}
	if len(digits(f.CVC)) != want || len(strings.TrimSpace(f.CVC)) != want {
		problems = append(problems, Problem{"cvc", "The security code has " + map[int]string{3: "three", 4: "four"}[want] + " digits."})
	}
	if len(problems) > 0 {
		return typed{}, problems
	}
	return typed{card: numbered(number), last4: number[len(number)-4:], expMonth: month, expYear: year}, nil
}

// numbered finds the behaviour of a number. One that is no test card is declined, as Stripe's test mode does.
func numbered(number string) behaviour {
	for _, b := range behaviours {
		if b.number == number {
			return b
		}
	}
	return behaviour{brand: "unknown", saving: declinedLive, charge: declinedLive}
}

// expiry reads "12/34" or "12 / 2034".
func expiry(text string, now time.Time) (month, year int, message string) {
	head, tail, ok := strings.Cut(text, "/")
	month, okMonth := small(strings.TrimSpace(head))
	year, okYear := small(strings.TrimSpace(tail))
	if !ok || !okMonth || !okYear || month < 1 || month > 12 {
		return 0, 0, "Write the expiry date as month / year, for example 12/34."
	}
	if year < 100 {
		year += 2000
	}
	switch {
	case year < now.Year(), year == now.Year() && month < int(now.Month()):
		return 0, 0, "Your card's expiry date is in the past."
	case year > now.Year()+50:
		return 0, 0, "Your card's expiry year is not valid."
	}
	return month, year, ""
}

func small(text string) (int, bool) {
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, len(text) > 0 && len(text) <= 4
}

// digits keeps the digits of a text in which spaces and dashes may stand; anything else makes it empty.
func digits(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			out.WriteRune(r)
		case r != ' ' && r != '-':
			return ""
		}
	}
	return out.String()
}

// luhn checks a card number's last digit (ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
