package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// SettingsPage is the firm's settings, as they were typed.
type SettingsPage struct {
	Name, Zone, Currency                       string
	Rate, TaxName, TaxRate                     string // tax in percent
	Increment                                  string // minutes
	Modes                                      []Choice
	Discretion, FreeNotes, ApproveFirst, Learn bool
	Vouch, ShowNames, Hints                    bool
	ClientWord, Hold, ReplyTo                  string // hold in minutes
	Phrases, Forgotten                         string // line by line; hours
	Zones                                      []string
	Wrong, Revision, Once                      string
}

var settingsPage = site.NewPage[SettingsPage](files, "templates/settings.html")

var saidSettings = site.Say("firm.changed", "The firm’s settings are saved. What is on a bill already stays as it is.")

var modeWords = []Choice{
	{Value: string(firm.RoundNearest), Text: "To the nearest part"},
	{Value: string(firm.RoundUp), Text: "Up to the next part", Hint: "a fee term that your clients must have agreed to"},
	{Value: string(firm.RoundDown), Text: "Down to the last full part"},
	{Value: string(firm.RoundNone), Text: "Not at all"},
}

func (d Desks) settings(w http.ResponseWriter, r *http.Request) error {
	f := site.Visiting(r).Firm
	page := SettingsPage{
		Name: f.Name, Zone: f.Zone, Rate: decimal(f.Rate), TaxName: f.Tax.Name, TaxRate: percent(f.Tax.PPM),
		Discretion: f.Voice.Discretion, FreeNotes: f.Voice.FreeNotes, ApproveFirst: f.Voice.ApproveFirst, ClientWord: f.Voice.ClientWord, Learn: f.Voice.Learn,
		Vouch: f.Voice.Vouch, ShowNames: f.Voice.ShowNames, Hints: f.Voice.Hints,
		Hold: strconv.Itoa(int(f.Mail.Hold / time.Minute)), ReplyTo: f.Mail.ReplyTo, Revision: revision(f.Revision),
	}
	page.Phrases = strings.Join(f.Voice.Phrases, "\n")
	if f.Voice.Forgotten > 0 {
		page.Forgotten = strconv.Itoa(f.Voice.Forgotten / 3600)
	}
	if f.Rounding.Increment > 0 {
		page.Increment = strconv.Itoa(f.Rounding.Increment / 60)
	}
	return d.settingsAgain(w, r, http.StatusOK, page, f.Rounding.Mode)
}

func (d Desks) settingsAgain(w http.ResponseWriter, r *http.Request, status int, page SettingsPage, mode firm.RoundingMode) error {
	page.Currency, page.Zones, page.Once = site.Visiting(r).Firm.Currency, site.Zones, d.NewID()
	page.Modes = slices.Clone(modeWords)
	for i := range page.Modes {
		page.Modes[i].On = page.Modes[i].Value == string(mode)
	}
	return settingsPage.Write(w, r, status, "The firm", page)
}

// changeSettings saves the form, for the settings as they were when it was shown.
func (d Desks) changeSettings(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	v := site.Visiting(r)
	to, typed, err := typedFirm(form, v.Firm)
	if err == nil {
		_, err = d.People.ChangeFirm(r.Context(), v.Caller, to)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.State, fault.Conflict:
		typed.Wrong, typed.Revision = site.Message(err), revision(v.Firm.Revision)
		return d.settingsAgain(w, r, formStatus(err), typed, to.Rounding.Mode)
	}
	if err != nil {
		return err
	}
	return site.Done(w, r, "/console/firm", saidSettings)
}

// typedFirm reads the form into the firm's settings.
func typedFirm(form url.Values, f firm.Firm) (firm.Firm, SettingsPage, error) {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	on := func(name string) bool { return form.Get(name) == "on" }
	page := SettingsPage{
		Name: get("name"), Zone: get("zone"), Rate: get("rate"), TaxName: get("tax"), TaxRate: get("percent"), Increment: get("increment"),
		Discretion: on("discretion"), FreeNotes: on("notes"), ApproveFirst: on("approve"), Vouch: on("vouch"), ShowNames: on("screens"), Hints: on("hints"), Learn: on("learn"),
		ClientWord: get("word"), Hold: get("hold"), ReplyTo: get("reply"), Revision: get("revision"),
		Phrases: form.Get("phrases"), Forgotten: get("forgotten"),
	}
	f.Name, f.Zone, f.Revision = page.Name, page.Zone, atoi(page.Revision)
	f.Rounding = firm.Rounding{Mode: firm.RoundingMode(get("mode")), Increment: 60 * atoi(page.Increment)}
	f.Voice.Discretion, f.Voice.FreeNotes, f.Voice.ApproveFirst = page.Discretion, page.FreeNotes, page.ApproveFirst
	f.Voice.Learn = page.Learn
	f.Voice.ClientWord, f.Voice.Vouch, f.Voice.ShowNames, f.Voice.Hints = page.ClientWord, page.Vouch, page.ShowNames, page.Hints
	f.Voice.Phrases, f.Voice.Forgotten = lines(page.Phrases), 3600*atoi(page.Forgotten)
	f.Mail = firm.MailSettings{Hold: time.Duration(atoi(page.Hold)) * time.Minute, ReplyTo: page.ReplyTo}
	if atoi(page.Hold) < 0 {
		return f, page, firm.ErrHold
	}
	var ok bool
	if f.Tax, ok = (firm.Tax{Name: page.TaxName}), true; page.TaxRate != "" {
		f.Tax.PPM, ok = parts(page.TaxRate)
	}
	if !ok {
		return f, page, firm.ErrTax
	}
	var err error
	f.Rate, err = amount(page.Rate, f.Currency)
	return f, page, err
}

// lines are what is written on each line, without those on which nothing is.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// parts reads percent, with at most four decimals, as parts per million: "8.875" is 88750.
func parts(text string) (int64, bool) {
	whole, decimals, _ := strings.Cut(strings.TrimSuffix(text, "%"), ".")
	if whole = strings.TrimSpace(whole); len(whole) > 3 || len(decimals) > 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(decimals + "0000")[:4], 10, 32)
	return int64(n), err == nil
}

// percent shows parts per million: 88750 is "8.875".
func percent(ppm int64) string {
	if ppm == 0 {
		return ""
	}
	decimals := strings.TrimRight(strconv.FormatInt(10_000+ppm%10_000, 10)[1:], "0")
	return strings.TrimSuffix(strconv.FormatInt(ppm/10_000, 10)+"."+decimals, ".")
}

func revision(n int) string { return strconv.Itoa(n) }

// atoi reads a number of a form; what is none is −1, which no setting accepts. Nothing is 0.
func atoi(text string) int {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > 1_000_000 {
		return -1
	}
	return n
}
