package timekeeping

import (
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

// Rounding returns the policy that applies: the matter's, else the client's, else the firm's.
func Rounding(f firm.Firm, c clients.Client, m clients.Matter) firm.Rounding {
	switch {
	case m.Rounding != nil:
		return *m.Rounding
	case c.Rounding != nil:
		return *c.Rounding
	}
	return f.Rounding
}

// Rate returns the hourly rate that applies: matter and person > matter > client > person > firm. A rate of zero is
// one that was not set.
func Rate(f firm.Firm, c clients.Client, m clients.Matter, p firm.Person) money.Amount {
	for _, rate := range []money.Amount{m.Rates[p.ID], m.Rate, c.Rate, p.Rate} {
		if !rate.IsZero() {
			return rate
		}
	}
	return f.Rate
}

// Round returns raw seconds as the policy bills them. Nearest goes up only past half an increment (Georgia FAO 01-1):
// an exact half goes down. Without an increment, and with none, seconds stay as they are.
func Round(seconds int64, r firm.Rounding) int64 {
	seconds = max(0, seconds)
	inc := int64(r.Increment)
	if inc <= 0 || r.Mode == firm.RoundNone {
		return seconds
	}
	whole, rest := seconds/inc, seconds%inc
	switch {
	case r.Mode == firm.RoundUp && rest > 0, r.Mode == firm.RoundNearest && 2*rest > inc:
		whole++
	}
	return whole * inc
}
