package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// logTime takes time that was told: what is missing is asked for, the length first. A length alone answers how long it was.
func logTime(ctx context.Context, t *turn) (*answer, error) {
	name := clients.Spoken{Heard: t.spoken(ClientSlot)}
	if t.state.Ask != AskLong {
		t.next.Time = Time{Seconds: t.length(), Day: t.spoken(DaySlot), Free: t.spoken(FreeSlot) != ""}
		return t.do(ctx, DoLog, name, "")
	}
	n := t.length()
	if n <= 0 {
		return t.again("unheard")
	}
	if name.Heard == "" {
		name = t.state.Name
	}
	t.next.Time = t.state.Time
	t.next.Time.Seconds = n
	return t.do(ctx, t.state.Act, name, "")
}

// howLong asks for the length that is missing.
func (t *turn) howLong() (*answer, error) {
	return t.asking(AskLong, "ask.long").eliciting(DurationSlot), nil
}

func logWork(ctx context.Context, t *turn) (*answer, error) {
	said := t.next.Time
	if said.Seconds == 0 {
		return t.howLong()
	}
	s, err := t.clerk.Timesheets.Log(ctx, t.Caller, t.next.Name, timekeeping.Entry{Seconds: said.Seconds, Day: said.Day, Billable: !said.Free})
	var later *timekeeping.Later
	if errors.As(err, &later) {
		t.next.Time.Day = later.Instead
		return t.asking(AskGo, "log.later", vars{"Day": t.onDate(later.Instead)}), nil
	}
	if err != nil {
		return nil, err
	}
	return t.logged(s), nil
}

// logged reads back what was told: the day where it is not today, and that it is not billed.
func (t *turn) logged(s timekeeping.Stopped) *answer {
	t.assumed = s.Assumed
	id, blanks := "log.done", vars{"Hours": t.words.hours(s.Billed)}
	if day := s.Entries[0].Day; day != t.today().Format(dayFormat) {
		id = "log.done.day"
		blanks["Day"] = t.onDay(day)
	}
	a := t.about(id, s.Ref, blanks).show("card.logged", blanks)
	if !s.Entries[0].Billable {
		a.and("log.free")
	}
	a.overlap(s)
	return a.whatFor()
}
