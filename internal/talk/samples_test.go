package talk

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
)

// spokenSlots is what a lawyer may say in a sample's blank.
var spokenSlots = strings.NewReplacer(
	"{client}", "acme", "{note}", "call with the landlord", "{code}", "one two three four", "{position}", "two", "{what}", "the draft",
	"{other}", "beta", "{duration}", "twenty minutes", "{whole}", "one", "{tenths}", "three", "{ago}", "ten minutes", "{time}", "half past two", "{part}", "last night",
	"{day}", "yesterday", "{free}", "no charge", "{phrase}", "call with client",
	"{amount}", "four hundred", "{cents}", "twenty-five", "{currency}", "dollars", "{expense}", "filing fee",
	"{first}", "four", "{second}", "oh", "{third}", "2", "{fourth}", "double three", "{fifth}", "nine", "{sixth}", "one", "{seventh}", "seven", "{eighth}", "triple one")

// bare is a sample without a word of its own: only a question makes a name an answer.
const bare = "{client}"

func TestEverySampleFindsItsIntentAloneAndInATalk(t *testing.T) {
	for _, locale := range infra.Locales {
		t.Run(locale, func(t *testing.T) {
			data, err := infra.Model(locale)
			if err != nil {
				t.Fatal(err)
			}
			now := func() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }
			c, err := New(data, nil, Options{Now: now, NewID: func() string { return "1" }})
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range samples(t, data) {
				for _, sample := range in.Samples {
					found(t, c, in.Name, sample)
				}
			}
		})
	}
}

// found says a sample alone and in a talk.
func found(t *testing.T, c *Conversation, intent, sample string) {
	t.Helper()
	words := spelled(tokens(spokenSlots.Replace(sample)))
	c.begin()
	if got := c.understand(words).intent; got != intent && sample != bare {
		t.Errorf("alone, %q (%s) is heard as %s", words, intent, got)
	}
	c.fresh = false
	if got := c.understand(words).intent; got != intent {
		t.Errorf("in a talk, %q (%s) is heard as %s", words, intent, got)
	}
}

type sampled struct {
	Name    string
	Samples []string
}

func samples(t *testing.T, data []byte) []sampled {
	t.Helper()
	var m struct {
		InteractionModel struct{ LanguageModel struct{ Intents []sampled } }
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m.InteractionModel.LanguageModel.Intents
}
