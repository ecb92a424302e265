package clients

import (
	"cmp"
	"slices"
	"strings"

	"github.com/antzucaro/matchr"

	"github.com/billingclerk/billingclerk/internal/store"
)

// How alike two names must be, of 1. A wrong guess costs more than a question.
const (
	near   = 0.80  // below: it is not meant
	sure   = 0.905 // from here on a name that stands alone is taken; between near and sure it is asked
	margin = 0.06  // others that come as near as this to the best are asked about
	said1  = 0.97  // a name that is said as heard, though written otherwise
	said2  = 0.96  // the most that another name comes to

	byLetters = 0.4 // what Jaro-Winkler counts beside the sounds
	byWorst   = 0.6 // what the words least alike count beside all sounds

	unaligned = 0.08 // what is taken off when there are more words in one than in the other

	literalMargin = 0.05 // others that come as near as this to a name that was heard as it is written
)

// candidate is a client that a heard form may mean.
type candidate struct {
	name
	record store.Record // as read
	score  float64
	matter *brief // the open matter that was named too
}

func (c candidate) ref() Ref {
	r := Ref{Client: c.Client, ClientName: c.Name}
	if m := c.only(); m != nil {
		r.Matter, r.MatterName = m.ID, m.Name
	}
	return r
}

// only returns the matter that is meant without asking: the one named, or the only one that is open.
func (c candidate) only() *brief {
	switch {
	case c.matter != nil:
		return c.matter
	case c.Open == 1 && len(c.Matters) == 1:
		return &c.Matters[0]
	}
	return nil
}

// score returns how alike a variant of what was heard and a client are.
func (v variant) score(n name) float64 {
	best := 0.0
	for _, form := range n.Forms {
		best = max(best, v.like(form, 1))
	}
	for _, form := range n.Said {
		best = max(best, v.like(form, said1))
	}
	return best - v.penalty
}

// like compares a variant with one form, by letters and by sound; exact is what a form gives that is the same.
func (v variant) like(form string, exact float64) float64 {
	flat := cut(strings.ReplaceAll(form, " ", ""))
	if flat == v.form {
		return exact
	}
	other := phones(flat)
	if v.phones == "" || other == "" {
		return min(said2, matchr.JaroWinkler(v.form, flat, false))
	}
	if other == v.phones {
		return min(said1, exact)
	}
	sound := soundLike(v.phones, other)
	switch spaces := strings.Count(form, " "); {
	case spaces+1 != len(v.words):
		sound -= unaligned
	case spaces > 0:
		sound = (1-byWorst)*sound + byWorst*worst(v.words, strings.Fields(form))
	}
	return min(said2, byLetters*matchr.JaroWinkler(v.form, flat, false)+(1-byLetters)*sound)
}

// soundLike is the share of sounds that are the same.
func soundLike(a, b string) float64 { return 1 - apart(a, b)/float64(max(len(a), len(b), 4)) }

// worst is the likeness of the two words, in their order, that are least alike: "melissa levine" is not "melissa lam",
// however much of it is the same.
func worst(a, b []string) float64 {
	least := 1.0
	for i := range a {
		if a[i] != b[i] {
			least = min(least, soundLike(phones(a[i]), phones(b[i])))
		}
	}
	return least
}

// left returns what the words that a variant leaves out cost for a client: little when they are the client's too, more
// when the client has none of them, and most when the client has others in their place.
func (v variant) left(n name) float64 {
	if len(v.cut) == 0 && len(v.rest) == 0 {
		return 0
	}
	own, cost := words(n.Name), 0.0
	for _, w := range v.cut {
		switch {
		case slices.Contains(own, w):
		case suffixes[w]:
			cost = max(cost, cutSuffix)
		case slices.ContainsFunc(own, func(s string) bool { return kinds[s] }):
			cost = max(cost, cutOther)
		default:
			cost = max(cost, cutRest)
		}
	}
	if len(v.rest) > 0 {
		cost = max(cost, v.apartFrom(own))
	}
	return max(cost, cutMatter)
}

// apartFrom returns what the rest of the words costs beside the client's other words.
func (v variant) apartFrom(own []string) float64 {
	others := slices.DeleteFunc(withoutKinds(untitled(own)), func(s string) bool { return slices.Contains(v.words, s) || letter(s) })
	if len(others) == 0 {
		return cutRest
	}
	switch like := newVariant(v.rest, 0, 0).like(strings.Join(others, " "), 1); {
	case like >= sure:
		return cutMatter
	case like >= near:
		return cutRest
	}
	return cutOther
}

// ranked merges what buckets yielded to one candidate for each client, best first.
func ranked(all []candidate) []candidate {
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(b.score, a.score))
	})
	list := slices.CompactFunc(all, func(a, b candidate) bool { return a.Client == b.Client })
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Client, b.Client))
	})
	return list
}

// contenders are the best and those that come near it, if it is near what was heard.
func contenders(list []candidate) []candidate {
	for i, c := range list {
		within := margin
		if list[0].score > said1 {
			within = literalMargin
		}
		if c.score < near || list[0].score-c.score > within {
			return list[:i]
		}
	}
	return list
}
