package clients

import (
	"slices"
	"strconv"
	"strings"
)

var (
	units = map[string]int{
		"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
		"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
		"seventeen": 17, "eighteen": 18, "nineteen": 19,
		"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
		"tenth": 10, "eleventh": 11, "twelfth": 12,
	}
	tens = map[string]int{
		"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	}
	scales = map[string]int{"hundred": 100, "thousand": 1000}
	digits = [...]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
)

// numbers writes number words as digits, in words that were heard and in words that are written: "fifty four" and
// "54" are "54", "one thousand one", "ten oh one" and "1001" are "1001", "21st" and "twenty first" are "21".
func numbers(in []string) []string {
	if !slices.ContainsFunc(in, func(w string) bool { _, n := number([]string{w}); return n > 0 }) {
		return in
	}
	var out []string
	for i := 0; i < len(in); {
		if digit, n := number(in[i:]); n > 0 {
			out = append(out, digit)
			i += n
			continue
		}
		out = append(out, in[i])
		i++
	}
	return out
}

// number reads a run of number words at the beginning of in: groups that add up ("fifty four", "one hundred two")
// are written one after the other ("ten" "oh" "one"). It returns how many words it took.
func number(in []string) (digit string, n int) {
	for n < len(in) && len(digit) < 20 {
		value, took := group(in[n:])
		if took == 0 && n > 0 && (in[n] == "oh" || in[n] == "o") {
			value, took = 0, 1
		}
		if took == 0 {
			if plain, ok := ordinal(in[n]); ok {
				digit, took = digit+plain, 1
			}
		} else {
			digit += strconv.Itoa(value)
		}
		if took == 0 {
			return digit, n
		}
		n += took
	}
	return digit, n
}

// group reads the words of one value.
func group(in []string) (value, n int) {
	value, n = small(in)
	if n == 0 {
		return 0, 0
	}
	for n < len(in) {
		scale, ok := scales[in[n]]
		if !ok {
			return value, n
		}
		value *= scale
		n++
		skip := 0
		if n < len(in) && in[n] == "and" {
			skip = 1
		}
		if more, took := small(in[n+skip:]); took > 0 && more < scale {
			value, n = value+more, n+skip+took
		}
	}
	return value, n
}

// small reads a value under a hundred.
func small(in []string) (value, n int) {
	if len(in) == 0 {
		return 0, 0
	}
	if v, ok := units[in[0]]; ok {
		return v, 1
	}
	v, ok := tens[in[0]]
	if !ok {
		return 0, 0
	}
	if len(in) > 1 && units[in[1]] > 0 && units[in[1]] < 10 {
		return v + units[in[1]], 2
	}
	return v, 1
}

// ordinal reads "54" and "21st".
func ordinal(w string) (string, bool) {
	for _, end := range []string{"st", "nd", "rd", "th", ""} {
		if d, ok := strings.CutSuffix(w, end); ok && d != "" && strings.Trim(d, "0123456789") == "" {
			return d, true
		}
	}
	return "", false
}
