package evaluation

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

var (
	small = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens  = strings.Fields("_ _ twenty thirty forty fifty sixty seventy eighty ninety")
)

// spoken is one of the ways to say or write a number under a thousand.
func spoken(r *rand.Rand, n int) string {
	switch r.IntN(4) {
	case 0:
		return strconv.Itoa(n)
	case 1:
		var one []string
		for _, d := range strconv.Itoa(n) {
			one = append(one, small[d-'0'])
		}
		return strings.Join(one, " ")
	}
	return inWords(n, pick(r, []string{" ", " and "}))
}

func inWords(n int, and string) string {
	switch {
	case n < 20:
		return small[n]
	case n < 100 && n%10 == 0:
		return tens[n/10]
	case n < 100:
		return tens[n/10] + " " + small[n%10]
	case n%100 == 0:
		return small[n/100] + " hundred"
	}
	return small[n/100] + " hundred" + and + inWords(n%100, and)
}
