package voice

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
)

// addLast puts the caller's last entry on the bill. The total is a balance: it is held back with the names.
func addLast(ctx context.Context, t *turn) (*answer, error) {
	added, err := t.clerk.Billing.AddLast(ctx, t.Caller, t.next.Name, billing.Own)
	if err != nil {
		return nil, err
	}
	blanks := vars{
		"Hours": t.words.hours(added.Billed), "Owner": t.words.possessive(t.name(added.Ref)),
		"Entries": t.words.count("bill.entries", added.Count), "Total": t.words.money(added.Total),
	}
	if t.discreet() {
		return t.then(t.say("bill.added.discreet", blanks)), nil
	}
	a := t.say("bill.added", blanks).show("card.added", blanks)
	if added.Others {
		a.and("bill.others")
	}
	t.next.Name = clients.Spoken{Client: added.Ref.Client, Matter: added.Ref.Matter}
	return t.then(a), nil
}

// then asks whether to go on with what an answered question was only a step of.
func (t *turn) then(a *answer) *answer {
	if t.state.Then == "" {
		return a
	}
	t.next.Act = t.state.Then
	t.next.What = ""
	return a.asking(AskGo, "then."+string(t.state.Then))
}

// addAll offers the last entry: all at once is not done by voice yet, and one entry must not be said to be all.
func addAll(_ context.Context, t *turn) (*answer, error) {
	heard := t.spoken(ClientSlot)
	t.next.Act, t.next.Name = DoAdd, clients.Spoken{Heard: heard}
	if heard == "" {
		return t.asking(AskWho, "bill.one-at-a-time.who"), nil
	}
	return t.asking(AskGo, "bill.one-at-a-time"), nil
}
