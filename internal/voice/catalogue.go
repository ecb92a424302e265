package voice

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// catalogue is a locale's messages: sentences with blanks, {{.Name}}, in one form or in CLDR's plural forms. The files
// have go-i18n's format, so that translators' tools know them; they are read here because that library links
// text/template, which keeps every method of the program alive (docs/decisions/0007).
type catalogue struct {
	language language.Tag
	messages map[string]message
}

// message is a sentence's plural forms; a sentence without them has Other alone.
type message map[plural.Form]string

var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func parseCatalogue(tag language.Tag, data []byte) (*catalogue, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	c := &catalogue{language: tag, messages: make(map[string]message, len(raw))}
	for id, value := range raw {
		m, err := parseMessage(value)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", id, err)
		}
		c.messages[id] = m
	}
	return c, nil
}

// over puts the catalogue over another: what both have counts as it is here.
func (c *catalogue) over(under *catalogue) *catalogue {
	if under == nil {
		return c
	}
	messages := maps.Clone(under.messages)
	maps.Copy(messages, c.messages)
	return &catalogue{c.language, messages}
}

func parseMessage(data json.RawMessage) (message, error) {
	if data[0] == '"' {
		var text string
		err := json.Unmarshal(data, &text)
		return message{plural.Other: text}, err
	}
	var byForm map[string]string
	if err := json.Unmarshal(data, &byForm); err != nil {
		return nil, err
	}
	m := make(message, len(byForm))
	for name, text := range byForm {
		form, ok := forms[name]
		if !ok {
			return nil, fmt.Errorf("no plural form is called %q", name)
		}
		m[form] = text
	}
	if _, ok := m[plural.Other]; !ok {
		return nil, errors.New(`the form "other" is missing`)
	}
	return m, nil
}

func (c *catalogue) has(id string) bool { return c.messages[id] != nil }

// text fills a message's blanks, in one pass: what fills a blank is never read for blanks. ok is false when there is no
// such message.
func (c *catalogue) text(id string, form plural.Form, blanks vars) (text string, ok bool) {
	m := c.messages[id]
	if m == nil {
		return "", false
	}
	text, ok = m[form]
	if !ok {
		text = m[plural.Other]
	}
	return fill(text, blanks), true
}

// fill writes what blanks name in their places. A blank that is not named stays as it is written.
func fill(text string, blanks vars) string {
	filled := make([]byte, 0, sentenceSize)
	for {
		before, rest, found := strings.Cut(text, "{{.")
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return string(append(filled, text...))
		}
		filled = append(filled, before...)
		if value, ok := blanks[name]; ok {
			filled = append(filled, value...)
		} else {
			filled = append(filled, text[len(before):len(text)-len(after)]...)
		}
		text = after
	}
}

// sentenceSize is the bytes that most sentences fit in.
const sentenceSize = 160

// operand is the largest number that the plural rules need to see whole.
const operand = 10_000_000

// whole is the plural form of a whole number.
func (c *catalogue) whole(n int64) plural.Form {
	return plural.Cardinal.MatchPlural(c.language, int(max(n, -n)%operand), 0, 0, 0, 0)
}

// fraction is the plural form of a number with digits after its point; the last of them is not 0.
func (c *catalogue) fraction(whole int64, digits int, value int64) plural.Form {
	return plural.Cardinal.MatchPlural(c.language, int(whole%operand), digits, digits, int(value), int(value))
}
