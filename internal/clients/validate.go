package clients

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

// Bounds of what a client's and a matter's records hold.
const (
	maxName    = 120 // runes of a name or alias
	maxLines   = 8   // of an address
	maxLine    = 120 // runes
	maxNumber  = 20
	maxFirst   = 10  // matters opened with their client
	maxOpen    = 500 // open matters of one client: they are in its record
	maxPeople  = 200 // rates by person
	maxEmail   = 254
	maxSeconds = 3600 // of a rounding increment
)

// Faults of what was entered.
var (
	ErrName     = fault.New(fault.Invalid, "client.name", "A name needs at least one letter or digit and at most 120 characters.")
	ErrAlias    = fault.New(fault.Invalid, "client.alias", "Another name needs at least one letter or digit and at most 120 characters; eight are kept.")
	ErrNumeral  = fault.New(fault.Invalid, "client.numeral", "A number is 1 to 20 letters, digits, points or hyphens.")
	ErrEmail    = fault.New(fault.Invalid, "client.email", "That is not an e-mail address.")
	ErrAddress  = fault.New(fault.Invalid, "client.address", "An address has at most 8 lines of 120 characters.")
	ErrRate     = fault.New(fault.Invalid, "client.rate", "A rate is not negative and in the firm's currency.")
	ErrRounding = fault.New(fault.Invalid, "client.rounding", "Rounding is nearest, up, down or none, by 1 to 3600 seconds.")
)

func tidyClient(c Client) Client {
	c.Name, c.Number, c.Email = tidy(c.Name), strings.TrimSpace(c.Number), strings.TrimSpace(c.Email)
	c.Aliases = slices.Clone(c.Aliases)
	for i := range c.Aliases {
		c.Aliases[i] = tidy(c.Aliases[i])
	}
	c.Aliases = slices.DeleteFunc(c.Aliases, func(s string) bool { return s == "" })
	return c
}

func tidyMatter(m Matter) Matter {
	m.Name, m.Number = tidy(m.Name), strings.TrimSpace(m.Number)
	return m
}

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func (c Client) validate(currency string) error {
	switch {
	case !goodName(c.Name):
		return ErrName
	case len(c.Aliases) > maxAliases || slices.ContainsFunc(c.Aliases, func(s string) bool { return !goodName(s) }):
		return ErrAlias
	case !goodNumber(c.Number):
		return ErrNumeral
	case c.Email != "" && !goodEmail(c.Email):
		return ErrEmail
	case len(c.Address) > maxLines || slices.ContainsFunc(c.Address, func(s string) bool { return !goodText(s, maxLine) }):
		return ErrAddress
	case !goodRate(c.Rate, currency):
		return ErrRate
	case !goodRounding(c.Rounding):
		return ErrRounding
	}
	return nil
}

func (m Matter) validate(currency string) error {
	switch {
	case !goodName(m.Name):
		return ErrName
	case !goodNumber(m.Number):
		return ErrNumeral
	case !goodRate(m.Rate, currency) || len(m.Rates) > maxPeople:
		return ErrRate
	case !goodRounding(m.Rounding):
		return ErrRounding
	}
	for person, r := range m.Rates {
		if !goodID(person) || !goodRate(r, currency) {
			return ErrRate
		}
	}
	return nil
}

func goodName(s string) bool { return goodText(s, maxName) && len(words(s)) > 0 }

// goodText refuses control characters: they would break headers, documents and speech.
func goodText(s string, longest int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func goodNumber(s string) bool {
	return s != "" && len(s) <= maxNumber && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

func goodEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxEmail && goodText(s, maxEmail)
}

func goodRate(a money.Amount, currency string) bool {
	return a.Minor >= 0 && (a.Minor == 0 || a.Currency == currency)
}

func goodRounding(r *firm.Rounding) bool {
	if r == nil {
		return true
	}
	switch r.Mode {
	case firm.RoundNone:
		return true
	case firm.RoundNearest, firm.RoundUp, firm.RoundDown:
		return r.Increment > 0 && r.Increment <= maxSeconds
	}
	return false
}

// nextNumber is the number that a new matter gets by itself.
func nextNumber(c clientRecord) string {
	n := c.Matters
	for slices.ContainsFunc(c.Open, func(b brief) bool { return b.Number == strconv.Itoa(n) }) {
		n++
	}
	return strconv.Itoa(n)
}
