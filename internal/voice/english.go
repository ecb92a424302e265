package voice

import "strings"

// english says numbers: "one hundred twenty" in America, "one hundred and twenty" elsewhere, by the hundred thousand
// and the ten million in India. Times are "two thirty" in America, "half past two" elsewhere.
type english struct{ and, past, lakhs bool }

var (
	englishOnes = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	englishTens = strings.Fields("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
	englishBig  = []scale{{1e18, "quintillion"}, {1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1e3, "thousand"}, {100, "hundred"}}
	indianBig   = []scale{{1e7, "crore"}, {1e5, "lakh"}, {1e3, "thousand"}, {100, "hundred"}}
)

type scale struct {
	n    int64
	name string
}

func (e english) number(n int64) string {
	if n < 0 {
		return "minus " + e.number(-n)
	}
	for _, big := range e.scales() {
		if n >= big.n {
			return e.number(n/big.n) + " " + big.name + e.rest(n%big.n)
		}
	}
	if n < 20 {
		return englishOnes[n]
	}
	if n%10 == 0 {
		return englishTens[n/10]
	}
	return englishTens[n/10] + "-" + englishOnes[n%10]
}

func (e english) scales() []scale {
	if e.lakhs {
		return indianBig
	}
	return englishBig
}

// rest is what follows a hundred, a thousand and so on.
func (e english) rest(n int64) string {
	switch {
	case n == 0:
		return ""
	case e.and && n < 100:
		return " and " + e.number(n)
	}
	return " " + e.number(n)
}

var englishOrdinals = map[string]string{
	"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}

func (e english) ordinal(n int64) string {
	said := e.number(n)
	cut := strings.LastIndexAny(said, " -") + 1
	last := said[cut:]
	switch ordinal, ok := englishOrdinals[last]; {
	case ok:
		return said[:cut] + ordinal
	case strings.HasSuffix(last, "y"):
		return strings.TrimSuffix(said, "y") + "ieth"
	}
	return said + "th"
}

// decimal reads what is after the point digit by digit, and leaves a zero before it out.
func (e english) decimal(whole int64, fraction string) string {
	said := make([]string, 0, 2+len(fraction))
	if whole != 0 {
		said = append(said, e.number(whole))
	}
	said = append(said, "point")
	for _, d := range fraction {
		said = append(said, englishOnes[d-'0'])
	}
	return strings.Join(said, " ")
}

// year is said in two halves, but for those right after a thousand.
func (e english) year(n int64) string {
	century, rest := n/100, n%100
	switch {
	case n < 1000 || n > 9999 || century%10 == 0 && rest < 10:
		return e.number(n)
	case rest == 0:
		return e.number(century) + " hundred"
	case rest < 10:
		return e.number(century) + " oh " + e.number(rest)
	}
	return e.number(century) + " " + e.number(rest)
}

func (e english) onFace(hour, minute int64) string {
	switch {
	case e.past && minute == 15:
		return "quarter past " + e.number(hour)
	case e.past && minute == 30:
		return "half past " + e.number(hour)
	case e.past && minute == 45:
		return "quarter to " + e.number(hour%12+1)
	case minute == 0:
		return e.number(hour)
	case minute < 10:
		return e.number(hour) + " oh " + e.number(minute)
	}
	return e.number(hour) + " " + e.number(minute)
}

// grouped puts commas before every three digits; in India before the last three, and every two before them.
func (e english) grouped(digits string) string {
	size := 3
	tail := ""
	for len(digits) > size {
		cut := len(digits) - size
		digits, tail = digits[:cut], ","+digits[cut:]+tail
		if e.lakhs {
			size = 2
		}
	}
	return digits + tail
}

func (english) possessive(name string) string {
	if strings.HasSuffix(strings.ToLower(name), "s") {
		return name + "'"
	}
	return name + "'s"
}
