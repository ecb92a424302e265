package written

import (
	"testing"

	"github.com/bojanz/currency"

	"github.com/billingclerk/billingclerk/internal/money"
)

func TestAmountFollowsTheLocale(t *testing.T) {
	for _, c := range []struct {
		amount       money.Amount
		locale, want string
	}{
		{money.Of(123450, "USD"), "en-US", "$1,234.50"},
		{money.Of(123450, "USD"), "en-GB", "US$1,234.50"},
		{money.Of(-5, "EUR"), "en-US", "-€0.05"},
		{money.Of(500, "JPY"), "en-US", "¥500"},
		{money.Of(500, "???"), "en-US", "5.00 ???"},
	} {
		if got := Amount(c.amount, c.locale); got != c.want {
			t.Errorf("%v in %s: %q, want %q", c.amount, c.locale, got, c.want)
		}
	}
}

// Our table of currencies is CLDR's.
func TestTheCurrenciesAreThoseOfCLDR(t *testing.T) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				if got, want := money.Valid(code), currency.IsValid(code); got != want {
					t.Errorf("%s is valid: %t, want %t", code, got, want)
				}
				if want, known := currency.GetDigits(code); known && money.Digits(code) != int(want) {
					t.Errorf("%s has %d decimals, want %d", code, money.Digits(code), want)
				}
			}
		}
	}
	for _, code := range []string{"", "usd", "US", "USDX", "D E", " US"} {
		if money.Valid(code) {
			t.Errorf("%q is valid", code)
		}
	}
}
