package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestMulDivRoundsOnceHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ minor, num, den, want int64 }{
		{30000, 1440, 3600, 12000}, // 0.4 h at 300.00
		{29950, 720, 3600, 5990},   // 0.2 h at 299.50: 59.90, never 59.89 or 59.91
		{5, 1, 2, 3}, {-5, 1, 2, -3}, {4, 1, 3, 1}, {1, 1, 3, 0},
		{math.MaxInt64, 1, 1, math.MaxInt64}, {math.MinInt64, 1, 1, math.MinInt64},
	} {
		got, err := Of(c.minor, "USD").MulDiv(c.num, c.den)
		if err != nil || got.Minor != c.want {
			t.Errorf("%d×%d/%d = %d, %v; want %d", c.minor, c.num, c.den, got.Minor, err, c.want)
		}
	}
	if _, err := Of(math.MaxInt64, "USD").MulDiv(2, 1); !errors.Is(err, ErrOverflow) {
		t.Errorf("overflow gave %v", err)
	}
}

// The schoolbook way in big integers, for numbers of every size.
func TestMulDivIsExactForAllNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor, num := rapid.Int64().Draw(t, "minor"), rapid.Int64().Draw(t, "num")
		den := rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
		want := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(minor), big.NewInt(num)), big.NewInt(den)).FloatString(0)
		got, err := Of(minor, "USD").MulDiv(num, den)
		if whole, ok := new(big.Int).SetString(want, 10); !ok || !whole.IsInt64() {
			if !errors.Is(err, ErrOverflow) {
				t.Fatalf("%d×%d/%d = %d, %v; want an overflow", minor, num, den, got.Minor, err)
			}
		} else if err != nil || got.Minor != whole.Int64() {
			t.Fatalf("%d×%d/%d = %d, %v; want %s", minor, num, den, got.Minor, err, want)
		}
	})
}

func TestAmountsOfTwoCurrenciesNeverAdd(t *testing.T) {
	if _, err := Of(1, "USD").Add(Of(1, "EUR")); !errors.Is(err, ErrCurrency) {
		t.Errorf("got %v", err)
	}
	if got, err := (Amount{}).Add(Of(7, "EUR")); err != nil || got != Of(7, "EUR") {
		t.Errorf("nothing + 7 EUR = %v, %v", got, err)
	}
}

func TestAddRefusesOverflow(t *testing.T) {
	for _, c := range [][2]int64{{math.MaxInt64, 1}, {math.MinInt64, -1}} {
		if _, err := Of(c[0], "USD").Add(Of(c[1], "USD")); !errors.Is(err, ErrOverflow) {
			t.Errorf("%d+%d gave %v", c[0], c[1], err)
		}
	}
	if _, err := Of(0, "USD").Sub(Of(math.MinInt64, "USD")); !errors.Is(err, ErrOverflow) {
		t.Errorf("0−MinInt64 gave %v", err)
	}
}

func TestParseReadsWhatDecimalWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Of(rapid.Int64().Draw(t, "minor"), rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency"))
		got, err := Parse(a.Decimal(), a.Currency)
		if err != nil || got != a {
			t.Fatalf("%s read back as %v, %v", a.Decimal(), got, err)
		}
	})
}

func TestParseRefusesWhatIsNoAmount(t *testing.T) {
	for _, text := range []string{"", "-", "1.234", "1/2", "0x10", "1e3", "NaN", "1.2.3", ",5", "１２", "99999999999999999999"} {
		if got, err := Parse(text, "USD"); err == nil {
			t.Errorf("%q read as %v", text, got)
		}
	}
	if got, err := Parse("1,234.5", "USD"); err != nil || got.Minor != 123450 {
		t.Errorf("1,234.5 read as %v, %v", got, err)
	}
}
