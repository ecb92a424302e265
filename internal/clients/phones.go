package clients

import "strings"

// phones writes a form as it is said, one byte a sound: vowels keep to five, doubled letters are one, and letters that
// are said alike are the same ("garcia" and "garsia", "knight" and "nite"). Digits stay. Empty when a letter is not
// Latin.
func phones(form string) string {
	if !latin(form) {
		return ""
	}
	var buf [2 * maxForm]byte
	out := buf[:0]
	for i := 0; i < len(form) && len(out) < len(buf)-4; {
		to, n := heardAs(form, i)
		for _, p := range []byte(to) {
			if len(out) == 0 || out[len(out)-1] != p || p >= '0' && p <= '9' {
				out = append(out, p)
			}
		}
		i += n
	}
	return string(out)
}

// heardAs returns the sounds of the letters at i, and how many letters they are.
func heardAs(form string, i int) (string, int) {
	for _, c := range clusters[form[i]] {
		if !strings.HasPrefix(form[i:], c.from) {
			continue
		}
		next := i + len(c.from)
		switch {
		case c.at == first && i > 0,
			c.at == last && next < len(form),
			c.at == soft && (next == len(form) || !strings.Contains("eiy", form[next:next+1])),
			c.at == open && (next == len(form) || !isVowel(form[next])),
			c.at == shut && next < len(form) && isVowel(form[next]):
			continue
		}
		return c.to, len(c.from)
	}
	return form[i : i+1], 1
}

func isVowel(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }

// What it costs to hear a sound as another, of 1 for one that has nothing to do with it.
const (
	otherVowel  = 0.3
	lostVowel   = 0.4
	lostWeak    = 0.5 // sounds that are swallowed: h, r, l, n, and t, d, s at the end
	lostSound   = 0.9
	otherDigit  = 3.0 // a number is another number
	otherSound  = 1.0
	closeSounds = 0.35
	twinSounds  = 0.2 // m and n
	nearSounds  = 0.6
)

// apart returns how far two forms are from one another in sounds: the least sum of what was lost, added and changed.
func apart(a, b string) float64 {
	var buf [2*maxForm + 1]float64
	row := buf[:len(b)+1]
	for j := range b {
		row[j+1] = row[j] + lost(b, j)
	}
	for i := range a {
		diagonal, gone := row[0], lost(a, i)
		row[0] += gone
		for j := range b {
			least := min(diagonal+changed(a[i], b[j]), row[j+1]+gone, row[j]+lost(b, j))
			diagonal, row[j+1] = row[j+1], least
		}
	}
	return row[len(b)]
}

func lost(s string, i int) float64 {
	switch p := s[i]; {
	case p >= '0' && p <= '9':
		return otherDigit
	case isVowel(p):
		return lostVowel
	case strings.IndexByte("hrlnwy", p) >= 0, i == len(s)-1 && strings.IndexByte("tdszk", p) >= 0:
		return lostWeak
	}
	return lostSound
}

func changed(a, b byte) float64 {
	switch {
	case a == b:
		return 0
	case a <= '9' || b <= '9':
		return otherDigit
	case isVowel(a) && isVowel(b):
		return otherVowel
	case a == 'm' && b == 'n', a == 'n' && b == 'm':
		return twinSounds
	}
	for _, group := range closeBy {
		if strings.IndexByte(group, a) >= 0 && strings.IndexByte(group, b) >= 0 {
			return closeSounds
		}
	}
	for _, group := range nearBy {
		if strings.IndexByte(group, a) >= 0 && strings.IndexByte(group, b) >= 0 {
			return nearSounds
		}
	}
	return otherSound
}
