// Package voice is the clerk that a lawyer talks to: a turn of the talk comes in, one domain method is called, a
// reply goes out. It knows intents, slots and words, and nothing of any assistant's wire format. Way in and out:
// Clerk.Handle. Which intent does what: table.go. What is pending between turns: State.
package voice

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// Kind is what a turn is.
type Kind int

// Kinds of turns.
const (
	Launched Kind = iota + 1 // the skill was opened without a wish
	Intended                 // something was said that an intent was found for
	Vouched                  // the assistant asked for its own code, and the talk goes on
	Ended                    // the talk is over; nobody hears the reply
)

// Turn is one thing said.
type Turn struct {
	Caller     firm.Caller     // without a person: the account is not linked
	Recognised bool            // the voice was recognised as the caller's
	Locale     string          // BCP 47: "en-US"
	Kind       Kind            //
	Intent     string          // for Intended
	Slots      map[string]Slot // only those that hold something
	Vouches    bool            // the assistant can ask a recognised voice for a code of its own
	Vouch      string          // for Vouched: Reply.Vouch of the turn before, when the code was right
	Display    bool            // the device can show a Screen
	Filling    bool            // the channel can ask for a missing slot of this intent
	State      string          // Reply.State of the turn before, as it came back
	Session    string          // the talk's id
	New        bool            // the talk's first turn
	Device     Device          // nil: nothing is known of it
}

// Device is what the speaker talks to, while an answer is being made. Nothing of it is to be relied on.
type Device interface {
	// Zone is the IANA name of the zone in which the device stands, empty when it is not known. It may take a second.
	Zone(ctx context.Context) string
	// Say says something before the answer. It does not wait.
	Say(ctx context.Context, words Speech)
}

// Slot is a part of what was said.
type Slot struct {
	Value string // as heard
	ID    string // of the value of a closed list that it was found to be
}

// Reply is what is answered.
type Reply struct {
	Speech   Speech
	Reprompt Speech // said when nobody answers; only with Listen
	Card     *Card
	Listen   bool   // the speech ends with a question, and the microphone opens
	State    string // sealed; only with Listen
	Elicit   string // the slot of the same intent that the question asks for
	Link     bool   // ask to link the account
	Vouch    string // not empty: nothing is said, the assistant asks for its own code; comes back with what became of it
	Screen   *Screen
	Hints    []string // names that the assistant may listen for in this talk
}

// Card is shown in the assistant's app: no names, no narratives.
type Card struct{ Title, Text string }

// Clerk answers turns. Each answer makes at most one write, so a turn that is delivered twice is answered the same
// way twice, from the stored result of that write.
type Clerk struct {
	House      *firm.House // proves a speaker by code; its pepper seals what is pending
	Timesheets *timekeeping.Timesheets
	Billing    *billing.Desk
	Charges    *charging.Charges
}

// Handle answers one turn. The reply can always be spoken; the error, if any, is for the log.
func (c *Clerk) Handle(ctx context.Context, in Turn) (Reply, error) {
	t := &turn{Turn: in, clerk: c, words: wordsFor(in.Locale)}
	if in.Kind == Ended {
		return Reply{}, nil
	}
	if in.Caller.Person == "" {
		return t.unlinked(), nil
	}
	if err := t.open(); err != nil && !t.farewell() {
		return t.finish(t.say("state.lost").listen()), err
	}
	ctx, t.seen = firm.SeenBy(ctx)
	answer, err := t.handler()(ctx, t)
	if err != nil {
		answer = t.refuse(err)
	}
	return t.finish(answer), err
}

// turn is one turn being answered.
type turn struct {
	Turn
	clerk *Clerk
	words *words
	seen  *firm.Seen
	state State // pending from the turn before
	next  State // pending after this one

	assumed bool // no matter was named: the usual one was taken
	dropped bool // a charge was under way when something else was asked for
	unsure  bool // what became of a confirmed charge is not known
}

func (t *turn) open() (err error) {
	if t.New || t.State == "" {
		return nil
	}
	if t.state, err = openState(t.clerk.House.Pepper, t.binding(), t.State); err == nil {
		t.next.Proven = t.state.Proven
	}
	return err
}

// binding ties what is pending to this talk and this person: another's "yes" is none.
func (t *turn) binding() string {
	return t.Caller.Firm + "/" + t.Caller.Person + "/" + t.Session
}

func (t *turn) handler() handler {
	switch t.Kind {
	case Launched:
		return launch
	case Vouched:
		return vouched
	}
	if t.state.Ask == AskVouch { // somebody speaks instead of giving the code: the yes is asked for again
		t.state.Ask, t.state.Vouch = AskCharge, true
	}
	entry, ok := intents[t.Intent]
	if !ok {
		return fallback
	}
	if entry.afresh {
		t.dropped, t.state.Then = t.state.charging(), ""
	}
	return entry.handle
}

// unlinked asks to link the account, unless the talk is only to end.
func (t *turn) unlinked() Reply {
	if t.farewell() {
		return t.finish(t.say("done"))
	}
	reply := t.finish(t.say("unlinked"))
	reply.Link = true
	return reply
}

// farewell reports whether the talk is to end, which it does even when the thread was lost.
func (t *turn) farewell() bool {
	return t.Kind == Intended && (t.Intent == StopIntent || t.Intent == CancelIntent || t.Intent == NavigateHomeIntent)
}

// discreet reports whether names and amounts are held back: the firm wants it and nothing has proven who speaks.
// As long as the firm's settings are not known, it is.
func (t *turn) discreet() bool {
	f, _, known := t.seen.Get()
	return (!known || f.Voice.Discretion) && !t.Recognised && !t.next.Proven
}

// settings returns the firm's, once an act has read them.
func (t *turn) settings() firm.Firm {
	f, _, _ := t.seen.Get()
	return f
}

// meanwhile says a sentence before the answer.
func (t *turn) meanwhile(ctx context.Context, id string) {
	if t.Device != nil {
		t.Device.Say(ctx, parse(t.words.sentence(id)))
	}
}

// spoken returns a slot's value, bounded: nobody names a client in more than 200 bytes.
func (t *turn) spoken(slot string) string {
	return clip(t.Slots[slot].Value, 200)
}

// clip cuts text at a rune's border.
func clip(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for bytes > 0 && text[bytes]&0xC0 == 0x80 {
		bytes--
	}
	return text[:bytes]
}
