package talk

import "strconv"

// units and tens are the words that whole numbers are said with.
var (
	units = map[string]int{
		"zero": 0, "oh": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
		"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
	}
	tens   = map[string]int{"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
	scales = map[string]int{"hundred": 100, "thousand": 1000, "lakh": 100_000, "million": 1_000_000, "crore": 10_000_000}
)

// number reads a whole number as it is said or typed: "20", "four hundred", "twelve hundred and fifty", "two lakh".
func number(words []string) (int, bool) {
	if len(words) == 1 && plain(words[0]) && len(words[0]) < 10 {
		n, err := strconv.Atoi(words[0])
		return n, err == nil
	}
	total, part, said := 0, 0, false
	for i, word := range words {
		scale, isScale := scales[word]
		ten, isTen := tens[word]
		unit, isUnit := units[word]
		switch {
		case isScale && said && scale == 100:
			part *= 100
		case isScale && said:
			total, part = total+part*scale, 0
		case isTen && part%100 == 0, isUnit && part%10 == 0 && part%100 != 10 && (unit < 10 || part%100 == 0):
			part, said = part+ten+unit, true
		case word == "and" && i > 0 && i < len(words)-1 && said:
		default:
			return 0, false
		}
	}
	return total + part, said
}
