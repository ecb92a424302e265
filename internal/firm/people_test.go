package firm_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

func TestAPersonIsAddedAsTheyWereGiven(t *testing.T) {
	o := firmtest.Open(t)
	given := firm.Person{
		Name: "Ben", Email: "ben@demo.test", Role: firm.Lawyer, Zone: "America/Chicago",
		Rate: money.Of(25000, "USD"), Limit: money.Of(100000, "USD"), LEDES: "ASSOC",
	}
	c := o.Ask(o.Admin)
	p, err := o.House.AddPerson(t.Context(), c, given)
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.House.AddPerson(t.Context(), c, given)
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Fatal(again, err)
	}
	if got := find(t, o, p.ID); !reflect.DeepEqual(got, p) || !p.Active {
		t.Fatal(got)
	}
	given.ID, given.Active, given.Revision = p.ID, true, 1
	if !reflect.DeepEqual(p, given) {
		t.Fatal(p)
	}
}

func TestAPersonIsValidated(t *testing.T) {
	o := firmtest.Open(t)
	good := firm.Person{Name: "Ben", Email: "ben@demo.test", Role: firm.Lawyer}
	for name, c := range map[string]struct {
		change func(*firm.Person)
		want   error
	}{
		"no name":          {func(p *firm.Person) { p.Name = " " }, firm.ErrPersonName},
		"a long name":      {func(p *firm.Person) { p.Name = strings.Repeat("x", 201) }, firm.ErrPersonName},
		"no address":       {func(p *firm.Person) { p.Email = "" }, firm.ErrPersonEmail},
		"a named address":  {func(p *firm.Person) { p.Email = "Ben <ben@demo.test>" }, firm.ErrPersonEmail},
		"no role":          {func(p *firm.Person) { p.Role = "" }, firm.ErrPersonRole},
		"another role":     {func(p *firm.Person) { p.Role = "owner" }, firm.ErrPersonRole},
		"no such zone":     {func(p *firm.Person) { p.Zone = "Mars/Olympus" }, firm.ErrZone},
		"the machine's":    {func(p *firm.Person) { p.Zone = "Local" }, firm.ErrZone},
		"another currency": {func(p *firm.Person) { p.Rate = money.Of(1, "EUR") }, firm.ErrAmount},
		"a negative rate":  {func(p *firm.Person) { p.Rate = money.Of(-1, "USD") }, firm.ErrAmount},
		"a negative limit": {func(p *firm.Person) { p.Limit = money.Of(-1, "USD") }, firm.ErrAmount},
	} {
		p := good
		c.change(&p)
		if _, err := o.House.AddPerson(t.Context(), o.Ask(o.Admin), p); fault.As(err) == nil || fault.As(err).Code != fault.As(c.want).Code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADeactivatedPersonMayNothing(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	change(t, o, ben.Person, func(p *firm.Person) { p.Active = false })
	_, err := note(t.Context(), o.House, o.Ask(ben), "a")
	wants(t, err, firm.ErrUnlinked)
}

func TestAChangeOfWhatSomebodyElseChangedIsRefused(t *testing.T) {
	o := firmtest.Open(t)
	p := find(t, o, o.Hire(t, "Ben", firm.Lawyer).Person)
	change(t, o, p.ID, func(p *firm.Person) { p.LEDES = "PARTNR" })
	p.Name = "Benjamin"
	_, err := o.House.ChangePerson(t.Context(), o.Ask(o.Admin), p)
	wants(t, err, firm.ErrStale)
	p.ID = "nobody"
	_, err = o.House.ChangePerson(t.Context(), o.Ask(o.Admin), p)
	wants(t, err, firm.ErrNoPerson)
}

func TestAFirmAlwaysKeepsAnAdmin(t *testing.T) {
	for range 30 {
		o := firmtest.Open(t)
		ben := o.Hire(t, "Ben", firm.Admin)
		leave := func(c firm.Caller) error {
			p := find(t, o, c.Person)
			p.Role = firm.Lawyer
			_, err := o.House.ChangePerson(t.Context(), o.Ask(c), p)
			return err
		}
		var wait sync.WaitGroup
		errs := make([]error, 2)
		for i, c := range []firm.Caller{o.Admin, ben} {
			wait.Go(func() { errs[i] = leave(c) })
		}
		wait.Wait()
		refused := slices.IndexFunc(errs, func(err error) bool { return err != nil })
		if refused < 0 || errs[1-refused] != nil {
			t.Fatal(errs)
		}
		wants(t, errs[refused], firm.ErrLastAdmin)
	}
}

// before runs something just before the next commit.
type before struct {
	store.Backend
	run func()
}

func (b *before) Commit(ctx context.Context, ops ...store.Op) error {
	if run := b.run; run != nil {
		b.run = nil
		run()
	}
	return b.Backend.Commit(ctx, ops...)
}

func TestTheLastTwoAdminsDoNotLeaveInEachOthersBack(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Admin)
	leave := func(c firm.Caller) error {
		p := find(t, o, c.Person)
		p.Role = firm.Lawyer
		_, err := o.House.ChangePerson(t.Context(), o.Ask(c), p)
		return err
	}
	o.House.Store = &before{o.House.Store, func() {
		if err := leave(ben); err != nil {
			t.Error(err)
		}
	}}
	wants(t, leave(o.Admin), firm.ErrLastAdmin)
}

func TestRolesAndWhatTheyMayDo(t *testing.T) {
	all := append([]firm.Permission{firm.TrackTime, firm.BillWork, firm.Manage, firm.Operate, firm.See}, firm.Adjustable...)
	for role, want := range map[firm.Role]string{
		firm.Admin:  "track-time bill manage operate see charge approve refund disburse see-rates",
		firm.Lawyer: "track-time bill see charge refund disburse see-rates", firm.Timekeeper: "track-time see",
		firm.Bookkeeper: "bill operate see charge refund disburse see-rates", firm.ReadOnly: "see", "": "", "owner": "",
	} {
		var may []string
		for _, p := range all {
			if role.May(p) {
				may = append(may, string(p))
			}
		}
		if got := strings.Join(may, " "); got != want {
			t.Errorf("%q may %s", role, got)
		}
	}
}

func TestWhoManagesPeopleAndSettings(t *testing.T) {
	o := firmtest.Open(t)
	ctx, h := t.Context(), o.House
	for _, role := range []firm.Role{firm.Lawyer, firm.Timekeeper, firm.Bookkeeper, firm.ReadOnly} {
		c := o.Hire(t, "Dee", role)
		_, add := h.AddPerson(ctx, o.Ask(c), firm.Person{Name: "Eve", Email: "eve@demo.test", Role: firm.Admin})
		_, edit := h.ChangePerson(ctx, o.Ask(c), find(t, o, c.Person))
		_, settings := h.ChangeFirm(ctx, o.Ask(c), o.Firm)
		_, _, audit := h.Audit(ctx, c, "2026-11", "")
		_, grants := h.Grants(ctx, c, o.Admin.Person)
		revoke := h.RevokeGrant(ctx, o.Ask(c), o.Admin.Person, o.Admin.Grant)
		for i, err := range []error{add, edit, settings, audit, grants, revoke} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s, %d: %v", role, i, err)
			}
		}
	}
}

func TestGrantsAreOnesOwnToSeeAndToEnd(t *testing.T) {
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.ReadOnly)
	other := o.Grant(t, ben.Person)
	if err := o.House.RevokeGrant(t.Context(), o.Ask(ben), ben.Person, other.Grant); err != nil {
		t.Fatal(err)
	}
	if err := o.House.RevokeGrant(t.Context(), o.Ask(ben), ben.Person, other.Grant); err != nil {
		t.Fatal("a second time", err)
	}
	grants, err := o.House.Grants(t.Context(), ben, ben.Person)
	if err != nil || len(grants) != 2 || grants[0].ID != other.Grant || grants[0].Revoked.IsZero() || !grants[1].Revoked.IsZero() {
		t.Fatal(grants, err)
	}
	wants(t, o.House.RevokeGrant(t.Context(), o.Ask(ben), ben.Person, "none"), firm.ErrNoGrant)
	if err := o.House.RevokeGrant(t.Context(), o.Ask(ben), ben.Person, ben.Grant); err != nil {
		t.Fatal("one's own current", err)
	}
	_, err = o.House.Grants(t.Context(), ben, ben.Person)
	wants(t, err, firm.ErrUnlinked)
}
