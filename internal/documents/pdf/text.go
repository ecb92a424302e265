package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean makes text printable on one line: valid, composed (a letter and its accents are one glyph), without control
// and format characters, and without those beyond the basic plane, which the library cannot set.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > 0xFFFF:
			return unicode.ReplacementChar
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, string(unicode.ReplacementChar))))
}

// wrap breaks text into lines no wider than w in the font that is set: at spaces, and within a word only when the
// word alone is too wide. Line breaks in the text are kept, blank lines too; empty text has no lines.
func (p *page) wrap(text string, w float64) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, p.fill(strings.FieldsFunc(clean(paragraph), isSpace), w)...)
	}
	return lines
}

// fill sets the words of one paragraph.
func (p *page) fill(words []string, w float64) (lines []string) {
	space := p.f.GetStringWidth(" ")
	current, used := "", 0.0
	for _, word := range words {
		wide := p.f.GetStringWidth(word)
		if current != "" && used+space+wide <= w {
			current, used = current+" "+word, used+space+wide
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		for wide > w {
			head := p.fit(word, w)
			lines = append(lines, head)
			word = word[len(head):]
			wide = p.f.GetStringWidth(word)
		}
		current, used = word, wide
	}
	return append(lines, current)
}

// fit is as much of the beginning of a text as fits into w, at least one character.
func (p *page) fit(text string, w float64) string {
	used := 0.0
	for i, r := range text {
		used += p.f.GetStringWidth(string(r))
		if used > w && i > 0 {
			return text[:i]
		}
	}
	return text
}

// isSpace reports where a line may break: not at a space that must not.
func isSpace(r rune) bool { return r == ' ' }
