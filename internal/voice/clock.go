package voice

import (
	"context"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

func startClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Start(ctx, t.Caller, t.next.Name, timekeeping.When{})
	if err != nil {
		return nil, err
	}
	return t.started(s), nil
}

func resumeClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Resume(ctx, t.Caller, t.next.Name, timekeeping.When{})
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
	id := "clock.started"
	switch {
	case s.Already:
		id = "clock.already"
	case s.Resumed:
		id = "clock.resumed"
	}
	a := t.about(id, s.Ref)
	switch {
	case s.Paused == nil:
	case t.discreet():
		a.and("clock.paused-other")
	case s.Paused.Client == s.Ref.Client:
		a.and("clock.paused", vars{"Name": t.matter(*s.Paused)})
	default:
		a.and("clock.paused", vars{"Name": clean(s.Paused.ClientName)})
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
	return t.next.Name.Heard != "" || t.next.Name.Client != ""
}

// name is the client as the firm writes it, with the matter when it was chosen among several.
func (t *turn) name(ref clients.Ref) string {
	if ref.MatterName == "" || t.state.Ask != AskWhich || !twice(t.state.Choices, ref.Client) {
		return clean(ref.ClientName)
	}
	return t.words.sentence("name.both", vars{"Client": clean(ref.ClientName), "Matter": t.matter(ref)})
}

func (t *turn) matter(ref clients.Ref) string {
	return t.words.sentence("name.matter", vars{"Matter": clean(ref.MatterName)})
}

// stopClock asks what the time was for, where the firm allows that to be dictated.
func stopClock(ctx context.Context, t *turn) (*answer, error) {
	s, err := t.clerk.Timesheets.Stop(ctx, t.Caller, t.next.Name, timekeeping.When{Now: true})
	if err != nil {
		return t.notStopped(err)
	}
	if len(s.Entries) == 0 {
		return t.about("clock.stopped-empty", s.Ref), nil
	}
	hours := vars{"Hours": t.words.hours(s.Billed)}
	a := t.about("clock.stopped", s.Ref, hours).show("card.stopped", hours)
	if unconfirmed(s.Entries) {
		a.and("clock.unconfirmed")
	}
	a.overlap(s)
	switch {
	case t.state.Then != "":
		return t.then(a), nil
	case t.settings().Voice.FreeNotes:
		return a.asking(AskNote, "ask.note"), nil
	}
	return a, nil
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

// notStopped asks whether the clock that does run is meant.
func (t *turn) notStopped(err error) (*answer, error) {
	if !isFault(err, timekeeping.ErrOther) {
		return nil, err
	}
	t.next.Act, t.next.Name = DoStop, clients.Spoken{}
	return t.asking(AskGo, "clock.other"), nil
}

func pause(ctx context.Context, t *turn) (*answer, error) {
	p, err := t.clerk.Timesheets.Pause(ctx, t.Caller, clients.Spoken{}, timekeeping.When{})
	if err != nil {
		return nil, err
	}
	return t.about("clock.paused-now", p.Ref), nil
}

func running(ctx context.Context, t *turn) (*answer, error) {
	r, err := t.clerk.Timesheets.Running(ctx, t.Caller)
	if err != nil {
		return nil, err
	}
	return t.runs(r), nil
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
	return a
}

// note keeps what the caller's last entry was for.
func note(ctx context.Context, t *turn) (*answer, error) {
	text := clean(clip(t.Slots[NoteSlot].Value, maxNote))
	if text == "" {
		return t.asking(AskNote, "ask.note"), nil
	}
	c, err := t.clerk.Timesheets.Note(ctx, t.Caller, text)
	if err != nil {
		return nil, err
	}
	if t.state.Ask == AskNote || t.discreet() {
		return t.say("noted"), nil
	}
	return t.say("noted-for", vars{"Name": clean(c.Shares[0].Ref.ClientName)}), nil
}

// maxNote is how many bytes of a dictated narrative are kept.
const maxNote = 2000
