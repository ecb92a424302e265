package firm_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func TestAFirmIsOpenedOnce(t *testing.T) {
	o := firmtest.Open(t)
	_, _, err := o.House.OpenFirm(t.Context(), o.Firm, firm.Person{Name: "Eve", Email: "eve@demo.test"})
	wants(t, err, firm.ErrOpened)
	other := firmtest.In(t, o.House, o.Clock)
	ids, err := o.House.Firms(t.Context())
	if err != nil || !slices.Equal(ids, []string{o.Firm.ID, other.Firm.ID}) {
		t.Fatal(ids, err)
	}
	got, err := o.House.Get(t.Context(), o.Admin)
	if err != nil || !reflect.DeepEqual(got, o.Firm) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestAnUnknownOpeningIsSaidToBeUnknown(t *testing.T) {
	o, faulty := shaky(t)
	next(faulty, storetest.LostReply)
	f, ada := o.Firm, firm.Person{Name: "Ada", Email: "ada@demo.test"}
	f.ID = "another"
	_, _, err := o.House.OpenFirm(t.Context(), f, ada)
	wants(t, err, firm.ErrUnknown)
	_, _, err = o.House.OpenFirm(t.Context(), f, ada)
	wants(t, err, firm.ErrOpened)
}

// bad lists what a firm's settings may not be.
var bad = map[string]struct {
	change func(*firm.Firm)
	want   *fault.Error
}{
	"no name":                          {func(f *firm.Firm) { f.Name = "" }, firm.ErrFirmName},
	"no zone":                          {func(f *firm.Firm) { f.Zone = "" }, firm.ErrZone},
	"the machine's zone":               {func(f *firm.Firm) { f.Zone = "Local" }, firm.ErrZone},
	"no such zone":                     {func(f *firm.Firm) { f.Zone = "../etc/passwd" }, firm.ErrZone},
	"a rate elsewhere":                 {func(f *firm.Firm) { f.Rate = money.Of(1, "EUR") }, firm.ErrAmount},
	"a negative rate":                  {func(f *firm.Firm) { f.Rate.Minor = -1 }, firm.ErrAmount},
	"a negative tax":                   {func(f *firm.Firm) { f.Tax = firm.Tax{Name: "VAT", PPM: -1} }, firm.ErrTax},
	"a tax over 100 %":                 {func(f *firm.Firm) { f.Tax = firm.Tax{Name: "VAT", PPM: 1_000_001} }, firm.ErrTax},
	"a tax without a name":             {func(f *firm.Firm) { f.Tax = firm.Tax{PPM: 1} }, firm.ErrTax},
	"a negative hold":                  {func(f *firm.Firm) { f.Mail.Hold = -1 }, firm.ErrHold},
	"a long hold":                      {func(f *firm.Firm) { f.Mail.Hold = firm.MaxHold + 1 }, firm.ErrHold},
	"no such rounding":                 {func(f *firm.Firm) { f.Rounding.Mode = "lots" }, firm.ErrRounding},
	"a clock asked about at once":      {func(f *firm.Firm) { f.Voice.Forgotten = 60 }, firm.ErrForgotten},
	"a clock asked about after a week": {func(f *firm.Firm) { f.Voice.Forgotten = 7 * 86400 }, firm.ErrForgotten},
	"a phrase of nothing":              {func(f *firm.Firm) { f.Voice.Phrases = []string{"drafting", " "} }, firm.ErrPhrases},
	"a phrase that is a speech":        {func(f *firm.Firm) { f.Voice.Phrases = []string{strings.Repeat("x", 81)} }, firm.ErrPhrases},
	"more phrases than anybody says":   {func(f *firm.Firm) { f.Voice.Phrases = slices.Repeat([]string{"x"}, 51) }, firm.ErrPhrases},
	"an increment of none":             {func(f *firm.Firm) { f.Rounding.Increment = 0 }, firm.ErrRounding},
	"an increment of seven":            {func(f *firm.Firm) { f.Rounding.Increment = 420 }, firm.ErrRounding},
	"an increment of a day":            {func(f *firm.Firm) { f.Rounding.Increment = 86400 }, firm.ErrRounding},
	"a negative increment":             {func(f *firm.Firm) { f.Rounding.Increment = -360 }, firm.ErrRounding},
	"an increment of a blip":           {func(f *firm.Firm) { f.Rounding.Increment = 1 }, firm.ErrRounding},
}

func TestSettingsAreValidatedWhenOpenedAndWhenChanged(t *testing.T) {
	o := firmtest.Open(t)
	for name, c := range bad {
		f := o.Firm
		c.change(&f)
		_, err := o.House.ChangeFirm(t.Context(), o.Ask(o.Admin), f)
		if fault.As(err) == nil || fault.As(err).Code != c.want.Code {
			t.Errorf("change, %s: %v", name, err)
		}
		f.ID = ""
		if _, _, err = o.House.OpenFirm(t.Context(), f, firm.Person{Name: "Ada", Email: "ada@demo.test"}); fault.As(err) == nil || fault.As(err).Code != c.want.Code {
			t.Errorf("open, %s: %v", name, err)
		}
	}
	f := o.Firm
	f.ID, f.Currency = "", "XXQ"
	_, _, err := o.House.OpenFirm(t.Context(), f, firm.Person{Name: "Ada", Email: "ada@demo.test"})
	wants(t, err, firm.ErrCurrency)
}

func TestRoundingIsToTheNearestSixMinutesUnlessSaid(t *testing.T) {
	o := firmtest.Open(t)
	f, _, err := o.House.OpenFirm(t.Context(), firm.Firm{Name: "Other", Zone: "Europe/Berlin", Currency: "EUR"},
		firm.Person{Name: "Ada", Email: "ada@demo.test"})
	if err != nil || f.Rounding != (firm.Rounding{Mode: firm.RoundNearest, Increment: 360}) {
		t.Fatal(f.Rounding, err)
	}
}

func TestSettingsChangeOnlyAsTheyWereRead(t *testing.T) {
	o := firmtest.Open(t)
	f := o.Firm
	f.Name, f.Demo, f.Opened = "Demo and Daughters", true, time.Time{}
	changed, err := o.House.ChangeFirm(t.Context(), o.Ask(o.Admin), f)
	want := o.Firm
	want.Name, want.Revision = f.Name, 2
	if err != nil || !reflect.DeepEqual(changed, want) {
		t.Fatalf("%+v, %v", changed, err)
	}
	_, err = o.House.ChangeFirm(t.Context(), o.Ask(o.Admin), f)
	wants(t, err, firm.ErrStale)
	changed.Currency = "EUR"
	_, err = o.House.ChangeFirm(t.Context(), o.Ask(o.Admin), changed)
	wants(t, err, firm.ErrCurrencyFixed)
}

func TestAPersonsHomeZoneIsTheirsOrTheFirms(t *testing.T) {
	f := firm.Firm{Zone: "America/New_York"}
	for zone, want := range map[string]string{"": "America/New_York", "Europe/Berlin": "Europe/Berlin", "Mars/Olympus": "UTC"} {
		if got := (firm.Person{Zone: zone}).Location(f).String(); got != want {
			t.Errorf("%q: %s", zone, got)
		}
	}
}

func TestTheAuditTellsWhoDidWhatAndWhatChanged(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	change(t, o, ben.Person, func(p *firm.Person) { p.LEDES = "PARTNR" })
	ben = o.Ask(ben)
	n, err := note(t.Context(), o.House, ben, "a")
	must(t, n, err, 1)
	o.Clock.Set(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	n, err = note(t.Context(), o.House, o.Ask(ben), "a")
	must(t, n, err, 2)

	page, next, err := o.House.Audit(t.Context(), o.Admin, "2026-11", "")
	if err != nil || next != "" {
		t.Fatal(next, err)
	}
	var names []string
	for _, a := range page {
		names = append(names, a.Action)
	}
	if got := strings.Join(names, " "); got != "test.note person.change person.add firm.open" {
		t.Fatal(got)
	}
	last := page[0]
	if last.Person != ben.Person || last.Grant != ben.Grant || last.Channel != firm.ByVoice || last.Request != ben.Request ||
		last.Subject != "note/1" || string(last.After) != "1" || last.Before != nil {
		t.Fatalf("%+v", last)
	}
	var before, after firm.Person
	if json.Unmarshal(page[1].Before, &before) != nil || json.Unmarshal(page[1].After, &after) != nil ||
		before.LEDES != "" || after.LEDES != "PARTNR" {
		t.Fatal(before, after)
	}
	if page, _, err = o.House.Audit(t.Context(), o.Admin, "2026-12", ""); err != nil || len(page) != 1 {
		t.Fatal(page, err)
	}
}

func TestTheAuditRefusesWhatIsNoMonthAndNoCursor(t *testing.T) {
	o := firmtest.Open(t)
	_, _, err := o.House.Audit(t.Context(), o.Admin, "2026/11", "")
	wants(t, err, firm.ErrMonth)
	_, _, err = o.House.Audit(t.Context(), o.Admin, "2026-11", "junk")
	wants(t, err, firm.ErrCursor)
}
