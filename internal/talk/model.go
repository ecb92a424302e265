package talk

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// model is an interaction model, ready for matching.
type model struct {
	invocation []string
	intents    map[string]*intent
	patterns   []pattern
	begin      map[string][]int // the patterns that begin with a word; "": with a slot
	types      map[string]slotType
	dialogs    map[string]bool  // intents in the dialog model
	now        func() time.Time // where the device is: what "yesterday" means
}

type intent struct {
	name  string
	slots []slot
}

type slot struct {
	name, kind string
	patterns   []pattern // how the slot alone may be answered when it is asked for
}

// slotType is a custom slot type. A type whose values all have ids is a closed list; any other takes free text, as
// Alexa does.
type slotType struct {
	ids    map[string]value // by each value and synonym, as tokens joined
	closed bool
}

type value struct{ id, name string }

// pattern is a sample utterance: words, and slots in braces.
type pattern struct {
	intent string
	parts  []part
}

type part struct {
	word string // empty for a slot
	slot string
	kind string
}

// The parts of the interaction model's file that matching needs.
type modelFile struct {
	InteractionModel struct {
		LanguageModel struct {
			InvocationName string `json:"invocationName"`
			Intents        []struct {
				Name    string   `json:"name"`
				Samples []string `json:"samples"`
				Slots   []struct {
					Name    string   `json:"name"`
					Type    string   `json:"type"`
					Samples []string `json:"samples"`
				} `json:"slots"`
			} `json:"intents"`
			Types []struct {
				Name   string `json:"name"`
				Values []struct {
					ID   string `json:"id"`
					Name struct {
						Value    string   `json:"value"`
						Synonyms []string `json:"synonyms"`
					} `json:"name"`
				} `json:"values"`
			} `json:"types"`
		} `json:"languageModel"`
		Dialog struct {
			Intents []struct {
				Name string `json:"name"`
			} `json:"intents"`
		} `json:"dialog"`
	} `json:"interactionModel"`
}

func readModel(data []byte) (*model, error) {
	var f modelFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("talk: interaction model: %w", err)
	}
	m := &model{intents: map[string]*intent{}, types: map[string]slotType{}, dialogs: map[string]bool{}, begin: map[string][]int{}}
	language := f.InteractionModel.LanguageModel
	m.invocation = tokens(language.InvocationName)
	if len(m.invocation) == 0 {
		return nil, fmt.Errorf("talk: interaction model without an invocation name")
	}
	for _, d := range f.InteractionModel.Dialog.Intents {
		m.dialogs[d.Name] = true
	}
	m.readTypes(&f)
	return m, m.readIntents(&f)
}

func (m *model) readTypes(f *modelFile) {
	for _, t := range f.InteractionModel.LanguageModel.Types {
		st := slotType{ids: map[string]value{}, closed: true}
		for _, v := range t.Values {
			st.closed = st.closed && v.ID != ""
			for _, text := range append([]string{v.Name.Value}, v.Name.Synonyms...) {
				st.ids[spoken(tokens(text))] = value{v.ID, v.Name.Value}
			}
		}
		m.types[t.Name] = st
	}
}

func (m *model) readIntents(f *modelFile) error {
	for _, in := range f.InteractionModel.LanguageModel.Intents {
		read := &intent{name: in.Name}
		kinds := map[string]string{}
		for _, s := range in.Slots {
			kinds[s.Name] = s.Type
			own := slot{name: s.Name, kind: s.Type}
			for _, sample := range append([]string{"{" + s.Name + "}"}, s.Samples...) {
				p, err := parsePattern(in.Name, sample, kinds)
				if err != nil {
					return err
				}
				own.patterns = append(own.patterns, p)
			}
			read.slots = append(read.slots, own)
		}
		m.intents[in.Name] = read
		for _, sample := range append(in.Samples, Builtins[in.Name]...) {
			p, err := parsePattern(in.Name, sample, kinds)
			if err != nil {
				return err
			}
			m.begin[p.parts[0].word] = append(m.begin[p.parts[0].word], len(m.patterns))
			m.patterns = append(m.patterns, p)
		}
	}
	return nil
}

func parsePattern(intent, sample string, kinds map[string]string) (pattern, error) {
	p := pattern{intent: intent}
	for _, word := range tokens(sample) {
		name, isSlot := strings.CutPrefix(word, "{")
		if !isSlot {
			p.parts = append(p.parts, part{word: word})
			continue
		}
		name = strings.TrimSuffix(name, "}")
		kind, declared := kinds[name]
		if !declared {
			return p, fmt.Errorf("talk: %s: sample %q uses a slot that is not declared", intent, sample)
		}
		p.parts = append(p.parts, part{slot: name, kind: kind})
	}
	if len(p.parts) == 0 {
		return p, fmt.Errorf("talk: %s: a sample without words", intent)
	}
	return p, nil
}

// Builtins are the utterances that Amazon's own intents understand without samples, as its documentation gives
// examples of them. Bare words belong to them.
var Builtins = map[string][]string{
	"AMAZON.YesIntent":       {"yes", "yes please", "yeah", "yep", "sure", "okay", "ok", "of course", "correct", "right"},
	"AMAZON.NoIntent":        {"no", "no thanks", "no thank you", "nope", "nah"},
	"AMAZON.HelpIntent":      {"help", "help me", "can you help me"},
	"AMAZON.RepeatIntent":    {"repeat", "repeat that", "say that again"},
	"AMAZON.StartOverIntent": {"start over", "restart", "start again"},
	"AMAZON.StopIntent":      {"stop", "off", "shut up"},
	"AMAZON.CancelIntent":    {"cancel", "never mind", "nevermind", "forget it"},
	"AMAZON.PauseIntent":     {"pause", "pause that"},
	"AMAZON.ResumeIntent":    {"resume", "continue", "keep going"},

	"AMAZON.NavigateHomeIntent": {"go home", "home"},
}

// exits are what Alexa itself hears as the end of the talk.
var exits = map[string]bool{"exit": true, "quit": true, "goodbye": true}
