package infra_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// Amazon's limits on an interaction model, as its custom interaction model reference states them; where it states none,
// ours are far below what its builds are known to take.
const (
	maxIntents = 250
	maxModel   = 1_500_000 // bytes
	maxSample  = 200       // characters
	maxValue   = 140       // characters of a slot value or synonym
	maxValues  = 50_000
)

func TestAModelKeepsAmazonsLimits(t *testing.T) {
	name := regexp.MustCompile(`^(AMAZON\.)?[A-Za-z][A-Za-z_]*$`)
	for _, locale := range infra.Locales {
		if data, err := infra.Model(locale); err != nil || len(data) > maxModel {
			t.Errorf("%s: %d bytes, %v", locale, len(data), err)
		}
	}
	each(t, func(t *testing.T, m model) {
		l := m.InteractionModel.LanguageModel
		if len(l.Intents) > maxIntents {
			t.Errorf("%d intents", len(l.Intents))
		}
		values := 0
		for _, in := range l.Intents {
			if !name.MatchString(in.Name) {
				t.Errorf("intent %q", in.Name)
			}
			for _, s := range in.Slots {
				if !name.MatchString(s.Name) || strings.HasPrefix(s.Name, "AMAZON.") {
					t.Errorf("%s: slot %q", in.Name, s.Name)
				}
			}
			for _, s := range in.Samples {
				if len(s) > maxSample {
					t.Errorf("%s: %q is too long", in.Name, s)
				}
			}
		}
		for _, kind := range l.Types {
			if values += len(kind.Values); !name.MatchString(kind.Name) || len(kind.Values) == 0 {
				t.Errorf("type %q with %d values", kind.Name, len(kind.Values))
			}
			checkValues(t, kind.Name, kind.Values)
		}
		if values > maxValues {
			t.Errorf("%d values", values)
		}
	})
}

// checkValues: no value twice, since Alexa would resolve it to either; ids on all values or on none.
func checkValues(t *testing.T, kind string, values []value) {
	t.Helper()
	plain := regexp.MustCompile(`^[a-z0-9'. -]+$`)
	seen := map[string]bool{}
	for _, v := range values {
		if (v.ID == "") != (values[0].ID == "") {
			t.Errorf("%s: some values have an id, %q is otherwise", kind, v.Name.Value)
		}
		for _, name := range append(v.Name.Synonyms, v.Name.Value) {
			if seen[name] || len(name) > maxValue || !plain.MatchString(name) {
				t.Errorf("%s: %q is there twice, too long, or not plain", kind, name)
			}
			seen[name] = true
		}
	}
}

// answers are the intents that are only said in a talk, after a question: they need not follow "tell billing clerk to".
func answers(intent string) bool {
	return strings.HasPrefix(intent, "AMAZON.") || slices.Contains([]string{"ChooseIntent", "SameIntent", "WhenIntent", "LengthIntent", "PhraseIntent", "NeitherIntent", "CodeIntent", "LongCodeIntent", "YesCodeIntent", "LongYesCodeIntent", "WhatToBillIntent", "AmountIntent", "KindIntent", "AllIntent", "MoreIntent"}, intent)
}

// joining are the words with which Alexa joins the skill's name to a wish: a sample that began with one would be heard
// without it.
var joining = strings.Fields("to about for from in on with by using if whether that")

// After "tell billing clerk to …" and "ask billing clerk …", and alone in a talk: nothing that Alexa takes for itself.
func TestEverySampleReadsWellAfterTheSkillsName(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			for _, s := range in.Samples {
				words := strings.Fields(s)
				for _, own := range strings.Fields("alexa amazon echo computer ziggy skill app tell ask open launch enable load") {
					if slices.Contains(words, own) {
						t.Errorf("%s: %q holds %q, which Alexa takes for itself", in.Name, s, own)
					}
				}
				if strings.Contains(s, m.InteractionModel.LanguageModel.InvocationName) {
					t.Errorf("%s: %q holds the skill's name", in.Name, s)
				}
				if answers(in.Name) {
					continue
				}
				if slices.Contains(joining, words[0]) || slices.Contains(strings.Fields("yes no the and"), words[0]) {
					t.Errorf("%s: %q does not follow \"tell billing clerk to\"", in.Name, s)
				}
				if last := words[len(words)-1]; slices.Contains(strings.Fields("to from the a my and of"), last) {
					t.Errorf("%s: %q breaks off", in.Name, s)
				}
				if first := words[0]; len(words) == 1 && !bareAlone[s] && first == s {
					t.Errorf("%s: %q is one word, which Alexa or another intent may take", in.Name, s)
				}
			}
		}
	})
}

// bareAlone are the wishes that are one word and nobody else's.
var bareAlone = map[string]bool{"charge": true, "note": true, "undo": true}

// Two slots side by side are hard to tell apart: only digits are said so, and what sounds like nothing else (a stretch of
// time, a day, a closed list) may follow a name.
func TestBetweenTwoSlotsStandsAWord(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			kinds := map[string]string{}
			for _, s := range in.Slots {
				kinds["{"+s.Name+"}"] = s.Type
			}
			for _, s := range in.Samples {
				words := strings.Fields(s)
				for i := 1; i < len(words); i++ {
					if a, b := kinds[words[i-1]], kinds[words[i]]; a != "" && b != "" && (a == "Client" || b == "Client") && !distinct[b] {
						t.Errorf("%s: %q", in.Name, s)
					}
				}
			}
		}
	})
}

// distinct are the types whose values are no names.
var distinct = map[string]bool{"AMAZON.DURATION": true, "AMAZON.DATE": true, "Free": true, "AMAZON.NUMBER": true}

// Bare words are Amazon's: no sample of ours is one, with or without politeness.
func TestNoSampleIsAmazonsOwn(t *testing.T) {
	polite := strings.NewReplacer("please ", "", " please", "", " now", "")
	each(t, func(t *testing.T, m model) {
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			for _, s := range in.Samples {
				for owner, words := range talk.Builtins {
					if owner != in.Name && slices.Contains(words, polite.Replace(s)) {
						t.Errorf("%s: %q is %s's", in.Name, s, owner)
					}
				}
			}
		}
	})
}

// A slot that the skill asks for knows how it is answered, by itself and with a word before it.
func TestEverySlotThatIsAskedForCanBeAnsweredAlone(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		for _, in := range m.InteractionModel.Dialog.Intents {
			for _, asked := range in.Slots {
				for _, l := range m.InteractionModel.LanguageModel.Intents {
					for _, s := range l.Slots {
						if l.Name == in.Name && s.Name == asked.Name && !slices.Contains(s.Samples, "{"+s.Name+"}") {
							t.Errorf("%s: %s cannot be answered alone: %q", in.Name, s.Name, s.Samples)
						}
					}
				}
			}
		}
	})
}

// No locale understands less than another: the same intents, slots, types and dialogs everywhere.
func TestNoLocaleUnderstandsLessThanAnother(t *testing.T) {
	shapes := map[string][]string{}
	each(t, func(t *testing.T, m model) {
		var shape []string
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			if len(in.Samples) == 0 && !strings.HasPrefix(in.Name, "AMAZON.") {
				t.Errorf("%s has no sample", in.Name)
			}
			shape = append(shape, "intent "+in.Name)
			for _, s := range in.Slots {
				shape = append(shape, "slot "+in.Name+" "+s.Name+" "+s.Type)
			}
		}
		for _, kind := range m.InteractionModel.LanguageModel.Types {
			shape = append(shape, "type "+kind.Name)
			for _, v := range kind.Values {
				if v.ID != "" {
					shape = append(shape, "value "+kind.Name+" "+v.ID)
				}
			}
		}
		for _, in := range m.InteractionModel.Dialog.Intents {
			shape = append(shape, "dialog "+in.Name)
		}
		slices.Sort(shape)
		shapes[strings.TrimPrefix(t.Name(), "TestNoLocaleUnderstandsLessThanAnother/")] = shape
	})
	want := shapes[infra.Locales[0]]
	for locale, got := range shapes {
		for _, part := range want {
			if !slices.Contains(got, part) {
				t.Errorf("%s lacks %s", locale, part)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s has %d parts, %s %d", locale, len(got), infra.Locales[0], len(want))
		}
	}
}
