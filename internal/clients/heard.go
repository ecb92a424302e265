package clients

import (
	"slices"
	"strings"
)

// Penalties of variants that leave out something that was heard.
const (
	cutSuffix = 0.165 // a legal suffix: more than margin, so that the full name wins over one that shares its core
	cutRest   = 0.20  // other words: what is left is asked about
	cutMatter = 0.01  // words that name one of the client's matters
)

// variant is a way to understand what was heard as a name.
type variant struct {
	words   []string
	form    string   // compact
	codes   []string // sounds
	rest    []string // words after it, that must name a matter
	penalty float64
	keys    keys
}

// keys says under which keys a variant is looked for.
type keys int

const (
	byForm  keys = 1 << iota // the form itself
	bySound                  // its first code
	byOther                  // its other code and its rough code
	byMatter
)

func newVariant(w []string, penalty float64, k keys) variant {
	return variant{words: w, form: compact(w), codes: sounds(w), penalty: penalty, keys: k}
}

// variants returns what the heard words may mean, the most literal first.
func variants(heard []string) []variant {
	if len(heard) == 0 {
		return nil
	}
	name := stripped(heard)
	list := []variant{newVariant(name, 0, byForm|bySound|byOther|byMatter)}
	if len(name) < len(heard) {
		list = append(list, newVariant(heard, 0, byForm))
	}
	core := withoutSuffixes(name)
	if len(core) < len(name) {
		list = append(list, newVariant(core, cutSuffix, byForm|bySound|byOther))
	}
	for _, other := range saidLike(name) {
		list = append(list, newVariant(other, 1-said1, bySound))
	}
	return append(list, beginnings(core)...)
}

// beginnings reads a heard name as a client's short form with something after it: "acme lease".
func beginnings(core []string) []variant {
	var list []variant
	first := significant(core)
	for n := first; n < len(core) && n < first+2; n++ {
		v := newVariant(core[:n], cutRest, byForm|bySound)
		v.rest = stripped(core[n:])
		list = append(list, v)
	}
	return list
}

// stripped takes the sentence's own words off a name, unless nothing would be left.
func stripped(w []string) []string {
	kept := w
	for len(kept) > 0 && leading[kept[0]] {
		kept = kept[1:]
	}
	for len(kept) > 0 && trailing[kept[len(kept)-1]] {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == 0 {
		return w
	}
	return kept
}

// buckets returns where a variant is looked for.
func (v variant) buckets() []bucket {
	var list []bucket
	add := func(k keys, family, code string) {
		if v.keys&k != 0 && code != "" {
			list = append(list, in(family, code))
		}
	}
	add(byForm, "name", v.form)
	for i, code := range v.codes {
		add([]keys{bySound, byOther}[min(i, 1)], "sound", code)
	}
	add(byOther, "rough", rough(v.form))
	add(byMatter, "matter-name", v.form)
	if len(v.codes) > 0 {
		add(byMatter, "matter-sound", v.codes[0])
	}
	return list
}

// beside returns the words that are not a client's own.
func beside(name string, w []string) []string {
	own := words(name)
	return slices.DeleteFunc(slices.Clone(w), func(s string) bool { return slices.Contains(own, s) })
}

// matterNamed returns the one open matter that words name, by its name or its number.
func matterNamed(w []string, open []brief) *brief {
	if len(w) == 0 {
		return nil
	}
	v := newVariant(w, 0, 0)
	var found *brief
	best, second := 0.0, 0.0
	for i := range open {
		score := v.like(strings.Join(stripped(words(open[i].Name)), " "), 1)
		if compact(words(open[i].Number)) == v.form {
			score = 1
		}
		if score > best {
			found, best, second = &open[i], score, best
		} else {
			second = max(second, score)
		}
	}
	if best < sure || best-second <= margin {
		return nil
	}
	return found
}
