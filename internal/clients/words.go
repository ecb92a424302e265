package clients

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	all := estate(numbers(joinPrefixes(joinLetters(tokens(clean(text))))))
	kept := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return w == "and" })
	if len(kept) == 0 {
		kept = all
	}
	if len(kept) > 1 && kept[0] == "the" {
		kept = kept[1:]
	}
	return kept[:min(len(kept), maxWords)]
}

// estate writes "estate of john smith" as "john smith estate", which is said as often.
func estate(w []string) []string {
	at := slices.Index(w, "estate")
	if at < 0 || at+2 >= len(w) || w[at+1] != "of" {
		return w
	}
	return append(slices.Concat(w[:at], w[at+2:]), "estate")
}

// clean bounds the text and takes markup and entities out of it. What is cut off is never looked at.
func clean(text string) string {
	if len(text) > maxHeard {
		runes := []rune(strings.ToValidUTF8(text, " "))
		text = string(runes[:min(len(runes), maxHeard)])
	}
	if !strings.ContainsAny(text, "<&") {
		return text
	}
	return markup.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(text, " ")), " ")
}

// tokens lowers, folds and splits. An apostrophe joins ("o'brien"), except that a possessive s goes.
func tokens(text string) []string {
	out := make([]string, 0, 8)
	var buf [maxForm]byte
	word := buf[:0]
	end := func() {
		if len(word) > 0 {
			w := string(word)
			if s, ok := spelled[w]; ok {
				w = s
			}
			out, word = append(out, w), word[:0]
		}
	}
	folded := fold(text)
	before := ' '
	for i, r := range folded {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !(r == 's' && apostrophe(before) && len(word) > 0 && wordEnds(folded[i+1:])) {
				word = utf8.AppendRune(word, r)
			}
		case apostrophe(r):
		case r == '&' || r == '+':
			end()
			out = append(out, "and")
		default:
			end()
		}
		before = r
	}
	end()
	return out
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´", r) }

func wordEnds(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// fold lowers and takes the marks off letters: "Müller" is "muller", "Łódź" is "lodz".
func fold(text string) string {
	text = strings.ToLower(text)
	if ascii(text) {
		return text
	}
	var out strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if plain, ok := letters[r]; ok {
			out.WriteString(plain)
		} else if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// joinLetters makes one word of letters that were spelled: "a c m e" is "acme".
func joinLetters(in []string) []string {
	if !slices.ContainsFunc(in, letter) {
		return in
	}
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
	r, n := utf8.DecodeRuneInString(w)
	return n == len(w) && unicode.IsLetter(r)
}

// joinPrefixes makes one word of "o brien" and "mc donald".
func joinPrefixes(in []string) []string {
	if !slices.ContainsFunc(in, func(w string) bool { return joined[w] }) {
		return in
	}
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
