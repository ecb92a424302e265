package clients

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what is looked at in a name, heard or written.
const (
	maxHeard = 200 // runes
	maxWords = 12
	maxForm  = 64 // bytes of a form or a code
)

var markup = regexp.MustCompile(`<[^>]*>?`)

// words cuts a name, heard or written, into the words by which names are compared: lower case, without marks,
// punctuation, possessives and "and"; spelled letters joined, numbers as digits. Empty when nothing is left.
func words(text string) []string {
	all := tokens(clean(text))
	all = numbers(joinPrefixes(joinLetters(all)))
	kept := make([]string, 0, len(all))
	for _, w := range all {
		if w != "and" {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		kept = all
	}
	if len(kept) > 1 && kept[0] == "the" {
		kept = kept[1:]
	}
	return kept[:min(len(kept), maxWords)]
}

// clean bounds the text and takes markup and entities out of it. What is cut off is never looked at.
func clean(text string) string {
	if runes := []rune(strings.ToValidUTF8(text, " ")); len(runes) > maxHeard {
		text = string(runes[:maxHeard])
	}
	return markup.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(text, " ")), " ")
}

// tokens lowers, folds and splits. An apostrophe joins ("o'brien"), except that a possessive s goes.
func tokens(text string) []string {
	var out []string
	var word strings.Builder
	end := func() {
		if w := word.String(); w != "" {
			if s, ok := spelled[w]; ok {
				w = s
			}
			out = append(out, w)
			word.Reset()
		}
	}
	runes := fold(text)
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !(r == 's' && i > 0 && apostrophe(runes[i-1]) && word.Len() > 0 && wordEnds(runes, i+1)) {
				word.WriteRune(r)
			}
		case apostrophe(r):
		case r == '&' || r == '+':
			end()
			out = append(out, "and")
		default:
			end()
		}
	}
	end()
	return out
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´", r) }

func wordEnds(runes []rune, i int) bool {
	return i >= len(runes) || !unicode.IsLetter(runes[i]) && !unicode.IsDigit(runes[i])
}

// fold lowers and takes the marks off letters: "Müller" is "muller", "Łódź" is "lodz".
func fold(text string) []rune {
	var out []rune
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		if plain, ok := letters[r]; ok {
			out = append(out, []rune(plain)...)
		} else if !unicode.Is(unicode.Mn, r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}

// joinLetters makes one word of letters that were spelled: "a c m e" is "acme".
func joinLetters(in []string) []string {
	var out []string
	for i := 0; i < len(in); {
		n := 0
		for i+n < len(in) && letter(in[i+n]) {
			n++
		}
		if n < 2 {
			n = 1
		}
		out = append(out, strings.Join(in[i:i+n], ""))
		i += n
	}
	return out
}

func letter(w string) bool {
	r := []rune(w)
	return len(r) == 1 && unicode.IsLetter(r[0])
}

// joinPrefixes makes one word of "o brien" and "mc donald".
func joinPrefixes(in []string) []string {
	var out []string
	for i := 0; i < len(in); i++ {
		if joined[in[i]] && i+1 < len(in) && len(in[i+1]) > 2 && !suffixes[in[i+1]] {
			out = append(out, in[i]+in[i+1])
			i++
			continue
		}
		out = append(out, in[i])
	}
	return out
}

// compact writes words without spaces, so that split and joined words ("mar low", "marlow") are the same form.
func compact(words []string) string { return cut(strings.Join(words, "")) }

// cut shortens to maxForm bytes at a rune's start.
func cut(s string) string {
	if len(s) <= maxForm {
		return s
	}
	return strings.ToValidUTF8(s[:maxForm], "")
}
