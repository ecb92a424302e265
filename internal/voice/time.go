package voice

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Time is what was said of time, for a deed under way.
type Time struct {
	When    timekeeping.When `json:"when,omitzero"`
	Seconds int64            `json:"seconds,omitempty"`
	Day     string           `json:"day,omitempty"`     // YYYY-MM-DD; empty: today
	Free    bool             `json:"free,omitempty"`    // not to be billed
	Other   clients.Spoken   `json:"other,omitzero"`    // who shares it
	Second  bool             `json:"second,omitempty"`  // it is Other that is asked for
	ID      string           `json:"id,omitempty"`      // of what is to be discarded
	Unnamed bool             `json:"unnamed,omitempty"` // the speaker did not name the client
}

// when is the moment that was said; unsaid when no slot holds one. Errors: timekeeping.ErrWhen.
func (t *turn) when() (w timekeeping.When, err error) {
	part := t.Slots[PartSlot].ID
	switch {
	case t.spoken(AgoSlot) != "":
		if w.Ago = seconds(t.spoken(AgoSlot)); w.Ago == 0 {
			return w, timekeeping.ErrWhen
		}
	case t.spoken(TimeSlot) != "":
		w.Clock = t.spoken(TimeSlot)
		if part != partNow {
			w.Part = timekeeping.Part(part)
		}
	case part == partNow:
		w.Now = true
	case t.spoken(PartSlot) != "":
		return w, timekeeping.ErrWhen
	}
	return w, nil
}

// partNow is the value of a part of the day that says that it is still going on.
const partNow = "now"

// heardHere is the moment of the deed under way, a time of day by the zone of the device. The device is asked only then,
// since that may take a while.
func (t *turn) heardHere(ctx context.Context) timekeeping.When {
	w := t.next.Time.When
	if w.Clock != "" && t.Device != nil {
		w.Zone = t.Device.Zone(ctx)
	}
	return w
}

// length is the stretch of time that was said, in seconds; 0 when none was, negative when it is no stretch of time.
// Decimals of an hour come as two numbers: "one point two five" is 1 and 25.
func (t *turn) length() int64 {
	if d := t.spoken(DurationSlot); d != "" {
		if n := seconds(d); n > 0 {
			return n
		}
		return -1
	}
	whole, fraction := t.spoken(WholeSlot), t.spoken(TenthsSlot)
	if fraction == "" {
		return 0
	}
	hours, ok := int64(0), true
	if whole != "" {
		hours, ok = count(whole)
	}
	n, ok2 := count(fraction)
	if !ok || !ok2 || hours > 24 || n > 99 {
		return -1
	}
	if len(fraction) == 1 {
		n *= 10
	}
	return hours*3600 + n*36
}

// count reads a number of Amazon's.
func count(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// seconds reads a duration of Amazon's, ISO 8601: PT1H30M, P1D. Months and years are none that anybody works. 0 for what is
// not a duration.
func seconds(text string) (total int64) {
	rest, ok := strings.CutPrefix(text, "P")
	days, clock, _ := strings.Cut(rest, "T")
	for _, part := range []struct {
		text  string
		units map[byte]int64
	}{{days, map[byte]int64{'W': 7 * 86400, 'D': 86400}}, {clock, map[byte]int64{'H': 3600, 'M': 60, 'S': 1}}} {
		for text := part.text; text != "" && ok; {
			end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
			if end < 1 || end > 6 || part.units[text[end]] == 0 {
				return 0
			}
			n, _ := count(text[:end])
			total += n * part.units[text[end]]
			text = text[end+1:]
		}
	}
	return total
}

// moment says an instant in the zone in which it was heard, with the zone's name where that is not the speaker's own.
func (t *turn) moment(m timekeeping.Moment) string {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	said := t.words.moment(m.At.In(zone), t.clerk.House.Now().In(zone))
	if !m.Away {
		return said
	}
	city := m.Zone[strings.LastIndexByte(m.Zone, '/')+1:]
	return t.words.sentence("when.zone", vars{"When": said, "Zone": strings.ReplaceAll(city, "_", " ")})
}

// at is the blank of a moment that was said.
func (t *turn) at(m *timekeeping.Moment) vars {
	if m == nil {
		return nil
	}
	return vars{"When": t.moment(*m)}
}

// today is now in the speaker's home zone, once an act has read it.
func (t *turn) today() time.Time {
	f, p, _ := t.seen.Get()
	return t.clerk.House.Now().In(p.Location(f))
}

// onDay says the day of an entry: "yesterday", "on Friday".
func (t *turn) onDay(day string) string { return t.saidDay(day, t.words.day) }

// onDate says a day by its date, where a weekday could be taken for another.
func (t *turn) onDate(day string) string {
	return t.words.sentence("when.on", vars{"Day": t.saidDay(day, t.words.date)})
}

func (t *turn) saidDay(day string, say func(at, now time.Time) string) string {
	today := t.today()
	at, err := time.ParseInLocation(dayFormat, day, today.Location())
	if err != nil {
		return ""
	}
	return say(at, today)
}
