package billing

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// spent notes an expense of a person for Acme, then lets a minute pass.
func (c *chambers) spent(t testing.TB, who firm.Caller, minor int64) timekeeping.Entry {
	t.Helper()
	e := timekeeping.Entry{Billable: true, Cost: &timekeeping.Cost{Amount: money.Amount{Minor: minor}, Code: "E112"}}
	done, err := c.time.Spend(t.Context(), c.Ask(who), acme, e)
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Advance(time.Minute)
	return done.Entry
}

// taxed sets the firm's tax.
func (c *chambers) taxed(t testing.TB, ppm int64) {
	t.Helper()
	f, err := c.House.Get(t.Context(), c.Admin)
	if err != nil {
		t.Fatal(err)
	}
	f.Tax = firm.Tax{Name: "VAT", PPM: ppm}
	if _, err := c.House.ChangeFirm(t.Context(), c.Ask(firmtest.On(c.Admin, firm.ByConsole)), f); err != nil {
		t.Fatal(err)
	}
}

func TestACostIsBilledAsItWasPaidAndTaxedWithTheRest(t *testing.T) {
	c := openChambers(t)
	c.taxed(t, 77_500)
	c.worked(t, c.lawyer, 1440, "")
	c.spent(t, c.lawyer, 40033)
	added := c.add(t, c.lawyer)
	if !added.Cost || added.Amount != usd(40033) || added.Billed != 0 || added.Count != 1 || added.Total != usd(43136) { // 7.75 % of 400.33 is 31.03
		t.Errorf("added %+v", added)
	}
	added = c.add(t, c.lawyer)
	if added.Cost || added.Billed != 1440 || added.Count != 2 || added.Total != usd(56066) { // and of 520.33, 40.33
		t.Errorf("added %+v", added)
	}
	l := c.lines(t, added.Bill)[0]
	if l.Kind != Cost || l.Code != "E112" || l.Narrative != "Court fees" || l.Raw != 0 || !l.Rate.IsZero() || l.Day != "2026-11-23" {
		t.Errorf("the line is %+v", l)
	}
	b, err := c.issue(t.Context(), c.matter.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	books, err := c.books.Balances(t.Context(), c.Admin)
	if err != nil || books[ledger.Costs] != usd(-40033) || books[ledger.Fees] != usd(-12000) || books[ledger.TaxPayable] != usd(-4033) || b.Costs != usd(40033) {
		t.Errorf("the books are %v, %v", books, err)
	}
}

func TestAColleaguesLatestIsAddedWhenItIsWanted(t *testing.T) {
	c := openChambers(t)
	mine := c.worked(t, c.lawyer, 3600, "")
	theirs := c.worked(t, c.Admin, 720, "")
	added := c.add(t, c.lawyer)
	if !added.Others || !added.Newer || added.Theirs != 0 || c.lines(t, added.Bill)[0].Entry != mine.ID {
		t.Fatalf("added %+v", added)
	}
	var others *OnlyOthers
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Own); !errors.As(err, &others) || others.Ref.Matter != c.matter.ID || !errors.Is(err, ErrOnlyOthers) {
		t.Errorf("with only a colleague's left: %v", err)
	}
	added, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Colleagues)
	if err != nil || added.Theirs != 1 || added.Count != 2 {
		t.Fatalf("added %+v, %v", added, err)
	}
	if l := c.lines(t, added.Bill)[1]; l.Entry != theirs.ID || l.Person != c.Admin.Person || l.PersonName != "Ada" {
		t.Errorf("the line is %+v", l)
	}
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), acme, Colleagues); !errors.Is(err, ErrNothing) {
		t.Errorf("with nothing left: %v", err)
	}
}

func (c *chambers) takeOff(t testing.TB) Taken {
	t.Helper()
	taken, err := c.desk.TakeOff(t.Context(), c.Ask(c.lawyer), acme)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestTheLastLineIsTakenOffAndItsEntryIsAsBefore(t *testing.T) {
	c := openChambers(t)
	old := c.worked(t, c.lawyer, 3600, "2026-11-02")
	c.worked(t, c.lawyer, 60, "")
	c.worked(t, c.lawyer, 60, "")
	second := c.add(t, c.lawyer) // the newer one, then the other in the same six minutes, then the older day
	third := c.add(t, c.lawyer)
	before, _, _ := c.openOf(t, c.matter.ID)
	c.add(t, c.lawyer)
	taken := c.takeOff(t)
	if taken.Line.Entry != old.ID || taken.Billed != 3600 || taken.Count != 2 || taken.Total != third.Total || taken.Ref.ClientName != "Acme Corporation" {
		t.Errorf("took %+v", taken)
	}
	if after, _, _ := c.openOf(t, c.matter.ID); after.From != before.From || after.To != before.To || after.Net != before.Net || after.Count != 2 {
		t.Errorf("the draft is %+v", after)
	}
	if again := c.add(t, c.lawyer); again.Billed != 3600 || again.Count != 3 || len(c.lines(t, again.Bill)) != 3 {
		t.Errorf("added again: %+v", again)
	}
	c.takeOff(t)
	c.takeOff(t)
	if taken = c.takeOff(t); taken.Count != 0 || taken.Total != usd(0) {
		t.Errorf("with nothing left: %+v", taken)
	}
	if again := c.add(t, c.lawyer); again.Billed != second.Billed || again.Amount != second.Amount || again.Count != 1 {
		t.Errorf("added again: %+v, first %+v", again, second)
	}
}

func TestACostIsTakenOffToo(t *testing.T) {
	c := openChambers(t)
	e := c.spent(t, c.lawyer, 40000)
	c.add(t, c.lawyer)
	if taken := c.takeOff(t); taken.Line.Entry != e.ID || taken.Line.Kind != Cost {
		t.Errorf("took %+v", taken)
	}
	if draft, _, _ := c.openOf(t, c.matter.ID); draft != nil {
		t.Errorf("an empty draft is offered: %+v", draft)
	}
	if again := c.add(t, c.lawyer); again.Amount != usd(40000) || !again.Cost {
		t.Errorf("added again: %+v", again)
	}
}

func TestNothingIsTakenOffAnInvoiceOrABillOnHold(t *testing.T) {
	c := openChambers(t)
	off := func() error {
		_, err := c.desk.TakeOff(t.Context(), c.Ask(c.lawyer), acme)
		return err
	}
	if err := off(); !errors.Is(err, ErrEmpty) {
		t.Errorf("without a bill: %v", err)
	}
	c.worked(t, c.lawyer, 3600, "")
	c.add(t, c.lawyer)
	reader := c.Hire(t, "Ria", firm.Timekeeper)
	if _, err := c.desk.TakeOff(t.Context(), c.Ask(reader), acme); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("by one who may not bill: %v", err)
	}
	if _, err := c.issue(t.Context(), c.matter.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := off(); !errors.Is(err, ErrEmpty) {
		t.Errorf("with an invoice only: %v", err)
	}
}

func TestOneRequestTakesOneLineOff(t *testing.T) {
	c := openChambers(t)
	c.worked(t, c.lawyer, 3600, "")
	c.worked(t, c.lawyer, 3600, "2026-11-02")
	c.add(t, c.lawyer)
	c.add(t, c.lawyer)
	request := c.Ask(c.lawyer)
	ctx, trips := store.CountTrips(t.Context())
	first, err := c.desk.TakeOff(ctx, request, acme)
	if err != nil || trips().Total() != 5 {
		t.Fatalf("%+v, %v; trips %+v", first, err, trips())
	}
	again, err := c.desk.TakeOff(t.Context(), request, acme)
	if err != nil || again.Line.Entry != first.Line.Entry || again.Count != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
}
