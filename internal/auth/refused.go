package auth

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"github.com/billingclerk/billingclerk/internal/fault"
)

//go:embed common.txt
var commonText string

// common is the passwords of common.txt; its head says where they come from.
var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && line[0] != '#' {
			words[line] = true
		}
	}
	return words
})

// minLeft is how many letters and digits a password must have besides the person's own words.
const minLeft = 8

// refused says what is wrong with a password, given words that anybody would try for this person first: their name,
// address and firm (ASVS 5.0 §6.2.4, §6.2.11, §6.2.12). Errors: ErrPassword, ErrCommon, ErrOwn.
func refused(password string, own ...string) error {
	if !goodPassword(password) {
		return ErrPassword
	}
	plain := strings.ToLower(password)
	if common()[plain] || common()[stem(plain)] || common()[unleet.Replace(stem(plain))] || period(plain) <= len(plain)/2 || row(plain) {
		return ErrCommon
	}
	if len(own) > 0 && without(plain, own) < minLeft {
		return ErrOwn
	}
	return nil
}

// stem is a word without the digits and signs around it: "!password1234" is no better than "password".
func stem(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// unleet undoes the usual signs for letters.
var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// period is the length of what a text repeats from its beginning to its end: 3 for "abcabcab", its own length when it
// repeats nothing.
func period(s string) int {
	for p := 1; p < len(s); p++ {
		if s[p:] == s[:len(s)-p] {
			return p
		}
	}
	return len(s)
}

// row reports whether a text only counts up or down: "abcdefghijkl", "987654321098" by tens.
func row(s string) bool {
	up, down := true, true
	for i := 1; i < len(s); i++ {
		up = up && (s[i] == s[i-1]+1 || s[i-1] == '9' && s[i] == '0')
		down = down && (s[i] == s[i-1]-1 || s[i-1] == '0' && s[i] == '9')
	}
	return up || down
}

// without counts the letters and digits that remain when every one of the words, and every part of them of at least
// three letters, is taken out.
func without(plain string, words []string) int {
	for _, w := range words {
		w = strings.ToLower(w)
		parts := strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, p := range append([]string{w, strings.Join(parts, "")}, parts...) {
			if len([]rune(p)) >= 3 {
				plain = strings.ReplaceAll(plain, p, " ")
			}
		}
	}
	left := 0
	for _, r := range plain {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			left++
		}
	}
	return left
}

// Faults of passwords that are long enough and still easy.
var (
	ErrCommon = fault.New(fault.Invalid, "auth.common", "That password is among the first that anybody would try. Please choose another, such as four words that do not belong together.")
	ErrOwn    = fault.New(fault.Invalid, "auth.own", "That password is made of your own name, address or firm. Please choose another.")
)
