package voice

import "strings"

// english says numbers as Americans do: "one hundred twenty".
type english struct{}

var (
	englishOnes = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	englishTens = strings.Fields("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
	englishBig  = []struct {
		n    int64
		name string
	}{{1e18, "quintillion"}, {1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1e3, "thousand"}, {100, "hundred"}}
)

func (e english) number(n int64) string {
	if n < 0 {
		return "minus " + e.number(-n)
	}
	for _, big := range englishBig {
		if n >= big.n {
			return strings.TrimSuffix(e.number(n/big.n)+" "+big.name+" "+e.rest(n%big.n), " ")
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

func (e english) rest(n int64) string {
	if n == 0 {
		return ""
	}
	return e.number(n)
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

func (english) possessive(name string) string {
	if strings.HasSuffix(strings.ToLower(name), "s") {
		return name + "'"
	}
	return name + "'s"
}
