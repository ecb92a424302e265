package timekeeping

import (
	"cmp"
	"slices"
	"time"
)

// A timekeeper bills an hour once, for one client (ABA Formal Opinion 93-379): of two entries that share time, one
// is wrong or must be divided. Such time is not refused, since nobody but the person knows which; it is marked on the
// entry, said, and listed for who looks after the bills.
//
// The time of a clock is known to the second. Of time that was told only the length is known: it is taken to have ended
// when it was told, so that a clock which went on running for another client is found. Two things told in a row may have
// been done in a row, and so may what was told of another day: they overlap only when they no longer fit into the day.

// overlapSlack is shared time that is not worth a word: the breath between two sentences.
const overlapSlack = time.Minute

// Bounds of what is kept to compare with: it is part of the record of a person's clocks.
const (
	spentFor = 48 * time.Hour
	maxSpent = 200
)

// spent is when time of an entry was: [From, To), in seconds since 1970.
type spent struct {
	Entry string `json:"entry"`
	Told  bool   `json:"told,omitempty"` // only its length was said
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

func (s Span) spent() spent { return spent{From: s.Start.Unix(), To: s.Stop.Unix()} }

// keep notes when an entry's time was, and returns how many seconds of it the person gave to another entry or clock.
func (s *sheet) keep(e Entry, told bool, spans []Span, now time.Time) (overlap int64) {
	others := s.besides(told, now)
	since := now.Add(-spentFor).Unix()
	s.Spent = slices.DeleteFunc(s.Spent, func(w spent) bool { return w.To <= since })
	for _, span := range spans {
		w := span.spent()
		w.Entry, w.Told = e.ID, told
		for _, o := range others {
			overlap += max(0, min(o.To, w.To)-max(o.From, w.From))
		}
		s.Spent = append(s.Spent, w)
	}
	s.Spent = s.Spent[max(0, len(s.Spent)-maxSpent):]
	if overlap < int64(overlapSlack/time.Second) {
		return 0
	}
	return overlap
}

// forget takes an entry out of what is compared with: it is no more.
func (s *sheet) forget(entry string) {
	s.Spent = slices.DeleteFunc(s.Spent, func(w spent) bool { return w.Entry == entry })
}

// recall notes when the time of an entry was that came of another, or came back.
func (s *sheet) recall(e Entry) {
	if e.Cost != nil {
		return
	}
	w := Span{e.Start, e.Stop}.spent()
	w.Entry = e.ID
	s.Spent = append(s.Spent, w)
	s.Spent = s.Spent[max(0, len(s.Spent)-maxSpent):]
}

// besides is when the person worked on something else, as far as that can be compared: stretches that do not overlap
// each other.
func (s *sheet) besides(told bool, now time.Time) (others []spent) {
	for _, w := range s.Spent {
		if !told || !w.Told {
			others = append(others, w)
		}
	}
	for _, c := range s.all() {
		for _, span := range c.Spans {
			if span.Stop.IsZero() {
				span.Stop = now
			}
			others = append(others, span.spent())
		}
	}
	slices.SortFunc(others, func(a, b spent) int { return cmp.Compare(a.From, b.From) })
	apart := others[:0]
	for _, w := range others {
		if last := len(apart) - 1; last >= 0 && w.From <= apart[last].To {
			apart[last].To = max(apart[last].To, w.To)
			continue
		}
		apart = append(apart, w)
	}
	return apart
}

// within are the parts of spans in a piece.
func (p piece) within(spans []Span) (in []Span) {
	for _, s := range spans {
		if s.Start.Before(p.start) {
			s.Start = p.start
		}
		if s.Stop.After(p.stop) {
			s.Stop = p.stop
		}
		if s.Start.Before(s.Stop) {
			in = append(in, s)
		}
	}
	return in
}

// beyond is how many seconds more a person's entries of a day are than the day has in their zone.
func beyond(day string, seconds int64, zone *time.Location) int64 {
	const shortest = 23 * 3600 // a day on which clocks go forward
	if seconds <= shortest {
		return 0
	}
	noon, err := time.ParseInLocation(dayFormat+" 15", day+" 12", zone)
	if err != nil {
		return 0
	}
	length := dayEnd(noon, zone).Sub(dayEnd(noon.AddDate(0, 0, -1), zone))
	return max(0, seconds-int64(length/time.Second))
}
