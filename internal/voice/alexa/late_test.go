package alexa_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// stuck is a database that answers some calls, and then lets everybody wait until their time is up. A commit may have
// been carried out all the same.
type stuck struct {
	store.Backend
	answers int // calls
	writes  bool
}

func (s *stuck) wait(ctx context.Context) error {
	if s.answers--; s.answers >= 0 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.Backend.Get(ctx, keys...)
}

func (s *stuck) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if err := s.wait(ctx); err != nil {
		return store.Page{}, err
	}
	return s.Backend.Query(ctx, q)
}

func (s *stuck) Commit(ctx context.Context, ops ...store.Op) error {
	if s.wait(ctx) == nil {
		return s.Backend.Commit(ctx, ops...)
	}
	if s.writes {
		if err := s.Backend.Commit(context.WithoutCancel(ctx), ops...); err != nil {
			return err
		}
	}
	return store.ErrUnknown
}

// Whatever hangs, and wherever, each turn is answered before Alexa stops waiting (8 s), with a sentence that says no
// more than is known; the same request again is answered as if nothing had been, and is done once.
func TestEveryTurnIsAnsweredBeforeAlexaStopsWaiting(t *testing.T) {
	turns := []struct{ before, text, once string }{
		{"", "start the clock for acme", "Started Acme Corporation."},
		{"start the clock for acme", "what's running", ""},
		{"start the clock for acme", "stop the clock", "Stopped Acme Corporation at point two hours. What was it for?"},
		{"start the clock for acme; stop the clock", "note reviewed the lease", "Noted."},
		{"start the clock for acme; stop the clock; no", "add the last entry for acme to the bill", "Added point two hours."},
		{"start the clock for acme; stop the clock; no; add the last entry for acme to the bill", "charge acme", ""},
		{"start the clock for acme; stop the clock; no; add the last entry for acme to the bill; charge acme; yes", "one two three four", ""},
	}
	for _, turn := range turns {
		for answers := range 4 {
			for _, writes := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) { hang(t, turn.before, turn.text, turn.once, answers, writes) })
			}
		}
	}
}

func hang(t *testing.T, before, text, once string, answers int, writes bool) {
	w := demo(t)
	c := w.device(t, "")
	for line := range strings.SplitSeq(before, "; ") {
		if line == "" {
			break
		}
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(12 * time.Minute)
	}
	well := w.House.Store
	w.House.Store = &stuck{well, answers, writes}
	began := time.Now()
	x, err := c.Say(t.Context(), text)
	if took := time.Since(began); err != nil || took > 7600*time.Millisecond {
		t.Errorf("%q, stuck after %d calls: %v, %v", text, answers, took, err)
	}
	if x.Speech == "" || strings.Contains(x.Speech, "went wrong") {
		t.Errorf("%q, stuck after %d calls: %q", text, answers, x.Speech)
	}
	w.House.Store = well
	again, err := w.skill.Handle(t.Context(), x.Request)
	if err != nil || !strings.Contains(string(again), once) {
		t.Errorf("%q again: %s, %v", text, again, err)
	}
	if third, err := w.skill.Handle(t.Context(), x.Request); err != nil || once != "" && !bytes.Equal(third, again) {
		t.Errorf("%q a third time: %s, %v", text, third, err)
	}
}
