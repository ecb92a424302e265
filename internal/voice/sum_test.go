package voice

import (
	"testing"

	"github.com/billingclerk/billingclerk/internal/money"
)

func TestASumIsInACurrencyOnlyIfItGoesByItsWord(t *testing.T) {
	for _, c := range []struct {
		sum  Sum
		code string
		want int64
		ok   bool
	}{
		{Sum{Whole: 400, Word: "dollar"}, "USD", 40000, true},
		{Sum{Whole: 400, Parts: 25, Word: "dollar"}, "CAD", 40025, true},
		{Sum{Whole: 400, Word: "dollar"}, "GBP", 0, false},
		{Sum{Whole: 400, Parts: 5}, "INR", 40005, true},
		{Sum{Whole: 400, Word: "yen"}, "JPY", 400, true},
		{Sum{Whole: 400, Parts: 5}, "JPY", 0, false},
		{Sum{Whole: 400}, "KWD", 0, false},
		{Sum{Whole: 1, Word: "shilling"}, "USD", 0, false},
	} {
		got, ok := c.sum.in(c.code)
		if ok != c.ok || ok && got != money.Of(c.want, c.code) {
			t.Errorf("%+v in %s: %v, %v", c.sum, c.code, got, ok)
		}
	}
}

func TestAnAmountIsWhatItsSlotsSayAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		amount, cents string
		want          *Sum
	}{
		{"400", "", &Sum{Whole: 400}}, {"400", "25", &Sum{Whole: 400, Parts: 25}}, {"", "25", &Sum{Parts: 25}}, {"0", "", &Sum{}},
		{"", "", nil}, {"?", "", nil}, {"?", "25", nil}, {"400", "?", nil}, {"400", "100", nil}, {"-4", "", nil}, {"1.5", "", nil}, {"1000000000", "", nil},
		{"four", "", nil}, {"4e3", "", nil}, {" 7 ", "", &Sum{Whole: 7}},
	} {
		slots := map[string]Slot{}
		for name, value := range map[string]string{AmountSlot: c.amount, CentsSlot: c.cents} {
			if value != "" {
				slots[name] = Slot{Value: value}
			}
		}
		got := (&turn{Turn: Turn{Slots: slots}}).sum()
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%q and %q: %+v, want %+v", c.amount, c.cents, got, c.want)
		}
	}
}
