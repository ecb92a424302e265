package timekeeping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func cost(minor int64, code string) timekeeping.Entry {
	return timekeeping.Entry{Billable: true, Cost: &timekeeping.Cost{Amount: money.Amount{Minor: minor}, Code: code}}
}

func TestAnExpenseIsNotedInTwoTripsAndWaitsToBeBilled(t *testing.T) {
	o := open(t, "Acme Corporation")
	ctx, trips := store.CountTrips(t.Context())
	e := cost(40000, "E112")
	e.Narrative, e.Cost.Receipt = "Filing fee", "in the file, no. 17"
	s, err := o.sheets.Spend(ctx, o.ada(), heard("acme"), e)
	if err != nil || trips().Total() != 2 {
		t.Fatalf("%+v %v, %+v", s, err, trips())
	}
	_, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person)
	got, err := u.Last()
	if err != nil || got == nil || got.ID != s.Entry.ID || got.Cost == nil || *got.Cost != (timekeeping.Cost{Amount: money.Of(40000, "USD"), Code: "E112", Receipt: "in the file, no. 17"}) ||
		got.Seconds != 0 || got.Day != "2026-11-23" || got.Narrative != "Filing fee" || !got.Billable {
		t.Errorf("%+v %v", got, err)
	}
	if r, err := o.sheets.Running(t.Context(), o.ada()); err != nil || r.Today != 0 {
		t.Errorf("an expense is no time: %+v %v", r, err)
	}
}

func TestTheLastOfTimeAndExpensesIsByWhenItWas(t *testing.T) {
	o := open(t, "Acme Corporation")
	worked := o.work(t, o.Admin, "acme", 600e9)
	o.Clock.Advance(60e9)
	spent, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), cost(100, ""))
	if err != nil || spent.Entry.Cost.Code != timekeeping.OtherExpense {
		t.Fatalf("%+v %v", spent, err)
	}
	older := cost(200, "E108")
	older.Day = "2026-11-20"
	if _, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), older); err != nil {
		t.Fatal(err)
	}
	if _, u := o.unbilled(t, worked.Ref.Matter, o.Admin.Person); last(t, u) != spent.Entry.ID {
		t.Errorf("the last is %s", last(t, u))
	}
	o.Clock.Advance(60e9)
	again := o.work(t, o.Admin, "acme", 600e9)
	if _, u := o.unbilled(t, worked.Ref.Matter, o.Admin.Person); last(t, u) != again.Entries[0].ID {
		t.Errorf("the last is %s", last(t, u))
	}
}

func TestAnExpenseThatIsNotBillableIsHeldBack(t *testing.T) {
	o := open(t, "Acme Corporation")
	e := cost(400, "E111")
	e.Billable = false
	s, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), e)
	if err != nil {
		t.Fatal(err)
	}
	if _, u := o.unbilled(t, s.Ref.Matter, o.Admin.Person); u.Any() {
		t.Error("it waits to be billed")
	}
}

func TestAnExpenseThatMakesNoSenseIsRefused(t *testing.T) {
	o := open(t, "Acme Corporation")
	with := func(change func(*timekeeping.Entry)) timekeeping.Entry {
		e := cost(100, "E112")
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		entry timekeeping.Entry
		want  *fault.Error
	}{
		"of nothing":          {cost(0, "E112"), timekeeping.ErrCost},
		"of less":             {cost(-1, "E112"), timekeeping.ErrCost},
		"of too much":         {cost(1<<60, "E112"), timekeeping.ErrCost},
		"without a cost":      {timekeeping.Entry{}, timekeeping.ErrCost},
		"in another currency": {with(func(e *timekeeping.Entry) { e.Cost.Amount.Currency = "EUR" }), timekeeping.ErrCost},
		"of no known code":    {cost(100, "E125"), timekeeping.ErrExpense},
		"of tomorrow":         {with(func(e *timekeeping.Entry) { e.Day = "2026-11-24" }), timekeeping.ErrDay},
		"of no day":           {with(func(e *timekeeping.Entry) { e.Day = "soon" }), timekeeping.ErrDay},
		"of a long note":      {with(func(e *timekeeping.Entry) { e.Narrative = strings.Repeat("é", 1001) }), timekeeping.ErrNote},
		"of a long receipt":   {with(func(e *timekeeping.Entry) { e.Cost.Receipt = strings.Repeat("é", 1001) }), timekeeping.ErrNote},
	} {
		if _, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), c.entry); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.sheets.Spend(t.Context(), o.ada(), heard("acme"), cost(100, ""), "EUR", "GBP"); !errors.Is(err, timekeeping.ErrCost) {
		t.Errorf("in one of two other currencies: %v", err)
	}
	if _, err := o.sheets.Spend(t.Context(), o.ada(), clients.Spoken{}, cost(100, "")); !errors.Is(err, clients.ErrNoName) {
		t.Errorf("for nobody: %v", err)
	}
	reader := o.Ask(o.Hire(t, "Ria", firm.ReadOnly))
	if _, err := o.sheets.Spend(t.Context(), reader, heard("acme"), cost(100, "")); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("by one who may only read: %v", err)
	}
}

func TestOneRequestNotesOneExpense(t *testing.T) {
	o := open(t, "Acme Corporation")
	request := o.ada()
	first, err := o.sheets.Spend(t.Context(), request, heard("acme"), cost(100, "E107"))
	if err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(60e9)
	again, err := o.sheets.Spend(t.Context(), request, heard("acme"), cost(100, "E107"))
	if err != nil || again.Entry.ID != first.Entry.ID {
		t.Errorf("%+v %v", again, err)
	}
	_, u := o.unbilled(t, first.Ref.Matter, o.Admin.Person)
	if e, err := u.Last(); err != nil || e.ID != first.Entry.ID {
		t.Errorf("%+v %v", e, err)
	}
}

func TestTheCodesOfExpensesAreTheAssociations(t *testing.T) {
	for code, want := range map[string]string{"E101": "Copying", "E112": "Court fees", "E124": "Other", "E125": "", "E100": "", "": ""} {
		if got := timekeeping.ExpenseName(code); got != want {
			t.Errorf("%q is %q", code, got)
		}
	}
}
