package alexa_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// said is what fills an intent's slots where it is not what its type says.
var said = map[string]map[string]string{
	voice.ResumeClockIntent: {"client": "schmidt"}, voice.NoteIntent: {"note": `<b>5 & "6"</b>`},
	voice.AddAllIntent: {"client": "acme"}, voice.ChargeIntent: {"client": "beta"},
	voice.WhatToBillIntent: {"what": "draft"}, voice.ChooseIntent: {"client": "holdings"},
}

// ofType is what may be said for a slot of a type.
var ofType = map[string]string{
	"Client": "o'brien and sons", "AMAZON.SearchQuery": "the lease", "AMAZON.FOUR_DIGIT_NUMBER": "1234", "AMAZON.NUMBER": "20",
	"AMAZON.DURATION": "PT20M", "AMAZON.TIME": "14:00", "AMAZON.DATE": "2026-11-22",
}

// shapes are the intents of an interaction model, with the slots that each has.
func shapes(t testing.TB, locale string) (slots map[string]map[string]string, asked map[string][]string) {
	t.Helper()
	data, err := infra.Model(locale)
	if err != nil {
		t.Fatal(err)
	}
	type intents []struct {
		Name  string
		Slots []struct{ Name, Type string }
	}
	var m struct {
		InteractionModel struct {
			LanguageModel, Dialog struct{ Intents intents }
		}
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	slots, asked = map[string]map[string]string{}, map[string][]string{}
	for _, in := range m.InteractionModel.LanguageModel.Intents {
		slots[in.Name] = map[string]string{}
		for _, s := range in.Slots {
			slots[in.Name][s.Name] = s.Type
		}
	}
	for _, in := range m.InteractionModel.Dialog.Intents {
		for _, s := range in.Slots {
			asked[in.Name] = append(asked[in.Name], s.Name)
		}
	}
	return slots, asked
}

// filled is an intent with its slots filled, but those that are only heard of longer codes.
func filled(kinds map[string]string, intent string) map[string]string {
	values := map[string]string{}
	for name, kind := range kinds {
		if value, known := ofType[kind]; known {
			values[name] = value
		}
	}
	maps.Copy(values, said[intent])
	return values
}
