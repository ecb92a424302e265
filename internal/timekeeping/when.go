package timekeeping

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// When is a moment as somebody said it. The zero value is one that was not said: it is now.
type When struct {
	Now   bool      `json:",omitempty"` // "now" was said: a forgotten clock is not asked about
	Ago   int64     `json:",omitempty"` // seconds before now
	Clock string    `json:",omitempty"` // on a wall clock, "18:00"; "06:00" may be six in the evening too
	Part  Part      `json:",omitempty"` // beside Clock: of which day
	At    time.Time `json:",omitzero"`  // an instant that was read back and agreed to
	Zone  string    `json:"-"`          // of the device that heard Clock, IANA; empty or unknown: the person's
}

// Said reports whether a moment was said at all.
func (w When) Said() bool { return w.Now || w.Ago != 0 || w.Clock != "" || !w.At.IsZero() }

// Part is a part of today or yesterday, as people divide the day.
type Part string

// Parts of the day.
const (
	Today              Part = "today"
	ThisMorning        Part = "this-morning"
	ThisAfternoon      Part = "this-afternoon"
	ThisEvening        Part = "this-evening"
	Yesterday          Part = "yesterday"
	YesterdayMorning   Part = "yesterday-morning"
	YesterdayAfternoon Part = "yesterday-afternoon"
	YesterdayEvening   Part = "yesterday-evening"
	LastNight          Part = "last-night"
)

// parts are hours of the wall clock from today's midnight on, the last excluded.
var parts = map[Part][2]int{
	Today: {0, 24}, ThisMorning: {0, 12}, ThisAfternoon: {12, 19}, ThisEvening: {16, 24},
	Yesterday: {-24, 0}, YesterdayMorning: {-24, -12}, YesterdayAfternoon: {-12, -5}, YesterdayEvening: {-8, 0}, LastNight: {-8, 6},
}

// Moment is an instant that a spoken time was found to be.
type Moment struct {
	At   time.Time `json:"at"`
	Zone string    `json:"zone"`           // in which it was heard, IANA
	Away bool      `json:"away,omitempty"` // in another zone than the person's home: to be said with it
}

// moment returns the instant of an unsaid or said when that pick chooses among those that may be meant: all of them
// past, at most back days, latest first. Errors: ErrWhen; pick's.
func (t *turn) moment(w When, back int, pick func([]time.Time) (time.Time, error)) (Moment, error) {
	now := t.now()
	m := Moment{At: now, Zone: t.zone().String()}
	switch {
	case !w.At.IsZero():
		m.At = w.At.UTC()
	case w.Ago < 0 || w.Ago > maxDays*24*3600:
		return m, ErrLongAgo
	case w.Ago != 0:
		m.At = now.Add(-time.Duration(w.Ago) * time.Second)
	case w.Clock != "":
		zone := t.heardIn(w)
		list, err := w.may(now.In(zone), back)
		if err != nil {
			return m, err
		}
		at, err := pick(list)
		if err != nil && w.Part == "" && now.In(zone).Format("15:04") < w.Clock {
			err = ErrFuture
		}
		_, there := at.In(zone).Zone()
		_, home := at.In(t.zone()).Zone()
		return Moment{at.UTC(), zone.String(), there != home}, err
	default:
		return m, nil
	}
	at, err := pick([]time.Time{m.At})
	m.At = at
	return m, err
}

// heardIn is the zone of the device, else the person's.
func (t *turn) heardIn(w When) *time.Location {
	if w.Zone == "" || w.Zone == "Local" {
		return t.zone()
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return t.zone()
	}
	return zone
}

// may lists the past instants that a wall clock's time may mean, latest first. Up to twelve o'clock both halves of the day
// may be meant, unless the part of the day tells. Where clocks are changed an hour may come twice.
func (w When) may(now time.Time, back int) (list []time.Time, err error) {
	hour, minute, ok := wall(w.Clock)
	window, known := parts[w.Part]
	if !ok || !known && w.Part != "" {
		return nil, ErrWhen
	}
	hours := []int{hour}
	if hour > 0 && hour <= 12 {
		hours = append(hours, (hour+12)%24)
	}
	y, m, d := now.Date()
	for day := range back + 1 {
		for _, h := range hours {
			if n := h - 24*day; known && (n < window[0] || n >= window[1]) {
				continue
			}
			at := time.Date(y, m, d-day, h, minute, 0, 0, now.Location())
			for _, again := range [...]time.Time{at.Add(-time.Hour), at, at.Add(time.Hour)} {
				if again.Hour() == at.Hour() && again.Minute() == minute && !again.After(now) {
					list = append(list, again)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b time.Time) int { return b.Compare(a) })
	return list, nil
}

// wall reads "18:00".
func wall(clock string) (hour, minute int, ok bool) {
	h, m, _ := strings.Cut(clock, ":")
	hour, err := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	return hour, minute, err == nil && err2 == nil && len(h) == 2 && len(m) == 2 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60
}

// began picks when a clock began: the latest instant that may be meant, at most Longest ago.
func (t *turn) began(list []time.Time) (time.Time, error) {
	switch now := t.now(); {
	case len(list) == 0 || list[0].After(now):
		return now, ErrFuture
	case now.Sub(list[0]) > Longest:
		return now, ErrLongAgo
	default:
		return list[0], nil
	}
}

// ended picks when a clock that began at since ended: the latest instant that leaves it at most Longest, else the latest
// after its beginning.
func (t *turn) ended(since time.Time) func([]time.Time) (time.Time, error) {
	return func(list []time.Time) (time.Time, error) {
		if len(list) == 0 || list[0].After(t.now()) {
			return t.now(), ErrFuture
		}
		list = slices.DeleteFunc(slices.Clone(list), func(at time.Time) bool { return !at.After(since) })
		if len(list) == 0 {
			return t.now(), ErrBefore
		}
		if i := slices.IndexFunc(list, func(at time.Time) bool { return at.Sub(since) <= Longest }); i >= 0 {
			return list[i], nil
		}
		return list[0], nil
	}
}

// Faults of spoken times.
var (
	ErrWhen    = fault.New(fault.Invalid, "when.unclear", "I need a time of day, like half past two.")
	ErrFuture  = fault.New(fault.Invalid, "when.future", "That time is still to come.")
	ErrLongAgo = fault.New(fault.Invalid, "when.long-ago", "A clock can begin at most twelve hours ago. Log the time instead.")
	ErrBefore  = fault.New(fault.Invalid, "when.before", "That was before the clock began.")
	ErrOver    = fault.New(fault.State, "when.over", "Another clock of yours ran after that. Start it later, or log the time.")
)
