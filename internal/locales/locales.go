// Package locales holds the languages that are spoken and understood, one folder a locale:
//
//	model.txt     what can be said: intents and their samples, in the template form that package model reads
//	speech.json   what is answered: sentences with blanks, in go-i18n's format
//	listing.json  what the skill store shows, and the countries it is shown in
//	like          the locale that has whatever these files leave out; a folder without it is whole
//
// Adding a locale is adding a folder: docs/locales.md.
package locales

import (
	"embed"
	"strings"
)

// Default is the locale for speakers of a language that there is no folder for.
const Default = "en-US"

// The files are embedded apart, so that a program that only speaks does not carry what can be said.
var (
	//go:embed */like
	likes embed.FS
	//go:embed */speech.json
	speeches embed.FS
	//go:embed */model.txt
	models embed.FS
	//go:embed */listing.json
	listings embed.FS
)

// Tags are the BCP 47 tags of all locales: the default one first, the rest in the alphabet's order.
func Tags() []string {
	tags := []string{Default}
	folders, err := speeches.ReadDir(".")
	if err != nil {
		panic("locales: " + err.Error())
	}
	for _, f := range folders {
		if f.Name() != Default {
			tags = append(tags, f.Name())
		}
	}
	return tags
}

// Line is the locale and those that it is like, the farthest first: what a later one has counts.
func Line(tag string) []string {
	parent, err := likes.ReadFile(tag + "/like")
	if err != nil {
		return []string{tag}
	}
	return append(Line(strings.TrimSpace(string(parent))), tag)
}

// Speech returns a locale's own speech.json. Errors: fs.ErrNotExist.
func Speech(tag string) ([]byte, error) { return speeches.ReadFile(tag + "/speech.json") }

// Model returns a locale's own model.txt. Errors: fs.ErrNotExist.
func Model(tag string) ([]byte, error) { return models.ReadFile(tag + "/model.txt") }

// Listing returns a locale's own listing.json. Errors: fs.ErrNotExist.
func Listing(tag string) ([]byte, error) { return listings.ReadFile(tag + "/listing.json") }
