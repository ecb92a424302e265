package clients

import (
	"strings"

	"github.com/antzucaro/matchr"
)

// sounds returns the Double Metaphone codes of words, primary and, when it differs, alternate: each word's code, one
// after the other, with the vowel that a word begins with only where the whole begins. Words without a Latin letter
// or a digit have none.
func sounds(words []string) []string {
	primary, alternate := make([]byte, 0, maxForm), make([]byte, 0, maxForm)
	for _, w := range words {
		for _, part := range aloud(w) {
			p, a := matchr.DoubleMetaphone(part)
			if a == "" {
				a = p
			}
			primary, alternate = appendCode(primary, p), appendCode(alternate, a)
		}
	}
	p, a := cut(string(primary)), cut(string(alternate))
	switch {
	case p == "" && a == "":
		return nil
	case a == p || a == "":
		return []string{p}
	}
	return []string{p, a}
}

func appendCode(whole []byte, code string) []byte {
	if len(whole) == 0 {
		return append(whole, code...)
	}
	first := true
	for _, c := range []byte(code) {
		if c == 'A' || first && c == whole[len(whole)-1] {
			first = first && c == 'A'
			continue
		}
		whole, first = append(whole, c), false
	}
	return whole
}

// aloud gives a word's parts as they are said: digits one by one.
func aloud(w string) []string {
	switch {
	case !latin(w):
		return nil
	case !strings.ContainsAny(w, "0123456789"):
		return []string{w}
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

// rough returns a coarse code of sounds, in which those that recognition confuses are one: m and n, b and p, s and sh.
// Split words, lost vowels and a final s change nothing in it. Empty when there is nothing but vowels.
func rough(phones string) string {
	var buf [2 * maxForm]byte
	code := buf[:0]
	if phones != "" && isVowel(phones[0]) {
		code = append(code, 'a')
	}
	for _, p := range []byte(phones) {
		class, digit := classes[p], p >= '0' && p <= '9'
		if digit {
			class = p
		}
		if class != 0 && (digit || len(code) == 0 || code[len(code)-1] != class) {
			code = append(code, class)
		}
	}
	if n := len(code); n > 2 && code[n-1] == 's' {
		code = code[:n-1]
	}
	return cut(string(code))
}

// fine returns the code of sounds without vowels, in which only those are one that are hard to tell apart.
func fine(phones string) string {
	var buf [2 * maxForm]byte
	code := buf[:0]
	for i, p := range []byte(phones) {
		switch p {
		case 'T':
			p = 't'
		case 'z':
			p = 's'
		case 'C', 'j':
			p = 'S'
		case 'h', 'w', 'y':
			continue
		}
		switch {
		case i == 0 && isVowel(p):
			code = append(code, 'a')
		case !isVowel(p) && (len(code) == 0 || code[len(code)-1] != p || p <= '9'):
			code = append(code, p)
		}
	}
	return cut(string(code))
}

// Which fine codes are also looked for, and found, with one sound left out. Shorter ones would be everybody's, and
// longer ones have their parts.
const (
	leastLeft = 2
	mostLeft  = 12
)

// lacking returns a fine code with each of its sounds left out: two names of which each lacks a sound of the other, or
// that differ in one, share such a code.
func lacking(code string) []string {
	if len(code) <= leastLeft || len(code) > mostLeft {
		return nil
	}
	list := make([]string, 0, len(code))
	for i := range code {
		if i == 0 && len(code) == leastLeft+1 {
			continue // what is left of a short name without its beginning is anybody's
		}
		list = append(list, code[:i]+code[i+1:])
	}
	return list
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
