package voice

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/billingclerk/billingclerk/internal/locales"
	"github.com/billingclerk/billingclerk/internal/money"
)

func TestNoLocaleLacksASentenceThatAnotherHas(t *testing.T) {
	want := slices.Sorted(maps.Keys(wordsFor(locales.Default).messages))
	for _, tag := range locales.Tags() {
		got := slices.Sorted(maps.Keys(wordsFor(tag).messages))
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Errorf("%s lacks %q", tag, id)
			}
		}
		for _, id := range got {
			if !slices.Contains(want, id) {
				t.Errorf("%s has %q, and %s does not", tag, id, locales.Default)
			}
		}
	}
}

var blank = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// A sentence that drops a blank says less than it should; one with a blank of its own would say the braces.
func TestASentenceHasTheSameBlanksInEveryLocaleAndForm(t *testing.T) {
	for id, base := range wordsFor(locales.Default).messages {
		want := blanks(base[plural.Other])
		for _, tag := range locales.Tags() {
			for form, text := range wordsFor(tag).messages[id] {
				if got := blanks(text); !slices.Equal(got, want) {
					t.Errorf("%s, %s, form %v: blanks %v, want %v", tag, id, form, got, want)
				}
			}
		}
	}
}

func blanks(text string) []string {
	found := map[string]bool{}
	for _, m := range blank.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestASentenceWithANumberHasEveryPluralFormOfItsLanguage(t *testing.T) {
	for _, tag := range locales.Tags() {
		w := wordsFor(tag)
		for id, m := range w.messages {
			if len(m) == 1 {
				continue
			}
			for n := range int64(200) {
				if _, ok := m[w.whole(n)]; !ok {
					t.Errorf("%s, %s: no form for %d", tag, id, n)
					break
				}
			}
		}
	}
}

// What a folder says again in the same words hides a later change of the locale that it is like.
func TestALocaleSaysOnlyWhatItSaysOtherwise(t *testing.T) {
	for _, tag := range locales.Tags() {
		line := locales.Line(tag)
		if len(line) < 2 {
			continue
		}
		data, err := locales.Speech(tag)
		if err != nil {
			t.Fatal(err)
		}
		own, err := parseCatalogue(language.MustParse(tag), data)
		if err != nil {
			t.Fatal(err)
		}
		under := wordsFor(line[len(line)-2])
		for id, m := range own.messages {
			if maps.Equal(m, under.messages[id]) {
				t.Errorf("%s: %q is the same as in %s", tag, id, under.tag)
			}
		}
	}
}

func TestNumbersAndMoneyAreSaidInTheLocalesWords(t *testing.T) {
	for tag, want := range map[string][]string{
		"en-US": {"one hundred twenty", "one hundred twenty-three thousand four hundred five", "one hundred twenty dollars", "one pound and one penny", "two Canadian dollars"},
		"en-CA": {"one hundred twenty", "one hundred twenty-three thousand four hundred five", "one hundred twenty US dollars", "one pound and one penny", "two dollars"},
		"en-GB": {"one hundred and twenty", "one hundred and twenty-three thousand four hundred and five", "one hundred and twenty US dollars", "one pound and one penny", "two Canadian dollars"},
		"en-AU": {"one hundred and twenty", "one hundred and twenty-three thousand four hundred and five", "one hundred and twenty US dollars", "one pound and one penny", "two Canadian dollars"},
		"en-IN": {"one hundred and twenty", "one lakh twenty-three thousand four hundred and five", "one hundred and twenty US dollars", "one pound and one penny", "two Canadian dollars"},
	} {
		w := wordsFor(tag)
		got := []string{w.number(120), w.number(123_405), w.money(money.Of(12000, "USD")), w.money(money.Of(101, "GBP")), w.money(money.Of(200, "CAD"))}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tag, got, want)
		}
	}
	if got := wordsFor("en-IN").number(10_203_045); got != "one crore two lakh three thousand and forty-five" {
		t.Errorf("a crore: %q", got)
	}
}

func TestOrdinalsAreSaidInWords(t *testing.T) {
	for n, want := range map[int64]string{1: "first", 2: "second", 3: "third", 8: "eighth", 9: "ninth", 12: "twelfth", 13: "thirteenth", 20: "twentieth", 23: "twenty-third", 30: "thirtieth", 31: "thirty-first", 100: "one hundredth"} {
		if got := (english{}).ordinal(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestDaysAndTimesAreSaidAsPeopleSayThem(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC) // a Tuesday
	for _, c := range []struct {
		at                time.Time
		american, british string
	}{
		{now.Add(-30 * time.Minute), "eight thirty in the morning", "half past eight in the morning"},
		{now.Add(-175 * time.Minute), "six oh five in the morning", "six oh five in the morning"},
		{now.Add(-9 * time.Hour), "midnight", "midnight"},
		{now.Add(-15 * time.Hour), "six last night", "six last night"},
		{now.Add(-10*time.Hour - 15*time.Minute), "ten forty-five last night", "quarter to eleven last night"},
		{now.Add(-21 * time.Hour), "noon yesterday", "noon yesterday"},
		{now.Add(-31*time.Hour - 45*time.Minute), "one fifteen at night yesterday", "quarter past one at night yesterday"},
		{now.Add(-43 * time.Hour), "two in the afternoon on Sunday", "two in the afternoon on Sunday"},
		{time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC), "nine in the morning on March third", "nine in the morning on the third of March"},
		{time.Date(2025, 12, 31, 16, 20, 0, 0, time.UTC), "four twenty in the afternoon on December thirty-first, twenty twenty-five", "four twenty in the afternoon on the thirty-first of December twenty twenty-five"},
	} {
		if got := wordsFor("en-US").moment(c.at, now); got != c.american {
			t.Errorf("in America %v: %q", c.at, got)
		}
		if got := wordsFor("en-GB").moment(c.at, now); got != c.british {
			t.Errorf("in Britain %v: %q", c.at, got)
		}
	}
}

// A day in which the clocks change is a day like any other.
func TestYesterdayIsYesterdayWhenClocksChange(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{time.Date(2026, 3, 8, 23, 30, 0, 0, zone), time.Date(2026, 3, 9, 0, 30, 0, 0, zone), time.Date(2026, 11, 1, 23, 30, 0, 0, zone), time.Date(2026, 11, 2, 0, 30, 0, 0, zone)} {
		if got := wordsFor("en-US").day(now.AddDate(0, 0, -1), now); got != "yesterday" {
			t.Errorf("%v: %q", now, got)
		}
	}
}

func TestYearsAreSaidInHalves(t *testing.T) {
	for n, want := range map[int64]string{1999: "nineteen ninety-nine", 2000: "two thousand", 2009: "two thousand nine", 2026: "twenty twenty-six", 2105: "twenty-one oh five", 1900: "nineteen hundred"} {
		if got := (english{}).year(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
