package site

import (
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/money/written"
)

// When is an instant as a page shows it: for people in their zone, for machines in UTC.
type When struct {
	Text    string // "Mar 2, 2026, 2:05 PM EST"
	Machine string // RFC 3339, UTC
}

// At shows an instant in a zone. The zero time shows nothing.
func At(t time.Time, zone *time.Location) When {
	if t.IsZero() {
		return When{}
	}
	return When{t.In(zone).Format("Jan 2, 2006, 3:04 PM MST"), t.UTC().Format(time.RFC3339)}
}

// DayOf shows the local day of an instant: "Mar 2, 2026".
func DayOf(t time.Time, zone *time.Location) When {
	if t.IsZero() {
		return When{}
	}
	return When{t.In(zone).Format("Jan 2, 2006"), t.In(zone).Format(time.DateOnly)}
}

// Day shows a day kept as YYYY-MM-DD; what is none is shown as it is.
func Day(iso string) When {
	day, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return When{Text: iso}
	}
	return When{day.Format("Jan 2, 2006"), iso}
}

// Money shows an amount: "$1,234.50".
func Money(a money.Amount) string { return written.Amount(a, Locale) }

// Count shows a number with its noun: "1 invoice", "3 invoices".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
