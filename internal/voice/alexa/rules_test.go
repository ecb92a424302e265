package alexa_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

// moments are the talks that lead to each question, and to none. O'Brien & Sons has what SSML must escape in its name.
var moments = map[voice.Question][]string{
	"":              nil,
	voice.AskWho:    {"start the clock"},
	voice.AskWhich:  {"start the clock for schmidt"},
	voice.AskWhat:   {"charge acme"},
	voice.AskGo:     {"stop the clock for beta"},
	voice.AskCharge: {"charge beta"},
	voice.AskCode:   {"charge beta", "yes"},
	voice.AskProve:  {"charge beta"},
	voice.AskVouch:  {"charge beta", "yes"},
	voice.AskNote:   {"stop the clock for o'brien and sons"},
	voice.AskLong:   {"log time for acme"},
	voice.AskWhen:   {"no"}, // it was not when the clock of the day before is guessed to have ended
	voice.AskSend:   {"send the invoice to acme"},
	voice.AskAmount: {"log an expense for acme"},
	voice.AskKind:   {"log four hundred dollars for acme"},
	voice.AskCalled: {"start the clock for acme consolidated", "yes"},
}

// Every intent in every state of the dialog: Amazon's rules for a response, and ours for money. Those that pay have a world
// of their own; the others leave the question as it is, since it travels with the talk.
func TestEveryIntentAtEveryQuestionKeepsTheRules(t *testing.T) {
	for question := range moments {
		t.Run(string(question), func(t *testing.T) {
			w, request := at(t, question)
			for _, intent := range voice.Intents() {
				if pays(question, intent) {
					fresh, again := at(t, question)
					follows(t, intent, fresh.handle(t, again(intent)), true)
				} else {
					follows(t, intent, w.handle(t, request(intent)), false)
				}
			}
		})
	}
}

// pays reports whether an intent, with the right code in it, is yes and proof at a question.
func pays(question voice.Question, intent string) bool {
	return question == voice.AskCode && (intent == voice.CodeIntent || intent == voice.YesCodeIntent) ||
		(question == voice.AskCharge || question == voice.AskVouch) && intent == voice.YesCodeIntent
}

func follows(t *testing.T, intent string, got answered, pays bool) {
	t.Helper()
	keeps(t, got)
	if paid := strings.Contains(got.speech(), "Paid."); paid != pays {
		t.Errorf("%s: paid: %v, after %q", intent, paid, got.speech())
	}
	if got.listening() && endings[intent] {
		t.Errorf("%s: the talk goes on: %q", intent, got.speech())
	}
	if !got.listening() && intent == voice.HelpIntent {
		t.Errorf("help ends the talk: %q", got.speech())
	}
}

func TestEveryQuestionIsReachedByATalk(t *testing.T) {
	for _, q := range voice.Questions {
		if _, ok := moments[q]; !ok {
			t.Errorf("no talk leads to %q", q)
		}
	}
}

func TestWithoutALinkedAccountEveryIntentAsksToLinkIt(t *testing.T) {
	w, request := at(t, "")
	for _, intent := range voice.Intents() {
		got := w.handle(t, strings.ReplaceAll(request(intent), "ada-token", "nobodys-token"))
		keeps(t, got)
		ends := intent == voice.StopIntent || intent == voice.CancelIntent || intent == voice.NavigateHomeIntent
		if linked := got.Response.Card != nil && got.Response.Card.Type == "LinkAccount"; linked == ends || got.listening() {
			t.Errorf("%s: %+v", intent, got)
		}
	}
}

// at brings a world to a question, and returns how the next intent of that talk is asked for.
func at(t *testing.T, question voice.Question) (*world, func(intent string) string) {
	t.Helper()
	w, x := reached(t, question)
	var sent struct{ Session json.RawMessage }
	var answered struct{ SessionAttributes json.RawMessage }
	if err := errors.Join(json.Unmarshal(x.Request, &sent), json.Unmarshal(x.Response, &answered)); err != nil {
		t.Fatal(err)
	}
	kinds, _ := shapes(t, "en-US")
	return w, func(intent string) string {
		return asking(t, sent.Session, answered.SessionAttributes, intent, filled(kinds[intent], intent), "en-US")
	}
}

// reached brings a world to a question, and returns what was said last.
func reached(t *testing.T, question voice.Question) (*world, talk.Exchange) {
	t.Helper()
	w := demo(t)
	c := w.device(t, "")
	if question == voice.AskVouch {
		c = w.device(t, "recognised")
		if err := w.change(t.Context(), func(f *firm.Firm) { f.Voice.Vouch = true }); err != nil {
			t.Fatal(err)
		}
	}
	say := func(text string) talk.Exchange {
		t.Helper()
		x, err := c.Say(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	w.work(t, c, "acme", "beta")
	if question == voice.AskWhat {
		w.owe(t, c, "acme")
	}
	say("start the clock for o'brien and sons")
	w.Clock.Advance(720e9)
	if question == voice.AskWhen {
		w.Clock.Advance(14 * time.Hour)
	}
	if err := w.change(t.Context(), func(f *firm.Firm) {
		f.Voice.Discretion, f.Voice.Learn = question == voice.AskProve, question == voice.AskCalled
	}); err != nil {
		t.Fatal(err)
	}
	x := say("open billing clerk")
	for _, line := range moments[question] {
		x = say(line)
	}
	var answered struct{ SessionAttributes json.RawMessage }
	if err := json.Unmarshal(x.Response, &answered); err != nil {
		t.Fatal(err)
	}
	if got := asked(t, answered.SessionAttributes); got != string(question) {
		t.Fatalf("%q leads to %q: %s", moments[question], got, x.Speech)
	}
	return w, x
}

// work puts twelve minutes on a client's bill.
func (w *world) work(t *testing.T, c *talk.Conversation, names ...string) {
	t.Helper()
	for _, name := range names {
		for _, line := range []string{"start the clock for " + name, "stop the clock", "no", "add the last entry for " + name + " to the bill"} {
			if _, err := c.Say(t.Context(), line); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(720e9)
		}
	}
}

// owe issues the client's bill without its being paid, and begins another.
func (w *world) owe(t *testing.T, c *talk.Conversation, name string) {
	t.Helper()
	w.lost = sandbox.Fault{Kind: sandbox.Decline, Reason: charging.ReasonFunds}
	for _, line := range []string{"charge " + name, "yes, one two three four"} {
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	w.lost = sandbox.Fault{}
	w.work(t, c, name)
}

func asked(t *testing.T, attributes json.RawMessage) string {
	t.Helper()
	var a struct{ Clerk string }
	if err := json.Unmarshal(attributes, &a); err != nil {
		t.Fatal(err)
	}
	state, _ := opened(t, a.Clerk).(map[string]any)
	ask, _ := state["ask"].(string)
	return ask
}

// asking is an intent's request in a session that goes on.
func asking(t *testing.T, session, attributes json.RawMessage, intent string, values map[string]string, locale string) string {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(session, &s); err != nil {
		t.Fatal(err)
	}
	s["new"], s["attributes"] = false, attributes
	slots := map[string]any{}
	for name, value := range values {
		slots[name] = map[string]any{"name": name, "value": value, "confirmationStatus": "NONE",
			"resolutions": map[string]any{"resolutionsPerAuthority": []any{map[string]any{"authority": "a", "status": map[string]any{"code": "ER_SUCCESS_MATCH"},
				"values": []any{map[string]any{"value": map[string]any{"name": value, "id": value}}}}}}}
	}
	request, err := json.Marshal(map[string]any{"version": "1.0", "session": s,
		"context": map[string]any{"System": map[string]any{"application": s["application"], "user": s["user"]}},
		"request": map[string]any{"type": "IntentRequest", "requestId": "amzn1.echo-api.request.rules." + intent, "locale": locale,
			"timestamp": "2026-11-23T16:00:00Z", "dialogState": "STARTED",
			"intent": map[string]any{"name": intent, "confirmationStatus": "NONE", "slots": slots}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(request)
}

// directive is one of a response's.
type directive struct {
	Type, SlotToElicit, UpdateBehavior, Token, URI, OnCompletion string

	Input map[string]any

	Types []struct {
		Name   string
		Values []struct{ Name struct{ Value string } }
	}
	Document    json.RawMessage
	Datasources struct {
		Clock struct {
			Status, Paused, Today string
			Since                 int64
		}
	}
}

// answered is a response as a device reads it.
type answered struct {
	Version           string
	SessionAttributes map[string]string
	Response          struct {
		OutputSpeech *struct{ Type, SSML string }
		Reprompt     *struct{ OutputSpeech struct{ Type, SSML string } }
		Card         *struct{ Type, Title, Content string }
		Directives   []directive

		ShouldEndSession *bool
	}
	size int
}

func (w *world) handle(t *testing.T, request string) answered {
	t.Helper()
	data, err := w.skill.Handle(t.Context(), []byte(request))
	if err != nil {
		t.Fatalf("%v: %s", err, request)
	}
	got := answered{size: len(data)}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return got
}

// ticket is what Alexa is to give back when it has asked for its own code; empty when it is not to ask.
func (a answered) ticket() string {
	for _, d := range a.Response.Directives {
		if d.Type == "Connections.StartConnection" {
			return d.Token
		}
	}
	return ""
}

func (a answered) listening() bool {
	return a.Response.ShouldEndSession != nil && !*a.Response.ShouldEndSession
}

func (a answered) speech() string {
	if a.Response.OutputSpeech == nil {
		return ""
	}
	text, _ := heardAs(a.Response.OutputSpeech.SSML)
	return text
}

// heardAs reads SSML strictly: one speak element, with nothing but digits to be read one by one in it.
func heardAs(ssml string) (string, error) {
	var text strings.Builder
	depth := 0
	for d := xml.NewDecoder(strings.NewReader(ssml)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; e.Name.Local != map[int]string{1: "speak", 2: "say-as"}[depth] {
				return "", fmt.Errorf("<%s> in %q", e.Name.Local, ssml)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			text.Write(e)
		}
	}
}

// keeps checks what Amazon demands of every response to an intent (certification: the session stays open only after a
// question, which is one and the last; within the limits; well-formed SSML) and that a card names nobody.
func keeps(t *testing.T, a answered) {
	t.Helper()
	r := a.Response
	if a.ticket() != "" { // Alexa asks, and we say nothing
		if a.Version != "1.0" || a.size > alexa.MaxResponse || r.ShouldEndSession != nil || r.OutputSpeech != nil || r.Reprompt != nil || r.Card != nil || len(r.Directives) != 1 {
			t.Errorf("%+v", a)
		}
		return
	}
	if a.Version != "1.0" || a.size > alexa.MaxResponse || r.ShouldEndSession == nil || r.OutputSpeech == nil || r.OutputSpeech.Type != "SSML" {
		t.Fatalf("%+v", a)
	}
	text, err := heardAs(r.OutputSpeech.SSML)
	if err != nil || strings.TrimSpace(text) == "" {
		t.Errorf("%q: %v", r.OutputSpeech.SSML, err)
	}
	if asks := strings.Count(text, "?"); a.listening() && (asks != 1 || !strings.HasSuffix(text, "?")) || !a.listening() && asks > 0 {
		t.Errorf("listening: %v, after %q", a.listening(), text)
	}
	if (r.Reprompt != nil) != a.listening() || !a.listening() && len(a.SessionAttributes) > 0 {
		t.Errorf("listening: %v, with %+v, %v, %v", a.listening(), r.Reprompt, r.Directives, a.SessionAttributes)
	}
	if r.Reprompt != nil {
		if again, err := heardAs(r.Reprompt.OutputSpeech.SSML); err != nil || !strings.HasSuffix(again, "?") {
			t.Errorf("the reprompt is %q: %v", again, err)
		}
	}
	for _, d := range r.Directives {
		switch ok := a.listening(); d.Type {
		case "Dialog.ElicitSlot":
			ok = ok && d.SlotToElicit != ""
			fallthrough
		case "Dialog.UpdateDynamicEntities":
			if !ok {
				t.Errorf("directive %+v", d)
			}
		case "Alexa.Presentation.APL.RenderDocument":
			if len(d.Document) == 0 || d.Datasources.Clock.Today == "" {
				t.Errorf("directive %+v", d)
			}
		default:
			t.Errorf("directive %+v", d)
		}
	}
	if c := r.Card; c != nil {
		for _, secret := range []string{"Acme", "Beta", "Brien", "Schmi", "lease", "4242", "5 &"} {
			if strings.Contains(c.Title+c.Content, secret) {
				t.Errorf("the card shows %q: %+v", secret, c)
			}
		}
	}
}
