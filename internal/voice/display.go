package voice

import (
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Screen is what a device with a display shows beside what is said: the clock, and today's hours. A client is named on it
// only where the firm wants that and the speaker is known; a narrative never.
type Screen struct {
	Status string
	Since  time.Time // from when the running clock's time counts; zero: none runs
	Paused string    // empty: none is
	Today  string
}

// screen shows what runs, on a device that can.
func (t *turn) screen(r timekeeping.Running) *Screen {
	if !t.Display {
		return nil
	}
	s := &Screen{
		Status: t.words.sentence("screen.none"),
		Today:  t.words.sentence("screen.today", vars{"Time": fmt.Sprintf("%d:%02d", r.Today/3600, r.Today/60%60)}),
	}
	if r.Clock != nil {
		s.Status, s.Since = t.words.sentence("screen.running"), t.clerk.House.Now().Add(-time.Duration(r.Seconds)*time.Second)
		if t.settings().Voice.ShowNames && !t.discreet() {
			s.Status = clean(r.Clock.Ref.ClientName)
		}
	}
	if len(r.Paused) > 0 {
		s.Paused = t.words.count("screen.paused", len(r.Paused))
	}
	return s
}

// hints are the names of the clients that the caller has clocks of, where the firm lets the assistant know them, so that
// it hears them better in this talk.
func (t *turn) hints(r timekeeping.Running) []string {
	if !t.settings().Voice.Hints {
		return nil
	}
	var names []string
	if r.Clock != nil {
		names = append(names, clean(r.Clock.Ref.ClientName))
	}
	for _, c := range r.Paused {
		names = append(names, clean(c.Ref.ClientName))
	}
	return names
}
