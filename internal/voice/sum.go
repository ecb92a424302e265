package voice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// currencies are those that go by a word of the model's list.
var currencies = map[string][]string{
	"dollar": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD"}, "pound": {"GBP"}, "euro": {"EUR"}, "rupee": {"INR"}, "yen": {"JPY"},
}

// hundredths are the currencies of the list that have them.
var hundredths = slices.Concat(currencies["dollar"], currencies["pound"], currencies["euro"], currencies["rupee"])

// maxSum is the largest whole amount that is taken from a sentence.
const maxSum = 999_999_999

// sum is the amount that was said in this turn, nil when there is none that makes sense.
func (t *turn) sum() *Sum {
	whole, ok := t.number(AmountSlot, maxSum)
	parts, few := t.number(CentsSlot, 99)
	_, said := t.Slots[CentsSlot]
	word := t.Slots[CurrencySlot].ID
	switch {
	case !ok && !few, said && !few:
		return nil
	case !ok && t.Slots[AmountSlot].Value != "":
		return nil
	case word == "yen" && parts > 0, word != "" && currencies[word] == nil:
		return nil
	}
	return &Sum{Whole: whole, Parts: parts, Word: word}
}

// number is a slot's whole number, from nothing to most.
func (t *turn) number(slot string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(t.Slots[slot].Value), 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, false
	}
	return n, true
}

// said is the sum in the minor units of any currency that goes by its word, and those currencies: the firm's must be one
// of them, which is known only where the firm's settings are read. Without a word, all that have hundredths.
func (s Sum) said() (minor int64, in []string) {
	if s.Word == "yen" {
		return s.Whole, currencies[s.Word]
	}
	if in = currencies[s.Word]; s.Word == "" {
		in = hundredths
	}
	return 100*s.Whole + s.Parts, in
}

// worded turns a refusal of an amount into one of its word, where that is what is wrong.
func (t *turn) worded(err error) error {
	refused := isFault(err, timekeeping.ErrCost) || isFault(err, charging.ErrPart)
	if refused && t.next.Sum != nil && !slices.Contains(t.next.Sum.in(), t.settings().Currency) {
		return ErrWord
	}
	return err
}

func (s Sum) in() []string {
	_, in := s.said()
	return in
}

// ErrWord means an amount in a currency that is not the firm's.
var ErrWord = fault.New(fault.Invalid, "sum.currency", "The firm's books are in another currency.")
