// Package model makes Alexa's interaction models from the locales' model.txt, so that a way of saying something is
// written once, in one line, for every locale. Way in and out: Generate.
//
// A statement begins at the margin; the indented lines after it are its own. # begins a comment.
//
//	invocation billing clerk          the name that the skill is called by
//	let bill = [the] bill | prebill   what <bill> stands for in a template
//	slot client Client                a slot's type, and how it alone is answered when it is asked for
//	  [for|with] {client}
//	type Position                     a type's values, with synonyms; "id =" before a value makes a closed list
//	  1 = one, first, number one
//	intent AddAllIntent asks client   an intent; "asks": the skill may ask for these slots
//	  put everything for {client} on <bill>
//
// In a template, (a|b) is one of them, [a|b] one or none, {name} a slot, <name> what "let" says for it. A template stands
// for all samples that can be read off it.
//
// The file of a locale that is like another holds only what differs: its "let" replaces the other's, its lines are added,
// and a line that begins with "-" takes away what it stands for.
package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/locales"
)

// Model is an interaction model in Alexa's format.
type Model struct {
	InteractionModel struct {
		LanguageModel LanguageModel `json:"languageModel"`
		Dialog        Dialog        `json:"dialog"`
	} `json:"interactionModel"`
}

// LanguageModel is what can be said.
type LanguageModel struct {
	InvocationName     string `json:"invocationName"`
	ModelConfiguration struct {
		FallbackIntentSensitivity struct {
			Level string `json:"level"`
		} `json:"fallbackIntentSensitivity"`
	} `json:"modelConfiguration"`
	Intents []Intent `json:"intents"`
	Types   []Type   `json:"types"`
}

// Intent is something that can be wished for.
type Intent struct {
	Name    string   `json:"name"`
	Slots   []Slot   `json:"slots,omitempty"`
	Samples []string `json:"samples"`
}

// Slot is a blank in an intent's samples. Its own samples answer the question for it.
type Slot struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Samples []string `json:"samples,omitempty"`
}

// Type is a list of what a slot may hold.
type Type struct {
	Name   string  `json:"name"`
	Values []Value `json:"values"`
}

// Value is one of a type's, and what else it is called.
type Value struct {
	ID   string `json:"id,omitempty"`
	Name struct {
		Value    string   `json:"value"`
		Synonyms []string `json:"synonyms"`
	} `json:"name"`
}

// Dialog lists the slots that the skill may ask for. Alexa never asks by itself: every question is the clerk's own.
type Dialog struct {
	DelegationStrategy string         `json:"delegationStrategy"`
	Intents            []DialogIntent `json:"intents"`
}

// DialogIntent is an intent some slots of which may be asked for.
type DialogIntent struct {
	Name                 string       `json:"name"`
	ConfirmationRequired bool         `json:"confirmationRequired"`
	Prompts              struct{}     `json:"prompts"`
	Slots                []DialogSlot `json:"slots"`
}

// DialogSlot is a slot of such an intent.
type DialogSlot struct {
	Name                 string   `json:"name"`
	Type                 string   `json:"type"`
	ConfirmationRequired bool     `json:"confirmationRequired"`
	ElicitationRequired  bool     `json:"elicitationRequired"`
	Prompts              struct{} `json:"prompts"`
}

// Generate makes a locale's model. Errors name the file and the line.
func Generate(tag string) (Model, error) {
	s := &source{lets: map[string]string{}}
	for _, t := range locales.Line(tag) {
		text, err := locales.Model(t)
		if err != nil {
			return Model{}, fmt.Errorf("model: %w", err)
		}
		if err := s.read(t+"/model.txt", string(text)); err != nil {
			return Model{}, fmt.Errorf("model: %w", err)
		}
	}
	m, err := s.model()
	if err != nil {
		return Model{}, fmt.Errorf("model: %w", err)
	}
	return m, nil
}

func (s *source) model() (m Model, err error) {
	l := &m.InteractionModel.LanguageModel
	l.InvocationName = s.invocation
	l.ModelConfiguration.FallbackIntentSensitivity.Level = s.sensitivity
	m.InteractionModel.Dialog.DelegationStrategy = "SKILL_RESPONSE"
	for _, b := range s.intents {
		in, asked, err := s.intent(b)
		if err != nil {
			return m, err
		}
		if l.Intents = append(l.Intents, in); len(asked) > 0 {
			m.InteractionModel.Dialog.Intents = append(m.InteractionModel.Dialog.Intents, DialogIntent{Name: in.Name, Slots: asked})
		}
	}
	for _, b := range s.types {
		kind, err := s.kind(b)
		if err != nil {
			return m, err
		}
		l.Types = append(l.Types, kind)
	}
	return m, nil
}

var slotMark = regexp.MustCompile(`\{(\w+)\}`)

// intent has the slots that it asks for and those that its samples use, in that order.
func (s *source) intent(b *block) (in Intent, asked []DialogSlot, err error) {
	in.Name = b.name
	if in.Samples, err = s.samples(b); err != nil {
		return in, nil, err
	}
	var names []string
	if list, ok := strings.CutPrefix(b.rest, "asks"); ok {
		names = strings.Fields(list)
	} else if b.rest != "" {
		return in, nil, fmt.Errorf("intent %s: %q is not understood", b.name, b.rest)
	}
	asks := len(names)
	for _, sample := range in.Samples {
		for _, mark := range slotMark.FindAllStringSubmatch(sample, -1) {
			if !slices.Contains(names, mark[1]) {
				names = append(names, mark[1])
			}
		}
	}
	for i, name := range names {
		slot, err := s.slot(name, i < asks)
		if err != nil {
			return in, nil, fmt.Errorf("intent %s: %w", b.name, err)
		}
		if in.Slots = append(in.Slots, slot); i < asks {
			asked = append(asked, DialogSlot{Name: slot.Name, Type: slot.Type})
		}
	}
	return in, asked, nil
}

// slot is a slot of an intent; only one that is asked for needs to know how it is answered.
func (s *source) slot(name string, asked bool) (Slot, error) {
	i := slices.IndexFunc(s.slots, func(b *block) bool { return b.name == name })
	if i < 0 {
		return Slot{}, fmt.Errorf("there is no slot %q", name)
	}
	slot := Slot{Name: name, Type: s.slots[i].rest}
	if !asked {
		return slot, nil
	}
	var err error
	slot.Samples, err = s.samples(s.slots[i])
	return slot, err
}

// kind is a type with its values.
func (s *source) kind(b *block) (Type, error) {
	t := Type{Name: b.name, Values: []Value{}}
	for _, l := range b.lines {
		v := value(l.text)
		i := slices.IndexFunc(t.Values, func(had Value) bool { return had.Name.Value == v.Name.Value })
		switch {
		case l.taken && i >= 0:
			t.Values = slices.Delete(t.Values, i, i+1)
		case l.taken, i >= 0 && len(v.Name.Synonyms) == 0:
			return t, fmt.Errorf("%s: %q changes nothing", l.origin, l.text)
		case i >= 0:
			t.Values[i].Name.Synonyms = append(t.Values[i].Name.Synonyms, v.Name.Synonyms...)
		default:
			t.Values = append(t.Values, v)
		}
	}
	return t, nil
}

// value reads "id = value, synonym, synonym".
func value(text string) Value {
	v := Value{}
	if id, rest, ok := strings.Cut(text, "="); ok {
		v.ID, text = strings.TrimSpace(id), rest
	}
	for i, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); i == 0 {
			v.Name.Value, v.Name.Synonyms = name, []string{}
		} else {
			v.Name.Synonyms = append(v.Name.Synonyms, name)
		}
	}
	return v
}
