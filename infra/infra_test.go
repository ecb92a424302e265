package infra_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
)

type model struct {
	InteractionModel struct {
		LanguageModel struct {
			InvocationName string
			Intents        []struct {
				Name    string
				Samples []string
				Slots   []struct {
					Name, Type string
					Samples    []string
				}
			}
			Types []struct {
				Name   string
				Values []value
			}
		}
		Dialog struct {
			Intents []struct {
				Name  string
				Slots []struct{ Name, Type string }
			}
		}
	}
}

type value struct {
	ID   string
	Name struct {
		Value    string
		Synonyms []string
	}
}

// each runs f for every locale's model.
func each(t *testing.T, f func(t *testing.T, m model)) {
	for _, locale := range infra.Locales {
		t.Run(locale, func(t *testing.T) {
			data, err := infra.Model(locale)
			if err != nil {
				t.Fatal(err)
			}
			var m model
			if err := json.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			f(t, m)
		})
	}
}

// What is shipped is what the locales' folders say now: after a change of theirs, `go generate ./infra`.
func TestTheSkillPackageIsGeneratedFromTheLocales(t *testing.T) {
	made, err := infra.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range made {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not current (%v); go generate ./infra", path, err)
		}
	}
	models, err := filepath.Glob("skill-package/interactionModels/custom/*.json")
	if err != nil || len(models)+1 != len(made) {
		t.Errorf("%d models are shipped, %d files are made (%v)", len(models), len(made), err)
	}
}

var slotPattern = regexp.MustCompile(`\{([a-zA-Z_]+)\}`)

func TestNoSampleIsSharedByTwoIntentsOrByABuiltIn(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		owner := map[string]string{}
		for name, samples := range talk.Builtins {
			for _, s := range samples {
				owner[s] = name
			}
		}
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			kinds := map[string]string{}
			for _, s := range in.Slots {
				kinds[s.Name] = s.Type
			}
			for _, s := range in.Samples {
				key := slotPattern.ReplaceAllStringFunc(s, func(slot string) string { return "{" + kinds[strings.Trim(slot, "{}")] + "}" })
				if other, taken := owner[key]; taken && other != in.Name {
					t.Errorf("%q belongs to %s and %s", s, other, in.Name)
				}
				owner[key] = in.Name
			}
		}
	})
}

func TestSamplesAreWrittenAsAmazonWantsThem(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z'. {}_-]+$`)
	each(t, func(t *testing.T, m model) {
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			declared := map[string]string{}
			for _, s := range in.Slots {
				declared[s.Name] = s.Type
			}
			seen := map[string]bool{}
			for _, s := range in.Samples {
				if !plain.MatchString(s) || seen[s] || strings.Join(strings.Fields(s), " ") != s {
					t.Errorf("%s: %q is not plain lower case, or is there twice", in.Name, s)
				}
				seen[s] = true
				checkSlots(t, in.Name, s, declared)
			}
		}
	})
}

// checkSlots: every slot is declared, and a search query stands alone beside words that carry it.
func checkSlots(t *testing.T, intent, sample string, declared map[string]string) {
	t.Helper()
	slots := slotPattern.FindAllStringSubmatch(sample, -1)
	for _, slot := range slots {
		kind, ok := declared[slot[1]]
		if !ok {
			t.Errorf("%s: %q uses a slot that is not declared", intent, sample)
		}
		if kind == "AMAZON.SearchQuery" && (len(slots) > 1 || strings.TrimSpace(slotPattern.ReplaceAllString(sample, "")) == "") {
			t.Errorf("%s: %q: a search query stands alone, with a carrier phrase", intent, sample)
		}
	}
}

func TestEveryIntentIsAnsweredAndEveryAnswerHasItsIntent(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		var names []string
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			names = append(names, in.Name)
		}
		handled := voice.Intents()
		slices.Sort(names)
		slices.Sort(handled)
		if !slices.Equal(names, handled) {
			t.Errorf("the model has   %v\nvoice answers   %v", names, handled)
		}
	})
}

func TestEverySlotTypeIsDeclaredAndEveryDialogIntentExists(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		types, slots := map[string]bool{}, map[string]bool{}
		for _, kind := range m.InteractionModel.LanguageModel.Types {
			types[kind.Name] = true
		}
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			for _, s := range in.Slots {
				slots[in.Name+"/"+s.Name+"/"+s.Type] = true
				if !types[s.Type] && !strings.HasPrefix(s.Type, "AMAZON.") {
					t.Errorf("%s: type %s is not declared", in.Name, s.Type)
				}
			}
		}
		for _, in := range m.InteractionModel.Dialog.Intents {
			for _, s := range in.Slots {
				if !slots[in.Name+"/"+s.Name+"/"+s.Type] {
					t.Errorf("dialog: %s has no slot %s of type %s", in.Name, s.Name, s.Type)
				}
			}
		}
	})
}

// Amazon's rules for invocation names, as facts/alexa.md records them.
func TestTheInvocationNameKeepsAmazonsRules(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		name := m.InteractionModel.LanguageModel.InvocationName
		if !regexp.MustCompile(`^[a-z'. ]{2,50}$`).MatchString(name) || len(strings.Fields(name)) < 2 {
			t.Errorf("%q is not two or more plain words", name)
		}
		for _, word := range strings.Fields(name) {
			if slices.Contains(strings.Fields("launch ask tell load begin enable open start use run alexa amazon echo computer skill app a an the"), word) {
				t.Errorf("%q holds %q", name, word)
			}
		}
	})
}

// The four sentences of product.md, word for word: with customer, client or neither, with and without the.
func TestTheFourSentencesAreSamplesWordForWord(t *testing.T) {
	sentences := map[string][]string{
		"StartClockIntent": {"start clock with %s", "start the clock with %s", "start the clock for %s", "start clock for %s"},
		"StopClockIntent":  {"stop clock with %s", "stop the clock with %s", "stop the clock for %s"},
		"AddLastIntent": {"add last transaction from %s to bill", "add the last transaction from %s to bill",
			"add last transaction from %s to the bill", "add the last transaction from %s to the bill"},
		"AddAllIntent": {"put everything for %s on the bill", "put everything for %s on bill"},
		"ChargeIntent": {"charge %s credit card and send invoice", "charge %s credit card and send the invoice"},
	}
	each(t, func(t *testing.T, m model) {
		samples := map[string][]string{}
		for _, in := range m.InteractionModel.LanguageModel.Intents {
			samples[in.Name] = in.Samples
		}
		if !slices.Contains(samples["StopClockIntent"], "stop the clock") {
			t.Error(`"stop the clock" is missing`)
		}
		for intent, list := range sentences {
			for _, sentence := range list {
				for _, who := range []string{"{client}", "customer {client}", "client {client}", "the customer {client}", "the client {client}"} {
					if s := fmt.Sprintf(sentence, who); !slices.Contains(samples[intent], s) {
						t.Errorf("%s lacks %q", intent, s)
					}
				}
			}
		}
	})
}

// The names that the client slot is seeded with go to Amazon: they are invented, and none is a client of the demo firm.
func TestNoClientOfTheFirmIsInTheModel(t *testing.T) {
	each(t, func(t *testing.T, m model) {
		for _, kind := range m.InteractionModel.LanguageModel.Types {
			for _, v := range kind.Values {
				for _, name := range append(v.Name.Synonyms, v.Name.Value) {
					for _, client := range strings.Fields("acme beta o'brien nguyen hughes schmidt schmitt marlow") {
						if slices.Contains(strings.Fields(name), client) {
							t.Errorf("%s: %q", kind.Name, name)
						}
					}
				}
			}
		}
	})
}

func TestTheManifestIsInItsBounds(t *testing.T) {
	data, err := infra.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Manifest struct {
			ManifestVersion       string
			PublishingInformation struct {
				TestingInstructions string
				Locales             map[string]struct {
					Name, Summary, Description string
					ExamplePhrases             []string
				}
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil || file.Manifest.ManifestVersion != "1.0" {
		t.Fatalf("%q, %v", file.Manifest.ManifestVersion, err)
	}
	info := file.Manifest.PublishingInformation
	if len(info.TestingInstructions) > 4000 {
		t.Error("testing instructions are too long")
	}
	for _, locale := range infra.Locales {
		l := info.Locales[locale]
		if l.Name == "" || l.Summary == "" || len(l.Summary) > 160 || l.Description == "" || len(l.Description) > 4000 || len(l.ExamplePhrases) != 3 {
			t.Errorf("%s: a text is missing or too long", locale)
		}
	}
}
