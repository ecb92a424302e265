// Package timekeeping is clocks and time entries: one running clock per timekeeper, any number paused, raw seconds
// always kept, an entry for each local day, and rounding applied only when an entry goes on a bill.
//
// The ways in are Timesheets' methods for people, and ReadClocks and ReadUnbilled for the modules that bill.
// Instants are whole seconds, UTC: what is cut off at one end is put on at the other, so sums are exact.
package timekeeping

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Span is a half-open stretch of time [Start, Stop), UTC. Stop is zero while the clock runs.
type Span struct {
	Start time.Time `json:"start"`
	Stop  time.Time `json:"stop"`
}

// Clock measures one timekeeper's work on one matter. It runs when its last span has no Stop, else it is paused.
type Clock struct {
	ID       string         `json:"id"`
	Ref      clients.Ref    `json:"ref"` // the names as they were at the start
	Spans    []Span         `json:"spans"`
	Rounding *firm.Rounding `json:"rounding,omitempty"` // the matter's or client's at the start, for speaking; nil: the firm's
}

// Clocks is all clocks of one person: one record, so that one running clock is one condition.
type Clocks struct {
	Running *Clock  `json:"running,omitempty"`
	Paused  []Clock `json:"paused,omitempty"` // last used first
}

// Entry is time worked, on one local day, or with a Cost money laid out. Seconds never change through rounding.
type Entry struct {
	ID          string      `json:"id"`
	Person      string      `json:"person"`
	Ref         clients.Ref `json:"ref"`
	Start       time.Time   `json:"start"`   // UTC
	Stop        time.Time   `json:"stop"`    // UTC; Stop−Start may exceed Seconds when the clock was paused
	Seconds     int64       `json:"seconds"` // raw, elapsed
	Day         string      `json:"day"`     // YYYY-MM-DD in Zone
	Zone        string      `json:"zone"`    // the person's home zone then
	Narrative   string      `json:"narrative,omitempty"`
	Billable    bool        `json:"billable"`
	Overlap     int64       `json:"overlap,omitempty"`     // seconds of it that the person gave to another entry too, or that the day does not have
	Unconfirmed bool        `json:"unconfirmed,omitempty"` // from a clock that ran longer than Longest: not billed until Confirm
	Bill        string      `json:"bill,omitempty"`        // the bill it is on; then it is locked
	Cost        *Cost       `json:"cost,omitempty"`        // nil: time worked
}

// Bounds of clocks and entries.
const (
	Longest    = 12 * time.Hour   // a clock that ran longer without a pause may have been forgotten
	Recent     = 15 * time.Minute // how long one's last entry can be corrected without naming it
	maxPaused  = 50               // clocks of a person
	maxSpans   = 2000             // of all clocks of a person: they are one record
	maxUndo    = 16 << 10         // bytes of what was before a deed, to be kept with it
	maxMoved   = 5                // entries of one stop that are moved or measured anew at once
	maxDays    = 31               // entries of one stop: what a clock ran after that stays with the last
	maxMatters = 500              // matters of a person's day that are summed apart
	maxNote    = 1000             // runes of a narrative: LEDES item text is under 1,024
	maxLog     = 24 * 3600        // seconds logged at once
)

// Timesheets is the firm's clocks and entries.
type Timesheets struct {
	House     *firm.House
	Directory *clients.Directory
}

// Started is what starting a clock did.
type Started struct {
	Ref     clients.Ref  `json:"ref"`
	Already bool         `json:"already"`          // it was running before
	Resumed bool         `json:"resumed"`          // it was paused, and goes on
	Paused  *clients.Ref `json:"paused,omitempty"` // the other clock that ran

	Assumed   bool       `json:"assumed,omitempty"`   // no matter was named: it is the person's usual one
	From      *Moment    `json:"from,omitempty"`      // since when, if that was said
	Forgotten *Forgotten `json:"forgotten,omitempty"` // the other clock, when it may have been left running
}

// Paused is what pausing a clock did.
type Paused struct {
	Ref       clients.Ref `json:"ref"`
	At        *Moment     `json:"at,omitempty"` // since when, if that was said
	Forgotten *Forgotten  `json:"forgotten,omitempty"`
}

// Stopped is what stopping a clock made. A clock stopped within the second in which it was started makes no entry:
// Entries is empty and Seconds 0, and the clock is gone.
type Stopped struct {
	Ref     clients.Ref `json:"ref"`
	Entries []Entry     `json:"entries"`           // one for each local day
	Seconds int64       `json:"seconds"`           // raw, together
	Billed  int64       `json:"billed"`            // seconds as the policy would bill each entry by itself, for speaking
	At      *Moment     `json:"at,omitempty"`      // when, if that was said
	Assumed bool        `json:"assumed,omitempty"` // no matter was named: it is the person's usual one
}

// Overlap is how many of its seconds the person gave to other work too.
func (s Stopped) Overlap() (total int64) {
	for _, e := range s.Entries {
		total += e.Overlap
	}
	return total
}

// Faults of clocks and entries.
var (
	ErrNoClock  = fault.New(fault.State, "clock.none", "No clock is running.")
	ErrNoPaused = fault.New(fault.State, "clock.none-paused", "No clock is paused.")
	ErrOther    = fault.New(fault.State, "clock.other", "Another clock is running.")
	ErrSkew     = fault.New(fault.Invalid, "clock.skew", "That would end before it began. Please try again in a moment.")
	ErrFull     = fault.New(fault.State, "clock.full", "You have too many paused clocks. Stop one first.")
	ErrMany     = fault.New(fault.State, "entry.many", "That ran over too many days to change it all at once. The console can change each.")
	ErrNothing  = fault.New(fault.Missing, "deed.none", "I have nothing of yours from the last fifteen minutes to take back.")
	ErrSure     = fault.New(fault.State, "entry.sure", "There is no time that needs to be confirmed.")
	ErrTimeless = fault.New(fault.State, "entry.timeless", "That was a cost, not time.")
	ErrSame     = fault.New(fault.Invalid, "entry.same", "To split it I need two different clients or matters.")
	ErrNoEntry  = fault.New(fault.Missing, "entry.none", "I have no entry of yours from the last fifteen minutes.")
	ErrBilled   = fault.New(fault.State, "entry.billed", "That entry is already on a bill.")
	ErrNote     = fault.New(fault.Invalid, "entry.note", "A note has 1 to 1000 characters.")
	// ErrDictation: the firm does not want narratives to be heard by whoever carries the voice.
	ErrDictation = fault.New(fault.Forbidden, "note.refused", "Your firm doesn't allow notes by voice. Write it on the console.")
	ErrDuration  = fault.New(fault.Invalid, "entry.duration", "Time worked is more than nothing and at most 24 hours.")
	ErrDay       = fault.New(fault.Invalid, "entry.day", "That day is not one of the last year, up to today.")
)
