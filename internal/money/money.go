// Package money is amounts of money: whole minor units and a currency. No float touches money or hours.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// Errors of arithmetic. They mean a defect or a hostile number, never an ordinary refusal.
var (
	ErrCurrency = errors.New("money: different currencies")
	ErrOverflow = errors.New("money: amount out of range")
)

// Amount is an amount of money. The zero Amount is nothing, in no currency yet: it adds to any amount.
type Amount struct {
	Minor    int64  `json:"minor"`              // minor units: cents for USD, yen for JPY
	Currency string `json:"currency,omitempty"` // ISO 4217, upper case
}

// Of returns an amount of minor units.
func Of(minor int64, code string) Amount { return Amount{minor, code} }

// IsZero reports whether the amount is nothing.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Neg returns −a.
func (a Amount) Neg() Amount { return Amount{-a.Minor, a.Currency} }

// Add returns a+b.
func (a Amount) Add(b Amount) (Amount, error) {
	code, err := same(a, b)
	if err != nil {
		return Amount{}, err
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) && b.Minor != 0 {
		return Amount{}, ErrOverflow
	}
	return Amount{sum, code}, nil
}

// Sub returns a−b.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.Minor == math.MinInt64 {
		return Amount{}, ErrOverflow
	}
	return a.Add(b.Neg())
}

// Sum adds amounts of one currency.
func Sum(amounts ...Amount) (total Amount, err error) {
	for _, a := range amounts {
		if total, err = total.Add(a); err != nil {
			return Amount{}, err
		}
	}
	return total, nil
}

// Cmp compares amounts of one currency: −1, 0 or +1.
func (a Amount) Cmp(b Amount) (int, error) {
	if _, err := same(a, b); err != nil {
		return 0, err
	}
	switch {
	case a.Minor < b.Minor:
		return -1, nil
	case a.Minor > b.Minor:
		return 1, nil
	}
	return 0, nil
}

// MulDiv returns a×num/den, rounded once, half away from zero: seconds of work at an hourly rate are
// rate.MulDiv(seconds, 3600), a tax is net.MulDiv(rate, 1_000_000). den must be positive.
func (a Amount) MulDiv(num, den int64) (Amount, error) {
	if den <= 0 {
		return Amount{}, ErrOverflow
	}
	high, low := bits.Mul64(magnitude(a.Minor), magnitude(num))
	low, carry := bits.Add64(low, uint64(den)/2, 0) // half of an odd den is rounded down: no remainder lies between
	high += carry
	if high >= uint64(den) {
		return Amount{}, ErrOverflow
	}
	quotient, _ := bits.Div64(high, low, uint64(den))
	return a.signed(quotient, (a.Minor < 0) != (num < 0))
}

func (a Amount) signed(magnitude uint64, negative bool) (Amount, error) {
	switch {
	case negative && magnitude <= -math.MinInt64:
		return Amount{int64(-magnitude), a.Currency}, nil
	case !negative && magnitude <= math.MaxInt64:
		return Amount{int64(magnitude), a.Currency}, nil
	}
	return Amount{}, ErrOverflow
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Decimal returns the amount as digits with the currency's decimals, "-1234.50", for files and forms.
func (a Amount) Decimal() string {
	digits := Digits(a.Currency)
	if digits == 0 {
		return fmt.Sprintf("%d", a.Minor)
	}
	sign, abs := "", new(big.Int).Abs(big.NewInt(a.Minor)).String()
	if a.Minor < 0 {
		sign = "-"
	}
	for len(abs) <= digits {
		abs = "0" + abs
	}
	return sign + abs[:len(abs)-digits] + "." + abs[len(abs)-digits:]
}

// String is Decimal and the currency, "120.00 USD".
func (a Amount) String() string { return a.Decimal() + " " + a.Currency }

// Parse reads digits with at most the currency's decimals: "120", "120.5", "-1,234.50".
func Parse(text, code string) (Amount, error) {
	if !Valid(code) {
		return Amount{}, fmt.Errorf("money: %q is no currency", code)
	}
	rat, ok := new(big.Rat).SetString(stripCommas(text))
	if !ok || !plain(text) {
		return Amount{}, fmt.Errorf("money: not an amount")
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(Digits(code))), nil)
	rat.Mul(rat, new(big.Rat).SetInt(scale))
	if !rat.IsInt() {
		return Amount{}, fmt.Errorf("money: more decimals than %s has", code)
	}
	if !rat.Num().IsInt64() {
		return Amount{}, ErrOverflow
	}
	return Amount{rat.Num().Int64(), code}, nil
}

func same(a, b Amount) (string, error) {
	switch {
	case a.Currency == b.Currency, b == Amount{}:
		return a.Currency, nil
	case a == Amount{}:
		return b.Currency, nil
	}
	return "", ErrCurrency
}

// plain allows a sign, digits, commas between digits and one point.
func plain(text string) bool {
	points := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9', r == '-' && i == 0, r == ',' && i > 0 && points == 0:
		case r == '.':
			points++
		default:
			return false
		}
	}
	return text != "" && points <= 1 && len(text) <= 24
}

func stripCommas(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != ',' {
			out = append(out, text[i])
		}
	}
	return string(out)
}
