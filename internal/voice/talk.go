package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// launch opens the talk with what runs, so that the account is known to be linked before anything is asked.
func launch(ctx context.Context, t *turn) (*answer, error) {
	r, err := t.clerk.Timesheets.Running(ctx, t.Caller)
	if err != nil {
		return nil, err
	}
	welcome := t.say("welcome")
	if welcome.leftRunning(r) {
		return welcome, nil
	}
	a := t.runs(r)
	a.parts = append(welcome.parts, a.parts...)
	return a.listen(), nil
}

// keep holds what was pending, for when the same question is put again.
func (t *turn) keep() {
	proven := t.next.Proven
	t.next = t.state
	t.next.Proven = proven
}

// yes means what was asked last.
func yes(ctx context.Context, t *turn) (*answer, error) {
	switch t.state.Ask {
	case AskCharge:
		t.keep()
		if t.state.Vouch {
			return t.vouching(), nil
		}
		return t.asking(AskCode, "ask.code"), nil
	case AskSend:
		return t.sendIt(ctx)
	case AskCalled:
		return t.remember(ctx)
	case AskGo:
		t.carry()
		return t.agreed(ctx)
	case "":
		return t.say("yes.unasked").listen(), nil
	}
	return t.again("yes.more")
}

// agreed does what was asked about. A client that was only near what was heard may be remembered by it.
func (t *turn) agreed(ctx context.Context) (*answer, error) {
	name := t.state.Name
	a, err := t.do(ctx, t.state.Act, name, t.state.What)
	if err != nil || name.Client == "" {
		return a, err
	}
	return t.called(a, name.Client, name.Heard), nil
}

// no ends what was asked. Of a charge it is said that it was not made.
func no(_ context.Context, t *turn) (*answer, error) {
	switch {
	case t.state.charging():
		return t.say("charge.not"), nil
	case t.state.sending():
		return t.say("send.not"), nil
	case t.state.Ask == AskGo && t.state.askedWhen():
		t.keep()
		t.next.Time.When = timekeeping.When{}
		return t.asking(AskWhen, "ask.when"), nil
	case t.state.Ask == AskGo && t.state.Act == DoConfirm:
		t.next.Act = DoMeasure
		return t.howLong()
	case t.state.Ask == AskWhen || t.state.Ask == AskLong || t.state.Ask == AskWhich || t.state.Ask == AskWho || t.state.Ask == AskGo:
		return t.say("nothing-changed"), nil
	}
	return t.say("done"), nil
}

// stop ends the talk. It never stops or discards a clock.
func stop(_ context.Context, t *turn) (*answer, error) {
	switch {
	case t.state.charging():
		return t.say("charge.not"), nil
	case t.state.sending():
		return t.say("send.not"), nil
	}
	return t.say("done"), nil
}

// startOver forgets what was pending.
func startOver(_ context.Context, t *turn) (*answer, error) {
	if t.state.charging() {
		return t.say("charge.not").listen(), nil
	}
	return t.say("start-over").listen(), nil
}

// help fits the moment: what can be answered now, else what can be said at all.
func help(_ context.Context, t *turn) (*answer, error) {
	if t.state.Ask == "" {
		return t.say("help").listen(), nil
	}
	t.keep()
	return t.say("help."+string(t.state.Ask)).and("again."+string(t.state.Ask), t.state.blanks(t)).listening("again." + string(t.state.Ask)), nil
}

// repeat says the last answer of this talk again, with its question.
func repeat(_ context.Context, t *turn) (*answer, error) {
	if t.state.Said == "" {
		return t.say("repeat.nothing").listen(), nil
	}
	t.keep()
	a := &answer{t: t, parts: []string{t.state.Said}}
	return a.listening(t.state.Again), nil
}

// fallback is for what was not understood.
func fallback(_ context.Context, t *turn) (*answer, error) {
	if t.state.Ask != "" {
		return t.again("unheard")
	}
	if t.next.Tries = t.state.Tries + 1; t.next.Tries > maxTries {
		return t.leave(), nil
	}
	return t.say("fallback").listen(), nil
}

// again puts the pending question once more, and lets it be when that leads nowhere.
func (t *turn) again(id string) (*answer, error) {
	if t.state.Ask == "" {
		return t.say(id).listen(), nil
	}
	t.keep()
	if t.next.Tries++; t.next.Tries > maxTries {
		return t.leave(), nil
	}
	q := string(t.state.Ask)
	return t.say(id).and("again."+q, t.state.blanks(t)).listening("again." + q), nil
}

// refuse turns an error into what is said about it, and ends the talk: by the fault's code, else its kind, else in
// its own words; of what is no fault nothing is said but that it went wrong.
func (t *turn) refuse(err error) *answer {
	t.next = State{}
	f := fault.As(err)
	switch {
	case t.unsure:
		return t.say("charge.unsure")
	case (f == nil || f.Kind == fault.Internal) && errors.Is(err, context.DeadlineExceeded):
		return t.say("fault.late") // nothing was done: what may have been done is fault.Unknown
	case f == nil || f.Kind == fault.Internal:
		return t.say("fault.internal")
	case f.Kind == fault.Unauthenticated:
		a := t.say("unlinked")
		a.link = true
		return a
	case t.words.has("fault." + f.Code):
		return t.say("fault." + f.Code)
	case t.words.has("kind." + f.Kind.String()):
		return t.say("kind." + f.Kind.String())
	}
	return (&answer{t: t}).verbatim(f.Message)
}

// isFault reports whether err is a copy of the fault.
func isFault(err error, f *fault.Error) bool { return errors.Is(err, f) }
