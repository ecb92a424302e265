package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
)

// deeds are what a name leads to. Each calls one domain method with t.next.Name.
var deeds map[Deed]handler

func init() {
	deeds = map[Deed]handler{
		DoStart:  startClock,
		DoStop:   stopClock,
		DoResume: resumeClock,
		DoAdd:    addLast,
		DoCharge: charge,

		DoPause: pauseClock, DoLog: logWork, DoHours: tellHours,
		DoMeant: meantFor, DoSplit: splitLast, DoMeasure: measureLast, DoConfirm: confirmLast, DoDiscard: discardLast,

		DoAddAll:    addAll,
		DoAddTheirs: addTheirs,
		DoTakeOff:   takeOff,
		DoHold:      hold,
		DoRelease:   release,
		DoSend:      send,
		DoSpend:     spend,

		DoTellBill:     onBill,
		DoTellUnbilled: unbilled,
		DoTellPaid:     paid,
		DoTellOwed:     owes,
		DoTellOwing:    whoOwes,
	}
}

// named is the handler of an intent that does a deed for the client it names, if any.
func named(d Deed) handler {
	return func(ctx context.Context, t *turn) (*answer, error) {
		t.next.Detail = Detail{t.sum(), t.kind()}
		return t.do(ctx, d, clients.Spoken{Heard: t.spoken(ClientSlot)}, "")
	}
}

// carry keeps what was said of the deed under way, for when it goes on.
func (t *turn) carry() {
	t.next.Detail, t.next.Time, t.next.Rest, t.next.Then = t.state.Detail, t.state.Time, t.state.Rest, t.state.Then
}

// do does a deed. A name that cannot be acted on becomes a question, whose answer comes back here.
func (t *turn) do(ctx context.Context, d Deed, name clients.Spoken, what charging.What) (*answer, error) {
	return t.orAsk(t.try(ctx, d, name, what))
}

func (t *turn) try(ctx context.Context, d Deed, name clients.Spoken, what charging.What) (*answer, error) {
	t.next.Act, t.next.Name, t.next.What = d, name, what
	return deeds[d](ctx, t)
}

// orAsk asks for the name that is missing, unknown or not clear.
func (t *turn) orAsk(a *answer, err error) (*answer, error) {
	var ask *clients.Ask
	switch {
	case errors.As(err, &ask):
		return t.which(ask), nil
	case errors.Is(err, clients.ErrNoName):
		return t.who("who.which"), nil
	case errors.Is(err, clients.ErrNone):
		return t.who("who.unknown"), nil
	}
	return a, err
}

// maxTries is how often a question is put again before the talk is left alone.
const maxTries = 2

// who asks for the client's name.
func (t *turn) who(id string) *answer {
	if t.state.Ask == AskWho {
		t.next.Tries = t.state.Tries + 1
	}
	if t.next.Tries > maxTries {
		return t.leave()
	}
	if t.next.Time.Second {
		return t.asking(AskWho, id).eliciting(OtherSlot)
	}
	return t.asking(AskWho, id).eliciting(ClientSlot)
}

func (t *turn) asking(q Question, id string, blanks ...vars) *answer {
	return (&answer{t: t}).asking(q, id, blanks...)
}

// which asks which client or matter is meant. Where names are held back, the speaker is asked to say more instead,
// and none is put into the state either, since that passes through the channel.
func (t *turn) which(ask *clients.Ask) *answer {
	switch {
	case t.discreet():
		return t.asking(AskWho, "which.discreet")
	case len(ask.Clients) == 1:
		only, name := ask.Clients[0], &t.next.Name
		if t.next.Time.Second {
			name = &t.next.Time.Other
		}
		name.Client, name.Matter = only.Client, only.Matter
		return t.asking(AskGo, "which.one", vars{"Name": clean(only.ClientName)})
	case len(ask.Matters) > 0:
		t.next.Choices, t.next.Before = ask.Matters, ask.Before != nil
		return t.whichMatter()
	default:
		t.next.Choices = bounded(ask.Clients)
		return t.asking(AskWhich, "which.client", vars{"Choices": t.words.choices(t.next.Choices)})
	}
}

// whichMatter asks which of the matters in the state; those after the first three are asked for with "more".
func (t *turn) whichMatter() *answer {
	id := "which.matter"
	if len(t.next.Choices) > maxChoices {
		id = "which.matter.more"
	}
	return t.asking(AskWhich, id, vars{"Client": clean(t.next.Choices[0].ClientName), "Choices": t.words.choices(bounded(t.next.Choices))})
}

// maxChoices is how many names a listener can keep in mind.
const maxChoices = 3

func bounded(refs []clients.Ref) []clients.Ref { return refs[:min(len(refs), maxChoices)] }

// leave ends a talk that leads nowhere.
func (t *turn) leave() *answer {
	charged := t.state.charging() || t.next.Act == DoCharge || t.next.Act == DoSend
	t.next = State{}
	t.dropped = false
	if charged {
		return t.say("leave.charge")
	}
	return t.say("leave")
}
