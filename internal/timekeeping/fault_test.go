package timekeeping_test

import (
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// TestAFaultOfTheStoreNeitherLosesNorDoublesTime: whatever befalls the commit, asking the same again ends with one
// entry of what was worked.
func TestAFaultOfTheStoreNeitherLosesNorDoublesTime(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for _, line := range []string{"start", "stop"} {
			clock := firmtest.NewClock()
			backend := storetest.NewFaulty(memory.New(clock.Now), nil)
			o := with(t, firmtest.In(t, firmtest.House(backend, clock), clock), "Acme Corporation")
			befall := func(when string) {
				if when == line {
					n := backend.Calls().Commits
					backend.Use(func(c storetest.Call) storetest.Fault {
						if !c.Read && c.N == n {
							return fault
						}
						return storetest.None
					})
				}
			}
			starting, stopping := o.ada(), o.ada()
			befall("start")
			if _, err := o.sheets.Start(t.Context(), starting, heard("acme"), timekeeping.When{}); err != nil {
				backend.Restart()
				if _, err = o.sheets.Start(t.Context(), starting, heard("acme"), timekeeping.When{}); err != nil {
					t.Fatalf("%v at %s: %v", fault, line, err)
				}
			}
			clock.Advance(time.Minute)
			befall("stop")
			s, err := o.sheets.Stop(t.Context(), stopping, heard("acme"), timekeeping.When{})
			if err != nil {
				backend.Restart()
				clock.Advance(time.Second)
				s, err = o.sheets.Stop(t.Context(), stopping, heard("acme"), timekeeping.When{})
			}
			if err != nil || s.Seconds < 60 || s.Seconds > 61 || len(s.Entries) != 1 {
				t.Errorf("%v at %s: %+v, %v", fault, line, s, err)
			}
			r, err := o.sheets.Running(t.Context(), o.ada())
			if err != nil || r.Clock != nil || len(r.Paused) != 0 || r.Today != s.Seconds {
				t.Errorf("%v at %s: after it %+v, %v", fault, line, r, err)
			}
		}
	}
}

// TestAClientClosedWhileAClockStartsIsNotStarted: what the look-up saw must still hold in the commit.
func TestAClientClosedWhileAClockStartsIsNotStarted(t *testing.T) {
	clock := firmtest.NewClock()
	inner := memory.New(clock.Now)
	backend := storetest.NewFaulty(inner, nil)
	o := with(t, firmtest.In(t, firmtest.House(backend, clock), clock))
	c := o.client(t, "Acme Corporation", "lease")
	behind := *o.House // the same firm, past the wrapper
	behind.Store = inner
	closed := false
	backend.Use(func(call storetest.Call) storetest.Fault {
		if !call.Read && !closed {
			closed, c.Closed = true, true
			if err := (&clients.Directory{House: &behind}).Change(t.Context(), o.ada(), c); err != nil {
				t.Error(err)
			}
		}
		return storetest.None
	})
	o.play(t, "start acme -> client.closed\nrunning -> nothing, today 0")
}

// TestAFaultOfTheStoreCorrectsOnceOrNotAtAll: whatever befalls a correction's commit, asking the same again ends with it made
// once, and the sums are those of the entries.
func TestAFaultOfTheStoreCorrectsOnceOrNotAtAll(t *testing.T) {
	corrections := map[string]func(*office, firm.Caller) error{
		"measure": func(o *office, c firm.Caller) error {
			_, err := o.sheets.Measure(t.Context(), c, 600)
			return err
		},
		"split": func(o *office, c firm.Caller) error {
			_, err := o.sheets.Split(t.Context(), c, heard("acme"), heard("beta"))
			return err
		},
		"meant": func(o *office, c firm.Caller) error {
			_, err := o.sheets.Meant(t.Context(), c, heard("beta"))
			return err
		},
		"undo": func(o *office, c firm.Caller) error {
			_, err := o.sheets.Undo(t.Context(), c)
			return err
		},
	}
	left := map[string]string{"measure": "600 (Acme Corporation 600)", "split": "1200 (Acme Corporation 600, Beta Industries 600)", "meant": "1200 (Beta Industries 1200)", "undo": "0"}
	for _, fault := range storetest.Faults() {
		for name, correct := range corrections {
			clock := firmtest.NewClock()
			backend := storetest.NewFaulty(memory.New(clock.Now), nil)
			o := with(t, firmtest.In(t, firmtest.House(backend, clock), clock), "Acme Corporation", "Beta Industries")
			o.say(t, "told acme, 20m")
			c, n := o.ada(), backend.Calls().Commits
			backend.Use(func(call storetest.Call) storetest.Fault {
				if !call.Read && call.N == n {
					return fault
				}
				return storetest.None
			})
			if err := correct(o, c); err != nil {
				backend.Restart()
				if err = correct(o, c); err != nil {
					t.Errorf("%v at %s: %v", fault, name, err)
				}
			}
			if got := o.hours(t.Context(), t, "", "", ""); got != left[name] {
				t.Errorf("%v at %s: %s, want %s", fault, name, got, left[name])
			}
			o.books(t).agree(t)
		}
	}
}

// TestTwoDevicesCorrectingAtOnceBothCount: one after the other, with nothing lost between them.
func TestTwoDevicesCorrectingAtOnceBothCount(t *testing.T) {
	for range 100 {
		o := open(t, "Acme Corporation", "Beta Industries")
		o.say(t, "told acme, 20m")
		a, b := o.ada(), o.ada()
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := o.sheets.Measure(t.Context(), a, 600); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if _, err := o.sheets.Meant(t.Context(), b, heard("beta")); err != nil {
				t.Error(err)
			}
		})
		wait.Wait()
		o.books(t).agree(t)
		if got := o.hours(t.Context(), t, "", "", ""); got != "600 (Beta Industries 600)" {
			t.Error(got)
		}
	}
}
