// Package written is amounts of money as a reader of a locale writes them, by the data of CLDR. It stands apart from
// package money, which every function links, because its library is slow to start.
package written

import (
	"github.com/bojanz/currency"

	"github.com/billingclerk/billingclerk/internal/money"
)

// Amount returns an amount as a reader of the locale ("en-US") writes it: "$1,234.50".
func Amount(a money.Amount, locale string) string {
	c, err := currency.NewAmount(a.Decimal(), a.Currency)
	if err != nil {
		return a.String()
	}
	return currency.NewFormatter(currency.NewLocale(locale)).Format(c)
}
