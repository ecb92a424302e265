package clients

import (
	"slices"
	"strings"
)

// Penalties of variants that leave out something that was heard.
const (
	cutSuffix = 0.09 // a legal suffix that the client has not: more than margin, so that the full name wins over one that shares its core
	cutRest   = 0.14 // other words that the client has not: what is left is asked about
	cutMatter = 0.01 // words that name one of the client's matters, or that the client has too
	cutOther  = 0.40 // words that say another name than the client's
)

// variant is a way to understand what was heard as a name.
type variant struct {
	form    string   // compact
	phones  string   // of the form
	words   []string // that make the form
	cut     []string // kinds and legal suffixes that were left out
	rest    []string // words after it, that must name a matter or be the client's too
	penalty float64
	keys    keys
}

// keys says under which keys a variant is looked for.
type keys int

const (
	byForm    keys = 1 << iota // the form itself
	bySound                    // its Double Metaphone codes
	byRough                    // its rough code
	byLacking                  // its fine code, whole and with a sound left out
	byMatter
)

func newVariant(w []string, penalty float64, k keys) variant {
	form := compact(w)
	return variant{words: w, form: form, phones: phones(form), penalty: penalty, keys: k}
}

// variants returns what the heard words may mean, the most literal first.
func variants(heard []string) []variant {
	if len(heard) == 0 {
		return nil
	}
	name := stripped(heard)
	list := make([]variant, 0, 6)
	list = append(list, newVariant(name, 0, byForm|bySound|byRough|byMatter))
	if len(name) < len(heard) {
		list = append(list, newVariant(heard, 0, byForm))
	}
	core := withoutKinds(untitled(name))
	if len(core) == len(name) {
		list[0].keys |= byLacking
	} else {
		v := newVariant(core, 0, byForm|bySound|byRough|byLacking)
		v.cut = name[len(name)-len(untitled(name))+len(core):]
		list = append(list, v)
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
		v := newVariant(core[:n], 0, byForm|bySound|byRough)
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

// buckets returns where a variant is looked for, the most telling first.
func (v variant) buckets() []bucket {
	list := make([]bucket, 0, 12)
	add := func(family, code string) {
		if code != "" {
			list = append(list, in(family, code))
		}
	}
	if v.keys&byForm != 0 {
		add("name", v.form)
	}
	if v.keys&byRough != 0 {
		add("rough", rough(v.phones))
	}
	if v.keys&(bySound|byMatter) != 0 {
		for i, sound := range sounds(v.words) {
			if v.keys&bySound != 0 {
				add("sound", sound)
			}
			if v.keys&byMatter != 0 && i == 0 {
				add("matter-name", v.form)
				add("matter-sound", sound)
			}
		}
	}
	if v.keys&byLacking != 0 {
		code := fine(v.phones)
		for _, part := range lacking(code) {
			add("near", part)
		}
		add("near", code)
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
