package voice

import (
	"embed"
	"path"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/money"
)

//go:embed locales/*.json
var locales embed.FS

// words is a locale's sentences and its way of saying numbers.
type words struct {
	tag       string
	localizer *i18n.Localizer
	ids       map[string]bool
	speller
}

// speller says numbers in a language's words.
type speller interface {
	number(n int64) string                // "one hundred twenty"
	decimal(whole int64, f string) string // "one point two five"; whole 0 may be left out
	possessive(name string) string        // "Acme Corporation's"
}

// spellers by language.
var spellers = map[string]speller{"en": english{}}

// catalogues holds every locale, by its tag; the first one is the one for locales that there are no words for.
type catalogues struct {
	byTag   map[string]*words
	matcher language.Matcher
	tags    []string
}

// loaded reads the embedded catalogues once. One that cannot be read is a defect of the build, which a test finds.
var loaded = sync.OnceValue(func() catalogues {
	bundle := i18n.NewBundle(language.AmericanEnglish)
	files, err := locales.ReadDir("locales")
	if err != nil {
		panic("voice: " + err.Error())
	}
	c := catalogues{byTag: make(map[string]*words, len(files)), tags: []string{"en-US"}}
	for _, f := range files {
		w := load(bundle, f.Name())
		if c.byTag[w.tag] = w; w.tag != c.tags[0] {
			c.tags = append(c.tags, w.tag)
		}
	}
	tags := make([]language.Tag, len(c.tags))
	for i, t := range c.tags {
		tags[i] = language.MustParse(t)
	}
	c.matcher = language.NewMatcher(tags)
	return c
})

func load(bundle *i18n.Bundle, name string) *words {
	data, err := locales.ReadFile("locales/" + name)
	if err != nil {
		panic("voice: " + err.Error())
	}
	file, err := bundle.ParseMessageFileBytes(data, name)
	if err != nil {
		panic("voice: " + name + ": " + err.Error())
	}
	tag := strings.TrimSuffix(name, path.Ext(name))
	w := &words{tag: tag, localizer: i18n.NewLocalizer(bundle, tag), ids: make(map[string]bool, len(file.Messages))}
	for _, m := range file.Messages {
		w.ids[m.ID] = true
	}
	base, _ := language.MustParse(tag).Base()
	w.speller = spellers[base.String()]
	return w
}

// wordsFor returns the words of a locale, or of the nearest one that there are words for.
func wordsFor(locale string) *words {
	c := loaded()
	if w, ok := c.byTag[locale]; ok {
		return w
	}
	tag, err := language.Parse(locale)
	if err != nil {
		return c.byTag[c.tags[0]]
	}
	_, i, _ := c.matcher.Match(tag)
	return c.byTag[c.tags[i]]
}

func (w *words) has(id string) bool { return w.ids[id] }

// sentence fills a sentence's blanks. A sentence that is missing is a defect; the neutral one is said instead.
func (w *words) sentence(id string, blanks ...vars) string {
	config := &i18n.LocalizeConfig{MessageID: id}
	if len(blanks) > 0 {
		config.TemplateData = map[string]any(blanks[0])
	}
	text, err := w.localizer.Localize(config)
	if err != nil && id != "fault.internal" {
		return w.sentence("fault.internal")
	}
	return text
}

// count is a phrase with a number in it, in the right plural.
func (w *words) count(id string, n int) string { return w.plural(id, n, w.number(int64(n))) }

// plural picks the form by n, which may be a decimal as text, and says said.
func (w *words) plural(id string, n any, said string) string {
	text, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: map[string]any{"N": said}})
	if err != nil {
		return said
	}
	return text
}

// hours is billed time as lawyers say it: "point four hours", "one point two five hours"; time that is no whole
// hundredth of an hour is said in minutes.
func (w *words) hours(seconds int64) string {
	switch whole, rest := seconds/3600, seconds%3600; {
	case rest == 0:
		return w.plural("time.hours", int(whole), w.number(whole))
	case rest%360 == 0:
		return w.plural("time.hours", "0.1", w.decimal(whole, string('0'+rune(rest/360))))
	case rest%36 == 0:
		hundredths := rest / 36
		return w.plural("time.hours", "0.01", w.decimal(whole, string([]rune{'0' + rune(hundredths/10), '0' + rune(hundredths%10)})))
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
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return w.sentence("list.or", vars{"Most": strings.Join(names[:len(names)-1], ", "), "Last": names[len(names)-1]})
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
