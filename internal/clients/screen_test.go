package clients_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// practice is the demo firm with every module, and Ben, who is to be screened.
type practice struct {
	*office
	sheets *timekeeping.Timesheets
	bills  *billing.Desk
	cards  *charging.Charges
	books  *ledger.Books
	ben    firm.Caller
}

func working(t *testing.T) *practice {
	t.Helper()
	o := demo(t)
	p := &practice{office: o, ben: o.Hire(t, "Ben", firm.Admin), books: &ledger.Books{House: o.House}}
	p.sheets = &timekeeping.Timesheets{House: o.House, Directory: o.dir}
	p.bills = &billing.Desk{House: o.House, Directory: o.dir, Timesheets: p.sheets}
	p.cards = &charging.Charges{House: o.House, Directory: o.dir, Billing: p.bills}
	return p
}

func (p *practice) console(c firm.Caller) firm.Caller {
	return firmtest.On(p.Ask(c), firm.ByConsole)
}

// ref is the one client and matter that a name means to the admin.
func (p *practice) ref(t *testing.T, heard string) clients.Ref {
	t.Helper()
	l, err := p.lookup(t.Context(), clients.Spoken{Heard: heard})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := l.Answer()
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// screen hides a matter from people; from nobody, it lifts Ben's screen.
func (p *practice) screen(t *testing.T, ref clients.Ref, people ...string) {
	t.Helper()
	s := clients.Screening{Add: people, Reason: "their brother works there"}
	if len(people) == 0 {
		s.Lift = []string{p.ben.Person}
	}
	if err := p.dir.Screen(t.Context(), p.console(p.Admin), ref.Client, ref.Matter, s); err != nil {
		t.Fatal(err)
	}
}

// hears says what a name means to somebody.
func (p *practice) hears(t *testing.T, who firm.Caller, s clients.Spoken) string {
	t.Helper()
	a := p.House.Begin(p.Ask(who), firm.Action{})
	l := p.dir.Find(a, s)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return told(l.Answer())
}

func TestAScreenedMatterIsNotFoundByAnyNameAndOthersStillFindIt(t *testing.T) {
	p := working(t)
	acme, merger, tax := p.ref(t, "acme"), p.ref(t, "marlow merger"), p.ref(t, "marlow tax appeal")
	p.screen(t, acme, p.ben.Person)
	p.screen(t, merger, p.ben.Person)
	for heard, want := range map[string]string{
		"acme": "client.none", "acme corporation": "client.none", "the acme lease": "client.none",
		"marlow": "which: tax appeal | lease", "marlow merger": "? Marlow Group", "the merger": "client.none",
		"the tax appeal": "Marlow Group: tax appeal", "beta": "Beta Industries: lease",
	} {
		if got := p.hears(t, p.ben, clients.Spoken{Heard: heard}); got != want {
			t.Errorf("Ben says %q: %s; want %s", heard, got, want)
		}
	}
	for name, s := range map[string]clients.Spoken{
		"both ids": {Client: merger.Client, Matter: merger.Matter}, "a client all hidden": {Client: acme.Client}, "its matter": {Client: acme.Client, Matter: acme.Matter},
	} {
		if got := p.hears(t, p.ben, s); got != "client.none" {
			t.Errorf("by %s: %s", name, got)
		}
	}
	if got := p.hears(t, p.ben, clients.Spoken{Client: merger.Client}); got != "which: tax appeal | lease" {
		t.Error("by the client's id", got)
	}
	if got := p.hears(t, p.Admin, clients.Spoken{Heard: "acme"}); got != "Acme Corporation: lease" {
		t.Error("Ada", got)
	}
	p.screen(t, tax, p.ben.Person)
	if got := p.hears(t, p.ben, clients.Spoken{Heard: "marlow"}); got != "Marlow Group: lease" {
		t.Error("one is left, so it is meant:", got)
	}
	p.screen(t, acme)
	if got := p.hears(t, p.ben, clients.Spoken{Heard: "acme"}); got != "Acme Corporation: lease" {
		t.Error("lifted", got)
	}
}

func TestAMattersNameThatIsSharedMeansTheOneThatIsLeft(t *testing.T) {
	p := working(t)
	c := p.client(t, "Orion Works", "audit", "Audit")
	first := p.matters(t, c)[0]
	if got := p.hears(t, p.ben, clients.Spoken{Heard: "the audit"}); !strings.HasPrefix(got, "which:") {
		t.Fatal(got)
	}
	p.screen(t, clients.Ref{Client: c.ID, Matter: first.ID}, p.ben.Person)
	if got := p.hears(t, p.ben, clients.Spoken{Heard: "the audit"}); got != "Orion Works: Audit" {
		t.Error(got)
	}
}

func TestOfManyMattersTheScreenedAreNotCounted(t *testing.T) {
	p := working(t)
	c := p.client(t, "Orion Works", "m one", "m two", "m three", "m four", "m five", "m six", "m seven", "m eight")
	all := p.matters(t, c)
	for _, m := range all[2:] {
		p.screen(t, clients.Ref{Client: c.ID, Matter: m.ID}, p.ben.Person)
	}
	got := p.hears(t, p.ben, clients.Spoken{Client: c.ID})
	if got != "which: m two | m one" {
		t.Error(got)
	}
	for _, s := range []clients.Spoken{{Heard: "orion works"}, {Client: c.ID}} {
		for _, m := range all[2:] {
			if strings.Contains(p.hears(t, p.ben, s), m.Name) {
				t.Errorf("%v tells of %s", s, m.Name)
			}
		}
	}
}

func TestAScreenedMatterIsInNoList(t *testing.T) {
	p := working(t)
	acme, merger := p.ref(t, "acme"), p.ref(t, "marlow merger")
	p.screen(t, acme, p.ben.Person)
	p.screen(t, merger, p.ben.Person)
	names := func(c firm.Caller) (names []string) {
		list, _, err := p.dir.List(t.Context(), p.Ask(c), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			names = append(names, c.Name)
		}
		return names
	}
	if mine, all := names(p.ben), names(p.Admin); slices.Contains(mine, "Acme Corporation") || !slices.Contains(all, "Acme Corporation") || len(mine) != len(all)-1 {
		t.Error(mine, all)
	}
	_, err := p.dir.Get(t.Context(), p.Ask(p.ben), acme.Client)
	list, err2 := p.dir.Matters(t.Context(), p.Ask(p.ben), merger.Client)
	if !errors.Is(err, clients.ErrNone) || err2 != nil || len(list) != 2 {
		t.Error(err, list, err2)
	}
	whole, err := p.dir.Matters(t.Context(), p.Ask(p.Admin), merger.Client)
	if err != nil || len(whole) != 3 || !slices.Equal(whole[1].Screened, []string{p.ben.Person}) {
		t.Error("an admin sees who is screened:", whole, err)
	}
}

// deed is something that somebody does with the matter.
type deed struct {
	name string
	do   func(ctx context.Context, c firm.Caller) error
}

func (p *practice) deeds(ref clients.Ref, bill billing.Bill) []deed {
	acme := clients.Spoken{Heard: "acme"}
	byID := clients.Spoken{Client: ref.Client, Matter: ref.Matter}
	return []deed{
		{"start", func(ctx context.Context, c firm.Caller) error {
			_, err := p.sheets.Start(ctx, c, acme, timekeeping.When{})
			return err
		}},
		{"start by id", func(ctx context.Context, c firm.Caller) error {
			_, err := p.sheets.Start(ctx, c, byID, timekeeping.When{})
			return err
		}},
		{"stop", func(ctx context.Context, c firm.Caller) error {
			_, err := p.sheets.Stop(ctx, c, acme, timekeeping.When{})
			return err
		}},
		{"log", func(ctx context.Context, c firm.Caller) error {
			_, err := p.sheets.Log(ctx, c, acme, timekeeping.Entry{Seconds: 60})
			return err
		}},
		{"add last", func(ctx context.Context, c firm.Caller) error {
			_, err := p.bills.AddLast(ctx, c, acme, billing.Own)
			return err
		}},
		{"approve", func(ctx context.Context, c firm.Caller) error {
			_, err := p.bills.Approve(ctx, c, ref.Matter, bill.ID, 1, bill.Total)
			return err
		}},
		{"offer to charge", func(ctx context.Context, c firm.Caller) error {
			_, err := p.cards.Offer(ctx, c, acme, charging.Wish{})
			return err
		}},
		{"deposit", func(ctx context.Context, c firm.Caller) error {
			return p.books.DepositTrust(ctx, c, ref.Client, ref.Matter, money.Of(100, "USD"))
		}},
		{"change", func(ctx context.Context, c firm.Caller) error {
			return p.dir.ChangeMatter(ctx, c, clients.Matter{ID: ref.Matter, Client: ref.Client, Name: "mine"})
		}},
		{"lift the screen", func(ctx context.Context, c firm.Caller) error {
			return p.dir.Screen(ctx, c, ref.Client, ref.Matter, clients.Screening{Lift: []string{p.ben.Person}, Reason: "it is mine"})
		}},
	}
}

// TestNothingCanBeDoneWithAScreenedMatter: each answer is one that a matter gives which is not there.
func TestNothingCanBeDoneWithAScreenedMatter(t *testing.T) {
	p := working(t)
	ref := p.ref(t, "acme")
	if _, err := p.sheets.Log(t.Context(), p.Ask(p.Admin), clients.Spoken{Heard: "acme"}, timekeeping.Entry{Seconds: 3600, Billable: true}); err != nil {
		t.Fatal(err)
	}
	added, err := p.bills.AddLast(t.Context(), p.Ask(p.Admin), clients.Spoken{Heard: "acme"}, billing.Own)
	if err != nil {
		t.Fatal(err)
	}
	p.screen(t, ref, p.ben.Person)
	absent := []error{clients.ErrNone, billing.ErrEmpty, billing.ErrNoBill}
	for _, d := range p.deeds(ref, billing.Bill{ID: added.Bill, Total: added.Total}) {
		err := d.do(t.Context(), p.console(p.ben))
		if !slices.ContainsFunc(absent, func(want error) bool { return errors.Is(err, want) }) {
			t.Errorf("Ben can %s: %v", d.name, err)
		}
	}
	if held, err := p.books.TrustBalance(t.Context(), p.Ask(p.ben), ref.Matter); err != nil || !held.IsZero() {
		t.Error(held, err)
	}
	for _, d := range p.deeds(ref, billing.Bill{ID: added.Bill, Total: added.Total}) {
		if err := d.do(t.Context(), p.console(p.Admin)); errors.Is(err, clients.ErrNone) || errors.Is(err, billing.ErrNoBill) {
			t.Errorf("Ada cannot %s: %v", d.name, err)
		}
	}
}

func TestAClockOfAMatterThatWasScreenedMeanwhileCanOnlyBeEnded(t *testing.T) {
	p := working(t)
	ref := p.ref(t, "acme")
	for _, heard := range []string{"beta", "acme"} {
		if _, err := p.sheets.Start(t.Context(), p.Ask(p.ben), clients.Spoken{Heard: heard}, timekeeping.When{}); err != nil {
			t.Fatal(err)
		}
		p.Clock.Advance(time.Hour)
	}
	p.screen(t, ref, p.ben.Person)
	running, err := p.sheets.Running(t.Context(), p.Ask(p.ben))
	if err != nil || running.Clock != nil || len(running.Paused) != 1 || running.Paused[0].Ref.ClientName != "Beta Industries" {
		t.Errorf("%+v, %v", running, err)
	}
	_, err = p.sheets.Stop(t.Context(), p.Ask(p.ben), clients.Spoken{Heard: "acme"}, timekeeping.When{})
	if !errors.Is(err, clients.ErrNone) {
		t.Error("by name", err)
	}
	if _, err = p.sheets.Pause(t.Context(), p.Ask(p.ben), clients.Spoken{}, timekeeping.When{}); err != nil {
		t.Error(err)
	}
	if resumed, err := p.sheets.Resume(t.Context(), p.Ask(p.ben), clients.Spoken{}, timekeeping.When{}); err != nil || resumed.Ref.ClientName != "Beta Industries" {
		t.Error("what was paused last is screened, so the one before goes on:", resumed, err)
	}
}

// meanwhile runs something just before the next commit.
type meanwhile struct {
	store.Backend
	run func()
}

func (m *meanwhile) Commit(ctx context.Context, ops ...store.Op) error {
	if run := m.run; run != nil {
		m.run = nil
		run()
	}
	return m.Backend.Commit(ctx, ops...)
}

func TestAScreenStopsWhatIsUnderWay(t *testing.T) {
	for _, s := range []clients.Spoken{{Heard: "acme"}, {}} {
		p := working(t)
		ref := p.ref(t, "acme")
		if s == (clients.Spoken{}) {
			s = clients.Spoken{Client: ref.Client, Matter: ref.Matter}
		}
		p.House.Store = &meanwhile{p.House.Store, func() { p.screen(t, ref, p.ben.Person) }}
		_, err := p.sheets.Start(t.Context(), p.Ask(p.ben), s, timekeeping.When{})
		if !errors.Is(err, clients.ErrNone) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

func TestAScreenCostsALookUpNoTrip(t *testing.T) {
	p := working(t)
	p.screen(t, p.ref(t, "acme"), p.ben.Person)
	for _, c := range []firm.Caller{p.ben, p.Admin} {
		ctx, trips := store.CountTrips(t.Context())
		if _, err := p.sheets.Start(ctx, p.Ask(c), clients.Spoken{Heard: "beta"}, timekeeping.When{}); err != nil || trips().Total() != 2 {
			t.Error(trips(), err)
		}
	}
}

func TestWhoMayScreenAndWhom(t *testing.T) {
	p := working(t)
	ref := p.ref(t, "acme")
	lee := p.Hire(t, "Lee", firm.Lawyer)
	try := func(c firm.Caller, matter string, people ...string) error {
		return p.dir.Screen(t.Context(), c, ref.Client, matter, clients.Screening{Add: people, Reason: "why"})
	}
	because := func(reason string) error {
		return p.dir.Screen(t.Context(), p.console(p.Admin), ref.Client, ref.Matter, clients.Screening{Add: []string{p.ben.Person}, Reason: reason})
	}
	var many []string
	for i := range 41 {
		many = append(many, p.Hire(t, fmt.Sprint("Person ", i), firm.Lawyer).Person)
	}
	other := firmtest.In(t, p.House, p.Clock)
	for name, c := range map[string]struct{ err, want error }{
		"by a lawyer":       {try(p.console(lee), ref.Matter, p.ben.Person), firm.ErrForbidden},
		"by voice":          {try(p.Ask(p.Admin), ref.Matter, p.ben.Person), firm.ErrForbidden},
		"nobody":            {try(p.console(p.Admin), ref.Matter, "nobody"), firm.ErrNoPerson},
		"another firm's":    {try(p.console(p.Admin), ref.Matter, other.Admin.Person), firm.ErrNoPerson},
		"no person's id":    {try(p.console(p.Admin), ref.Matter, "a/b"), firm.ErrNoPerson},
		"oneself":           {try(p.console(p.Admin), ref.Matter, p.Admin.Person), clients.ErrScreenSelf},
		"for no reason":     {because(" \n"), clients.ErrScreenReason},
		"for a long one":    {because(strings.Repeat("é", 501)), clients.ErrScreenReason},
		"no matter":         {try(p.console(p.Admin), "none", p.ben.Person), clients.ErrNone},
		"too many":          {try(p.console(p.Admin), ref.Matter, many...), clients.ErrTooManyScreens},
		"from another firm": {try(firmtest.On(other.Ask(other.Admin), firm.ByConsole), ref.Matter, other.Admin.Person), clients.ErrNone},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v; want %v", name, c.err, c.want)
		}
	}
	if err := try(p.console(p.Admin), ref.Matter, many[:40]...); err != nil {
		t.Error("forty", err)
	}
	if err := try(p.console(p.Admin), ref.Matter, many[40]); !errors.Is(err, clients.ErrTooManyScreens) {
		t.Error("one more", err)
	}
	log, _, err := p.House.Audit(t.Context(), p.Ask(p.Admin), "2026-11", "")
	if err != nil || log[0].Action != "matter.screen" || log[0].Subject != "matter/"+ref.Matter {
		t.Error(log[0], err)
	}
	if !strings.Contains(string(log[0].After), `"why":"why"`) || !strings.Contains(string(log[0].After), many[0]) || strings.Contains(string(log[0].Before), many[0]) {
		t.Errorf("the audit holds %s and %s", log[0].Before, log[0].After)
	}
	if err := p.dir.ChangeMatter(t.Context(), p.console(p.Admin), clients.Matter{ID: ref.Matter, Client: ref.Client, Name: "lease two"}); err != nil {
		t.Fatal(err)
	}
	if got := p.hears(t, firm.Caller{Firm: p.Firm.ID, Person: many[0], Grant: p.Grant(t, many[0]).Grant, Channel: firm.ByVoice}, clients.Spoken{Heard: "acme"}); got != "client.none" {
		t.Error("a change of the matter lifted the screen:", got)
	}
}

// TestTwoWhoScreenAtOnceBothDo: a screening is a change, not the whole list, so that none undoes another's.
func TestTwoWhoScreenAtOnceBothDo(t *testing.T) {
	p := working(t)
	ref, lee := p.ref(t, "acme"), p.Hire(t, "Lee", firm.Lawyer)
	p.House.Store = &meanwhile{p.House.Store, func() { p.screen(t, ref, lee.Person) }}
	p.screen(t, ref, p.ben.Person)
	of, m, err := p.dir.Matter(t.Context(), p.Ask(p.Admin), ref.Client, ref.Matter)
	if err != nil || of.Name != "Acme Corporation" || len(m.Screened) != 2 || m.Why != "their brother works there" {
		t.Fatalf("%+v, %v", m, err)
	}
	p.screen(t, ref)
	if _, m, err = p.dir.Matter(t.Context(), p.Ask(p.Admin), ref.Client, ref.Matter); err != nil || !slices.Equal(m.Screened, []string{lee.Person}) || m.Why == "" {
		t.Errorf("Ben's is lifted: %+v, %v", m, err)
	}
	if _, m, err = p.dir.Matter(t.Context(), p.Ask(p.ben), ref.Client, ref.Matter); err != nil || m.Why == "" {
		t.Errorf("an admin sees why: %+v, %v", m, err)
	}
	reader := p.Hire(t, "Rea", firm.ReadOnly)
	if _, m, err = p.dir.Matter(t.Context(), p.Ask(reader), ref.Client, ref.Matter); err != nil || m.Screened != nil || m.Why != "" {
		t.Errorf("who manages nothing sees neither who nor why: %+v, %v", m, err)
	}
	if _, _, err = p.dir.Matter(t.Context(), p.Ask(lee), ref.Client, ref.Matter); !errors.Is(err, clients.ErrNone) {
		t.Error("Lee", err)
	}
}
