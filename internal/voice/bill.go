package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/money"
)

// addLast puts the caller's last entry on the bill. A colleague's newer one is offered. The total is a balance: it is held
// back with the names.
func addLast(ctx context.Context, t *turn) (*answer, error) {
	added, err := t.clerk.Billing.AddLast(ctx, t.Caller, t.next.Name, billing.Own)
	var others *billing.OnlyOthers
	if errors.As(err, &others) && !t.discreet() {
		return t.offerTheirs(others.Ref, "bill.only-others"), nil
	}
	if err != nil {
		return nil, err
	}
	a := t.added(added)
	switch {
	case t.discreet(), !added.Others:
	case added.Newer && t.state.Then == "":
		t.next.Act, t.next.Name = DoAddTheirs, clients.Spoken{Client: added.Ref.Client, Matter: added.Ref.Matter}
		return a.asking(AskGo, "bill.newer-others"), nil
	default:
		a.and("bill.others")
	}
	return t.then(a), nil
}

// offerTheirs asks whether a colleague's last entry is to go on the bill.
func (t *turn) offerTheirs(ref clients.Ref, id string) *answer {
	t.next.Act, t.next.Name, t.next.Then = DoAddTheirs, clients.Spoken{Client: ref.Client, Matter: ref.Matter}, t.state.Then
	return t.asking(AskGo, id)
}

// addTheirs puts a colleague's last entry on the bill.
func addTheirs(ctx context.Context, t *turn) (*answer, error) {
	added, err := t.clerk.Billing.AddLast(ctx, t.Caller, t.next.Name, billing.Colleagues)
	if err != nil {
		return nil, err
	}
	return t.then(t.added(added)), nil
}

// added says what one addition did.
func (t *turn) added(added billing.Added) *answer {
	t.next.Name = clients.Spoken{Client: added.Ref.Client, Matter: added.Ref.Matter}
	id, blanks := "bill.added", t.billNow(added.Ref, added.Count, added.Total)
	blanks["Hours"], blanks["Amount"] = t.words.hours(added.Billed), t.words.money(added.Amount)
	switch {
	case added.Cost:
		id = "bill.added-cost"
	case added.Billed == 0:
		id = "bill.added-covered"
	}
	if t.discreet() {
		return t.say(id+".discreet", blanks)
	}
	a := t.say(id, blanks)
	if !added.Cost {
		a.show("card.added", blanks)
	}
	if added.Waiting {
		a.and("bill.waiting")
	}
	return a
}

// billNow are the blanks that tell how a bill is.
func (t *turn) billNow(ref clients.Ref, count int, total money.Amount) vars {
	return vars{"Owner": t.words.possessive(t.name(ref)), "Entries": t.words.count("bill.entries", count), "Total": t.words.money(total)}
}

// then asks whether to go on with what an answered question was only a step of.
func (t *turn) then(a *answer) *answer {
	if t.state.Then == "" {
		return a
	}
	t.next.Act, t.next.Rest, t.next.Detail = t.state.Then, t.state.Rest, t.state.Detail
	t.next.What = ""
	return a.asking(AskGo, "then."+string(t.state.Then))
}

// addAll puts everything unbilled on the bill.
func addAll(ctx context.Context, t *turn) (*answer, error) {
	if t.next.Name == (clients.Spoken{}) {
		return nil, clients.ErrNoName
	}
	added, err := t.clerk.Billing.AddAll(ctx, t.Caller, t.next.Name)
	if err != nil {
		return nil, err
	}
	return t.then(t.addedAll(added)), nil
}

func (t *turn) addedAll(added billing.Added) *answer {
	if added.Lines == 1 && added.Left == 0 {
		a := t.added(added)
		if added.Theirs == 1 && !t.discreet() {
			a.and("bill.theirs-one")
		}
		return a
	}
	t.next.Name = clients.Spoken{Client: added.Ref.Client, Matter: added.Ref.Matter}
	blanks := t.billNow(added.Ref, added.Count, added.Total)
	blanks["Added"], blanks["Left"] = t.words.count("bill.entries", added.Lines), t.words.count("bill.more", added.Left)
	switch {
	case t.discreet():
		return t.say("bill.added-all.discreet", blanks)
	case added.Left > 0:
		return t.say("bill.added-some", blanks)
	}
	a := t.say("bill.added-all", blanks)
	if added.Theirs > 0 {
		a.counting("bill.theirs", added.Theirs)
	}
	if added.Waiting {
		a.and("bill.waiting")
	}
	return a
}

// addEach puts what is unbilled of several matters of one client on their bills: everything, or the caller's last of each.
// Each matter is an act of its own, known again by the request and the matter.
func (t *turn) addEach(ctx context.Context, matters []clients.Ref, all bool) (*answer, error) {
	bills, lines := 0, 0
	for _, m := range matters {
		c := t.Caller
		c.Request += "/" + m.Matter
		s := clients.Spoken{Client: m.Client, Matter: m.Matter}
		var added billing.Added
		var err error
		if all {
			added, err = t.clerk.Billing.AddAll(ctx, c, s)
		} else {
			added, err = t.clerk.Billing.AddLast(ctx, c, s, billing.Own)
		}
		switch {
		case err == nil:
			bills, lines = bills+1, lines+added.Lines+added.Left
		case !isFault(err, billing.ErrNothing) && !isFault(err, billing.ErrOnlyOthers) && !isFault(err, billing.ErrUnconfirmed) && !isFault(err, billing.ErrOnHold):
			return nil, err
		}
	}
	if bills == 0 {
		return nil, billing.ErrNothing
	}
	return t.say("bill.added-each", vars{"Added": t.words.count("bill.entries", lines), "Bills": t.words.count("bill.bills", bills)}), nil
}

// takeOff takes the last line off the bill again.
func takeOff(ctx context.Context, t *turn) (*answer, error) {
	taken, err := t.clerk.Billing.TakeOff(ctx, t.Caller, t.next.Name)
	if err != nil {
		return nil, err
	}
	blanks := t.billNow(taken.Ref, taken.Count, taken.Total)
	what := vars{"Hours": t.words.hours(taken.Billed), "Amount": t.words.money(taken.Line.Amount)}
	a := &answer{t: t}
	switch {
	case t.discreet():
		return a.and("bill.taken.discreet", blanks), nil
	case taken.Line.Kind == billing.Cost:
		a.and("bill.taken-cost", what)
	default:
		a.and("bill.taken", what)
	}
	if taken.Count == 0 {
		return a.and("bill.now-empty", blanks), nil
	}
	return a.and("bill.now", blanks), nil
}

// hold and release say whether a bill may be charged and sent.
func hold(ctx context.Context, t *turn) (*answer, error) { return t.putOnHold(ctx, true, "bill.held") }

func release(ctx context.Context, t *turn) (*answer, error) {
	return t.putOnHold(ctx, false, "bill.released")
}

func (t *turn) putOnHold(ctx context.Context, on bool, id string) (*answer, error) {
	b, err := t.clerk.Billing.PutOnHold(ctx, t.Caller, t.next.Name, on)
	if err != nil {
		return nil, err
	}
	return t.say(id, vars{"Owner": t.words.possessive(t.name(b.Ref))}), nil
}
