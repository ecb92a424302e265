package alexa_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
)

func plays(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../talk/testdata/*.txt")
	if err != nil || len(paths) < 13 {
		t.Fatalf("%d plays, %v", len(paths), err)
	}
	return paths
}

func TestPlays(t *testing.T) {
	for _, path := range plays(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			talk.Play(t, script(t, path), demo(t).stage(t))
		})
	}
}

// plainly takes out what the locales of English say otherwise: the plays are written in American English.
var plainly = strings.NewReplacer("hundred and ", "hundred ", "thousand and ", "thousand ", " US dollar", " dollar", "the twenty-third of December", "December twenty-third")

// The same conversations, through each locale's interaction model, answered in its words.
func TestPlaysInEveryLocale(t *testing.T) {
	for _, locale := range infra.Locales[1:] {
		for _, path := range plays(t) {
			t.Run(locale+"/"+strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
				w := demo(t)
				w.locale = locale
				stage := w.stage(t)
				stage.Same = func(said, written string) bool { return plainly.Replace(said) == plainly.Replace(written) }
				talk.Play(t, script(t, path), stage)
			})
		}
	}
}

// What a locale says in its own way, in a conversation.
func TestALocalesOwnWords(t *testing.T) {
	for locale, want := range map[string]string{
		"en-US": "Added point four hours. Acme Corporation's bill is now one entry, one hundred twenty dollars.",
		"en-CA": "Added point four hours. Acme Corporation's bill is now one entry, one hundred twenty US dollars.",
		"en-GB": "Added point four hours. Acme Corporation's bill is now one entry, one hundred and twenty US dollars.",
		"en-AU": "Added point four hours. Acme Corporation's bill is now one entry, one hundred and twenty US dollars.",
		"en-IN": "Added point four hours. Acme Corporation's bill is now one entry, one hundred and twenty US dollars.",
	} {
		w := demo(t)
		w.locale = locale
		c := w.device(t, "")
		last := talk.Exchange{}
		for _, line := range []string{"start the clock for acme", "stop the clock", "no", "put the last entry for acme on the bill"} {
			var err error
			if last, err = c.Say(t.Context(), line); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(24 * 60e9)
		}
		if last.Speech != want {
			t.Errorf("%s: %q", locale, last.Speech)
		}
	}
}
