package clients

import (
	"slices"
	"strings"
)

// Bounds that keep every change of a client within one commit.
const (
	maxNamed   = 6  // open matters that name records know
	maxSpoken  = 4  // open matters that can be found by name alone
	maxAliases = 8  // of a client
	maxIndex   = 42 // name records of a client: a change may delete as many and create as many
)

// indexed returns a client's name records: the ways in which it, or one of its matters, can be heard.
func indexed(c clientRecord) map[bucket]name {
	ix := index{base: name{Client: c.ID, Name: c.Name, Closed: c.Closed, Open: len(c.Open), Rounding: c.Rounding,
		Matters: c.Open[:min(len(c.Open), maxNamed)]}, records: map[bucket]name{}}
	forms := nameForms(words(c.Name))
	for _, f := range forms {
		ix.add("name", "sound", f, "")
		ix.rough(f)
		ix.pronounced(f)
	}
	for _, alias := range c.Aliases {
		f := words(alias)
		ix.add("name", "sound", f, "")
		ix.rough(f)
	}
	number := words(c.Number)
	ix.put("name", compact(number), strings.Join(number, " "), "")
	for _, m := range c.Open[:min(len(c.Open), maxSpoken)] {
		ix.add("matter-name", "matter-sound", words(m.Name), m.ID)
	}
	core := withoutKinds(untitled(forms[0]))
	for _, f := range forms {
		if len(f) <= len(core) {
			ix.near(f)
		}
	}
	return ix.records
}

type index struct {
	base    name
	records map[bucket]name
}

// add puts a form under itself and under its sounds.
func (ix *index) add(exact, sound string, f []string, matter string) {
	form := strings.Join(f, " ")
	ix.put(exact, compact(f), form, matter)
	for _, code := range sounds(f) {
		ix.put(sound, code, form, matter)
	}
}

func (ix *index) rough(f []string) {
	ix.put("rough", rough(phones(compact(f))), strings.Join(f, " "), "")
}

// near puts a form under its fine code, whole and with a sound left out, as long as there is room: these ways are good to
// have.
func (ix *index) near(f []string) {
	code := fine(phones(compact(f)))
	for _, part := range append(lacking(code), code) {
		if _, have := ix.records[in("near", part)]; have || len(ix.records) < maxIndex {
			ix.put("near", part, strings.Join(f, " "), "")
		}
	}
}

// pronounced puts a form that is not said as it is spelled under what it sounds like.
func (ix *index) pronounced(f []string) {
	for _, other := range saidLike(f) {
		for _, code := range sounds(other)[:min(1, len(sounds(other)))] {
			n, form := ix.get("sound", code, ""), strings.Join(other, " ")
			if !slices.Contains(n.Said, form) {
				n.Said = append(n.Said, form)
			}
			ix.records[in("sound", code)] = n
		}
	}
}

func (ix *index) get(family, code, matter string) name {
	n, ok := ix.records[in(family, code)]
	if !ok {
		n = ix.base
		n.Matter = matter
	}
	return n
}

func (ix *index) put(family, code, form, matter string) {
	if code == "" || form == "" {
		return
	}
	n := ix.get(family, code, matter)
	if n.Matter != matter {
		n.Matter = "" // two matters of one name: which is meant must be asked
	}
	if !slices.Contains(n.Forms, form) {
		n.Forms = append(n.Forms, form)
	}
	ix.records[in(family, code)] = n
}

// nameForms returns how a written name may be said: whole, without its legal suffix and what kind it is, by its first
// significant word or words ("schmidt" for Schmidt Holdings, "first national" for First National Bank), and by a
// person's last name.
func nameForms(whole []string) [][]string {
	forms := [][]string{whole}
	forms = appendForm(forms, withoutSuffixes(whole))
	core := withoutKinds(untitled(whole))
	forms = appendForm(forms, core)
	if n := significant(core); n < len(core) {
		forms = appendForm(forms, core[:n])
	}
	if person(core) && !suffixes[whole[len(whole)-1]] {
		forms = appendForm(forms, core[len(core)-1:])
		if len(core) == 3 && letter(core[1]) {
			forms = appendForm(forms, []string{core[0], core[2]})
		}
	}
	return forms
}

// person reports whether the words may be those of somebody who is also called by the last one.
func person(w []string) bool {
	if len(w) < 2 || len(w) > 4 {
		return false
	}
	for _, word := range w {
		if word[0] <= '9' || little[word] {
			return false
		}
	}
	return len(w[len(w)-1]) > 1
}

func appendForm(forms [][]string, f []string) [][]string {
	for _, have := range forms {
		if compact(have) == compact(f) {
			return forms
		}
	}
	return append(forms, f)
}

func withoutSuffixes(w []string) []string {
	for len(w) > 1 && suffixes[w[len(w)-1]] {
		w = w[:len(w)-1]
	}
	return w
}

// withoutKinds takes legal suffixes and words that say what kind of client it is off the end of a name.
func withoutKinds(w []string) []string {
	for len(w) > 1 && (suffixes[w[len(w)-1]] || kinds[w[len(w)-1]]) {
		w = w[:len(w)-1]
	}
	return w
}

func untitled(w []string) []string {
	for len(w) > 1 && titles[w[0]] {
		w = w[1:]
	}
	return w
}

// significant returns how many of the first words name somebody: one, or two when the first is vague. Little words
// between them do not count.
func significant(w []string) int {
	count := 0
	for i, word := range w {
		if little[word] {
			continue
		}
		if count++; count == 2 || !vague[word] && !letter(word) {
			return i + 1
		}
	}
	return len(w)
}
