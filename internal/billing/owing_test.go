package billing

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// another opens a client with one matter and puts an hour on its bill, which is issued.
func (c *chambers) another(t testing.TB, name string, hours int64) Bill {
	t.Helper()
	_, matters, err := c.directory.Open(t.Context(), c.Ask(c.Admin), clients.Client{Number: name[:4], Name: name}, clients.Matter{Name: "advice"})
	if err != nil {
		t.Fatal(err)
	}
	return c.invoiced(t, clients.Spoken{Client: matters[0].Client, Matter: matters[0].ID}, hours)
}

func (c *chambers) invoiced(t testing.TB, s clients.Spoken, hours int64) Bill {
	t.Helper()
	e := timekeeping.Entry{Seconds: hours * 3600, Billable: true}
	if _, err := c.time.Log(t.Context(), c.Ask(c.lawyer), s, e); err != nil {
		t.Fatal(err)
	}
	if _, err := c.desk.AddLast(t.Context(), c.Ask(c.lawyer), s, Own); err != nil {
		t.Fatal(err)
	}
	b, err := c.issue(t.Context(), s.Matter, "")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pay settles a part of an invoice.
func (c *chambers) pay(t testing.TB, b Bill, minor int64) {
	t.Helper()
	if _, err := c.hold(t.Context(), b, "attempt-"+b.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.settle(t.Context(), b, "attempt-"+b.ID, usd(minor)); err != nil {
		t.Fatal(err)
	}
}

func (c *chambers) owed(t testing.TB, s clients.Spoken) Debt {
	t.Helper()
	ctx, trips := store.CountTrips(t.Context())
	debt, err := c.desk.Owed(ctx, c.Ask(c.lawyer), s)
	if err != nil || trips().Total() != 2 {
		t.Fatalf("%v, trips %+v", err, trips())
	}
	return debt
}

func TestWhatAClientOwesIsToldOfAllItsMatters(t *testing.T) {
	c := openChambers(t)
	if debt := c.owed(t, acme); debt.Any || !debt.Owed.IsZero() || debt.Ref.ClientName != "Acme Corporation" || debt.Ref.Matter != "" {
		t.Errorf("before anything: %+v", debt)
	}
	tax, err := c.directory.OpenMatter(t.Context(), c.Ask(c.Admin), clients.Matter{Client: c.acme.ID, Name: "tax"})
	if err != nil {
		t.Fatal(err)
	}
	first := c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: c.matter.ID}, 1)
	c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: tax.ID}, 2)
	c.pay(t, first, 10000)
	debt := c.owed(t, acme)
	if debt.Owed != usd(80000) || len(debt.Invoices) != 2 || !debt.Overdue.IsZero() || debt.Invoices[0].Owed != usd(20000) || debt.Invoices[0].Paid != usd(10000) || debt.Invoices[0].Number != "1" {
		t.Errorf("%+v", debt)
	}
	c.Clock.Advance(40 * 24 * time.Hour)
	if debt = c.owed(t, acme); debt.Overdue != usd(80000) {
		t.Errorf("later: %+v", debt)
	}
	c.pay(t, debt.bill(t, c, 1), 60000)
	if debt = c.owed(t, acme); debt.Owed != usd(20000) || !debt.Any {
		t.Errorf("after a payment: %+v", debt)
	}
}

func (debt Debt) bill(t testing.TB, c *chambers, i int) Bill {
	t.Helper()
	b, err := c.desk.Get(t.Context(), c.Admin, debt.Invoices[i].Bill)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAPaymentUnderWayIsTold(t *testing.T) {
	c := openChambers(t)
	b := c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: c.matter.ID}, 1)
	if _, err := c.hold(t.Context(), b, "x"); err != nil {
		t.Fatal(err)
	}
	if debt := c.owed(t, acme); len(debt.Invoices) != 1 || !debt.Invoices[0].Held {
		t.Errorf("%+v", debt)
	}
}

func TestWhoOwesIsToldInOneTripByHowMuch(t *testing.T) {
	c := openChambers(t)
	c.another(t, "Beta Industries", 2)
	c.another(t, "Hughes Medical", 3)
	paid := c.another(t, "Schmidt Holdings", 1)
	c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: c.matter.ID}, 1)
	c.pay(t, paid, 30000)
	ctx, trips := store.CountTrips(t.Context())
	all, err := c.desk.WhoOwes(ctx, c.Ask(c.lawyer))
	if err != nil || trips().Total() != 1 {
		t.Fatalf("%v, %+v", err, trips())
	}
	if all.Owed != usd(180000) || len(all.Clients) != 3 || all.More || all.Clients[0].Owed != usd(90000) || all.Clients[2].Owed != usd(30000) {
		t.Errorf("%+v", all)
	}
	nobody := firm.Caller{Firm: c.Firm.ID, Channel: firm.ByPayer}
	if _, err := c.desk.WhoOwes(t.Context(), nobody); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("a payer hears it: %v", err)
	}
}

func TestWhatIsScreenedIsOwedToNobodysEars(t *testing.T) {
	c := openChambers(t)
	c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: c.matter.ID}, 1)
	open, err := c.directory.OpenMatter(t.Context(), c.Ask(c.Admin), clients.Matter{Client: c.acme.ID, Name: "tax"})
	if err != nil {
		t.Fatal(err)
	}
	c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: open.ID}, 2)
	wall := c.Ask(c.Admin)
	wall.Channel = firm.ByConsole
	if err := c.directory.Screen(t.Context(), wall, c.acme.ID, c.matter.ID, clients.Screening{Add: []string{c.lawyer.Person}, Reason: "adverse"}); err != nil {
		t.Fatal(err)
	}
	if debt := c.owed(t, acme); debt.Owed != usd(60000) || len(debt.Invoices) != 1 {
		t.Errorf("%+v", debt)
	}
	if all, err := c.desk.WhoOwes(t.Context(), c.lawyer); err != nil || all.Owed != usd(60000) {
		t.Errorf("%+v %v", all, err)
	}
}

func TestAClosedClientStillOwes(t *testing.T) {
	c := openChambers(t)
	c.invoiced(t, clients.Spoken{Client: c.acme.ID, Matter: c.matter.ID}, 1)
	closed := c.acme
	closed.Closed = true
	if err := c.directory.Change(t.Context(), c.Ask(c.Admin), closed); err != nil {
		t.Fatal(err)
	}
	if debt := c.owed(t, acme); debt.Owed != usd(30000) {
		t.Errorf("%+v", debt)
	}
}

func TestWhatIsOnTheBillAndWhatIsUnbilledIsToldInTwoTrips(t *testing.T) {
	c := openChambers(t)
	ask := func() (Standing, Waiting) {
		ctx, trips := store.CountTrips(t.Context())
		st, err := c.desk.OnBill(ctx, c.Ask(c.lawyer), acme)
		if err != nil || trips().Total() != 2 {
			t.Fatalf("%v, %+v", err, trips())
		}
		w, err := c.desk.Unbilled(ctx, c.Ask(c.lawyer), acme)
		if err != nil || trips().Total() != 4 {
			t.Fatalf("%v, %+v", err, trips())
		}
		return st, w
	}
	if st, w := ask(); st.Draft != nil || st.Invoice != nil || w.Entries != 0 || w.Amount != usd(0) {
		t.Errorf("nothing: %+v, %+v", st, w)
	}
	c.worked(t, c.lawyer, 60, "") // two short calls within one six minutes
	c.worked(t, c.lawyer, 60, "")
	c.worked(t, c.Admin, 3600, "")
	c.spent(t, c.lawyer, 40000)
	_, w := ask()
	if w.Entries != 4 || w.Billed != 3960 || w.Costs != usd(40000) || w.Amount != usd(73000) || w.More {
		t.Errorf("unbilled: %+v", w)
	}
	added := c.addAll(t, c.Ask(c.lawyer))
	st, w := ask()
	if w.Entries != 0 || st.Draft == nil || st.Draft.Count != 4 || st.Draft.Total != added.Total || added.Total != usd(73000) {
		t.Errorf("on the bill: %+v, %+v", st, w)
	}
	timekeeper := c.Hire(t, "Tim", firm.Timekeeper)
	if _, err := c.desk.Unbilled(t.Context(), c.Ask(timekeeper), acme); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("one who may not see rates hears what work is worth: %v", err)
	}
	if _, err := c.issue(t.Context(), c.matter.ID, ""); err != nil {
		t.Fatal(err)
	}
	if st, _ = ask(); st.Draft != nil || st.Invoice == nil || st.Open != 1 {
		t.Errorf("invoiced: %+v", st)
	}
}
