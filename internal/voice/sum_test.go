package voice

import (
	"slices"
	"testing"
)

func TestASumIsInTheCurrenciesThatGoByItsWord(t *testing.T) {
	for _, c := range []struct {
		sum      Sum
		minor    int64
		yes, not string
	}{
		{Sum{Whole: 400, Word: "dollar"}, 40000, "USD", "GBP"},
		{Sum{Whole: 400, Parts: 25, Word: "dollar"}, 40025, "CAD", "EUR"},
		{Sum{Whole: 400, Parts: 5}, 40005, "INR", "JPY"},
		{Sum{Whole: 400, Word: "yen"}, 400, "JPY", "USD"},
		{Sum{Whole: 1, Word: "pound"}, 100, "GBP", "INR"},
	} {
		minor, in := c.sum.said()
		if minor != c.minor || !slices.Contains(in, c.yes) || slices.Contains(in, c.not) {
			t.Errorf("%+v: %d in %v", c.sum, minor, in)
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
