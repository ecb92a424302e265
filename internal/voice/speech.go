package voice

import (
	"strings"
	"unicode"
)

// Speech is what is said: pieces of plain text, some of which are read digit by digit.
type Speech []Piece

// Piece is a stretch of speech.
type Piece struct {
	Text   string
	Digits bool // read as single digits: a card's last four
}

// The borders of a piece that is read digit by digit, inside a sentence. They are private-use characters, which
// clean takes out of everything that comes from outside.
const (
	digitsFrom = "\uE000"
	digitsTo   = "\uE001"
)

// digits marks text to be read digit by digit.
func digits(text string) string { return digitsFrom + clean(text) + digitsTo }

// clean makes text from outside safe for a sentence: one line, no control or private-use characters, no template's
// marks; what SSML would read as markup is escaped when the SSML is made.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// parse turns marked text into speech.
func parse(marked string) Speech {
	var s Speech
	for marked != "" {
		plain, rest, found := strings.Cut(marked, digitsFrom)
		if plain != "" {
			s = append(s, Piece{Text: plain})
		}
		if !found {
			break
		}
		number, after, _ := strings.Cut(rest, digitsTo)
		s, marked = append(s, Piece{Text: number, Digits: true}), after
	}
	return s
}

// Text is the speech as it sounds, in plain text.
func (s Speech) Text() string {
	var b strings.Builder
	for _, p := range s {
		if p.Digits {
			b.WriteString(strings.Join(strings.Split(p.Text, ""), " "))
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// SSML is the speech as SSML, with everything escaped that is not ours; empty for nothing said.
func (s Speech) SSML() string {
	if len(s) == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(sentenceSize)
	b.WriteString("<speak>")
	for _, p := range s {
		if p.Digits {
			b.WriteString(`<say-as interpret-as="digits">`)
		}
		b.WriteString(escapes.Replace(p.Text))
		if p.Digits {
			b.WriteString(`</say-as>`)
		}
	}
	b.WriteString("</speak>")
	return b.String()
}

// joined puts sentences side by side.
func joined(parts []string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
