package timekeeping

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Forgotten is a clock that ran on for so long that somebody may have left it running. Stop returns it as an error when
// nobody said when the clock ended: then it must be asked.
type Forgotten struct {
	Clock   string      `json:"clock"` // its id
	Ref     clients.Ref `json:"ref"`
	Since   time.Time   `json:"since"`
	Seconds int64       `json:"seconds"`        // since then
	Guess   time.Time   `json:"guess,omitzero"` // when it may have ended; zero: there is no good guess
	Zone    string      `json:"zone"`           // the person's: in which Guess is said
}

func (*Forgotten) Error() string { return "timekeeping: when the clock ended must be asked" }

// forgottenAfter is how long a clock runs before it is asked about.
func forgottenAfter(f firm.Firm) time.Duration {
	if f.Voice.Forgotten > 0 {
		return time.Duration(f.Voice.Forgotten) * time.Second
	}
	return Longest
}

// leftRunning tells of a clock that runs, or was paused just now, whether its last span is longer than the firm's people
// work at a stretch; nil when it is not, or when the person may not know of it.
func (t *turn) leftRunning(c *Clock) *Forgotten {
	if c == nil || len(c.Spans) == 0 || len(t.known([]Clock{*c})) == 0 {
		return nil
	}
	last := c.Spans[len(c.Spans)-1]
	if last.Stop.IsZero() {
		last.Stop = t.now()
	}
	if last.Stop.Sub(last.Start) <= forgottenAfter(t.Firm) {
		return nil
	}
	f := &Forgotten{Clock: c.ID, Ref: c.Ref, Since: last.Start, Seconds: int64(last.Stop.Sub(last.Start) / time.Second), Zone: t.zone().String()}
	f.Guess = t.closing(last.Start)
	return f
}

// closingHour is when people's work is guessed to have ended.
const closingHour = 18

// closing guesses when work that began at since ended: in the evening of that day. The zero time is no guess.
func (t *turn) closing(since time.Time) time.Time {
	y, m, d := since.In(t.zone()).Date()
	at := time.Date(y, m, d, closingHour, 0, 0, 0, t.zone()).UTC()
	if !at.After(since) || at.After(t.now()) || at.Sub(since) > Longest {
		return time.Time{}
	}
	return at
}
