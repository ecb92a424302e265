package voice

import (
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/locales"
	"github.com/billingclerk/billingclerk/internal/money"
)

// words is a locale's sentences and its way of saying numbers.
type words struct {
	tag string
	*catalogue
	speller
}

// speller says numbers in a language's words.
type speller interface {
	number(n int64) string                // "one hundred twenty"
	ordinal(n int64) string               // "twenty-third"
	decimal(whole int64, f string) string // "one point two five"; whole 0 may be left out
	possessive(name string) string        // "Acme Corporation's"
	year(n int64) string                  // "twenty twenty-five"
	onFace(hour, minute int64) string     // "two fifteen", hours from 1 to 12
	grouped(digits string) string         // "1,234,567" of "1234567"
}

// spellers by locale, else by language.
var spellers = map[string]speller{
	"en": english{}, "en-GB": english{and: true, past: true}, "en-AU": english{and: true, past: true},
	"en-IN": english{and: true, past: true, lakhs: true},
}

// loaded reads each locale's catalogue once, when it is first spoken. One that cannot be read is a defect of the build,
// which a test finds.
var loaded = func() map[string]func() *words {
	byTag := map[string]func() *words{}
	for _, tag := range locales.Tags() {
		byTag[tag] = sync.OnceValue(func() *words { return load(tag) })
	}
	return byTag
}()

// load reads a locale's sentences, and those of the locales that it is like where it has none of its own.
func load(tag string) *words {
	w := &words{tag: tag}
	for _, t := range locales.Line(tag) {
		data, err := locales.Speech(t)
		if err != nil {
			panic("voice: " + err.Error())
		}
		c, err := parseCatalogue(language.MustParse(tag), data)
		if err != nil {
			panic("voice: " + t + "/speech.json: " + err.Error())
		}
		w.catalogue = c.over(w.catalogue)
	}
	base, _ := w.language.Base()
	if w.speller = spellers[tag]; w.speller == nil {
		w.speller = spellers[base.String()]
	}
	return w
}

// wordsFor returns the words of a locale, or of the nearest one that there are words for.
func wordsFor(locale string) *words {
	if w, ok := loaded[locale]; ok {
		return w()
	}
	return loaded[nearest(locale)]()
}

// nearest is the locale that a speaker of another one understands best, the default one if none.
func nearest(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return locales.Default
	}
	known := locales.Tags()
	tags := make([]language.Tag, len(known))
	for i, t := range known {
		tags[i] = language.MustParse(t)
	}
	_, i, _ := language.NewMatcher(tags).Match(tag)
	return known[i]
}

// sentence fills a sentence's blanks. A sentence that is missing is a defect; the neutral one is said instead.
func (w *words) sentence(id string, blanks ...vars) string {
	var fill vars
	if len(blanks) > 0 {
		fill = blanks[0]
	}
	text, ok := w.text(id, plural.Other, fill)
	if !ok && id != "fault.internal" {
		return w.sentence("fault.internal")
	}
	return text
}

// count is a phrase with a number in it, in the right plural.
func (w *words) count(id string, n int) string { return w.plural(id, int64(n), w.number(int64(n))) }

// plural says a whole number, in the words of said, in the right form.
func (w *words) plural(id string, n int64, said string) string { return w.formed(id, w.whole(n), said) }

func (w *words) formed(id string, form plural.Form, said string) string {
	text, ok := w.text(id, form, vars{"N": said})
	if !ok {
		return said
	}
	return text
}

// hours is billed time as lawyers say it: "point four hours", "one point two five hours"; time that is no whole
// hundredth of an hour is said in minutes.
func (w *words) hours(seconds int64) string {
	switch whole, rest := seconds/3600, seconds%3600; {
	case rest == 0:
		return w.plural("time.hours", whole, w.number(whole))
	case rest%360 == 0:
		return w.formed("time.hours", w.fraction(whole, 1, rest/360), w.decimal(whole, string('0'+rune(rest/360))))
	case rest%36 == 0:
		hundredths := rest / 36
		return w.formed("time.hours", w.fraction(whole, 2, hundredths), w.decimal(whole, string([]rune{'0' + rune(hundredths/10), '0' + rune(hundredths%10)})))
	}
	return w.elapsed(seconds)
}

// elapsed is a stretch of time in hours and minutes; seconds are left out.
func (w *words) elapsed(seconds int64) string {
	hours, minutes := int(seconds/3600), int(seconds%3600/60)
	switch {
	case hours == 0 && minutes == 0:
		return w.sentence("time.moment")
	case hours == 0:
		return w.count("time.minutes", minutes)
	case minutes == 0:
		return w.count("time.hours", hours)
	}
	return w.sentence("time.both", vars{"Hours": w.count("time.hours", hours), "Minutes": w.count("time.minutes", minutes)})
}

// money is an amount in words: SSML has no way to say a currency.
func (w *words) money(a money.Amount) string {
	if a.Minor < 0 && a.Neg().Minor > 0 {
		return w.sentence("money.minus", vars{"Amount": w.money(a.Neg())})
	}
	unit := "money." + a.Currency
	scale := int64(1)
	for range money.Digits(a.Currency) {
		scale *= 10
	}
	major, minor := a.Minor/scale, a.Minor%scale
	switch {
	case !w.has(unit), a.Minor < 0:
		return w.sentence("money.other", vars{"Amount": digits(a.Decimal()), "Code": a.Currency})
	case minor == 0:
		return w.plural(unit, major, w.number(major))
	case major == 0:
		return w.plural(unit+".minor", minor, w.number(minor))
	}
	return w.sentence("money.both", vars{"Major": w.plural(unit, major, w.number(major)), "Minor": w.plural(unit+".minor", minor, w.number(minor))})
}

// figures is an amount in digits, for a card: "$1,234.50".
func (w *words) figures(a money.Amount) string {
	decimal, negative := strings.CutPrefix(a.Decimal(), "-")
	whole, fraction, parted := strings.Cut(decimal, ".")
	text := w.grouped(whole)
	if parted {
		text = w.sentence("figure.fraction", vars{"Whole": text, "Fraction": fraction})
	}
	if id := "figure." + a.Currency; w.has(id) {
		text = w.sentence(id, vars{"Amount": text})
	} else {
		text = w.sentence("figure.other", vars{"Amount": text, "Code": a.Currency})
	}
	if negative {
		return w.sentence("figure.minus", vars{"Amount": text})
	}
	return text
}

// choices are the names to choose from: of matters where they are of one client.
func (w *words) choices(refs []clients.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		switch {
		case sameClient(refs):
			names[i] = clean(r.MatterName)
		case r.Matter != "" && r.MatterName != "" && twice(refs, r.Client):
			names[i] = w.sentence("name.both", vars{"Client": clean(r.ClientName), "Matter": w.sentence("name.matter", vars{"Matter": clean(r.MatterName)})})
		default:
			names[i] = clean(r.ClientName)
		}
	}
	return w.list("list.or", names)
}

// listed are parts that all count.
func (w *words) listed(parts []string) string { return w.list("list.and", parts) }

func (w *words) list(id string, parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return w.sentence(id, vars{"Most": strings.Join(parts[:len(parts)-1], ", "), "Last": parts[len(parts)-1]})
}

func twice(refs []clients.Ref, client string) bool {
	n := 0
	for _, r := range refs {
		if r.Client == client {
			n++
		}
	}
	return n > 1
}
