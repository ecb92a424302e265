package talk

import "strings"

var digitWords = map[string]string{
	"zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
	"seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13",
	"fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}

var tensWords = map[string]string{
	"twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8", "ninety": "9",
}

// fourDigits reads a four-digit number as it is said or typed: "1234", "12 34", "one two three four", "double four
// one two", "twelve thirty-four".
func fourDigits(words []string) (string, bool) {
	var said strings.Builder
	words = strings.Fields(strings.ReplaceAll(strings.Join(words, " "), "-", " "))
	for len(words) > 0 {
		digits, used := readDigits(words)
		if used == 0 {
			return "", false
		}
		said.WriteString(digits)
		words = words[used:]
	}
	return said.String(), said.Len() == 4
}

// readDigits reads the digits that the first words stand for, and how many words these are.
func readDigits(words []string) (digits string, used int) {
	first := words[0]
	if plain(first) {
		return first, 1
	}
	if times, ok := map[string]int{"double": 2, "triple": 3}[first]; ok && len(words) > 1 {
		if d := single(words[1]); d != "" {
			return strings.Repeat(d, times), 2
		}
		return "", 0
	}
	if tens, ok := tensWords[first]; ok {
		if len(words) > 1 {
			if d := single(words[1]); d != "" && d != "0" {
				return tens + d, 2
			}
		}
		return tens + "0", 1
	}
	if d, ok := digitWords[first]; ok {
		return d, 1
	}
	return "", 0
}

// single is the one digit a word stands for, empty for none.
func single(word string) string {
	if plain(word) && len(word) == 1 {
		return word
	}
	if d := digitWords[word]; len(d) == 1 {
		return d
	}
	return ""
}

func plain(word string) bool {
	for _, r := range word {
		if r < '0' || r > '9' {
			return false
		}
	}
	return word != ""
}

// spelled takes a number of five to eight digits apart: a code is said digit by digit, however it was typed.
func spelled(words []string) []string {
	var apart []string
	for _, word := range words {
		if plain(word) && len(word) >= 5 && len(word) <= 8 {
			apart = append(apart, strings.Split(word, "")...)
		} else {
			apart = append(apart, word)
		}
	}
	return apart
}
