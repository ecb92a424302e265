package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

const (
	email    = "ada@demo.test"
	password = "correct horse battery"
)

var (
	home  = from("192.0.2.1")
	other = from("198.51.100.7")
)

// from is a place, as a browser there says it.
func from(addr string) auth.Place {
	return auth.Place{Addr: netip.MustParseAddr(addr), Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}
}

// staffed opens a firm in which Ada, on the console, has a password.
func staffed(t *testing.T) (*firmtest.Office, *auth.Desk) {
	t.Helper()
	o := firmtest.Open(t)
	o.Admin.Channel = firm.ByConsole
	d := &auth.Desk{House: o.House}
	if err := d.SetPassword(t.Context(), o.Admin, o.Admin.Person, email, password); err != nil {
		t.Fatal(err)
	}
	return o, d
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v; want %v", err, want)
	}
}

func TestSigningInProvesThePerson(t *testing.T) {
	o, d := staffed(t)
	c, err := d.SignIn(t.Context(), home, "  Ada@Demo.TEST ", password)
	if err != nil || c.Firm != o.Firm.ID || c.Person != o.Admin.Person || c.Channel != firm.ByConsole {
		t.Fatal(c, err)
	}
	if _, err := o.House.Get(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(auth.SessionTime)
	_, err = o.House.Get(t.Context(), c)
	wants(t, err, firm.ErrUnlinked)
	page, _, err := o.House.Audit(t.Context(), o.Admin, "2026-11", "")
	if err != nil || page[0].Action != "grant.admit" || page[0].Person != c.Person || page[0].Channel != firm.ByConsole {
		t.Fatal(page, err)
	}
}

func TestAWrongPasswordAndAnUnknownAddressFailAlikeAndCostAlike(t *testing.T) {
	_, d := staffed(t)
	for _, try := range [][2]string{
		{email, "wrong horse battery"}, {"nobody@demo.test", password}, {email, ""}, {"", ""}, {email, strings.Repeat("x", 10000)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := d.SignIn(t.Context(), home, try[0], try[1])
		runtime.ReadMemStats(&after)
		wants(t, err, auth.ErrSignIn)
		if spent := after.TotalAlloc - before.TotalAlloc; spent < 19<<20 {
			t.Errorf("%q cost only %d bytes: nothing was hashed", try, spent)
		}
		if fault.As(err).Error() != auth.ErrSignIn.Error() {
			t.Error(err)
		}
	}
}

func TestAPersonWhoLeftDoesNotSignIn(t *testing.T) {
	o, d := staffed(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	if err := d.SetPassword(t.Context(), o.Ask(o.Admin), ben.Person, "person@demo.test", password); err != nil {
		t.Fatal(err)
	}
	people, err := o.House.People(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	people[1].Active = false
	if _, err := o.House.ChangePerson(t.Context(), o.Ask(o.Admin), people[1]); err != nil {
		t.Fatal(err)
	}
	_, err = d.SignIn(t.Context(), home, "person@demo.test", password)
	wants(t, err, auth.ErrSignIn)
}

// fail tries a wrong password and returns the answer.
func fail(t *testing.T, d *auth.Desk, place auth.Place) error {
	t.Helper()
	_, err := d.SignIn(t.Context(), place, email, "wrong horse battery")
	return err
}

func TestFailuresFromOnePlaceWaitLongerAndLongerButNotForEver(t *testing.T) {
	o, d := staffed(t)
	for range 5 {
		wants(t, fail(t, d, other), auth.ErrSignIn)
	}
	for _, wait := range []time.Duration{1, 2, 4, 8, 16} {
		_, err := d.SignIn(t.Context(), other, email, password)
		wants(t, err, auth.ErrWait) // even with the right one: an answer would be a try
		o.Clock.Advance(wait*time.Second - time.Millisecond)
		wants(t, fail(t, d, other), auth.ErrWait)
		o.Clock.Advance(time.Millisecond)
		wants(t, fail(t, d, other), auth.ErrSignIn)
	}
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal("another place is kept out:", err)
	}
	for range 20 {
		o.Clock.Advance(15 * time.Minute)
		wants(t, fail(t, d, other), auth.ErrSignIn)
	}
	o.Clock.Advance(15 * time.Minute)
	if _, err := d.SignIn(t.Context(), other, email, password); err != nil {
		t.Fatal("locked out for longer than the longest wait:", err)
	}
	for range 5 {
		wants(t, fail(t, d, other), auth.ErrSignIn)
	}
}

func TestStrangersFromEverywhereAreSlowedAndTheOwnerIsNotKeptOut(t *testing.T) {
	o, d := staffed(t)
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal(err)
	}
	var err error
	tries := 0
	for ; tries < 60 && !errors.Is(err, auth.ErrWait); tries++ {
		err = fail(t, d, from(fmt.Sprintf("203.0.113.%d", tries)))
	}
	if tries != 50 { // the first from home counted too
		t.Fatalf("slowed after %d", tries)
	}
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal("the owner is kept out:", err)
	}
	o.Clock.Advance(time.Minute)
	wants(t, fail(t, d, other), auth.ErrSignIn)
}

func TestNeighboursInOneNetworkAreOnePlace(t *testing.T) {
	_, d := staffed(t)
	for i := range 5 {
		place := from(fmt.Sprintf("2001:db8::%d", i+1))
		wants(t, fail(t, d, place), auth.ErrSignIn)
	}
	wants(t, fail(t, d, from("2001:db8::ffff")), auth.ErrWait)
	wants(t, fail(t, d, from("2001:db8:0:1::1")), auth.ErrSignIn)
	wants(t, fail(t, d, auth.Place{}), auth.ErrSignIn)
}

// Each of many guesses at once is counted before it is compared.
func TestParallelGuessesEachCount(t *testing.T) {
	_, d := staffed(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	compared := 0
	for range 12 {
		wait.Go(func() {
			if err := fail(t, d, other); errors.Is(err, auth.ErrSignIn) {
				mu.Lock()
				defer mu.Unlock()
				compared++
			}
		})
	}
	wait.Wait()
	if compared > 5 {
		t.Fatalf("%d guesses were compared", compared)
	}
}

func TestANewPasswordEndsTheOldOneAndTheOtherSessions(t *testing.T) {
	o, d := staffed(t)
	mine, err := d.SignIn(t.Context(), home, email, password)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := d.SignIn(t.Context(), other, email, password)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SetPassword(t.Context(), o.Ask(mine), mine.Person, email, "another long password"); err != nil {
		t.Fatal(err)
	}
	_, err = d.SignIn(t.Context(), home, email, password)
	wants(t, err, auth.ErrSignIn)
	_, err = o.House.Get(t.Context(), theirs)
	wants(t, err, firm.ErrUnlinked)
	for _, c := range []firm.Caller{mine, o.Admin} { // the session that set it, and the link
		if _, err = o.House.Get(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = d.SignIn(t.Context(), home, email, "another long password"); err != nil {
		t.Fatal(err)
	}
}

func TestANewAddressLeavesNoOldWayIn(t *testing.T) {
	o, d := staffed(t)
	people, err := o.House.People(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	people[0].Email = "ada@elsewhere.test"
	if _, err := o.House.ChangePerson(t.Context(), o.Ask(o.Admin), people[0]); err != nil {
		t.Fatal(err)
	}
	wants(t, d.SetPassword(t.Context(), o.Ask(o.Admin), o.Admin.Person, email, password), auth.ErrAddress)
	if err := d.SetPassword(t.Context(), o.Ask(o.Admin), o.Admin.Person, "ada@elsewhere.test", password); err != nil {
		t.Fatal(err)
	}
	_, err = d.SignIn(t.Context(), home, email, password)
	wants(t, err, auth.ErrSignIn)
	if _, err = d.SignIn(t.Context(), home, "ada@elsewhere.test", password); err != nil {
		t.Fatal(err)
	}
}

func TestWhoMaySetWhichPassword(t *testing.T) {
	o, d := staffed(t)
	ben := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole)
	rival := firmtest.In(t, o.House, o.Clock) // its Ada has the same address
	set := func(c firm.Caller, person, email, password string) error {
		return d.SetPassword(t.Context(), o.Ask(c), person, email, password)
	}
	for name, c := range map[string]struct{ got, want error }{
		"by voice":        {set(firmtest.On(ben, firm.ByVoice), ben.Person, "person@demo.test", password), firm.ErrForbidden},
		"another's":       {set(ben, o.Admin.Person, email, password), firm.ErrForbidden},
		"one's own":       {set(ben, ben.Person, "person@demo.test", password), nil},
		"a taken address": {set(firmtest.On(rival.Admin, firm.ByConsole), rival.Admin.Person, email, password), auth.ErrTaken},
		"a short one":     {set(ben, ben.Person, "person@demo.test", "elevenchars"), auth.ErrPassword},
		"a long one":      {set(ben, ben.Person, "person@demo.test", strings.Repeat("x", 257)), auth.ErrPassword},
		"twelve umlauts":  {set(ben, ben.Person, "person@demo.test", "äöüßéèêåøñçž"), nil},
		"nobody's":        {set(o.Admin, "nobody", email, password), firm.ErrNoPerson},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
}

func TestNoRecordTellsAPasswordOrListsAddresses(t *testing.T) {
	o, d := staffed(t)
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal(err)
	}
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		text := r.Partition + r.Sort + string(r.Value)
		if strings.Contains(text, password) || strings.HasPrefix(r.Partition, "s/") && strings.Contains(text, email) {
			t.Errorf("in %s", r.Partition)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALinkIsMadeByItsPersonAndEndsWhenItIsUnlinked(t *testing.T) {
	o, d := staffed(t)
	ada := o.Ask(o.Admin)
	link, err := d.Link(t.Context(), ada, ada.Person)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Link(t.Context(), ada, ada.Person)
	if err != nil || again != link {
		t.Fatal(again, err)
	}
	if _, err := o.House.Get(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if err := d.Unlink(t.Context(), o.Ask(ada), link.Person, link.Grant); err != nil {
		t.Fatal(err)
	}
	_, err = o.House.Get(t.Context(), link)
	wants(t, err, firm.ErrUnlinked)
}

func TestNobodyLinksForSomebodyElse(t *testing.T) {
	o, d := staffed(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	for _, c := range []firm.Caller{o.Ask(o.Admin), o.Ask(ben), firm.Payer(o.Firm.ID, "r")} {
		_, err := d.Link(t.Context(), c, ben.Person)
		wants(t, err, firm.ErrForbidden) // an admin, by voice, a payer
	}
	setup := firm.Caller{Firm: o.Firm.ID, Channel: firm.BySetup, Request: "demo"}
	if _, err := d.Link(t.Context(), setup, ben.Person); err != nil {
		t.Fatal(err)
	}
	_, err := d.Link(t.Context(), firm.System(o.Firm.ID, "r2"), "a/b")
	wants(t, err, firm.ErrNoPerson)
}
