package timekeeping

import (
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Window is what has been billed for one person's work for one client on one day. It keeps a minimum from being
// stacked: two short calls in one increment count once (ABA 93-379).
type Window struct {
	Groups []Group `json:"groups"` // apart from each other, oldest first
}

// Group is work whose billed stretches touch: it is rounded together. A stretch goes from an entry's start to its
// stop, or to the end of the increments that its seconds fill when that is later.
type Group struct {
	Start  time.Time `json:"start"`
	Stop   time.Time `json:"stop"`   // where the last stretch ends
	Raw    int64     `json:"raw"`    // seconds
	Billed int64     `json:"billed"` // seconds
}

// Add returns how many seconds an entry adds to what was billed, and the window after it; w stays as it is. A group
// is billed as Round says of its raw seconds together, or what it was billed before, when that is more: what is on a
// bill is never taken back, so the addition is never negative. Which groups there are does not depend on the order.
func (w Window) Add(e Entry, r firm.Rounding) (billed int64, after Window) {
	after.Groups = make([]Group, 0, len(w.Groups)+1)
	group := Group{Start: e.Start, Stop: stretch(e, r), Raw: e.Seconds}
	for _, g := range w.Groups {
		if g.Stop.Before(group.Start) || group.Stop.Before(g.Start) {
			after.Groups = append(after.Groups, g)
			continue
		}
		group = group.with(g)
	}
	billed = max(0, Round(group.Raw, r)-group.Billed)
	group.Billed += billed
	after.Groups = append(after.Groups, group)
	slices.SortFunc(after.Groups, func(a, b Group) int { return a.Start.Compare(b.Start) })
	return billed, after
}

// Take returns the window after an entry that Add put into it, billed as Add said, was taken off the bill again. The
// group stays as wide as it was, so that the same entry added again is billed the same; nothing is left of an empty one.
func (w Window) Take(e Entry, billed int64) (after Window) {
	for _, g := range w.Groups {
		if !e.Start.Before(g.Start) && !e.Start.After(g.Stop) {
			g.Raw -= e.Seconds
			g.Billed -= billed
		}
		if g.Raw > 0 || g.Billed > 0 {
			after.Groups = append(after.Groups, g)
		}
	}
	return after
}

// stretch is where an entry's billed stretch ends.
func stretch(e Entry, r firm.Rounding) time.Time {
	up := firm.Rounding{Mode: firm.RoundUp, Increment: r.Increment}
	if r.Mode == firm.RoundNone {
		up.Mode = firm.RoundNone
	}
	end := e.Start.Add(time.Duration(Round(e.Seconds, up)) * time.Second)
	if end.Before(e.Stop) {
		return e.Stop
	}
	return end
}

func (g Group) with(other Group) Group {
	if other.Start.Before(g.Start) {
		g.Start = other.Start
	}
	if other.Stop.After(g.Stop) {
		g.Stop = other.Stop
	}
	g.Raw += other.Raw
	g.Billed += other.Billed
	return g
}
