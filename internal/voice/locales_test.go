package voice

import (
	"maps"
	"regexp"
	"slices"
	"testing"

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
