// Package timekeeping is clocks and time entries: one running clock per timekeeper, any number paused, raw seconds
// always kept, an entry for each local day, and rounding applied only when an entry goes on a bill.
package timekeeping

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Span is a half-open stretch of time [Start, Stop), UTC. Stop is zero while the clock runs.
type Span struct {
	Start time.Time `json:"start"`
	Stop  time.Time `json:"stop"`
}

// Clock measures one timekeeper's work on one matter. It runs when its last span has no Stop, else it is paused.
type Clock struct {
	ID    string      `json:"id"`
	Ref   clients.Ref `json:"ref"` // the names as they were at the start
	Spans []Span      `json:"spans"`
}

// Clocks is all clocks of one person: one record, so that one running clock is one condition.
type Clocks struct {
	Running *Clock  `json:"running,omitempty"`
	Paused  []Clock `json:"paused,omitempty"` // last used first
}

// Entry is time worked, on one local day. Seconds never change through rounding.
type Entry struct {
	ID        string      `json:"id"`
	Person    string      `json:"person"`
	Ref       clients.Ref `json:"ref"`
	Start     time.Time   `json:"start"`   // UTC
	Stop      time.Time   `json:"stop"`    // UTC; Stop−Start may exceed Seconds when the clock was paused
	Seconds   int64       `json:"seconds"` // raw, elapsed
	Day       string      `json:"day"`     // YYYY-MM-DD in Zone
	Zone      string      `json:"zone"`    // the person's home zone then
	Narrative string      `json:"narrative,omitempty"`
	Billable  bool        `json:"billable"`
	Bill      string      `json:"bill,omitempty"` // the bill it is on; then it is locked
}

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
}

// Start starts the clock of a matter, and pauses the one that runs. Two trips. Needs TrackTime.
// Errors: those of clients.Lookup.Answer.
func (t *Timesheets) Start(ctx context.Context, c firm.Caller, s clients.Spoken) (Started, error) {
	panic("timekeeping: to be written")
}

// Stopped is what stopping a clock made.
type Stopped struct {
	Ref     clients.Ref `json:"ref"`
	Entries []Entry     `json:"entries"` // one for each local day
	Seconds int64       `json:"seconds"` // raw, together
	Billed  int64       `json:"billed"`  // seconds as the policy would bill them, for speaking
}

// Stop stops the clock of a client, running or paused, and makes its entries. With nothing named it stops what
// runs. Two trips. Errors: those of a look-up; ErrNoClock; ErrOther when another client's clock runs and the named
// one has none.
func (t *Timesheets) Stop(ctx context.Context, c firm.Caller, s clients.Spoken) (Stopped, error) {
	panic("timekeeping: to be written")
}

// Pause pauses what runs. Errors: ErrNoClock.
func (t *Timesheets) Pause(ctx context.Context, c firm.Caller) (clients.Ref, error) {
	panic("timekeeping: to be written")
}

// Resume goes on with the clock paused last, or with the named one.
func (t *Timesheets) Resume(ctx context.Context, c firm.Caller, s clients.Spoken) (Started, error) {
	panic("timekeeping: to be written")
}

// Running is the answer to "what's running?".
type Running struct {
	Clock   *Clock
	Paused  []Clock
	Since   time.Time
	Seconds int64 // of the running clock, all its spans until now
	Today   int64 // raw seconds of entries dated today, in the person's zone, without clocks
}

// Running tells what runs. One trip.
func (t *Timesheets) Running(ctx context.Context, c firm.Caller) (Running, error) {
	panic("timekeeping: to be written")
}

// Note sets the narrative of the caller's own last entry, made within the last 15 minutes.
// Errors: ErrNoEntry, ErrBilled.
func (t *Timesheets) Note(ctx context.Context, c firm.Caller, narrative string) (clients.Ref, error) {
	panic("timekeeping: to be written")
}

// Log records time worked without a clock.
func (t *Timesheets) Log(ctx context.Context, c firm.Caller, s clients.Spoken, e Entry) (Stopped, error) {
	panic("timekeeping: to be written")
}

// Clocks added to an act's batch, for who must know whether one runs (charging asks before it bills).
type ClocksRead struct{ record *store.Record }

// ReadClocks adds the read of the caller's clocks to the act's batch.
func (t *Timesheets) ReadClocks(a *firm.Act) *ClocksRead { panic("timekeeping: to be written") }

// On returns the clock of a matter, running or paused, or nil.
func (r *ClocksRead) On(matter string) (*Clock, error) { panic("timekeeping: to be written") }

// Unbilled is the read of a matter's unbilled entries, newest first.
type Unbilled struct{}

// ReadUnbilled adds to the act's batch the read of the person's own latest unbilled billable entries of a matter,
// and beside it the latest of anybody. person may be empty.
func (t *Timesheets) ReadUnbilled(a *firm.Act, matter, person string) *Unbilled {
	panic("timekeeping: to be written")
}

// Last returns the person's own latest unbilled entry; nil when there is none.
func (u *Unbilled) Last() (*Entry, error) { panic("timekeeping: to be written") }

// Others reports whether somebody else has unbilled entries on the matter.
func (u *Unbilled) Others() bool { panic("timekeeping: to be written") }

// Any reports whether the matter has any unbilled entry.
func (u *Unbilled) Any() bool { panic("timekeeping: to be written") }

// Bill returns the operations that put an entry, as it was read, on a bill: it is locked from then on.
func (u *Unbilled) Bill(e *Entry, bill string) []store.Op { panic("timekeeping: to be written") }

// Rounding returns the policy that applies: the matter's, else the client's, else the firm's.
func Rounding(f firm.Firm, c clients.Client, m clients.Matter) firm.Rounding {
	panic("timekeeping: to be written")
}

// Rate returns the hourly rate that applies: matter and person > matter > client > person > firm.
func Rate(f firm.Firm, c clients.Client, m clients.Matter, p firm.Person) money.Amount {
	panic("timekeeping: to be written")
}

// Round returns raw seconds as the policy bills them.
func Round(seconds int64, r firm.Rounding) int64 { panic("timekeeping: to be written") }

// Window is what has been billed for one person's work for one client on one day. It keeps a minimum from being
// stacked: two short calls in one increment count once (ABA 93-379).
type Window struct {
	Groups []Group `json:"groups"`
}

// Group is work whose billed stretches touch: it is rounded together.
type Group struct {
	Start  time.Time `json:"start"`
	Raw    int64     `json:"raw"`    // seconds
	Billed int64     `json:"billed"` // seconds
}

// Add returns how many seconds an entry adds to what was billed, never negative, and the window after it.
func (w Window) Add(e Entry, r firm.Rounding) (billed int64, after Window) {
	panic("timekeeping: to be written")
}

// Faults of clocks and entries.
var (
	ErrNoClock = fault.New(fault.State, "clock.none", "No clock is running.")
	ErrOther   = fault.New(fault.State, "clock.other", "Another clock is running.")
	ErrNoEntry = fault.New(fault.Missing, "entry.none", "I have no entry of yours from the last fifteen minutes.")
	ErrBilled  = fault.New(fault.State, "entry.billed", "That entry is already on a bill.")
)
