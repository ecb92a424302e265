package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// measure says how long the last work took.
func measure(ctx context.Context, t *turn) (*answer, error) {
	t.next.Time.Seconds = t.length()
	return t.do(ctx, DoMeasure, clients.Spoken{}, "")
}

func measureLast(ctx context.Context, t *turn) (*answer, error) {
	if t.next.Time.Seconds == 0 {
		return t.howLong()
	}
	c, err := t.clerk.Timesheets.Measure(ctx, t.Caller, t.next.Time.Seconds)
	if err != nil {
		return nil, err
	}
	return t.share("correct.measured", c.Shares[0]), nil
}

// share says what is one client's now.
func (t *turn) share(id string, s timekeeping.Share) *answer {
	return t.about(id, s.Ref, vars{"Hours": t.words.hours(s.Billed)})
}

// meant does for another client what was done last. To a question it is an answer.
func meant(ctx context.Context, t *turn) (*answer, error) {
	switch t.state.Ask {
	case AskWho, AskWhich, AskWhat, AskCharge, AskCode, AskProve:
		return choose(ctx, t)
	case AskGo:
		if !t.state.askedWhen() && t.state.Act.named() {
			return choose(ctx, t)
		}
	}
	t.state.Then = ""
	return t.do(ctx, DoMeant, clients.Spoken{Heard: t.spoken(ClientSlot)}, "")
}

func meantFor(ctx context.Context, t *turn) (*answer, error) {
	m, err := t.clerk.Timesheets.Meant(ctx, t.Caller, t.next.Name)
	switch {
	case err != nil:
		return nil, err
	case m.Started != nil:
		return t.started(*m.Started), nil
	case m.Corrected.Entries[0].Cost != nil:
		return t.about("correct.moved-cost", m.Corrected.Shares[0].Ref), nil
	}
	return t.share("correct.moved", m.Corrected.Shares[0]), nil
}

// split shares the last work between two clients.
func split(ctx context.Context, t *turn) (*answer, error) {
	t.next.Time.Other = clients.Spoken{Heard: t.spoken(OtherSlot)}
	return t.do(ctx, DoSplit, clients.Spoken{Heard: t.spoken(ClientSlot)}, "")
}

func splitLast(ctx context.Context, t *turn) (*answer, error) {
	c, err := t.clerk.Timesheets.Split(ctx, t.Caller, t.next.Name, t.next.Time.Other)
	var other timekeeping.Other
	t.next.Time.Second = errors.As(err, &other)
	if err != nil {
		return nil, err
	}
	a, b := c.Shares[0], c.Shares[1]
	return t.say("correct.split", vars{
		"Hours": t.words.hours(a.Billed), "Name": clean(a.Ref.ClientName), "OtherHours": t.words.hours(b.Billed), "OtherName": clean(b.Ref.ClientName),
	}), nil
}

// undo takes back what was done last with clocks and time. In the middle of a charge it means that.
func undo(ctx context.Context, t *turn) (*answer, error) {
	if t.state.charging() {
		return no(ctx, t)
	}
	u, err := t.clerk.Timesheets.Undo(ctx, t.Caller)
	if err != nil {
		return nil, err
	}
	a := t.say("undo." + u.Deed)
	switch {
	case u.Running != nil && t.discreet():
		a.and("undo.runs.discreet")
	case u.Running != nil:
		a.and("undo.runs", vars{"Name": clean(u.Running.ClientName)})
	}
	return a, nil
}

// discard asks whether the last work, or the clock that runs, is to be thrown away.
func discard(ctx context.Context, t *turn) (*answer, error) {
	if t.state.charging() {
		return no(ctx, t)
	}
	d, err := t.clerk.Timesheets.ToDiscard(ctx, t.Caller)
	if err != nil {
		return nil, err
	}
	t.next.Act, t.next.Time.ID = DoDiscard, d.ID
	id := "discard.entry"
	switch {
	case d.Clock:
		id = "discard.clock"
	case d.Cost != nil:
		id = "discard.cost"
	}
	blanks := vars{"Name": clean(d.Ref.ClientName), "Time": t.words.elapsed(d.Seconds)}
	if t.discreet() {
		id += ".discreet"
	}
	return t.asking(AskGo, id, blanks), nil
}

func discardLast(ctx context.Context, t *turn) (*answer, error) {
	if _, err := t.clerk.Timesheets.Discard(ctx, t.Caller, t.next.Time.ID); err != nil {
		return nil, err
	}
	return t.say("discard.done"), nil
}

// confirmTime says that a long time is right.
func confirmTime(ctx context.Context, t *turn) (*answer, error) {
	return t.do(ctx, DoConfirm, clients.Spoken{}, "")
}

func confirmLast(ctx context.Context, t *turn) (*answer, error) {
	if _, err := t.clerk.Timesheets.ConfirmLast(ctx, t.Caller); err != nil {
		return nil, err
	}
	return t.say("correct.confirmed").whatFor(), nil
}

// billable is the handler of an intent that says whether the last work is billed.
func billable(yes bool) handler {
	return func(ctx context.Context, t *turn) (*answer, error) {
		c, err := t.clerk.Timesheets.Bill(ctx, t.Caller, yes)
		switch {
		case err != nil:
			return nil, err
		case yes:
			return t.about("correct.billable", c.Shares[0].Ref), nil
		}
		return t.about("correct.free", c.Shares[0].Ref), nil
	}
}
