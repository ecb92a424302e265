package infra

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/billingclerk/billingclerk/internal/locales"
	"github.com/billingclerk/billingclerk/internal/locales/model"
)

// Generate returns the skill package's files, by their path under infra, as the locales' folders want them. Of skill.json
// only what belongs to a locale is made anew: the rest, such as the endpoint, is the file's own.
func Generate() (map[string][]byte, error) {
	made := map[string][]byte{}
	for _, tag := range locales.Tags() {
		m, err := model.Generate(tag)
		if err != nil {
			return nil, err
		}
		if made[modelPath(tag)], err = indented(m); err != nil {
			return nil, err
		}
	}
	manifest, err := localised()
	made[manifestPath] = manifest
	return made, err
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// listing is what the skill store shows in a locale.
type listing struct {
	Name           string   `json:"name"`
	Summary        string   `json:"summary"`
	Description    string   `json:"description"`
	ExamplePhrases []string `json:"examplePhrases"`
	Keywords       []string `json:"keywords"`
}

// legal is where a locale's readers find what they agree to.
type legal struct {
	PrivacyPolicyURL string `json:"privacyPolicyUrl"`
	TermsOfUseURL    string `json:"termsOfUseUrl"`
}

// localised is skill.json with the locales' own parts.
func localised() ([]byte, error) {
	data, err := Manifest()
	if err != nil {
		return nil, err
	}
	var file struct {
		Manifest map[string]any `json:"manifest"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("infra: skill.json: %w", err)
	}
	listings, laws, countries := map[string]listing{}, map[string]legal{}, []string{}
	for _, tag := range locales.Tags() {
		var l struct {
			listing
			legal
			Countries []string
		}
		if err := readListing(tag, &l); err != nil {
			return nil, err
		}
		listings[tag], laws[tag], countries = l.listing, l.legal, append(countries, l.Countries...)
	}
	slices.Sort(countries)
	publishing, _ := file.Manifest["publishingInformation"].(map[string]any)
	privacy, _ := file.Manifest["privacyAndCompliance"].(map[string]any)
	if publishing == nil || privacy == nil {
		return nil, errors.New("infra: skill.json lacks what it publishes or its privacy")
	}
	publishing["locales"], publishing["distributionCountries"] = listings, slices.Compact(countries)
	privacy["locales"] = laws
	return indented(file)
}

// readListing fills v from the locale's listing.json and those that it is like.
func readListing(tag string, v any) error {
	for _, t := range locales.Line(tag) {
		data, err := locales.Listing(t)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(data, v)
		}
		if err != nil {
			return fmt.Errorf("infra: %s/listing.json: %w", t, err)
		}
	}
	return nil
}
