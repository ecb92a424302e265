package evaluation

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// seed begins everything that is drawn here. Another seed is another evaluation set.
const seed = 20261123

// source is a stream of random numbers of its own, so that one more draw in one place changes nothing elsewhere.
func source(stream, n int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(stream)<<32|uint64(n)))
}

// Client is one that the firm works for, with how it was made: what a speaker may leave out follows from that.
type Client struct {
	Name string
	say  []way
}

// way is how somebody may refer to a client, in words to be spoken.
type way struct {
	text  string
	short bool // by one name alone: only when no other client of the firm has that word
}

// Firm returns the n clients of an invented firm, different names all, the same at each call. A larger firm begins
// with the clients of a smaller one.
func Firm(n int) []Client {
	r := source(1, 0)
	seen := make(map[string]bool, n)
	list := make([]Client, 0, n)
	for len(list) < n {
		c := client(r)
		if key := plain(c.Name); !seen[key] {
			seen[key] = true
			list = append(list, c)
		}
	}
	return list
}

// plain is a name without case and signs: two clients of one plain name cannot be told apart by voice.
func plain(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), " ")
}

func client(r *rand.Rand) Client {
	switch d := r.IntN(100); {
	case d < 42:
		return person(r)
	case d < 78:
		return company(r)
	case d < 84:
		return family(r)
	case d < 90:
		return estate(r)
	case d < 95:
		return dispute(r)
	default:
		return numbered(r)
	}
}

func surname(r *rand.Rand) string {
	if r.IntN(5) < 2 {
		return rare(r)
	}
	return pick(r, surnames)
}

func person(r *rand.Rand) Client {
	given, last := pick(r, givens), surname(r)
	full := given + " " + last
	switch r.IntN(10) {
	case 0:
		initial := string(rune('A' + r.IntN(26)))
		return Client{given + " " + initial + ". " + last, []way{{full, false}, {given + " " + initial + " " + last, false}, {last, true}}}
	case 1:
		last = last + "-" + surname(r)
		return Client{given + " " + last, []way{{given + " " + strings.ReplaceAll(last, "-", " "), false}}}
	case 2:
		return Client{"Dr. " + full, []way{{"doctor " + full, false}, {full, false}, {"doctor " + last, true}}}
	}
	return Client{full, []way{{full, false}, {full, false}, {last, true}}}
}

func brand(r *rand.Rand) string {
	switch d := r.IntN(20); {
	case d < 8:
		return pick(r, brands)
	case d < 15:
		return coined(r)
	case d < 18:
		return surname(r)
	case d < 19:
		return strings.ToUpper(string([]byte{byte('a' + r.IntN(26)), byte('a' + r.IntN(26)), byte('a' + r.IntN(26))}))
	default:
		return pick(r, brands) + " " + pick(r, brands)
	}
}

func company(r *rand.Rand) Client {
	first := brand(r)
	switch d := r.IntN(10); {
	case d < 5:
		kind, legal := pick(r, kinds), ""
		if r.IntN(2) == 0 {
			legal = " " + pick(r, legals)
		}
		return Client{first + " " + kind + legal, []way{{first + " " + kind, false}, {first + " " + kind + legal, false}, {first, true}}}
	case d < 7:
		legal := pick(r, legals)
		return Client{first + " " + legal, []way{{first, true}, {first + " " + legal, false}}}
	case d < 9:
		a, b := surname(r), surname(r)
		ways := []way{{a + " and " + b, false}, {a + " & " + b, false}, {a, true}}
		return Client{a + " & " + b, ways}
	default:
		a := surname(r)
		kin := pick(r, strings.Fields("Sons Daughters Brothers Associates Partners"))
		return Client{a + " & " + kin, []way{{a + " and " + kin, false}, {a + " and " + kin, false}, {a, true}}}
	}
}

func family(r *rand.Rand) Client {
	last := surname(r)
	if r.IntN(3) == 0 {
		given := pick(r, givens)
		return Client{given + " " + last + " Trust", []way{{given + " " + last + " trust", false}, {"the " + given + " " + last + " trust", false}, {last + " trust", true}}}
	}
	kind := pick(r, []string{"Family Trust", "Family Foundation", "Family Office", "Revocable Trust", "Children's Trust"})
	return Client{last + " " + kind, []way{{last + " " + kind, false}, {"the " + last + " " + kind, false}, {last, true}}}
}

func estate(r *rand.Rand) Client {
	given, last := pick(r, givens), surname(r)
	full := given + " " + last
	return Client{"Estate of " + full, []way{{"estate of " + full, false}, {"the estate of " + full, false}, {"the " + full + " estate", false}, {"the " + last + " estate", true}}}
}

func dispute(r *rand.Rand) Client {
	a, b := surname(r), surname(r)
	return Client{a + " v. " + b, []way{{a + " versus " + b, false}, {a + " v " + b, false}, {a + " against " + b, false}, {a, true}}}
}

func numbered(r *rand.Rand) Client {
	first, n := pick(r, brands), 2+r.IntN(998)
	if r.IntN(2) == 0 {
		kind := pick(r, kinds)
		return Client{fmt.Sprintf("%s %d %s", first, n, kind), []way{{first + " " + spoken(r, n) + " " + kind, false}}}
	}
	street := pick(r, []string{"Street", "Avenue", "Road", "Lane", "Boulevard"})
	return Client{fmt.Sprintf("%d %s %s LLC", n, first, street), []way{{spoken(r, n) + " " + first + " " + street, false}}}
}
