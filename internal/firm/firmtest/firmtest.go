// Package firmtest opens firms for tests: on the memory store, with a clock that stands still until it is moved and
// ids that count. People get a grant as a linked account would, so every act is checked as in earnest.
package firmtest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
)

// Clock is a clock that stands still. It starts on Monday 2026-11-23 at 15:00 UTC, ten in the morning in New York.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at its start.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t.UTC()
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Office is an open firm with its house.
type Office struct {
	House *firm.House
	Clock *Clock
	Firm  firm.Firm
	Admin firm.Caller // Ada, the first person
}

// House returns a house on the backend, whose tries do not wait and whose ids count up.
func House(backend store.Backend, clock *Clock) *firm.House {
	var ids atomic.Int64
	return &firm.House{
		Store: backend, Now: clock.Now, Pepper: bytes.Repeat([]byte("p"), 32),
		NewID:  func() string { return fmt.Sprintf("0190a000-0000-7000-8000-%012d", ids.Add(1)) },
		Sleep:  func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Jitter: func() float64 { return 0.5 },
	}
}

// Open opens a firm like the demo firm on a new memory store.
func Open(t testing.TB) *Office {
	t.Helper()
	clock := NewClock()
	return In(t, House(memory.New(clock.Now), clock), clock)
}

// In opens another firm like the demo firm in the house.
func In(t testing.TB, house *firm.House, clock *Clock) *Office {
	t.Helper()
	f, ada, err := house.OpenFirm(t.Context(), firm.Firm{
		Name: "Demo and Partners", Zone: "America/New_York", Currency: "USD",
		Rounding: firm.Rounding{Mode: firm.RoundUp, Increment: 360}, Rate: money.Of(30000, "USD"),
		Voice: firm.VoiceSettings{FreeNotes: true, ClientWord: "client"},
	}, firm.Person{Name: "Ada", Email: "ada@demo.test"})
	if err != nil {
		t.Fatal(err)
	}
	o := &Office{House: house, Clock: clock, Firm: f}
	o.Admin = o.Grant(t, ada.ID)
	return o
}

// Hire adds a person with a role and returns the caller they are by voice.
func (o *Office) Hire(t testing.TB, name string, role firm.Role) firm.Caller {
	t.Helper()
	p, err := o.House.AddPerson(t.Context(), o.Ask(o.Admin), firm.Person{Name: name, Email: "person@demo.test", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return o.Grant(t, p.ID)
}

// Grant links a person and returns the caller they are by voice, with a fresh request.
func (o *Office) Grant(t testing.TB, person string) firm.Caller {
	t.Helper()
	c := firm.Caller{Firm: o.Firm.ID, Person: person, Grant: o.House.NewID(), Channel: firm.ByVoice}
	g := firm.Grant{ID: c.Grant, Person: person, Kind: firm.LinkGrant, Created: o.Clock.Now()}
	v := o.House.View(c)
	if err := v.Commit(t.Context(), firm.NewGrant(v, g)); err != nil {
		t.Fatal(err)
	}
	return o.Ask(c)
}

// Ask returns the caller with a fresh request id: another thing they ask.
func (o *Office) Ask(c firm.Caller) firm.Caller {
	c.Request = "request." + o.House.NewID()
	return c
}

// On returns the caller on another channel.
func On(c firm.Caller, channel firm.Channel) firm.Caller {
	c.Channel = channel
	return c
}
