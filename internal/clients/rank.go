package clients

import (
	"cmp"
	"slices"
	"strings"

	"github.com/antzucaro/matchr"
)

// How alike two names must be, of 1. A wrong guess costs more than a question.
const (
	near   = 0.75 // below: it is not meant
	sure   = 0.83 // from here on a name that stands alone is taken; between near and sure it is asked
	margin = 0.16 // others that come as near as this to the best are asked about
	said1  = 0.97 // a name that is said as heard, though written otherwise

	otherCode = 0.8 // what a second code's likeness counts
)

// candidate is a client that a heard form may mean.
type candidate struct {
	name
	record int // which of the records read
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

// score returns how alike a variant of what was heard and a client's forms are.
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

// like compares a variant with one form: half by letters, half by sound; exact is what a form gives that is the same.
func (v variant) like(form string, exact float64) float64 {
	split := strings.Fields(form)
	if compact(split) == v.form {
		return exact
	}
	text := matchr.JaroWinkler(v.form, compact(split), false)
	sound := min(soundLike(v.codes, sounds(split)), roughLike(rough(v.form), rough(compact(split))))
	return min(said1, text/2+sound/2)
}

// roughLike is the share of two rough codes that is the same. They are as long as the names, where the codes of a long
// word all begin alike.
func roughLike(a, b string) float64 {
	if a == b {
		return 1
	}
	return 1 - float64(matchr.Levenshtein(a, b))/float64(max(len(a), len(b)))
}

// soundLike is the likeness of the two codes that are most alike. Codes that are not both the first are less likely
// to be how it was said.
func soundLike(a, b []string) float64 {
	best := 0.0
	for i, x := range a {
		for j, y := range b {
			like := matchr.JaroWinkler(x, y, false)
			if i+j > 0 {
				like *= otherCode
			}
			best = max(best, like)
		}
	}
	return best
}

// ranked merges what buckets yielded to one candidate for each client, best first, those that are near.
func ranked(all []candidate) []candidate {
	best := map[string]candidate{}
	for _, c := range all {
		if have, ok := best[c.Client]; !ok || c.score > have.score {
			best[c.Client] = c
		}
	}
	var list []candidate
	for _, c := range best {
		if c.score >= near {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Client, b.Client))
	})
	return contenders(list)
}

// contenders are the best and those that come near it.
func contenders(list []candidate) []candidate {
	for i, c := range list {
		if list[0].score-c.score > margin {
			return list[:i]
		}
	}
	return list
}
