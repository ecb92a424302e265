package stripe

import (
	"fmt"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/money"
)

// decimals is how many decimals Stripe's amounts have in each currency that it charges in, pinned from
// docs.stripe.com/currencies. UGX is left out on purpose: that page lists it both as without decimals and as counted
// in hundredths, and a guess could charge a hundred times too much.
var decimals = table(
	0, "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF",
	2, `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC
	CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD
	KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
	PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ZAR
	ZMW`,
	3, "BHD JOD KWD OMR TND",
)

// whole are the currencies whose amounts must end in zeros, and in how many: ISK is counted in hundredths but has
// none, and the last digit of a thousandth is always 0.
var whole = map[string]int64{"ISK": 100, "BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}

func table(lists ...any) map[string]int {
	m := map[string]int{}
	for i := 0; i+1 < len(lists); i += 2 {
		for _, code := range strings.Fields(lists[i+1].(string)) {
			m[code] = lists[i].(int)
		}
	}
	return m
}

// units writes an amount as Stripe counts it. Errors: ErrRefused when the amount is not positive, the currency is
// not in the table, or the amount has decimals that Stripe does not take.
func units(a money.Amount) (int64, error) {
	theirs, ok := decimals[a.Currency]
	if !ok || !money.Valid(a.Currency) {
		return 0, fmt.Errorf("stripe: it is not certain how amounts in %q are counted: %w", a.Currency, charging.ErrRefused)
	}
	n, exact := rescale(a.Minor, money.Digits(a.Currency), theirs)
	if step := whole[a.Currency]; !exact || n <= 0 || step > 0 && n%step != 0 {
		return 0, fmt.Errorf("stripe: the amount cannot be charged in %s: %w", a.Currency, charging.ErrRefused)
	}
	return n, nil
}

// accounted reads an amount as Stripe counts it. An amount that we cannot account exactly is an error.
func accounted(n int64, currency string) (money.Amount, error) {
	code := strings.ToUpper(currency)
	theirs, ok := decimals[code]
	if !ok || !money.Valid(code) {
		return money.Amount{}, fmt.Errorf("stripe: it is not certain how amounts in %q are counted", code)
	}
	minor, exact := rescale(n, theirs, money.Digits(code))
	if !exact {
		return money.Amount{}, fmt.Errorf("stripe: the amount has more decimals than %s", code)
	}
	return money.Of(minor, code), nil
}

// rescale changes how many decimals an amount has; exact is false when that would lose or overflow.
func rescale(n int64, from, to int) (scaled int64, exact bool) {
	for ; from < to; from++ {
		if n > maxUnits || n < -maxUnits {
			return 0, false
		}
		n *= 10
	}
	for ; from > to; from-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	return n, true
}

// maxUnits keeps a step of rescale from overflowing. Stripe takes eight digits.
const maxUnits = 1 << 59
