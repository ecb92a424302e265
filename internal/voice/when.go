package voice

import "time"

// timeOfDay is a time as it is said: "two fifteen in the afternoon". at must be in the listener's zone; seconds are left
// out.
func (w *words) timeOfDay(at time.Time) string {
	switch hour, minute := at.Hour(), at.Minute(); {
	case minute == 0 && hour == 0:
		return w.sentence("when.midnight")
	case minute == 0 && hour == 12:
		return w.sentence("when.noon")
	default:
		return w.sentence("when.time", vars{"Time": w.clockFace(hour, minute), "Part": w.sentence("when." + partOfDay(hour))})
	}
}

// clockFace is a time by the twelve hours of a clock's face.
func (w *words) clockFace(hour, minute int) string {
	hour = (hour+11)%12 + 1
	return w.onFace(int64(hour), int64(minute))
}

func partOfDay(hour int) string {
	switch {
	case hour < 5 || hour >= 22:
		return "night"
	case hour < 12:
		return "morning"
	case hour < 18:
		return "afternoon"
	}
	return "evening"
}

// day is a day as it is said on another one: "today", "yesterday", "on Monday", "on November third". Both must be in the
// listener's zone.
func (w *words) day(at, now time.Time) string {
	switch days := daysBetween(at, now); {
	case days == 0:
		return w.sentence("when.today")
	case days == 1:
		return w.sentence("when.yesterday")
	case days > 1 && days < 7:
		return w.sentence("when.on", vars{"Day": w.sentence("weekday." + at.Weekday().String())})
	}
	return w.sentence("when.on", vars{"Day": w.date(at, now)})
}

// date is a calendar day, with its year where it is not this one.
func (w *words) date(at, now time.Time) string {
	said := w.sentence("when.date", vars{"Month": w.sentence("month." + at.Month().String()), "Day": w.ordinal(int64(at.Day()))})
	if at.Year() == now.Year() {
		return said
	}
	return w.sentence("when.year", vars{"Date": said, "Year": w.year(int64(at.Year()))})
}

// moment is a time and its day, as it is said on another day: "six last night", "two in the afternoon on Monday".
func (w *words) moment(at, now time.Time) string {
	last := partOfDay(at.Hour()) == "evening" || partOfDay(at.Hour()) == "night" && at.Hour() > 12
	face := vars{"Time": w.clockFace(at.Hour(), at.Minute())}
	switch days := daysBetween(at, now); {
	case days == 0:
		return w.timeOfDay(at)
	case days == 1 && last:
		return w.sentence("when.last-night", face)
	}
	return w.sentence("when.both", vars{"Time": w.timeOfDay(at), "Day": w.day(at, now)})
}

// daysBetween counts midnights from at to now.
func daysBetween(at, now time.Time) int {
	return int(noon(now).Sub(noon(at)).Hours() / 24)
}

// noon takes the zone out, so that every day has 24 hours.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
}
