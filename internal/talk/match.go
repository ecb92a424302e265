package talk

import (
	"slices"
	"strings"
	"unicode"
)

// tokens cuts text into words, lower case, without punctuation. A possessive "'s" is a word of its own, so that a
// slot can stand before it; the dot of a spelled letter stays, as Alexa writes it.
func tokens(text string) []string {
	var words []string
	text = punctuation.Replace(strings.ToLower(text))
	for _, word := range strings.FieldsFunc(text, unicode.IsSpace) {
		if len([]rune(word)) > 2 || !strings.HasSuffix(word, ".") {
			word = strings.Trim(word, ".:")
		}
		if stem, ok := strings.CutSuffix(word, "'s"); ok && stem != "" {
			words = append(words, stem, "'s")
		} else if word != "" {
			words = append(words, word)
		}
	}
	return words
}

var punctuation = strings.NewReplacer("’", "'", ",", " ", ";", " ", "?", " ", "!", " ", "\"", " ")

// spoken is words as one text again.
func spoken(words []string) string {
	return strings.ReplaceAll(strings.Join(words, " "), " 's", "'s")
}

// heard is an utterance understood.
type heard struct {
	intent string
	slots  map[string]filled

	literals int  // words that the sample has in common with what was said
	exact    bool // every slot of a closed or listed type holds a value of its list
	known    int  // slots that do
}

type filled struct{ value, kind, id, name string }

// understand finds the sample that fits best: the one with the most literal words, then the one whose slots hold
// known values, all or more of them, then the first. Without any literal word, free text counts only when it is short and
// we are in a talk: then it is an answer.
func (m *model) understand(words []string, inTalk bool) (heard, bool) {
	var best heard
	found := -1
	for _, i := range m.candidates(words) {
		h, ok := m.match(m.patterns[i], words)
		if !ok || h.literals == 0 && !h.exact && (!inTalk || len(words) > maxBare) {
			continue
		}
		if order := h.compare(best); found < 0 || order > 0 || order == 0 && i < found {
			best, found = h, i
		}
	}
	return best, found >= 0
}

// compare is positive when h fits better than other.
func (h heard) compare(other heard) int {
	switch more := h.literals - other.literals; {
	case more != 0 || h.exact && other.exact:
		return more
	case h.exact:
		return 1
	case other.exact:
		return -1
	}
	return h.known - other.known
}

// candidates are the patterns that begin with the first word, or with a slot.
func (m *model) candidates(words []string) []int {
	if len(words) == 0 {
		return nil
	}
	return slices.Concat(m.begin[words[0]], m.begin[""])
}

// maxBare is the longest bare answer that is taken for a name.
const maxBare = 5

// match fits a pattern to words.
func (m *model) match(p pattern, words []string) (heard, bool) {
	h := heard{intent: p.intent, exact: true}
	ok := m.fit(p.parts, words, &h)
	return h, ok
}

func (m *model) fit(parts []part, words []string, h *heard) bool {
	if len(parts) == 0 {
		return len(words) == 0
	}
	if first := parts[0]; first.slot != "" {
		return m.fitSlot(first, parts[1:], words, h)
	}
	if len(words) == 0 || words[0] != parts[0].word {
		return false
	}
	h.literals++
	return m.fit(parts[1:], words[1:], h)
}

// fitSlot tries the longest stretch last: what follows a slot is rather the sample's word than the slot's.
func (m *model) fitSlot(first part, rest []part, words []string, h *heard) bool {
	for n := 1; n <= len(words)-len(rest); n++ {
		f, known, ok := m.fill(first.kind, words[:n])
		if !ok {
			continue
		}
		try := *h
		try.exact = try.exact && known
		if known {
			try.known++
		}
		if m.fit(rest, words[n:], &try) {
			*h = try
			if h.slots == nil {
				h.slots = map[string]filled{}
			}
			h.slots[first.slot] = f
			return true
		}
	}
	return false
}

// fill takes words as a slot's value. Known says that the type lists it, or is one of Amazon's that takes few words.
func (m *model) fill(kind string, words []string) (f filled, known, ok bool) {
	text := spoken(words)
	f = filled{value: text, kind: kind}
	if strings.HasPrefix(kind, "AMAZON.") {
		f.value, ok = builtin(kind, words, m.now())
		return f, ok && kind != "AMAZON.SearchQuery", ok
	}
	t := m.types[kind]
	v, known := t.ids[text]
	f.id, f.name = v.id, v.name
	return f, known, known || !t.closed
}

// answer fits words to a slot that was asked for.
func (m *model) answer(in, asked string, words []string) (filled, bool) {
	var best heard
	found := false
	for _, s := range m.intents[in].slots {
		for _, p := range s.patterns {
			if h, ok := m.match(p, words); s.name == asked && ok && (!found || h.literals > best.literals) {
				best, found = h, true
			}
		}
	}
	return best.slots[asked], found
}
