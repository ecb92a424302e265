package voice

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// spend notes an expense, once it is known how much it was, what for and for whom. What it was called is of the model's
// list, so nothing is dictated.
func spend(ctx context.Context, t *turn) (*answer, error) {
	switch {
	case t.next.Sum == nil:
		return t.missing(AskAmount, "expense.how-much", AmountSlot), nil
	case t.next.Cost == nil:
		return t.missing(AskKind, "expense.what", ExpenseSlot), nil
	case t.next.Name == clients.Spoken{}:
		return t.who("who.which"), nil
	}
	minor, in := t.next.Sum.said()
	e := timekeeping.Entry{Billable: true, Narrative: upper(t.next.Cost.Said), Cost: &timekeeping.Cost{Amount: money.Amount{Minor: minor}, Code: t.next.Cost.Code}}
	done, err := t.clerk.Timesheets.Spend(ctx, t.Caller, t.next.Name, e, in...)
	if err != nil {
		return nil, t.worded(err)
	}
	what := done.Entry.Narrative
	if what == "" {
		what = t.words.sentence("expense.other")
	}
	blanks := vars{"What": clean(what), "Amount": t.words.money(done.Entry.Cost.Amount), "Name": t.name(done.Ref)}
	if t.discreet() {
		return t.say("expense.noted.discreet", blanks), nil
	}
	return t.say("expense.noted", blanks).show("card.expense", vars{"Amount": t.words.figures(done.Entry.Cost.Amount)}), nil
}

// missing asks for a piece of what was wished for, and lets it be when that leads nowhere.
func (t *turn) missing(q Question, id, slot string) *answer {
	if t.state.Ask == q {
		t.next.Tries = t.state.Tries + 1
	}
	if t.next.Tries > maxTries {
		return t.leave()
	}
	return t.asking(q, id).eliciting(slot)
}

// kind is the kind of expense that was said in this turn, nil for none. One that is not on the list is "other".
func (t *turn) kind() *Expense {
	s, said := t.Slots[ExpenseSlot]
	switch {
	case !said:
		return nil
	case timekeeping.ExpenseName(s.ID) == "":
		return &Expense{Code: timekeeping.OtherExpense}
	}
	return &Expense{Code: s.ID, Said: t.spoken(ExpenseSlot)}
}

// amountSaid is a bare amount: the answer to "how much?", or a part of what is read back to be charged.
func amountSaid(ctx context.Context, t *turn) (*answer, error) {
	sum := t.sum()
	if sum == nil || t.state.Ask != AskAmount && t.state.Ask != AskCharge {
		return fallback(ctx, t)
	}
	t.carry()
	t.next.Sum = sum
	return t.do(ctx, t.state.Act, t.state.Name, t.state.What)
}

// kindSaid is a bare kind of expense: the answer to "what was it for?".
func kindSaid(ctx context.Context, t *turn) (*answer, error) {
	if t.state.Ask != AskKind {
		return fallback(ctx, t)
	}
	t.carry()
	t.next.Cost = t.kind()
	return t.do(ctx, t.state.Act, t.state.Name, t.state.What)
}
