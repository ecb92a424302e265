package timekeeping

import (
	"sort"
	"time"
)

const dayFormat = "2006-01-02"

// piece is what a clock measured on one local day.
type piece struct {
	start, stop time.Time
	seconds     int64
	day         string
	long        bool // part of a span longer than Longest
}

// pieces splits spans at local midnights and gathers them by day, oldest first, at most maxDays: the last keeps what
// is left. Seconds are differences of instants, so a day may have 23 or 25 hours of them.
func pieces(spans []Span, zone *time.Location) []piece {
	var list []piece
	for _, s := range spans {
		long := s.Stop.Sub(s.Start) > Longest
		for from := s.Start; from.Before(s.Stop); {
			to := dayEnd(from, zone)
			if to.After(s.Stop) {
				to = s.Stop
			}
			list = gather(list, piece{from, to, int64(to.Sub(from) / time.Second), from.In(zone).Format(dayFormat), long})
			from = to
		}
	}
	return list
}

func gather(list []piece, p piece) []piece {
	last := len(list) - 1
	if last < 0 || list[last].day != p.day && len(list) < maxDays {
		return append(list, p)
	}
	list[last].stop = p.stop
	list[last].seconds += p.seconds
	list[last].long = list[last].long || p.long
	return list
}

// dayEnd returns the first instant after from that has another local date. It asks the zone, because midnight may not
// exist on a day on which clocks change, or exist twice, and a date may be left out.
func dayEnd(from time.Time, zone *time.Location) time.Time {
	day := date(from, zone)
	const longest = 26 * 3600
	n := sort.Search(longest, func(n int) bool { return date(from.Add(time.Duration(n)*time.Second), zone) > day })
	return from.Add(time.Duration(n) * time.Second)
}

// date is the local date of an instant as one number, which grows with it.
func date(at time.Time, zone *time.Location) int {
	year, month, day := at.In(zone).Date()
	return year*10_000 + int(month)*100 + day
}
