package stripe

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/money"
	"pgregory.net/rapid"
)

func TestAmountsAreCountedAsStripeCountsThem(t *testing.T) {
	for _, c := range []struct {
		a    money.Amount
		want int64
	}{
		{money.Of(12000, "USD"), 12000}, {money.Of(500, "JPY"), 500}, {money.Of(500, "KRW"), 500}, {money.Of(5120, "KWD"), 5120},
		{money.Of(5, "ISK"), 500}, {money.Of(1045, "HUF"), 1045}, {money.Of(500, "MGA"), 5},
	} {
		if got, err := units(c.a); err != nil || got != c.want {
			t.Errorf("%s is %d, %v; want %d", c.a, got, err, c.want)
		}
	}
}

func TestAnAmountThatDoesNotMapIsRefused(t *testing.T) {
	for _, a := range []money.Amount{
		money.Of(5124, "KWD"), money.Of(501, "MGA"), money.Of(500, "UGX"), money.Of(100, "XAU"), money.Of(100, "usd"),
		money.Of(100, ""), money.Of(0, "USD"), money.Of(-5, "USD"), money.Of(1<<62, "ISK"),
	} {
		if got, err := units(a); !errors.Is(err, charging.ErrRefused) {
			t.Errorf("%v became %d, %v", a, got, err)
		}
	}
	for _, c := range []struct {
		n    int64
		code string
	}{{550, "isk"}, {5, "ugx"}, {5, "zzz"}, {5, ""}} {
		if got, err := accounted(c.n, c.code); err == nil {
			t.Errorf("%d %s read as %v", c.n, c.code, got)
		}
	}
}

func TestWhatIsChargedIsReadBackTheSame(t *testing.T) {
	codes := slices.Sorted(maps.Keys(decimals))
	rapid.Check(t, func(t *rapid.T) {
		a := money.Of(rapid.Int64Range(1, 1<<40).Draw(t, "minor"), rapid.SampledFrom(codes).Draw(t, "currency"))
		n, err := units(a)
		if err != nil {
			return
		}
		if back, err := accounted(n, a.Currency); err != nil || back != a {
			t.Fatalf("%v became %d and then %v, %v", a, n, back, err)
		}
	})
}

func TestEveryListedCurrencyIsOne(t *testing.T) {
	for code := range decimals {
		if !money.Valid(code) {
			t.Errorf("%s is no currency that we can account in", code)
		}
	}
	if len(decimals) < 130 {
		t.Errorf("%d currencies", len(decimals))
	}
}
