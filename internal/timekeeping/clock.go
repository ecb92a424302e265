package timekeeping

import (
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
)

// Seconds returns what the clock has measured until at, all spans together.
func (c Clock) Seconds(at time.Time) (total int64) {
	for _, s := range c.Spans {
		stop := s.Stop
		if stop.IsZero() {
			stop = at
		}
		total += int64(max(0, stop.Sub(s.Start)) / time.Second)
	}
	return total
}

// since is when the last span began.
func (c Clock) since() time.Time {
	if len(c.Spans) == 0 {
		return time.Time{}
	}
	return c.Spans[len(c.Spans)-1].Start
}

// halt ends the last span. A span that would be negative is refused, an empty one is dropped.
func (c *Clock) halt(at time.Time) error {
	last := len(c.Spans) - 1
	if last < 0 || !c.Spans[last].Stop.IsZero() {
		return nil
	}
	switch {
	case at.Before(c.Spans[last].Start):
		return ErrSkew
	case at.Equal(c.Spans[last].Start):
		c.Spans = c.Spans[:last]
	default:
		c.Spans[last].Stop = at
	}
	return nil
}

// goOn begins a new span.
func (c *Clock) goOn(at time.Time) error {
	last := len(c.Spans) - 1
	switch {
	case last >= 0 && at.Before(c.Spans[last].Stop):
		return ErrSkew
	case last >= 0 && at.Equal(c.Spans[last].Stop):
		c.Spans[last].Stop = time.Time{}
		return nil
	}
	c.Spans = append(c.Spans, Span{Start: at})
	return nil
}

// all returns the clocks, last used first.
func (cs Clocks) all() []Clock {
	if cs.Running == nil {
		return cs.Paused
	}
	return append([]Clock{*cs.Running}, cs.Paused...)
}

// spans counts the spans of all clocks.
func (cs Clocks) spans() (n int) {
	for _, c := range cs.all() {
		n += len(c.Spans)
	}
	return n
}

// on returns the clock of a matter, or nil.
func (cs Clocks) on(matter string) *Clock {
	for _, c := range cs.all() {
		if c.Ref.Matter == matter {
			return &c
		}
	}
	return nil
}

// start makes the clock of a matter run, and pauses the one that runs.
func (cs *Clocks) start(c Clock, at time.Time) (Started, error) {
	if cs.Running != nil && cs.Running.Ref.Matter == c.Ref.Matter {
		return Started{Ref: cs.Running.Ref, Already: true}, nil
	}
	if cs.spans() >= maxSpans {
		return Started{}, ErrFull
	}
	done := Started{Ref: c.Ref}
	if i := slices.IndexFunc(cs.Paused, func(p Clock) bool { return p.Ref.Matter == c.Ref.Matter }); i >= 0 {
		done.Resumed = true
		c.ID, c.Spans = cs.Paused[i].ID, cs.Paused[i].Spans
		cs.Paused = slices.Delete(cs.Paused, i, i+1)
	}
	paused, err := cs.pause(at)
	if err != nil {
		return Started{}, err
	}
	if err := c.goOn(at); err != nil {
		return Started{}, err
	}
	cs.Running, done.Paused = &c, paused
	return done, nil
}

// pause pauses what runs, and returns what that was.
func (cs *Clocks) pause(at time.Time) (*clients.Ref, error) {
	if cs.Running == nil {
		return nil, nil
	}
	if len(cs.Paused) >= maxPaused {
		return nil, ErrFull
	}
	c := *cs.Running
	if err := c.halt(at); err != nil {
		return nil, err
	}
	cs.Running, cs.Paused = nil, slices.Insert(cs.Paused, 0, c)
	return &c.Ref, nil
}

// take ends a clock at an instant that is not before its last span, and removes it. What a paused clock measured after the
// instant is cut off.
func (cs *Clocks) take(id string, at time.Time) (Clock, error) {
	if cs.Running != nil && cs.Running.ID == id {
		c := *cs.Running
		cs.Running = nil
		return c, c.halt(at)
	}
	i := slices.IndexFunc(cs.Paused, func(p Clock) bool { return p.ID == id })
	if i < 0 {
		return Clock{}, ErrNoClock
	}
	c := cs.Paused[i]
	cs.Paused = slices.Delete(cs.Paused, i, i+1)
	if last := len(c.Spans) - 1; last >= 0 && at.Before(c.Spans[last].Stop) {
		c.Spans = slices.Clone(c.Spans)
		c.Spans[last].Stop = time.Time{}
		return c, c.halt(at)
	}
	return c, nil
}
