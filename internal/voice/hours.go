package voice

import (
	"context"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// hours asks for the hours of a day, a week or a month, of one client when it is named.
func hours(ctx context.Context, t *turn) (*answer, error) {
	t.next.Time.Day = t.spoken(DaySlot)
	return t.do(ctx, DoHours, clients.Spoken{Heard: t.spoken(ClientSlot)}, "")
}

func tellHours(ctx context.Context, t *turn) (*answer, error) {
	period, ok := periodOf(t.next.Time.Day)
	if !ok {
		return nil, timekeeping.ErrPeriod
	}
	w, err := t.clerk.Timesheets.Worked(ctx, t.Caller, period, t.next.Name)
	if err != nil {
		return nil, err
	}
	blanks := vars{"Time": t.words.elapsed(w.Seconds), "When": t.during(t.next.Time.Day, period)}
	var a *answer
	switch {
	case w.Ref == nil && w.Seconds == 0:
		a = t.say("hours.none", blanks)
	case w.Ref == nil:
		a = t.say("hours.all", blanks).byClient(w)
	case w.Seconds == 0:
		a = t.about("hours.of-none", *w.Ref, blanks)
	default:
		a = t.about("hours.of", *w.Ref, blanks)
	}
	return a.onTheClock(w), nil
}

// byClient names the clients with the most, where names may be said.
func (a *answer) byClient(w timekeeping.Worked) *answer {
	t := a.t
	if t.discreet() || len(w.Clients) == 0 {
		return a
	}
	parts := make([]string, 0, len(w.Clients)+1)
	for _, c := range w.Clients {
		parts = append(parts, t.words.sentence("hours.client", vars{"Name": clean(c.Ref.ClientName), "Time": t.words.elapsed(c.Seconds)}))
	}
	if w.Others > 0 {
		parts = append(parts, t.words.sentence("hours.others"))
	}
	return a.and("hours.clients", vars{"Clients": t.words.listed(parts)})
}

// onTheClock says what clocks have measured beside the entries.
func (a *answer) onTheClock(w timekeeping.Worked) *answer {
	blanks := vars{"Time": a.t.words.elapsed(w.Clock)}
	switch {
	case w.Runs:
		a.and("hours.running", blanks)
	case w.Clock > 0:
		a.and("hours.paused", blanks)
	}
	return a
}

const dayFormat = "2006-01-02"

// periodOf reads a date of Amazon's: a day, "2026-W48" for a week from Monday on, "2026-11" for a month. Nothing is today.
func periodOf(said string) (p timekeeping.Period, ok bool) {
	if said == "" {
		return p, true
	}
	if _, err := time.Parse(dayFormat, said); err == nil {
		return timekeeping.Period{From: said, To: said}, true
	}
	if month, err := time.Parse("2006-01", said); err == nil {
		return timekeeping.Period{From: said + "-01", To: month.AddDate(0, 1, -1).Format(dayFormat)}, true
	}
	var year, week int
	if n, err := fmt.Sscanf(said, "%4d-W%2d", &year, &week); err != nil || n != 2 || len(said) != len("2026-W48") || week < 1 || week > 53 {
		return p, false
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // is always in the first week
	monday := fourth.AddDate(0, 0, 7*(week-1)-(int(fourth.Weekday())+6)%7)
	return timekeeping.Period{From: monday.Format(dayFormat), To: monday.AddDate(0, 0, 6).Format(dayFormat)}, true
}

// during says a period: "today", "this week", "in October".
func (t *turn) during(said string, p timekeeping.Period) string {
	now := t.today()
	today, lastWeek := now.Format(dayFormat), now.AddDate(0, 0, -7).Format(dayFormat)
	from, err := time.ParseInLocation(dayFormat, p.From, now.Location())
	switch {
	case said == "" || err != nil:
		return t.words.sentence("when.today")
	case p.From == p.To:
		return t.onDay(p.From)
	case len(said) == len("2026-11") && p.From[:7] == today[:7]:
		return t.words.sentence("when.this-month")
	case len(said) == len("2026-11"):
		return t.words.sentence("when.in-month", vars{"Month": t.words.sentence("month." + from.Month().String())})
	case p.From <= today && today <= p.To:
		return t.words.sentence("when.this-week")
	case p.From <= lastWeek && lastWeek <= p.To:
		return t.words.sentence("when.last-week")
	}
	return t.words.sentence("when.week", vars{"Date": t.words.date(from, now)})
}
