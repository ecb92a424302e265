package talk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
)

// spokenSlots is what a lawyer may say in a sample's blank.
var spokenSlots = strings.NewReplacer(
	"{client}", "acme", "{note}", "call with the landlord", "{code}", "one two three four", "{position}", "two", "{what}", "the draft")

// bare is a sample without a word of its own: only a question makes a name an answer.
const bare = "{client}"

func TestEverySampleFindsItsIntentAloneAndInATalk(t *testing.T) {
	s := &skill{}
	c := device(t, s)
	for _, in := range samples(t) {
		for _, sample := range in.Samples {
			text := spokenSlots.Replace(sample)
			s.answers = []string{closing, open, closing}
			if got := say(t, c, "alexa, tell billing clerk to "+text).Intent; got != in.Name && sample != bare {
				t.Errorf("alone, %q (%s) is heard as %s", text, in.Name, got)
			}
			say(t, c, "open billing clerk")
			if got := say(t, c, text).Intent; got != in.Name {
				t.Errorf("in a talk, %q (%s) is heard as %s", text, in.Name, got)
			}
		}
	}
}

type sampled struct {
	Name    string
	Samples []string
}

func samples(t *testing.T) []sampled {
	t.Helper()
	data, err := infra.Model("en-US")
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
