package firm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

// note is a domain method as modules write them: it raises a counter and returns what it became.
func note(ctx context.Context, h *firm.House, c firm.Caller, input string) (n int, err error) {
	err = h.Retry(ctx, func() error {
		n, err = noteOnce(ctx, h, c, input)
		return err
	})
	return n, err
}

func noteOnce(ctx context.Context, h *firm.House, c firm.Caller, input string) (n int, err error) {
	act := h.Begin(c, firm.Action{Name: "test.note", Input: input})
	r := act.Batch.Get(h.View(c).Key("n", "counter"))
	if err := act.Run(ctx); err != nil {
		return 0, err
	}
	if done, err := act.Done(&n); done {
		return n, err
	}
	if err := act.May(firm.TrackTime); err != nil {
		return 0, err
	}
	if err := store.Decode(*r, &n); err != nil {
		return 0, err
	}
	n++
	return n, act.Commit(ctx, n, firm.Entry{Subject: "note/1", After: n}, store.PutOp(*r, n))
}

func must(t *testing.T, n int, err error, want int) {
	t.Helper()
	if err != nil || n != want {
		t.Fatalf("got %d, %v; want %d", n, err, want)
	}
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v; want %v", err, want)
	}
}

func TestARepeatedRequestReturnsTheStoredResultAndDoesNothing(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Ask(o.Admin)
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	n, err = note(t.Context(), o.House, o.Ask(c), "a")
	must(t, n, err, 2)
	n, err = note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	n, err = note(t.Context(), o.House, o.Ask(c), "a")
	must(t, n, err, 3)
}

func TestTheSameKeyWithOtherInputIsRefused(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Ask(o.Admin)
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	_, err = note(t.Context(), o.House, c, "b")
	wants(t, err, firm.ErrReused)
}

func TestAKeyIsOnePersonsOwn(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Ask(o.Admin)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	ben.Request = c.Request
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	n, err = note(t.Context(), o.House, ben, "b")
	must(t, n, err, 2)
}

func TestAKeyIsForgottenAfterTwoDays(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Ask(o.Admin)
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	o.Clock.Advance(48*time.Hour - time.Second)
	n, err = note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	o.Clock.Advance(2 * time.Second)
	n, err = note(t.Context(), o.House, c, "b")
	must(t, n, err, 2)
}

func TestAWriteIsTwoTrips(t *testing.T) {
	o := firmtest.Open(t)
	ctx, trips := store.CountTrips(t.Context())
	n, err := note(ctx, o.House, o.Ask(o.Admin), "a")
	must(t, n, err, 1)
	if got := trips(); got != (store.Trips{Reads: 1, Commits: 1}) {
		t.Fatalf("%+v trips", got)
	}
}

func TestAWriteWithoutAKeyIsRefused(t *testing.T) {
	o := firmtest.Open(t)
	c := o.Admin
	c.Request = ""
	if _, err := note(t.Context(), o.House, c, "a"); fault.KindOf(err) != fault.Internal || err == nil {
		t.Fatal(err)
	}
}

func TestWhoIsNotKnownIsRefused(t *testing.T) {
	o := firmtest.Open(t)
	other := firmtest.In(t, o.House, o.Clock)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	for name, c := range map[string]firm.Caller{
		"no such firm":             {Firm: "none", Channel: firm.ByWorker, Request: "r"},
		"another firm's person":    {Firm: o.Firm.ID, Person: other.Admin.Person, Grant: other.Admin.Grant, Channel: firm.ByVoice, Request: "r"},
		"another person's grant":   {Firm: o.Firm.ID, Person: ben.Person, Grant: o.Admin.Grant, Channel: firm.ByVoice, Request: "r"},
		"a person without a grant": {Firm: o.Firm.ID, Person: ben.Person, Channel: firm.ByVoice, Request: "r"},
		"nobody by voice":          {Firm: o.Firm.ID, Channel: firm.ByVoice, Request: "r"},
		"nobody by console":        {Firm: o.Firm.ID, Channel: firm.ByConsole, Request: "r"},
		"nobody by no channel":     {Firm: o.Firm.ID, Request: "r"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := note(t.Context(), o.House, c, "a")
			wants(t, err, firm.ErrUnlinked)
		})
	}
}

func TestTheSystemMayWriteAndAPayerMayNothingThatNeedsAPermission(t *testing.T) {
	o := firmtest.Open(t)
	n, err := note(t.Context(), o.House, firm.System(o.Firm.ID, "r"), "a")
	must(t, n, err, 1)
	_, err = note(t.Context(), o.House, firm.Payer(o.Firm.ID, "p"), "a")
	wants(t, err, firm.ErrForbidden)
}

func TestARevokedGrantStopsTheNextRequest(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	if err := o.House.RevokeGrant(t.Context(), o.Ask(o.Admin), ben.Person, ben.Grant); err != nil {
		t.Fatal(err)
	}
	_, err := note(t.Context(), o.House, o.Ask(ben), "a")
	wants(t, err, firm.ErrUnlinked)
}

func TestAGrantEndsAtItsExpiry(t *testing.T) {
	o := firmtest.Open(t)
	c := firm.Caller{Firm: o.Firm.ID, Person: o.Admin.Person, Grant: "short", Channel: firm.ByConsole, Request: "1"}
	v := o.House.View(c)
	op := firm.NewGrant(v, firm.Grant{ID: "short", Person: c.Person, Kind: firm.SessionGrant, Expires: o.Clock.Now().Add(time.Hour)})
	if err := v.Commit(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	n, err := note(t.Context(), o.House, c, "a")
	must(t, n, err, 1)
	o.Clock.Advance(time.Hour)
	_, err = note(t.Context(), o.House, o.Ask(c), "a")
	wants(t, err, firm.ErrUnlinked)
}

// between runs f between the first wave and the commit of a write by c.
func between(t *testing.T, o *firmtest.Office, c firm.Caller, f func()) error {
	t.Helper()
	once := false
	return o.House.Retry(t.Context(), func() error {
		act := o.House.Begin(c, firm.Action{Name: "test.between"})
		if err := act.Run(t.Context()); err != nil {
			return err
		}
		if err := act.May(firm.BillWork); err != nil {
			return err
		}
		if !once {
			once = true
			f()
		}
		return act.Commit(t.Context(), nil, firm.Entry{Subject: "test/1"})
	})
}

func TestAGrantRevokedBetweenReadAndCommitFailsTheCommit(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	err := between(t, o, ben, func() {
		if err := o.House.RevokeGrant(t.Context(), o.Ask(o.Admin), ben.Person, ben.Grant); err != nil {
			t.Fatal(err)
		}
	})
	wants(t, err, firm.ErrUnlinked)
}

func TestARoleTakenBetweenReadAndCommitFailsTheCommit(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	err := between(t, o, ben, func() { change(t, o, ben.Person, func(p *firm.Person) { p.Role = firm.Timekeeper }) })
	wants(t, err, firm.ErrForbidden)
}

// change changes a person as the admin.
func change(t *testing.T, o *firmtest.Office, person string, f func(*firm.Person)) {
	t.Helper()
	p := find(t, o, person)
	f(&p)
	if _, err := o.House.ChangePerson(t.Context(), o.Ask(o.Admin), p); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, o *firmtest.Office, person string) firm.Person {
	t.Helper()
	people, err := o.House.People(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.ID == person {
			return p
		}
	}
	t.Fatal("no such person")
	return firm.Person{}
}

func TestAReadOnlyActNeverCommits(t *testing.T) {
	o := firmtest.Open(t)
	act := o.House.Begin(o.Admin, firm.Action{})
	if err := act.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Fatal("no panic")
		}
	}()
	_ = act.Commit(t.Context(), nil, firm.Entry{})
}

func TestAnActThatNeverRanMayNothing(t *testing.T) {
	o := firmtest.Open(t)
	wants(t, o.House.Begin(firm.System(o.Firm.ID, "r"), firm.Action{}).May(firm.See), firm.ErrForbidden)
}
