package voice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// currencies are those that go by a word of the model's list; the first one is meant when nothing else is known.
var currencies = map[string][]string{
	"dollar": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD"}, "pound": {"GBP"}, "euro": {"EUR"}, "rupee": {"INR"}, "yen": {"JPY"},
}

// maxSum is the largest whole amount that is taken from a sentence.
const maxSum = 999_999_999

// sum is the amount that was said in this turn, nil when there is none that makes sense.
func (t *turn) sum() *Sum {
	whole, ok := t.number(AmountSlot, maxSum)
	parts, few := t.number(CentsSlot, 99)
	_, said := t.Slots[CentsSlot]
	switch {
	case !ok && !few, said && !few:
		return nil
	case !ok && t.Slots[AmountSlot].Value != "":
		return nil
	}
	return &Sum{Whole: whole, Parts: parts, Word: t.Slots[CurrencySlot].ID}
}

// number is a slot's whole number, from nothing to most.
func (t *turn) number(slot string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(t.Slots[slot].Value), 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, false
	}
	return n, true
}

// in returns the amount in a currency, false when it does not go by the word that was said, or has no such parts.
func (s Sum) in(code string) (money.Amount, bool) {
	if s.Word != "" && !slices.Contains(currencies[s.Word], code) {
		return money.Amount{}, false
	}
	switch money.Digits(code) {
	case 0:
		return money.Of(s.Whole, code), s.Parts == 0
	case 2:
		return money.Of(100*s.Whole+s.Parts, code), true
	}
	return money.Amount{}, false
}

// priced calls f with the amount in the firm's currency. As long as that is not known it is the one of the word, and of
// the locale; f refuses another than the firm's, or as a request that was made in the firm's already, and is then asked again.
// Nothing said is the zero amount.
func (t *turn) priced(s *Sum, f func(money.Amount) error) error {
	if s == nil {
		return f(money.Amount{})
	}
	code := t.words.sentence("money.currency")
	if settings, _, known := t.seen.Get(); known {
		code = settings.Currency
	} else if of := currencies[s.Word]; len(of) > 0 && !slices.Contains(of, code) {
		code = of[0]
	}
	amount, ok := s.in(code)
	if !ok {
		return ErrWord
	}
	err := f(amount)
	other := isFault(err, timekeeping.ErrCost) || isFault(err, charging.ErrPart) || isFault(err, firm.ErrReused)
	if !other || t.settings().Currency == code {
		return err
	}
	if amount, ok = s.in(t.settings().Currency); !ok {
		return ErrWord
	}
	return f(amount)
}

// ErrWord means an amount in a currency that is not the firm's.
var ErrWord = fault.New(fault.Invalid, "sum.currency", "The firm's books are in another currency.")
