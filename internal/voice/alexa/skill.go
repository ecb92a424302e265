// Package alexa is Alexa's side of the voice: it decodes what Alexa sends, finds out who speaks, hands a turn to
// voice and encodes the reply. It decides nothing about clocks or money. Way in and out: Skill.Handle.
package alexa

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	sdk "github.com/arienmalec/alexa-go"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// Tokens turns the access token of account linking into who speaks. Errors: fault.Unauthenticated.
type Tokens interface {
	Open(token string) (firm.Caller, error)
}

// Clerk answers a turn. voice.Clerk is the one.
type Clerk interface {
	Handle(ctx context.Context, t voice.Turn) (voice.Reply, error)
}

// Skill is the skill as Alexa sees it.
type Skill struct {
	ApplicationID  string // requests for another skill are refused
	AnyApplication bool   // they are not: for a demo, where no skill is published and only its own machine can ask
	Tokens         Tokens
	Clerk          Clerk
	Links          Links    // told when a person disables the skill; nil: nobody is
	Service        *Service // nil: Alexa is asked nothing
	Log            *slog.Logger
	Now            func() time.Time // UTC; only for the log's durations
}

// Faults of requests that are not answered with speech, since Alexa did not send them, or not to us.
var (
	ErrMalformed   = fault.New(fault.Invalid, "alexa.malformed", "That is not a request of Alexa's.")
	ErrTooLarge    = fault.New(fault.Invalid, "alexa.too-large", "That request is too large.")
	ErrApplication = fault.New(fault.Forbidden, "alexa.application", "That request is meant for another skill.")
)

// patience is how long an answer may take. Alexa waits eight seconds; a commit whose outcome is not known when the time is
// up is asked about for one second more, and a confirmed charge, which keeps its own time, ends within seven. What is
// over then is answered all the same: with what is known.
const patience = 6500 * time.Millisecond

// stateKey is the one session attribute.
const stateKey = "clerk"

// Handle answers one request, within the time that Alexa waits. Errors: ErrMalformed, ErrTooLarge, ErrApplication. What goes wrong inside is logged and
// answered with a neutral sentence, since an error would make Alexa speak one of its own.
func (s *Skill) Handle(ctx context.Context, data []byte) ([]byte, error) {
	began := s.Now()
	r, err := decode(data)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "alexa", slog.String("outcome", fault.As(err).Code), slog.Int("bytes", len(data)))
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	line := &line{request: r}
	defer func() { line.write(ctx, s.Log, s.Now().Sub(began)) }()
	if !s.AnyApplication && !r.meantFor(s.ApplicationID) {
		line.fail(ErrApplication)
		return nil, ErrApplication
	}
	return encodeFitting(s.answer(ctx, r, line))
}

// answer picks by the request's type. What is no launch, intent or end is never acted on: it gets an empty, valid
// response.
func (s *Skill) answer(ctx context.Context, r *Request, line *line) *Response {
	if r.Body.Type == disabled {
		line.fail(s.unlink(ctx, r))
		return empty()
	}
	kind, ok := kinds[r.Body.Type]
	if !ok || kind == voice.Intended && r.Body.Intent == nil {
		return refusal(r.Body.Type)
	}
	turn := r.turn(kind)
	turn.Caller, turn.Recognised = s.caller(r)
	line.caller = turn.Caller
	device := &device{service: s.Service, system: &r.Context.System, request: r.Body.RequestID}
	defer device.finish()
	turn.Device = device
	reply, err := s.Clerk.Handle(ctx, turn)
	line.fail(err)
	if kind == voice.Ended {
		return empty()
	}
	return respond(reply, r)
}

var kinds = map[string]voice.Kind{
	"LaunchRequest":       voice.Launched,
	"IntentRequest":       voice.Intended,
	"SessionEndedRequest": voice.Ended,
	resumed:               voice.Vouched,
}

// refusal answers CanFulfillIntentRequest with NO, since whoever asks has not named our skill, and everything else
// (events, exceptions, types of tomorrow) with nothing.
func refusal(kind string) *Response {
	r := empty()
	if kind == "CanFulfillIntentRequest" {
		r.Body.CanFulfillIntent = &CanFulfill{"NO"}
	}
	return r
}

func empty() *Response { return &Response{Version: "1.0"} }

// meantFor checks every application id that the request carries, and that it carries one.
func (r *Request) meantFor(id string) bool {
	ids := []string{r.Context.System.Application.ID}
	if r.Session != nil {
		ids = append(ids, r.Session.Application.ID)
	}
	found := false
	for _, got := range ids {
		if got != "" && got != id {
			return false
		}
		found = found || got == id
	}
	return found && id != ""
}

// caller opens the token of the recognised voice, else the account's. A recognised voice whose token is no longer
// good is nobody: the account's owner may be somebody else.
func (s *Skill) caller(r *Request) (c firm.Caller, recognised bool) {
	token, recognised := r.token()
	if token == "" {
		return firm.Caller{}, false
	}
	c, err := s.Tokens.Open(token)
	if err != nil {
		return firm.Caller{}, false
	}
	c.Channel, c.Request = firm.ByVoice, r.Body.RequestID
	return c, recognised
}

func (r *Request) token() (token string, recognised bool) {
	if p := r.Context.System.Person; p != nil && p.AccessToken != "" {
		return p.AccessToken, true
	}
	if t := r.Context.System.User.AccessToken; t != "" {
		return t, false
	}
	if r.Session != nil {
		return r.Session.User.AccessToken, false
	}
	return "", false
}

// turn is the request in voice's words.
func (r *Request) turn(kind voice.Kind) voice.Turn {
	t := voice.Turn{Vouches: true, Vouch: r.vouched(), Kind: kind, Locale: r.locale(), Display: r.Context.System.Device.Interfaces.APL != nil}
	if s := r.Session; s != nil {
		t.New, t.Session, t.State = s.New, s.ID, s.state()
	}
	if in := r.Body.Intent; in != nil {
		t.Intent, t.Slots = in.Name, in.heard()
		t.Filling = r.Body.DialogState == "STARTED" || r.Body.DialogState == "IN_PROGRESS"
	}
	return t
}

func (r *Request) locale() string {
	if r.Body.Locale == "" {
		return sdk.LocaleAmericanEnglish
	}
	return r.Body.Locale
}

// state is our session attribute. Attributes of another shape are passed on as they are, for voice to refuse.
func (s *Session) state() string {
	var attributes struct {
		Clerk json.RawMessage `json:"clerk"`
	}
	if json.Unmarshal(s.Attributes, &attributes) != nil || len(attributes.Clerk) == 0 {
		return ""
	}
	var state string
	if json.Unmarshal(attributes.Clerk, &state) != nil {
		return string(attributes.Clerk)
	}
	return state
}

// heard returns the slots that hold something. "?" is how Alexa says that it heard nothing usable.
func (in *Intent) heard() map[string]voice.Slot {
	slots := make(map[string]voice.Slot, len(in.Slots))
	for name, s := range in.Slots {
		if s != nil && s.Value != "" && s.Value != "?" {
			slots[name] = voice.Slot{Value: s.Value, ID: s.id()}
		}
	}
	return slots
}
