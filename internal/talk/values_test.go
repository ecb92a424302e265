package talk

import (
	"strings"
	"testing"
	"time"
)

func TestValuesOfAmazonsTypesAreWrittenAsAlexaSendsThem(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // a Monday
	for kind, values := range map[string]map[string]string{
		"AMAZON.NUMBER": {
			"20": "20", "twenty": "20", "twenty-one": "21", "four hundred": "400", "one thousand two hundred and fifty": "1250", "twelve hundred": "1200",
			"zero": "0", "two lakh": "200000", "a hundred": "100", "five hundred thousand": "500000",
			"and": "", "twenty and": "", "hundred": "", "two three": "", "twenty twelve": "", "eleven two": "", "dollars": "", "1234567890123": "",
		},
		"AMAZON.DURATION": {
			"twenty minutes": "PT20M", "an hour": "PT1H", "an hour and a half": "PT1H30M", "half an hour": "PT30M", "two and a half hours": "PT2H30M",
			"a quarter of an hour": "PT15M", "one hour twenty minutes": "PT1H20M", "two hours and ten minutes": "PT2H10M", "ninety minutes": "PT1H30M",
			"a week": "P1W", "two days": "P2D", "a day and two hours": "P1DT2H", "zero minutes": "PT0M", "three quarters of an hour": "PT45M", "2 hours and a quarter": "PT2H15M",
			"minutes": "", "twenty": "", "two apples": "", "hours two": "",
		},
		"AMAZON.TIME": {
			"two": "02:00", "two p. m.": "14:00", "five pm": "17:00", "two fifteen": "02:15", "half past two": "02:30", "quarter to one": "12:45", "quarter past twelve": "12:15", "two oh five": "02:05",
			"nine in the morning": "09:00", "six in the evening": "18:00", "noon": "12:00", "midnight": "00:00", "twelve a m": "00:00", "twelve pm": "12:00", "14:30": "14:30", "five o'clock": "05:00", "twelve o'clock": "12:00",
			"this morning": "MO", "tonight": "NI", "twenty five": "", "two five": "", "acme": "", "half past thirteen": "", "": "",
		},
		"AMAZON.DATE": {
			"today": "2026-11-23", "yesterday": "2026-11-22", "tomorrow": "2026-11-24", "this week": "2026-W48", "last week": "2026-W47", "this month": "2026-11", "last month": "2026-10",
			"monday": "2026-11-23", "on friday": "2026-11-27", "last friday": "2026-11-20", "last monday": "2026-11-16", "november third": "2027-11-03", "the third of december": "2026-12-03",
			"december twenty-first": "2026-12-21", "december 3rd": "2026-12-03", "february thirtieth": "", "acme": "", "next acme": "",
		},
		"AMAZON.SearchQuery": {"anything at all": "anything at all"},
	} {
		for said, want := range values {
			if got, ok := builtin(kind, strings.Fields(said), now); ok != (want != "") || ok && got != want {
				t.Errorf("%s: %q is %q, %v; want %q", kind, said, got, ok, want)
			}
		}
	}
}
