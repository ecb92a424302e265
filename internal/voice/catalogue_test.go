package voice

import (
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func mustCatalogue(t *testing.T, tag language.Tag, data string) *catalogue {
	t.Helper()
	c, err := parseCatalogue(tag, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestANumberPicksItsPluralForm(t *testing.T) {
	english := mustCatalogue(t, language.AmericanEnglish, `{"entries": {"one": "{{.N}} entry", "other": "{{.N}} entries"}}`)
	for n, want := range map[int64]string{0: "n entries", 1: "n entry", 2: "n entries", 1_000_001: "n entries", -1: "n entry"} {
		if got, ok := english.text("entries", english.whole(n), vars{"N": "n"}); !ok || got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	if english.fraction(0, 1, 1) != plural.Other || english.fraction(1, 1, 5) != plural.Other {
		t.Error("English says point one hours and one point five hours")
	}
	russian := mustCatalogue(t, language.Russian, `{"x": {"one": "1", "few": "2", "many": "5", "other": "0.5"}}`)
	for n, want := range map[int64]string{21: "1", 3: "2", 11: "5"} {
		if got, _ := russian.text("x", russian.whole(n), nil); got != want {
			t.Errorf("Russian %d: %q", n, got)
		}
	}
}

func TestWhatFillsABlankIsNotReadForBlanks(t *testing.T) {
	c := mustCatalogue(t, language.AmericanEnglish, `{"ask": "Charge {{.Name}} {{.Amount}}?"}`)
	got, _ := c.text("ask", plural.Other, vars{"Name": "{{.Amount}} Limited", "Amount": "ten dollars"})
	if got != "Charge {{.Amount}} Limited ten dollars?" {
		t.Errorf("%q", got)
	}
}

func TestADamagedCatalogueIsRefused(t *testing.T) {
	for _, data := range []string{`[]`, `{"a": 1}`, `{"a": {"one": "x"}}`, `{"a": {"other": "x", "several": "y"}}`} {
		if _, err := parseCatalogue(language.AmericanEnglish, []byte(data)); err == nil {
			t.Errorf("%s was taken", data)
		}
	}
}
