package alexa_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// Amazon's checklist (docs: voice interface and user experience testing; be trustworthy), walked over every intent of
// every locale's model, at every question and at none, with its slots filled, empty, unheard and missing. What each
// answer must keep in any case is in keeps; what belongs to one intent is here.
func TestTheSkillKeepsAmazonsChecklistEverywhere(t *testing.T) {
	for _, locale := range infra.Locales {
		kinds, asked := shapes(t, locale)
		for question := range moments {
			t.Run(locale+"/"+string(question), func(t *testing.T) {
				t.Parallel()
				c := candidate{kinds: kinds, asked: asked, locale: locale}
				c.w, c.talk = reached(t, question)
				for intent := range kinds {
					for _, values := range variants(kinds[intent], intent) {
						c.walk(t, intent, values)
					}
				}
				c.openAndClose(t)
			})
		}
	}
}

// candidate is a skill in one state of the dialog, in which it is asked everything.
type candidate struct {
	w      *world
	talk   talk.Exchange // the last one before
	kinds  map[string]map[string]string
	asked  map[string][]string
	locale string
}

// variants are the slots of an intent as they may come: filled, each alone unheard, all missing.
func variants(kinds map[string]string, intent string) []map[string]string {
	all := filled(kinds, intent)
	list := []map[string]string{all}
	if len(kinds) == 0 {
		return list
	}
	unheard := map[string]string{}
	for name := range kinds {
		unheard[name] = "?"
	}
	return append(list, unheard, map[string]string{})
}

// request is an intent's, in the talk that goes on or in one that begins.
func (c *candidate) request(t *testing.T, intent string, values map[string]string, oneShot bool) string {
	t.Helper()
	var sent struct{ Session json.RawMessage }
	var answered struct{ SessionAttributes json.RawMessage }
	if err := errors.Join(json.Unmarshal(c.talk.Request, &sent), json.Unmarshal(c.talk.Response, &answered)); err != nil {
		t.Fatal(err)
	}
	request := asking(t, sent.Session, answered.SessionAttributes, intent, values, c.locale)
	if oneShot {
		request = strings.Replace(request, `"new":false`, `"new":true`, 1)
	}
	if len(c.asked[intent]) == 0 { // no dialog, and so no state of one
		request = strings.Replace(request, `"dialogState":"STARTED",`, "", 1)
	}
	// Each is a request of its own: a repeated one would only get the answer of the first.
	return strings.Replace(request, "request.rules.", "request."+c.w.House.NewID()+".", 1)
}

func (c *candidate) walk(t *testing.T, intent string, values map[string]string) {
	t.Helper()
	for _, oneShot := range []bool{true, false} {
		got := c.w.handle(t, c.request(t, intent, values, oneShot))
		keeps(t, got)
		c.check(t, intent, got)
		if t.Failed() {
			t.Fatalf("%s %v, one-shot %v: %q", intent, values, oneShot, got.speech())
		}
	}
	stranger := strings.ReplaceAll(c.request(t, intent, values, true), "ada-token", "nobodys-token")
	got := c.w.handle(t, stranger)
	keeps(t, got)
	if ends := endings[intent]; got.listening() || !ends && (got.Response.Card == nil || got.Response.Card.Type != "LinkAccount" || !strings.Contains(got.speech(), "Alexa app")) {
		t.Fatalf("%s without a linked account: %+v", intent, got)
	}
}

// endings are the intents that end a talk, whatever it is about.
var endings = map[string]bool{voice.StopIntent: true, voice.CancelIntent: true, voice.NavigateHomeIntent: true}

// check is what belongs to one intent.
func (c *candidate) check(t *testing.T, intent string, got answered) {
	t.Helper()
	text := got.speech()
	switch {
	case strings.Contains(text, "Something went wrong"):
		t.Errorf("an error is spoken")
	case endings[intent] && (got.listening() || len(strings.Fields(text)) > 6):
		t.Errorf("it does not end, or not at once")
	case intent == voice.HelpIntent && (!got.listening() || len(strings.Fields(text)) < 8):
		t.Errorf("help does not help, or ends")
	case intent == voice.FallbackIntent && !got.listening():
		t.Errorf("what was not understood ends the talk at the first time")
	case (intent == voice.YesIntent || intent == voice.NoIntent) && text == "" && got.ticket() == "":
		t.Errorf("no answer to an answer")
	}
	for _, d := range got.Response.Directives {
		if d.Type == "Dialog.ElicitSlot" && !slices.Contains(c.asked[intent], d.SlotToElicit) {
			t.Errorf("%s is asked for, which the dialog model does not have", d.SlotToElicit)
		}
	}
}

// openAndClose: opened without a wish it welcomes and asks, whoever came before; what Alexa ends is not answered.
func (c *candidate) openAndClose(t *testing.T) {
	t.Helper()
	as := func(kind string) string {
		return strings.Replace(c.request(t, voice.HelpIntent, nil, kind == "LaunchRequest"), `"type":"IntentRequest"`, `"type":"`+kind+`"`, 1)
	}
	got := c.w.handle(t, as("LaunchRequest"))
	keeps(t, got)
	if !got.listening() || !strings.Contains(got.speech(), "Welcome") {
		t.Errorf("opened: %+v", got)
	}
	stranger := c.w.handle(t, strings.ReplaceAll(as("LaunchRequest"), "ada-token", "nobodys-token"))
	if stranger.listening() || stranger.Response.Card == nil || stranger.Response.Card.Type != "LinkAccount" {
		t.Errorf("opened by a stranger: %+v", stranger)
	}
	for _, kind := range []string{"SessionEndedRequest", "System.ExceptionEncountered", "AlexaSkillEvent.SkillEnabled", "Alexa.Presentation.APL.UserEvent"} {
		if got := c.w.handle(t, as(kind)); got.Response.OutputSpeech != nil || got.Response.ShouldEndSession != nil || len(got.Response.Directives) > 0 {
			t.Errorf("%s is answered with %+v", kind, got)
		}
	}
}
