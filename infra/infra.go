// Package infra holds what Amazon is given of the skill: the manifest and an interaction model for each locale.
// They are embedded so that the talk page and the tests understand exactly what the shipped skill understands. What is
// of a locale in them is generated from internal/locales; `go generate ./infra` writes it, and a test says when it must.
package infra

import (
	"embed"
	"fmt"

	"github.com/billingclerk/billingclerk/internal/locales"
)

//go:generate go run ./generate

//go:embed skill-package/skill.json skill-package/interactionModels/custom/*.json
var files embed.FS

// Locales are the locales that have an interaction model, the default first.
var Locales = locales.Tags()

// Model returns the interaction model of a locale as it is shipped.
func Model(locale string) ([]byte, error) {
	data, err := files.ReadFile(modelPath(locale))
	if err != nil {
		return nil, fmt.Errorf("infra: no interaction model for %q", locale)
	}
	return data, nil
}

func modelPath(locale string) string {
	return "skill-package/interactionModels/custom/" + locale + ".json"
}

const manifestPath = "skill-package/skill.json"

// Manifest returns skill.json as it is shipped.
func Manifest() ([]byte, error) { return files.ReadFile(manifestPath) }
