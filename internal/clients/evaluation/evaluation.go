// Package evaluation holds the names by which the look-up of clients is judged: an invented firm of any size, and
// names as a recogniser may have written them, each with the client that was meant. It is made by rules of its own
// (lists, parts, hear), knows nothing of the code that it judges, and its output is committed as data, so that a
// change of the rules is seen.
//
//go:generate go test -run TestTheCommittedCasesAreWhatTheRulesMake -update .
package evaluation

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Case is one name that was heard.
type Case struct {
	Heard string
	Want  string // the client's name; Nobody; Several
	Kind  string // the rule that made it
	Judge bool   // of the half that judges, drawn by itself; the other is for tuning
}

// What a case wants when it is not a client.
const (
	Nobody  = "-" // no client is called so
	Several = "?" // more than one client is
)

// Sizes of the firms for which cases are committed, with how many each has.
var Sizes = []int{100, 10_000, 100_000}

const perHalf = 2000

//go:embed cases/*.tsv
var committed embed.FS

// Read returns the committed cases of a firm of n clients.
func Read(n int) ([]Case, error) {
	text, err := committed.ReadFile(file(n))
	if err != nil {
		return nil, err
	}
	var list []Case
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("evaluation: %s has a line of %d fields", file(n), len(f))
		}
		list = append(list, Case{Judge: f[0] == "judge", Kind: f[1], Heard: f[2], Want: f[3]})
	}
	return list, nil
}

func file(n int) string { return fmt.Sprintf("cases/%d.tsv", n) }

// Write is how cases are committed: a line each, half, kind, heard and wanted.
func Write(cases []Case) string {
	var b strings.Builder
	for _, c := range cases {
		half := "tune"
		if c.Judge {
			half = "judge"
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", half, c.Kind, c.Heard, c.Want)
	}
	return b.String()
}

// Make draws the cases of a firm of n clients: eighty of a hundred mean a client, the others nobody, a namesake who
// is no client, or a name that several clients share.
func Make(n int) []Case {
	m := maker{firm: Firm(n)}
	m.count()
	return append(m.half(n, tuning), m.half(n, judging)...)
}

// The halves' seeds. Once a threshold was moved with an eye on the half that judges, that half is spent: it goes to
// tuning, and another is drawn by a new seed.
const (
	tuning  = 2
	judging = 3
)

func (m *maker) half(n, seed int) []Case {
	m.rand = source(seed, n)
	list := make([]Case, 0, perHalf)
	for len(list) < perHalf {
		c, ok := m.draw()
		if ok {
			c.Judge = seed == judging
			list = append(list, c)
		}
	}
	return list
}

type maker struct {
	rand  *rand.Rand
	firm  []Client
	names map[string]bool     // plain names
	words map[string]int      // in how many clients' names each is
	last  map[string][]string // plain names by their last word
}

func (m *maker) count() {
	m.names, m.words, m.last = map[string]bool{}, map[string]int{}, map[string][]string{}
	for _, c := range m.firm {
		name := plain(c.Name)
		m.names[name] = true
		seen := map[string]bool{}
		words := strings.Fields(name)
		last := words[len(words)-1]
		m.last[last] = append(m.last[last], name)
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				m.words[w]++
			}
		}
	}
}

func (m *maker) draw() (Case, bool) {
	switch d := m.rand.IntN(100); {
	case d < 80:
		return m.client()
	case d < 90:
		return m.stranger()
	case d < 95:
		return m.namesake()
	default:
		return m.shared()
	}
}

// client is a way to say a client's name, heard by one of the rules. What is heard may not be another client's name:
// nobody could know better then.
func (m *maker) client() (Case, bool) {
	c := m.firm[m.rand.IntN(len(m.firm))]
	w := c.say[m.rand.IntN(len(c.say))]
	if w.short && !m.alone(w.text) {
		return Case{}, false
	}
	r := m.rule()
	heard := r.make(m.rand, strings.ToLower(w.text))
	if heard == strings.ToLower(w.text) && r.name != "clean" || m.names[plain(heard)] && plain(heard) != plain(c.Name) {
		return Case{}, false
	}
	return Case{Heard: heard, Want: c.Name, Kind: r.name}, true
}

func (m *maker) rule() rule {
	d := m.rand.IntN(100)
	for _, r := range rules {
		if d < r.share {
			return r
		}
		d -= r.share
	}
	return rules[0]
}

// alone reports whether a short form is one client's own: its rarest word is in no other name.
func (m *maker) alone(text string) bool {
	least := len(m.firm)
	for _, w := range strings.Fields(plain(text)) {
		if n := m.words[w]; n > 0 {
			least = min(least, n)
		}
	}
	return least == 1
}

// stranger is somebody who is no client: every word that could name them is far from every client's.
func (m *maker) stranger() (Case, bool) {
	for range 1000 {
		c := client(m.rand)
		if text := strings.ToLower(c.say[0].text); m.unknown(c.Name) && !m.near(plain(text)) {
			return Case{Heard: text, Want: Nobody, Kind: "stranger"}, true
		}
	}
	return Case{}, false
}

func (m *maker) unknown(name string) bool {
	for _, w := range strings.Fields(plain(name)) {
		if !common[w] && (m.words[w] > 0 || len(w) < 4) {
			return false
		}
	}
	return true
}

// near reports whether a client's name that begins alike can be had by changing few letters.
func (m *maker) near(text string) bool {
	for name := range m.names {
		if name[0] == text[0] && editable(text, name) {
			return true
		}
	}
	return false
}

// common are words that say what somebody is, not who.
var common = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(strings.Join(kinds, " ")) + carried + "llc inc corp ltd llp co pllc gmbh v dr sons daughters brothers associates of s children revocable foundation office") {
		m[w] = true
	}
	return m
}()

// namesake is a person of a client's surname and another given name. A clerk may ask about them, and never acts.
func (m *maker) namesake() (Case, bool) {
	given, last := strings.ToLower(pick(m.rand, givens)), plain(surname(m.rand))
	if len(m.last[last]) == 0 {
		return Case{}, false
	}
	for _, name := range m.last[last] {
		for _, other := range strings.Fields(name) {
			if editable(plain(given), other) {
				return Case{}, false
			}
		}
	}
	return Case{Heard: given + " " + last, Want: Nobody, Kind: "namesake"}, true
}

// shared is a word by which several clients go.
func (m *maker) shared() (Case, bool) {
	c := m.firm[m.rand.IntN(len(m.firm))]
	w := c.say[m.rand.IntN(len(c.say))]
	key := plain(w.text)
	if !w.short || strings.Contains(key, " ") || m.words[key] < 2 || common[key] {
		return Case{}, false
	}
	return Case{Heard: strings.ToLower(w.text), Want: Several, Kind: "shared"}, true
}

// editable reports whether few letters lead from one text to the other: less than a third of them.
func editable(a, b string) bool {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]*3 < max(len(a), len(b))
}
