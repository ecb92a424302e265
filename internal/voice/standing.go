package voice

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/money"
)

// onBill tells what is on a client's bill.
func onBill(ctx context.Context, t *turn) (*answer, error) {
	st, err := t.clerk.Billing.OnBill(ctx, t.Caller, t.next.Name)
	if t.gated(err) {
		return t.asking(AskProve, "ask.prove"), nil
	}
	if err != nil {
		return nil, err
	}
	blanks := vars{"Owner": t.words.possessive(t.name(st.Ref))}
	a := &answer{t: t}
	if st.Draft == nil {
		a.and("bill.none", blanks)
	} else {
		a.and("bill.is", t.billNow(st.Ref, st.Draft.Count, st.Draft.Total))
		t.details(a, *st.Draft)
	}
	if st.Invoice != nil {
		a.and("bill.open", vars{"Number": clean(st.Invoice.Number), "Owed": t.words.money(st.Invoice.Outstanding())})
	}
	return a, nil
}

// details says of a draft what matters beside its total.
func (t *turn) details(a *answer, b billing.Bill) {
	t.costs(a, b.Costs, b.Net)
	switch {
	case b.OnHold:
		a.and("bill.on-hold")
	case b.Adding != "":
		a.and("bill.adding")
	}
}

// unbilled tells what is on no bill yet.
func unbilled(ctx context.Context, t *turn) (*answer, error) {
	w, err := t.clerk.Billing.Unbilled(ctx, t.Caller, t.next.Name)
	if t.gated(err) {
		return t.asking(AskProve, "ask.prove"), nil
	}
	if err != nil {
		return nil, err
	}
	id := "unbilled.is"
	switch {
	case w.Entries == 0:
		id = "unbilled.none"
	case w.Billed == 0:
		id = "unbilled.costs"
	case w.More:
		id = "unbilled.least"
	}
	a := t.say(id, vars{"Name": t.name(w.Ref), "Hours": t.words.hours(w.Billed), "Amount": t.words.money(w.Amount)})
	if w.Billed > 0 {
		t.costs(a, w.Costs, w.Amount)
	}
	return a, nil
}

// costs says how much of an amount is costs.
func (t *turn) costs(a *answer, costs, of money.Amount) {
	switch {
	case costs.IsZero():
	case costs == of:
		a.and("bill.all-costs")
	default:
		a.and("bill.costs", vars{"Costs": t.words.money(costs)})
	}
}

// owed reads what a client owes; a nil answer is none.
func (t *turn) owed(ctx context.Context) (billing.Debt, *answer, error) {
	debt, err := t.clerk.Billing.Owed(ctx, t.Caller, t.next.Name)
	if t.gated(err) {
		return debt, t.asking(AskProve, "ask.prove"), nil
	}
	return debt, nil, err
}

// paid answers whether a client has paid.
func paid(ctx context.Context, t *turn) (*answer, error) {
	debt, a, err := t.owed(ctx)
	if a != nil || err != nil {
		return a, err
	}
	name := vars{"Name": clean(debt.Ref.ClientName)}
	switch {
	case !debt.Any:
		return t.say("paid.never", name), nil
	case len(debt.Invoices) == 0:
		return t.say("paid.all", name), nil
	case debt.Invoices[0].Held:
		return t.say("paid.held", vars{"Number": clean(debt.Invoices[0].Number)}), nil
	}
	some := false
	for _, o := range debt.Invoices {
		some = some || o.Paid.Minor > 0
	}
	if some {
		return t.owing(t.say("paid.part"), debt), nil
	}
	return t.owing(t.say("paid.no"), debt), nil
}

// owes answers what a client owes.
func owes(ctx context.Context, t *turn) (*answer, error) {
	debt, a, err := t.owed(ctx)
	switch {
	case a != nil || err != nil:
		return a, err
	case len(debt.Invoices) == 0:
		return t.say("owes.nothing", vars{"Name": clean(debt.Ref.ClientName)}), nil
	}
	return t.owing(&answer{t: t}, debt), nil
}

// owing says what is owed, on how many invoices, and since when.
func (t *turn) owing(a *answer, debt billing.Debt) *answer {
	blanks := vars{"Name": clean(debt.Ref.ClientName), "Owed": t.words.money(debt.Owed), "Invoices": t.words.count("owes.invoices", len(debt.Invoices)),
		"Overdue": t.words.money(debt.Overdue)}
	if len(debt.Invoices) > 1 || debt.More {
		id := "owes.several"
		if debt.More {
			id = "owes.least"
		}
		if a.and(id, blanks); !debt.Overdue.IsZero() {
			a.and("owes.overdue", blanks)
		}
		return a
	}
	only := debt.Invoices[0]
	blanks["Number"], blanks["Day"] = clean(only.Number), t.dueDay(only.Due)
	if debt.Overdue.IsZero() {
		return a.and("owes.one", blanks)
	}
	return a.and("owes.one-overdue", blanks)
}

// dueDay says a calendar day.
func (t *turn) dueDay(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return clean(day)
	}
	f := t.settings()
	return t.words.date(at, t.clerk.House.Now().In(f.Location()))
}

// maxDebtors is how many clients are named at most.
const maxDebtors = 3

// whoOwes tells who owes the firm money: how many and how much in all, and those who owe most by name.
func whoOwes(ctx context.Context, t *turn) (*answer, error) {
	all, err := t.clerk.Billing.WhoOwes(ctx, t.Caller)
	if t.gated(err) {
		return t.asking(AskProve, "ask.prove"), nil
	}
	switch {
	case err != nil:
		return nil, err
	case len(all.Clients) == 0:
		return t.say("owing.nobody"), nil
	}
	named := make([]string, 0, maxDebtors)
	for _, debt := range all.Clients[:min(len(all.Clients), maxDebtors)] {
		named = append(named, t.words.sentence("owing.each", vars{"Name": clean(debt.Ref.ClientName), "Owed": t.words.money(debt.Owed)}))
	}
	blanks := vars{"Named": t.words.listed(named), "Owed": t.words.money(all.Owed), "Clients": t.words.count("owing.clients", len(all.Clients))}
	switch {
	case all.More:
		return t.say("owing.least", blanks), nil
	case len(all.Clients) <= maxDebtors:
		return t.say("owing.few", blanks), nil
	}
	return t.say("owing.many", blanks), nil
}
