package voice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
)

// Question is what was asked last: what "yes", a name or a number in the next turn means.
type Question string

// Questions.
const (
	AskWho    Question = "who"    // which client, by name
	AskWhich  Question = "which"  // which of State.Choices
	AskWhat   Question = "what"   // the draft or the open invoice
	AskGo     Question = "go"     // whether to do State.Act
	AskCharge Question = "charge" // whether to charge State.Offer
	AskCode   Question = "code"   // the code for State.Offer
	AskProve  Question = "prove"  // the code, before anything of State.Act is said
	AskVouch  Question = "vouch"  // nobody: the assistant asks for its own code, for State.Offer
	AskNote   Question = "note"   // what the last entry was for
	AskLong   Question = "long"   // how long it was
	AskWhen   Question = "when"   // when a clock ended
	AskSend   Question = "send"   // whether to send State.Offer
	AskAmount Question = "amount" // how much State.Act is about
	AskKind   Question = "kind"   // what kind of expense it is
	AskCalled Question = "called" // whether to remember what a client was called
)

// Questions are all of them.
var Questions = []Question{AskWho, AskWhich, AskWhat, AskGo, AskCharge, AskCode, AskProve, AskVouch, AskNote, AskLong, AskWhen, AskSend, AskAmount, AskKind, AskCalled}

// Deed is what an answered question goes on with.
type Deed string

// Deeds. Each has its function in the deeds table.
const (
	DoStart  Deed = "start"
	DoStop   Deed = "stop"
	DoResume Deed = "resume"
	DoAdd    Deed = "add"
	DoCharge Deed = "charge"

	DoPause   Deed = "pause"
	DoLog     Deed = "log"
	DoHours   Deed = "hours"
	DoMeant   Deed = "meant"   // the last deed for another client
	DoSplit   Deed = "split"   // the last work between two
	DoMeasure Deed = "measure" // how long the last work took
	DoConfirm Deed = "confirm" // that the last work took long
	DoDiscard Deed = "discard" // the last work

	DoAddAll    Deed = "add-all"
	DoAddTheirs Deed = "add-theirs" // a colleague's last entry
	DoTakeOff   Deed = "take-off"
	DoHold      Deed = "hold"
	DoRelease   Deed = "release"
	DoSend      Deed = "send"
	DoSpend     Deed = "spend"

	DoTellBill     Deed = "tell-bill"
	DoTellUnbilled Deed = "tell-unbilled"
	DoTellPaid     Deed = "tell-paid"
	DoTellOwed     Deed = "tell-owed"
	DoTellOwing    Deed = "tell-owing"
)

// named reports whether a deed is for a client that another may be meant for.
func (d Deed) named() bool { return d != DoMeasure && d != DoConfirm && d != DoDiscard }

// State is what is pending between two turns of one talk. It travels through the channel, so it is sealed for the
// firm, the person and the talk, and is still never trusted for money: charging re-reads what it charges.
type State struct {
	Ask     Question        `json:"ask,omitempty"`
	Act     Deed            `json:"act,omitempty"`
	Name    clients.Spoken  `json:"name,omitzero"` // of what Act is about
	Time    Time            `json:"time,omitzero"`
	What    charging.What   `json:"what,omitempty"`
	Detail                  // of what Act does
	Rest    []clients.Ref   `json:"rest,omitempty"`    // matters that Act is to be done for next
	Then    Deed            `json:"then,omitempty"`    // what Act is a step of
	Choices []clients.Ref   `json:"choices,omitempty"` // for AskWhich
	Before  bool            `json:"before,omitempty"`  // the first choice is the one used last
	Offer   *charging.Offer `json:"offer,omitempty"`
	Vouch   bool            `json:"vouch,omitempty"`  // the assistant may ask for its own code, for Offer
	Proven  bool            `json:"proven,omitempty"` // the code was given rightly in this talk
	Tries   int             `json:"tries,omitempty"`  // answers to Ask that were not understood
	Said    string          `json:"said,omitempty"`   // marked text, for "repeat"
	Again   string          `json:"again,omitempty"`  // the reprompt's id
}

// Detail is what was said of a deed beside whom it is for. A correction of the name keeps it.
type Detail struct {
	Sum  *Sum     `json:"sum,omitempty"`  // how much is charged or was laid out; nil: not said
	Cost *Expense `json:"cost,omitempty"` // what was laid out; nil: not said
}

// Sum is an amount as it was said. Which currency it is in, the firm's decides, if it goes by that word.
type Sum struct {
	Whole int64  `json:"whole"`
	Parts int64  `json:"parts,omitempty"` // hundredths
	Word  string `json:"word,omitempty"`  // "dollar", of the model's list; empty: none was said
}

// Expense is a kind of expense, of the model's list.
type Expense struct {
	Code string `json:"code"`           // UTBMS
	Said string `json:"said,omitempty"` // what it was called
}

// stateVersion is raised whenever a field changes its meaning: older states are then refused.
const stateVersion = "2"

// ErrState is returned for a state that is of another version, another talk or person, or was tampered with.
var ErrState = fault.New(fault.Invalid, "state.lost", "I lost the thread.")

// charging reports whether a charge is under way: then "stop" means that it is not charged, and that is said.
func (s State) charging() bool {
	switch s.Ask {
	case AskCharge, AskCode, AskVouch:
		return true
	case AskWho, AskWhich, AskGo, AskProve, AskWhat, AskAmount:
		return s.Act == DoCharge || s.Then == DoCharge
	}
	return false
}

// sending reports whether an invoice is about to be sent: then "stop" means that it is not sent, and that is said.
func (s State) sending() bool {
	return s.Ask == AskSend || (s.Act == DoSend || s.Then == DoSend) && (s.Ask == AskWhat || s.Ask == AskWho || s.Ask == AskWhich || s.Ask == AskGo || s.Ask == AskProve)
}

// blanks are what a reprompt may name again. Where names are held back there are no choices in the state.
func (s State) blanks(t *turn) vars { return vars{"Choices": t.words.choices(bounded(s.Choices))} }

// seal writes the state as version.payload.signature.
func (s State) seal(pepper []byte, binding string) string {
	payload, err := json.Marshal(s)
	if err != nil {
		panic("voice: a state must encode as JSON: " + err.Error())
	}
	text := base64.RawURLEncoding.EncodeToString(payload)
	return stateVersion + "." + text + "." + base64.RawURLEncoding.EncodeToString(sign(pepper, binding, text))
}

// openState reads what seal wrote. Errors: ErrState.
func openState(pepper []byte, binding, sealed string) (State, error) {
	var s State
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != stateVersion {
		return s, ErrState
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(signature, sign(pepper, binding, parts[1])) {
		return s, ErrState
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &s) != nil {
		return State{}, ErrState
	}
	return s, nil
}

// sign is HMAC-SHA256 under the pepper, for this purpose and version only.
func sign(pepper []byte, binding, text string) []byte {
	m := hmac.New(sha256.New, pepper)
	m.Write([]byte("dialog state " + stateVersion + "\n" + strconv.Itoa(len(binding)) + ":" + binding + text))
	return m.Sum(nil)
}
