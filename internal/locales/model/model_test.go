package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/locales"
)

func TestATemplateStandsForEverySampleThatCanBeReadOffIt(t *testing.T) {
	e := expander{lets: map[string]string{"who": "{client} | [the] client {client}", "bill": "(the|a) bill"}}
	for template, want := range map[string][]string{
		"stop":                    {"stop"},
		"start [the|my] clock":    {"start clock", "start the clock", "start my clock"},
		"(end|stop) it":           {"end it", "stop it"},
		"charge <who>":            {"charge {client}", "charge client {client}", "charge the client {client}"},
		"{client}'s bill":         {"{client}'s bill"},
		"put [it|[all] that] on":  {"put on", "put it on", "put that on", "put all that on"},
		"yes | no":                {"yes", "no"},
		"a [b] | a":               {"a", "a b"},
		"  much   [ so ] spaced ": {"much spaced", "much so spaced"},
		"on <bill>":               {"on the bill", "on a bill"},
	} {
		got, err := e.expand(template)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", template, got, err)
		}
	}
}

func TestATemplateThatCannotBeReadSaysWhy(t *testing.T) {
	e := expander{lets: map[string]string{"round": "and <round>"}}
	for template, want := range map[string]string{
		"(a": `")" is missing`, "[a": `"]" is missing`, "a)": "closes nothing", "a]": "closes nothing", "(a]": `")" is missing`, "<who": "nothing is said", "<nobody>": "nothing is said",
		"a > b": "opens nothing", "<round>": "leads back", strings.Repeat("[a|b|c|d|e|f]", 6): "more than",
	} {
		if got, err := e.expand(template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", template, got, err)
		}
	}
}

const base = `
invocation billing clerk   # what it is called
sensitivity LOW
let bill = [the] bill
slot client Client
  {client}
  for {client}
slot note AMAZON.SearchQuery
intent PutIntent asks client
  put it on <bill>
  put {client} on <bill>
intent NoteIntent
  note {note}
type Client
  harbor light
  1 = first, number one
`

// made reads files one over the other.
func made(t *testing.T, files ...string) (Model, error) {
	t.Helper()
	s := &source{lets: map[string]string{}}
	for _, f := range files {
		if err := s.read("model.txt", f); err != nil {
			return Model{}, err
		}
	}
	return s.model()
}

func TestASourceBecomesAModel(t *testing.T) {
	m, err := made(t, base)
	if err != nil {
		t.Fatal(err)
	}
	l := m.InteractionModel.LanguageModel
	put, note := l.Intents[0], l.Intents[1]
	if l.InvocationName != "billing clerk" || l.ModelConfiguration.FallbackIntentSensitivity.Level != "LOW" {
		t.Errorf("%+v", l)
	}
	if !slices.Equal(put.Samples, []string{"put it on bill", "put it on the bill", "put {client} on bill", "put {client} on the bill"}) || len(put.Slots) != 1 || !slices.Equal(put.Slots[0].Samples, []string{"{client}", "for {client}"}) {
		t.Errorf("%+v", put)
	}
	if len(note.Slots) != 1 || note.Slots[0].Type != "AMAZON.SearchQuery" || note.Slots[0].Samples != nil {
		t.Errorf("%+v", note)
	}
	if d := m.InteractionModel.Dialog; d.DelegationStrategy != "SKILL_RESPONSE" || len(d.Intents) != 1 || d.Intents[0].Name != "PutIntent" || d.Intents[0].Slots[0].Name != "client" {
		t.Errorf("%+v", d)
	}
	values := l.Types[0].Values
	if len(values) != 2 || values[0].ID != "" || values[0].Name.Value != "harbor light" || values[1].ID != "1" || !slices.Equal(values[1].Name.Synonyms, []string{"number one"}) {
		t.Errorf("%+v", values)
	}
}

func TestALocaleReplacesAddsAndTakesAway(t *testing.T) {
	m, err := made(t, base, `
let bill = [the] fee note
intent PutIntent
  - put it on fee note
  book {client}
type Client
  threlkeld
  - harbor light
  first, the top one
`)
	if err != nil {
		t.Fatal(err)
	}
	l := m.InteractionModel.LanguageModel
	if want := []string{"put it on the fee note", "put {client} on fee note", "put {client} on the fee note", "book {client}"}; !slices.Equal(l.Intents[0].Samples, want) {
		t.Errorf("%q", l.Intents[0].Samples)
	}
	if values := l.Types[0].Values; len(values) != 2 || !slices.Equal(values[0].Name.Synonyms, []string{"number one", "the top one"}) || values[1].Name.Value != "threlkeld" {
		t.Errorf("%+v", values)
	}
	if len(m.InteractionModel.Dialog.Intents) != 1 {
		t.Error("the dialog was lost")
	}
}

func TestAMistakeInASourceNamesItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"intent A\n  go\n  go":               "model.txt:3",
		"intent A\n  - go":                   "model.txt:2",
		"intent A\n  (go":                    "model.txt:2",
		"type T\n  one\n  - two":             "model.txt:3",
		"type T\n  one\n  one":               "model.txt:3",
		"  go":                               "model.txt:1",
		"intents A":                          "begins no statement",
		"intent":                             "a name is missing",
		"let it be":                          "wants a =",
		"intent A\n  go {there}":             `no slot "there"`,
		"intent A wants it\n  go":            "not understood",
		"slot a T\nintent A asks b\n  go":    `no slot "b"`,
		"slot a T\n  (\nintent A asks a\n x": "model.txt:2",
	} {
		if _, err := made(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEveryLocaleMakesAModel(t *testing.T) {
	for _, tag := range locales.Tags() {
		if m, err := Generate(tag); err != nil || len(m.InteractionModel.LanguageModel.Intents) == 0 {
			t.Errorf("%s: %v", tag, err)
		}
	}
	if _, err := Generate("xx-XX"); err == nil {
		t.Error("a locale without a folder has a model")
	}
}
