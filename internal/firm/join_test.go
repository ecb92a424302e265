package firm_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

// console is the admin on the console, with a fresh request.
func console(o *firmtest.Office) firm.Caller { return firmtest.On(o.Ask(o.Admin), firm.ByConsole) }

func invite(t *testing.T, o *firmtest.Office, email string) firm.Person {
	t.Helper()
	p, err := o.House.Invite(t.Context(), console(o), firm.Person{Email: email, Role: firm.Lawyer})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// alone accepts without anything else in the commit.
func alone(context.Context, firm.Joining) ([]store.Op, error) { return nil, nil }

func accept(t *testing.T, o *firmtest.Office, p firm.Person, name string) (firm.Person, error) {
	t.Helper()
	c := firm.Caller{Firm: o.Firm.ID, Request: o.House.NewID()}
	return o.House.Accept(t.Context(), firm.Invited{Person: p.ID, Invitation: p.Invited.ID}, c, name, alone)
}

func TestAnInvitedPersonIsNobodyUntilTheyAccept(t *testing.T) {
	o := firmtest.Open(t)
	p := invite(t, o, "cleo@demo.test")
	if p.Active || p.State(o.Clock.Now()) != firm.StateInvited || p.Invited.Expires.Sub(o.Clock.Now()) != firm.InviteTime || p.Invited.By != o.Admin.Person {
		t.Fatalf("%+v", p)
	}
	_, err := note(t.Context(), o.House, o.Grant(t, p.ID), "a")
	wants(t, err, firm.ErrUnlinked)
	joined, err := accept(t, o, p, " Cleo Clark ")
	if err != nil || !joined.Active || joined.Name != "Cleo Clark" || joined.Invited != (firm.Invitation{}) || joined.Role != firm.Lawyer {
		t.Fatalf("%+v, %v", joined, err)
	}
	if _, err := note(t.Context(), o.House, o.Grant(t, p.ID), "a"); err != nil {
		t.Fatal(err)
	}
}

func TestAnInvitationMailsItsIdsAndNothingElse(t *testing.T) {
	o := firmtest.Open(t)
	p := invite(t, o, "cleo@demo.test")
	var sent []outbox.Message
	post := outbox.Post{Store: o.House.Store, Now: o.Clock.Now, Jitter: o.House.Jitter, Handlers: map[string]outbox.Handler{
		firm.KindInvite: func(_ context.Context, m outbox.Message) error { sent = append(sent, m); return nil },
	}}
	if _, err := post.Sweep(t.Context()); err != nil || len(sent) != 1 {
		t.Fatal(sent, err)
	}
	var named firm.Invited
	if err := json.Unmarshal(sent[0].Payload, &named); err != nil || named != (firm.Invited{Person: p.ID, Invitation: p.Invited.ID}) || strings.Contains(string(sent[0].Payload), "cleo") {
		t.Fatal(string(sent[0].Payload), err)
	}
}

func TestAnInvitationEndsByUseReplacementWithdrawalAndTime(t *testing.T) {
	o := firmtest.Open(t)
	used := invite(t, o, "a@demo.test")
	if _, err := accept(t, o, used, "A"); err != nil {
		t.Fatal(err)
	}
	replaced := invite(t, o, "b@demo.test")
	again, err := o.House.Reinvite(t.Context(), console(o), replaced.ID)
	if err != nil || again.Invited.ID == replaced.Invited.ID {
		t.Fatal(again, err)
	}
	withdrawn := invite(t, o, "c@demo.test")
	if err := o.House.Withdraw(t.Context(), console(o), withdrawn.ID); err != nil {
		t.Fatal(err)
	}
	foreign := again
	foreign.ID = "nobody"
	for name, p := range map[string]firm.Person{"used": used, "replaced": replaced, "withdrawn": withdrawn, "of nobody": foreign, "none": {ID: used.ID}} {
		if _, err := accept(t, o, p, "Mallory"); !errors.Is(err, firm.ErrInvitation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Clock.Advance(firm.InviteTime)
	if _, err := accept(t, o, again, "B"); !errors.Is(err, firm.ErrInvitation) || again.State(o.Clock.Now()) != firm.StateExpired {
		t.Error("after seven days", err)
	}
	if again, err = o.House.Reinvite(t.Context(), console(o), again.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := accept(t, o, again, "B"); err != nil {
		t.Error("sent again", err)
	}
	wants(t, o.House.Withdraw(t.Context(), console(o), again.ID), firm.ErrNotInvited)
	_, err = o.House.Reinvite(t.Context(), console(o), o.Admin.Person)
	wants(t, err, firm.ErrNotInvited)
	wants(t, o.House.Withdraw(t.Context(), console(o), withdrawn.ID), firm.ErrNoPerson)
}

func TestAnInvitationIsAcceptedOnceHoweverManyTry(t *testing.T) {
	o := firmtest.Open(t)
	p := invite(t, o, "cleo@demo.test")
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			c := firm.Caller{Firm: o.Firm.ID, Request: o.House.NewID()}
			_, errs[i] = o.House.Accept(context.Background(), firm.Invited{Person: p.ID, Invitation: p.Invited.ID}, c, "Cleo", alone)
		})
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, firm.ErrInvitation) && !errors.Is(err, firm.ErrRace):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Fatal(won, errs)
	}
}

func TestAnInvitationIsCheckedAndTheFirmsAddressesDiffer(t *testing.T) {
	o := firmtest.Open(t)
	invite(t, o, "cleo@demo.test")
	for email, want := range map[string]error{"CLEO@demo.test": firm.ErrSameEmail, "ada@demo.test": firm.ErrSameEmail, "no address": firm.ErrPersonEmail, "": firm.ErrPersonEmail} {
		_, err := o.House.Invite(t.Context(), console(o), firm.Person{Email: email, Role: firm.Lawyer})
		if !errors.Is(err, want) {
			t.Errorf("%q: %v", email, err)
		}
	}
	p := invite(t, o, "dora@demo.test")
	for _, name := range []string{"", " ", "Dora\r\nBcc: all@demo.test", strings.Repeat("x", 201)} {
		if _, err := accept(t, o, p, name); !errors.Is(err, firm.ErrPersonName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	p.Active = true
	_, err := o.House.ChangePerson(t.Context(), console(o), p)
	wants(t, err, firm.ErrNotJoined)
}

func TestOnlyWhoManagesInvitesAndNobodyByVoice(t *testing.T) {
	o := firmtest.Open(t)
	p := invite(t, o, "cleo@demo.test")
	for _, c := range []firm.Caller{o.Ask(o.Admin), firmtest.On(o.Hire(t, "Ben", firm.Bookkeeper), firm.ByConsole), firm.Payer(o.Firm.ID, "r")} {
		_, add := o.House.Invite(t.Context(), o.Ask(c), firm.Person{Email: "e@demo.test", Role: firm.Admin})
		_, again := o.House.Reinvite(t.Context(), o.Ask(c), p.ID)
		for i, err := range []error{add, again, o.House.Withdraw(t.Context(), o.Ask(c), p.ID)} {
			if !errors.Is(err, firm.ErrForbidden) {
				t.Errorf("%s, %d: %v", c.Channel, i, err)
			}
		}
	}
}

func TestAnotherFirmsInvitationIsNotThere(t *testing.T) {
	o := firmtest.Open(t)
	other := firmtest.In(t, o.House, o.Clock)
	p := invite(t, o, "cleo@demo.test")
	_, err := accept(t, other, p, "Cleo")
	wants(t, err, firm.ErrInvitation)
	wants(t, o.House.Withdraw(t.Context(), console(other), p.ID), firm.ErrNoPerson)
	nowhere := firm.Caller{Firm: "nowhere", Request: "r"}
	_, err = o.House.Accept(t.Context(), firm.Invited{Person: p.ID, Invitation: p.Invited.ID}, nowhere, "Cleo", alone)
	wants(t, err, firm.ErrInvitation)
}

func TestDeactivatingEndsSessionsAndLinksForGood(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	session := firm.Caller{Firm: o.Firm.ID, Person: ben.Person, Grant: o.House.NewID(), Channel: firm.ByConsole}
	v := o.House.View(ben)
	grant := firm.Grant{ID: session.Grant, Person: ben.Person, Kind: firm.SessionGrant, Created: o.Clock.Now(), Expires: o.Clock.Now().Add(time.Hour)}
	if err := v.Commit(t.Context(), firm.NewGrant(v, grant)); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(time.Minute)
	change(t, o, ben.Person, func(p *firm.Person) { p.Active = false })
	grants, err := o.House.Grants(t.Context(), o.Admin, ben.Person)
	if err != nil || len(grants) != 2 || slices.ContainsFunc(grants, func(g firm.Grant) bool { return g.Revoked.IsZero() }) {
		t.Fatal("revoked in the same commit", grants, err)
	}
	change(t, o, ben.Person, func(p *firm.Person) { p.Active = true })
	for _, c := range []firm.Caller{ben, session} {
		_, err := note(t.Context(), o.House, o.Ask(c), "a")
		wants(t, err, firm.ErrUnlinked)
	}
	if _, err := note(t.Context(), o.House, o.Grant(t, ben.Person), "a"); err != nil {
		t.Fatal("a new link", err)
	}
}

// TestNoOldLinkComesBack: a person may have more links than one commit can revoke.
func TestNoOldLinkComesBackHoweverManyThereWere(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	for range 100 {
		o.Grant(t, ben.Person)
	}
	o.Clock.Advance(time.Second)
	change(t, o, ben.Person, func(p *firm.Person) { p.Active = false })
	change(t, o, ben.Person, func(p *firm.Person) { p.Active, p.Ended = true, time.Time{} })
	_, err := note(t.Context(), o.House, o.Ask(ben), "a")
	wants(t, err, firm.ErrUnlinked)
}

func TestADeactivationStopsAWriteThatIsUnderWay(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	o.House.Store = &before{o.House.Store, func() { change(t, o, ben.Person, func(p *firm.Person) { p.Active = false }) }}
	_, err := note(t.Context(), o.House, o.Ask(ben), "a")
	wants(t, err, firm.ErrUnlinked)
}

func TestAPersonsOwnPermissionsReplaceTheirRoles(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	may := func(want string) {
		t.Helper()
		act := o.House.Begin(ben, firm.Action{})
		if err := act.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var has []string
		for _, p := range append([]firm.Permission{firm.TrackTime, firm.Manage}, firm.Adjustable...) {
			if act.May(p) == nil {
				has = append(has, string(p))
			}
		}
		if got := strings.Join(has, " "); got != want {
			t.Errorf("may %s; want %s", got, want)
		}
	}
	may("track-time charge refund disburse see-rates")
	change(t, o, ben.Person, func(p *firm.Person) { p.Own = []firm.Permission{firm.Approve} })
	may("track-time approve")
	change(t, o, ben.Person, func(p *firm.Person) { p.Own = []firm.Permission{} })
	may("track-time")
	change(t, o, ben.Person, func(p *firm.Person) { p.Own = nil })
	may("track-time charge refund disburse see-rates")
}

func TestPermissionsThatCannotBeGiven(t *testing.T) {
	o := firmtest.Open(t)
	for _, p := range []firm.Person{
		{Role: firm.Lawyer, Own: []firm.Permission{firm.Manage}},
		{Role: firm.Lawyer, Own: []firm.Permission{"everything"}},
		{Role: firm.Lawyer, Own: []firm.Permission{firm.Charge, firm.Charge}},
		{Role: firm.ReadOnly, Own: []firm.Permission{firm.Charge}},
	} {
		p.Name, p.Email = "Eve", "eve@demo.test"
		_, err := o.House.AddPerson(t.Context(), o.Ask(o.Admin), p)
		wants(t, err, firm.ErrPermissions)
	}
	_, err := o.House.AddPerson(t.Context(), o.Ask(o.Admin), firm.Person{Name: "Eve", Email: "eve@demo.test", Role: firm.ReadOnly, Own: []firm.Permission{firm.SeeRates}})
	if err != nil {
		t.Error(err)
	}
}

func TestRatesAreShownToWhoMaySeeThem(t *testing.T) {
	o := firmtest.Open(t)
	change(t, o, o.Admin.Person, func(p *firm.Person) { p.Rate = o.Firm.Rate })
	for role, sees := range map[firm.Role]bool{firm.Bookkeeper: true, firm.ReadOnly: false, firm.Timekeeper: false} {
		c := o.Hire(t, "Rea", role)
		people, err := o.House.People(t.Context(), c)
		f, err2 := o.House.Get(t.Context(), c)
		if err != nil || err2 != nil || people[0].Rate.IsZero() == sees || f.Rate.IsZero() == sees {
			t.Errorf("%s: %v %v, %v %v", role, people[0].Rate, f.Rate, err, err2)
		}
	}
}

func TestMembersTellOfCodes(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	if err := o.House.SetCode(t.Context(), console(o), ben.Person, "1234"); err != nil {
		t.Fatal(err)
	}
	list, err := o.House.Members(t.Context(), o.Admin)
	if err != nil || len(list) != 2 || list[0].HasCode || !list[1].HasCode || list[1].Locked {
		t.Fatal(list, err)
	}
	for range firm.MaxWrong {
		_ = o.House.Prove(t.Context(), o.Ask(ben), "9999")
	}
	if list, err = o.House.Members(t.Context(), o.Admin); err != nil || !list[1].Locked {
		t.Fatal(list, err)
	}
	_, err = o.House.Members(t.Context(), o.Ask(ben))
	wants(t, err, firm.ErrForbidden)
}

func TestAFirmCanBeOpenedByInvitation(t *testing.T) {
	o := firmtest.Open(t)
	f := firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}
	f, first, err := o.House.OpenInvited(t.Context(), f, firm.Person{Email: "eve@marsh.test"}, true)
	if err != nil || first.Active || first.Role != firm.Admin || first.State(o.Clock.Now()) != firm.StateInvited {
		t.Fatal(first, err)
	}
	c := firm.Caller{Firm: f.ID, Request: "r"}
	p, err := o.House.Accept(t.Context(), firm.Invited{Person: first.ID, Invitation: first.Invited.ID}, c, "Eve", alone)
	if err != nil || !p.Active || !p.May(firm.Manage) {
		t.Fatal(p, err)
	}
	_, _, err = o.House.OpenInvited(t.Context(), f, firm.Person{Email: "mal@marsh.test"}, false)
	wants(t, err, firm.ErrOpened)
	_, _, err = o.House.OpenInvited(t.Context(), firm.Firm{Name: "X", Zone: "Europe/London", Currency: "GBP"}, firm.Person{Email: "nothing"}, true)
	wants(t, err, firm.ErrPersonEmail)
}
