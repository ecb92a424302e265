package clients

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamesThatAreSaidAlikeHaveTheSameSounds(t *testing.T) {
	for _, group := range []string{"garcia garsia", "knight nite", "schmidt schmitt shmit", "phillips filips", "wright rite", "reid reed read",
		"cox cocks", "meyer meier", "stephen stefen", "kowalski kovalski|", "rhodes rodes", "philipp filip", "katz kats", "xavier zavier", "greene green"} {
		group, differ := strings.CutSuffix(group, "|")
		names := strings.Fields(group)
		for _, other := range names[1:] {
			if same := phones(names[0]) == phones(other); same == differ {
				t.Errorf("%s is %s, %s is %s", names[0], phones(names[0]), other, phones(other))
			}
		}
	}
	if phones("акме") != "" || phones("") != "" {
		t.Error("sounds of what is not Latin")
	}
}

func TestConfusionsCostLessThanOtherSounds(t *testing.T) {
	for _, row := range []struct{ a, close, far string }{
		{"acme", "acne", "apse"}, {"baker", "paker", "maker"}, {"larsen", "larson", "larten"}, {"54", "54", "55"}, {"fine", "thine", "mine"},
	} {
		closer, further := apart(phones(row.a), phones(row.close)), apart(phones(row.a), phones(row.far))
		if closer >= further {
			t.Errorf("%s: %s is %.2f away, %s %.2f", row.a, row.close, closer, row.far, further)
		}
	}
}

func TestDistanceIsOne(t *testing.T) {
	form := rapid.StringMatching(`[a-z0-9]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := phones(form.Draw(t, "a")), phones(form.Draw(t, "b"))
		if there, back := apart(a, b), apart(b, a); there < 0 || there-back > 1e-9 || back-there > 1e-9 || (there == 0) != (a == b) {
			t.Fatalf("%q %q: %v, %v", a, b, there, back)
		}
	})
}

// TestOneSoundLostAddedOrChangedSharesACode: the law on which retrieval rests.
func TestOneSoundLostAddedOrChangedSharesACode(t *testing.T) {
	code := rapid.StringMatching(`[bdfgklmnprstvS]{5,10}`)
	rapid.Check(t, func(t *rapid.T) {
		a := fine(code.Draw(t, "a"))
		if len(a) <= leastLeft+1 {
			return
		}
		at := rapid.IntRange(0, len(a)-1).Draw(t, "at")
		sound := rapid.SampledFrom([]string{"", "b", "k", "S", "x"}).Draw(t, "sound")
		b := a[:at] + sound + a[at+1:]
		if len(b) <= leastLeft+1 {
			return
		}
		shared := func(c string) []string { return append(lacking(c), c) }
		if !slices.ContainsFunc(shared(a), func(s string) bool { return slices.Contains(shared(b), s) }) {
			t.Fatalf("%s and %s share nothing", a, b)
		}
	})
}
