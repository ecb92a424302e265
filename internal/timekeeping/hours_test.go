package timekeeping_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// hours asks and tells the answer: "3600 (Acme Corporation 3600)", what runs beside it after a plus.
func (o *office) hours(ctx context.Context, t testing.TB, from, to, name string) string {
	t.Helper()
	w, err := o.sheets.Worked(ctx, o.ada(), timekeeping.Period{From: from, To: to}, heard(name))
	said := fmt.Sprint(w.Seconds)
	if w.Clock > 0 {
		said += fmt.Sprintf("+%d", w.Clock)
	}
	if w.Ref != nil {
		said += " for " + w.Ref.ClientName
	}
	var told []string
	for _, c := range w.Clients {
		told = append(told, fmt.Sprintf("%s %d", c.Ref.ClientName, c.Seconds))
	}
	if len(told) > 0 {
		said += " (" + strings.Join(told, ", ") + ")"
	}
	if w.Others > 0 {
		said += fmt.Sprintf(" and %d others", w.Others)
	}
	return or(err, said)
}

// logged is an hour, a minute or so for a client on a day.
func (o *office) logged(t testing.TB, name, day string, seconds int64) {
	t.Helper()
	if _, err := o.sheets.Log(t.Context(), o.ada(), heard(name), timekeeping.Entry{Seconds: seconds, Day: day}); err != nil {
		t.Fatal(err)
	}
}

// It is Monday, the 23rd of November.
func TestHoursAreToldOfADayAWeekOrAMonthAndByClient(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries", "Gamma Works", "Delta Works")
	o.logged(t, "acme", "2026-10-31", 100)
	o.logged(t, "acme", "2026-11-01", 200)
	o.logged(t, "beta", "2026-11-22", 1000)
	o.logged(t, "acme", "", 400)
	o.logged(t, "gamma", "", 300)
	o.logged(t, "delta", "", 200)
	o.say(t, "start beta")
	o.Clock.Advance(time.Minute)
	for _, tt := range []struct{ from, to, name, want string }{
		{"", "", "", "900+60 (Acme Corporation 400, Gamma Works 300, Delta Works 200)"},
		{"", "", "acme", "400 for Acme Corporation"},
		{"", "", "beta", "0+60 for Beta Industries"},
		{"2026-11-23", "2026-11-23", "", "900 (Acme Corporation 400, Gamma Works 300, Delta Works 200)"},
		{"2026-11-23", "2026-11-29", "acme", "400 for Acme Corporation"},
		{"2026-11-16", "2026-11-22", "", "1000 (Beta Industries 1000)"},
		{"2026-11-01", "2026-11-30", "", "2100 (Beta Industries 1000, Acme Corporation 600, Gamma Works 300) and 1 others"},
		{"2026-11-01", "2026-11-30", "acme", "600 for Acme Corporation"},
		{"2026-10-01", "2026-10-31", "", "100 (Acme Corporation 100)"},
		{"2027-01-01", "2027-01-31", "", "0"},
		{"2026-11-01", "2026-11-30", "nobody", "client.none"},
		{"2026-11-01", "2026-12-02", "", "hours.period"},
		{"2026-11-02", "2026-11-01", "", "hours.period"},
		{"november", "2026-11-01", "", "hours.period"},
	} {
		if got := o.hours(t.Context(), t, tt.from, tt.to, tt.name); got != tt.want {
			t.Errorf("from %q to %q of %q: %s, want %s", tt.from, tt.to, tt.name, got, tt.want)
		}
	}
}

func TestTheHoursOfAClientAreThoseOfAllItsMattersOpenOrNot(t *testing.T) {
	o := open(t, "Acme Corporation")
	marlow := o.client(t, "Marlow Group", "lease", "merger")
	o.say(t, "told marlow lease, 10m")
	o.say(t, "told marlow merger, 20m")
	if got := o.hours(t.Context(), t, "", "", "marlow"); got != "1800 for Marlow Group" {
		t.Error(got)
	}
	marlow.Closed = true
	if err := o.dir.Change(t.Context(), o.ada(), marlow); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"marlow": "1800 for Marlow Group", "": "1800 (Marlow Group 1800)"} {
		if got := o.hours(t.Context(), t, "", "", name); got != want {
			t.Error(got)
		}
	}
}

func TestHoursOfAScreenedMatterCountButAreNotNamed(t *testing.T) {
	o := open(t, "Acme Corporation", "Beta Industries")
	ben := o.Hire(t, "Ben", firm.Lawyer)
	s, err := o.sheets.Log(t.Context(), o.Ask(ben), heard("acme"), timekeeping.Entry{Seconds: 600})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.dir.Screen(t.Context(), firmtest.On(o.ada(), firm.ByConsole), s.Ref.Client, s.Ref.Matter, clients.Screening{Add: []string{ben.Person}, Reason: "a conflict"}); err != nil {
		t.Fatal(err)
	}
	w, err := o.sheets.Worked(t.Context(), o.Ask(ben), timekeeping.Period{}, clients.Spoken{})
	if err != nil || w.Seconds != 600 || len(w.Clients) != 0 || w.Others != 1 {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestHoursCostOneTripAndOneMoreForNames(t *testing.T) {
	o := open(t, "Acme Corporation")
	for name, most := range map[string]int{"": 2, "acme": 1} {
		o.say(t, "told acme, 10m")
		for _, p := range [][2]string{{"", ""}, {"2026-11-01", "2026-11-30"}} {
			ctx, trips := store.CountTrips(t.Context())
			if got := o.hours(ctx, t, p[0], p[1], name); trips().Total() != most {
				t.Errorf("%s: %+v", got, trips())
			}
		}
	}
}

func TestOnlyWhoKeepsTimeIsToldHours(t *testing.T) {
	o := open(t, "Acme Corporation")
	eve := o.Hire(t, "Eve", firm.Bookkeeper)
	for _, c := range []firm.Caller{eve, firm.System(o.Firm.ID, "r")} {
		if _, err := o.sheets.Worked(t.Context(), o.Ask(c), timekeeping.Period{}, clients.Spoken{}); or(err, "") != "firm.forbidden" {
			t.Error(err)
		}
	}
}
