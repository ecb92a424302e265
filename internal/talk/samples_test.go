package talk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
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
			t.Parallel()
			s := &skill{}
			c := deviceIn(t, s, locale)
			for _, in := range samples(t, locale) {
				for _, sample := range in.Samples {
					found(t, s, c, in.Name, sample)
				}
			}
		})
	}
}

// found says a sample alone and in a talk.
func found(t *testing.T, s *skill, c *talk.Conversation, intent, sample string) {
	t.Helper()
	text := spokenSlots.Replace(sample)
	s.answers, s.asked = []string{closing, open, closing}, nil
	if got := say(t, c, "alexa, tell billing clerk to "+text).Intent; got != intent && sample != bare {
		t.Errorf("alone, %q (%s) is heard as %s", text, intent, got)
	}
	say(t, c, "open billing clerk")
	if got := say(t, c, text).Intent; got != intent {
		t.Errorf("in a talk, %q (%s) is heard as %s", text, intent, got)
	}
}

type sampled struct {
	Name    string
	Samples []string
}

func samples(t *testing.T, locale string) []sampled {
	t.Helper()
	data, err := infra.Model(locale)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		InteractionModel struct{ LanguageModel struct{ Intents []sampled } }
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m.InteractionModel.LanguageModel.Intents
}
