package clients

import (
	"strings"

	"github.com/antzucaro/matchr"
)

// sounds returns the Double Metaphone codes of words, primary and, when it differs, alternate: each word's code, one
// after the other, with the vowel that a word begins with only where the whole begins. Words without a Latin letter
// or a digit have none.
func sounds(words []string) []string {
	var primary, alternate strings.Builder
	for _, w := range words {
		for _, part := range aloud(w) {
			p, a := matchr.DoubleMetaphone(part)
			if a == "" {
				a = p
			}
			appendCode(&primary, p)
			appendCode(&alternate, a)
		}
	}
	p, a := cut(primary.String()), cut(alternate.String())
	switch {
	case p == "" && a == "":
		return nil
	case a == p || a == "":
		return []string{p}
	}
	return []string{p, a}
}

func appendCode(b *strings.Builder, code string) {
	if b.Len() > 0 {
		code = strings.ReplaceAll(code, "A", "")
		if last := b.String()[b.Len()-1:]; strings.HasPrefix(code, last) {
			code = code[1:]
		}
	}
	b.WriteString(code)
}

// aloud gives a word's parts as they are said: digits one by one.
func aloud(w string) []string {
	if !latin(w) {
		return nil
	}
	var spaced strings.Builder
	for _, r := range w {
		if r >= '0' && r <= '9' {
			spaced.WriteString(" " + digits[r-'0'] + " ")
		} else {
			spaced.WriteRune(r)
		}
	}
	return strings.Fields(spaced.String())
}

func latin(w string) bool {
	for _, r := range w {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// rough returns a coarse code of a form, in which letters that recognition confuses are one: m and n, b and p, s and
// sh. Split words, lost vowels and a final s change nothing in it. Empty when there is no Latin consonant.
func rough(form string) string {
	if form == "" || !latin(form) {
		return ""
	}
	first := form[:1]
	for _, c := range clusters {
		form = strings.ReplaceAll(form, c[0], c[1])
	}
	var code []byte
	if strings.Contains("aeiou", first) {
		code = append(code, 'a')
	}
	for _, r := range form {
		class, ok := classes[r]
		if r >= '0' && r <= '9' {
			class, ok = byte(r), true
		}
		if ok && (len(code) == 0 || code[len(code)-1] != class) {
			code = append(code, class)
		}
	}
	if n := len(code); n > 2 && code[n-1] == 's' {
		code = code[:n-1]
	}
	return string(code)
}

// saidLike returns the words as they may be said, and as a recogniser may so have written them, when one of them is
// not said as it is spelled. At most two.
func saidLike(words []string) [][]string {
	var out [][]string
	for i, w := range words {
		for _, s := range said[w] {
			other := append([]string(nil), words...)
			other[i] = s
			if out = append(out, other); len(out) == 2 {
				return out
			}
		}
	}
	return out
}
