// Package infra holds what Amazon is given of the skill: the manifest and an interaction model for each locale.
// They are embedded so that the talk page and the tests understand exactly what the shipped skill understands.
package infra

import (
	"embed"
	"fmt"
)

//go:embed skill-package/skill.json skill-package/interactionModels/custom/*.json
var files embed.FS

// Locales are the locales that have an interaction model, the default first.
var Locales = []string{"en-US"}

// Model returns the interaction model of a locale as it is shipped.
func Model(locale string) ([]byte, error) {
	data, err := files.ReadFile("skill-package/interactionModels/custom/" + locale + ".json")
	if err != nil {
		return nil, fmt.Errorf("infra: no interaction model for %q", locale)
	}
	return data, nil
}

// Manifest returns skill.json as it is shipped.
func Manifest() ([]byte, error) { return files.ReadFile("skill-package/skill.json") }
