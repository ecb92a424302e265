package voice

import (
	"context"
	"errors"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// timed is the handler of an intent that does a deed with a clock, now or at a moment that was said. A moment alone, after
// it was asked when a clock ended, is of that clock.
func timed(d Deed) handler {
	return func(ctx context.Context, t *turn) (*answer, error) {
		w, err := t.when()
		if err != nil {
			return nil, err
		}
		t.next.Time.When = w
		name := clients.Spoken{Heard: t.spoken(ClientSlot)}
		if d == DoStop && w.Said() && name.Heard == "" && t.state.askedWhen() {
			name, t.next.Time.Unnamed = t.state.Name, t.state.Time.Unnamed
		}
		return t.do(ctx, d, name, "")
	}
}

func startClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Start(ctx, t.Caller, t.next.Name, t.heardHere(ctx))
	if err != nil {
		return nil, err
	}
	return t.started(s), nil
}

func resumeClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Resume(ctx, t.Caller, t.next.Name, t.heardHere(ctx))
	if err != nil {
		return nil, err
	}
	return t.started(s), nil
}

// resumeLast is "resume" alone: what was paused last goes on.
func resumeLast(ctx context.Context, t *turn) (*answer, error) {
	return t.do(ctx, DoResume, clients.Spoken{}, "")
}

// started says what runs now, and what was paused for it.
func (t *turn) started(s timekeeping.Started) *answer {
	t.assumed = s.Assumed
	id := "clock.started"
	switch {
	case s.Already:
		id = "clock.already"
	case s.Resumed && s.From != nil:
		id = "clock.resumed.at"
	case s.Resumed:
		id = "clock.resumed"
	case s.From != nil:
		id = "clock.started.at"
	}
	a := t.about(id, s.Ref, t.at(s.From))
	switch {
	case s.Paused == nil || s.Forgotten != nil:
	case t.discreet():
		a.and("clock.paused-other")
	case s.Paused.Client == s.Ref.Client:
		a.and("clock.paused", vars{"Name": t.matter(*s.Paused)})
	default:
		a.and("clock.paused", vars{"Name": clean(s.Paused.ClientName)})
	}
	if s.Forgotten != nil {
		a.whenEnded(s.Forgotten, "clock.left")
	}
	return a
}

// about says a sentence about a client, by name, or by its discreet form when the speaker named nobody and names are
// held back.
func (t *turn) about(id string, ref clients.Ref, more ...vars) *answer {
	blanks := vars{"Name": t.name(ref)}
	for _, m := range more {
		for k, v := range m {
			blanks[k] = v
		}
	}
	if t.discreet() && !t.namedByName() {
		id += ".discreet"
	}
	return t.say(id, blanks)
}

// namedByName reports whether the speaker named the client, in this turn or the one that led to it.
func (t *turn) namedByName() bool {
	return (t.next.Name.Heard != "" || t.next.Name.Client != "") && !t.next.Time.Unnamed
}

// name is the client as the firm writes it, with the matter when it was chosen among several or taken as the usual one.
func (t *turn) name(ref clients.Ref) string {
	asked := t.state.Ask == AskWhich && twice(t.state.Choices, ref.Client)
	if ref.MatterName == "" || !asked && !t.assumed {
		return clean(ref.ClientName)
	}
	return t.words.sentence("name.both", vars{"Client": clean(ref.ClientName), "Matter": t.matter(ref)})
}

func (t *turn) matter(ref clients.Ref) string {
	return t.words.sentence("name.matter", vars{"Matter": clean(ref.MatterName)})
}

// stopClock asks what the time was for, where the firm allows that to be dictated; of a clock that may have been left
// running, when it ended.
func stopClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Stop(ctx, t.Caller, t.next.Name, t.heardHere(ctx))
	if err != nil {
		return t.notStopped(err)
	}
	if len(s.Entries) == 0 {
		return t.about("clock.stopped-empty", s.Ref), nil
	}
	id, hours := "clock.stopped", vars{"Hours": t.words.hours(s.Billed)}
	if s.At != nil {
		id = "clock.stopped.at"
	}
	a := t.about(id, s.Ref, hours, t.at(s.At)).show("card.stopped", hours)
	a.overlap(s)
	switch {
	case t.state.Then != "":
		return t.then(a), nil
	case unconfirmed(s.Entries):
		t.next.Act, t.next.Name, t.next.Time = DoConfirm, clients.Spoken{}, Time{}
		return a.asking(AskGo, "clock.unconfirmed"), nil
	}
	return a.whatFor(), nil
}

// whatFor asks what time was for, where that may be said.
func (a *answer) whatFor() *answer {
	if v := a.t.settings().Voice; v.FreeNotes || len(v.Phrases) > 0 {
		return a.asking(AskNote, "ask.note")
	}
	return a
}

// overlap says how much of the time was given to other work too. Nobody is named, so it may always be said.
func (a *answer) overlap(s timekeeping.Stopped) {
	if shared := s.Overlap(); shared > 0 {
		a.and("clock.overlap", vars{"Time": a.t.words.elapsed(shared)})
	}
}

// unconfirmed reports whether the clock may have been forgotten: such time is not billed until it is confirmed.
func unconfirmed(entries []timekeeping.Entry) bool {
	return slices.ContainsFunc(entries, func(e timekeeping.Entry) bool { return e.Unconfirmed })
}

// notStopped asks when a clock ended that may have been left running, and whether the clock that does run is meant when the
// named one does not.
func (t *turn) notStopped(err error) (*answer, error) {
	var left *timekeeping.Forgotten
	switch {
	case errors.As(err, &left):
		t.next.Then = t.state.Then
		return (&answer{t: t}).whenEnded(left, "clock.forgotten"), nil
	case isFault(err, timekeeping.ErrOther):
		t.next.Act, t.next.Name, t.next.Time.When.Zone = DoStop, clients.Spoken{}, ""
		return t.asking(AskGo, "clock.other"), nil
	case t.state.askedWhen() && (isFault(err, timekeeping.ErrBefore) || isFault(err, timekeeping.ErrFuture) || isFault(err, timekeeping.ErrWhen)):
		t.state.Ask, t.state.Again = AskWhen, "again.when"
		return t.again("fault." + fault.As(err).Code)
	}
	return nil, err
}

// askedWhen reports whether it was asked when a clock ended.
func (s State) askedWhen() bool {
	return s.Ask == AskWhen || s.Ask == AskGo && s.Act == DoStop && !s.Time.When.At.IsZero()
}

// whenEnded asks when a clock ended that ran for so long, and offers a guess where there is one. Where names are held back
// it is named only if the speaker did.
func (a *answer) whenEnded(f *timekeeping.Forgotten, id string) *answer {
	t := a.t
	named := id == "clock.forgotten" && t.namedByName()
	blanks := vars{"Name": clean(f.Ref.ClientName), "Time": t.words.elapsed(f.Seconds), "When": ""}
	t.next.Act, t.next.Name = DoStop, clients.Spoken{Client: f.Ref.Client, Matter: f.Ref.Matter}
	t.next.Time = Time{When: timekeeping.When{At: f.Guess}, Unnamed: !named}
	if t.discreet() && !named {
		id += ".discreet"
	}
	if a.and(id, blanks); f.Guess.IsZero() {
		return a.asking(AskWhen, "ask.when")
	}
	return a.asking(AskGo, "ask.stop-at", vars{"When": t.moment(timekeeping.Moment{At: f.Guess, Zone: f.Zone})})
}

// when answers when a clock ended that was asked about.
func when(ctx context.Context, t *turn) (*answer, error) {
	if !t.state.askedWhen() {
		return fallback(ctx, t)
	}
	w, err := t.when()
	if err != nil || !w.Said() {
		return t.again("unheard")
	}
	t.next.Then, t.next.Time = t.state.Then, t.state.Time
	t.next.Time.When = w
	return t.do(ctx, DoStop, t.state.Name, "")
}

func pauseClock(ctx context.Context, t *turn) (*answer, error) {
	p, err := t.clerk.Timesheets.Pause(ctx, t.Caller, t.next.Name, t.heardHere(ctx))
	if err != nil {
		return nil, err
	}
	id := "clock.paused-now"
	if p.At != nil {
		id = "clock.paused-now.at"
	}
	a := t.about(id, p.Ref, t.at(p.At))
	if p.Forgotten != nil {
		a.whenEnded(p.Forgotten, "clock.left")
	}
	return a, nil
}

func running(ctx context.Context, t *turn) (*answer, error) {
	r, err := t.clerk.Timesheets.Running(ctx, t.Caller)
	if err != nil {
		return nil, err
	}
	if a := (&answer{t: t}); a.leftRunning(r) {
		return a, nil
	}
	return t.runs(r), nil
}

// leftRunning asks when the running clock ended, if it may have been left running.
func (a *answer) leftRunning(r timekeeping.Running) bool {
	if r.Forgotten == nil {
		return false
	}
	a.whenEnded(r.Forgotten, "clock.forgotten")
	return true
}

// runs tells the running clock, and the paused ones by name or by count.
func (t *turn) runs(r timekeeping.Running) *answer {
	a := &answer{t: t}
	if r.Clock != nil {
		a = t.about("running.one", r.Clock.Ref, vars{"Time": t.words.elapsed(r.Seconds)})
	} else {
		a.and("running.none")
	}
	switch {
	case len(r.Paused) == 0:
	case len(r.Paused) == 1 && !t.discreet():
		a.and("running.paused", vars{"Name": clean(r.Paused[0].Ref.ClientName)})
	default:
		a.counting("running.paused-many", len(r.Paused))
	}
	a.screen, a.hints = t.screen(r), t.hints(r)
	return a
}
