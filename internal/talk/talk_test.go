package talk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/talk"
)

const (
	closing = `{"version":"1.0","sessionAttributes":{"clerk":"s"},"response":{"outputSpeech":{"type":"SSML","ssml":"<speak>Done &amp; dusted.</speak>"},"shouldEndSession":true}}`
	open    = `{"version":"1.0","sessionAttributes":{"clerk":"state"},"response":{"outputSpeech":{"type":"SSML","ssml":"<speak>The card <say-as interpret-as=\"digits\">4242</say-as>?</speak>"},"reprompt":{"outputSpeech":{"type":"PlainText","text":"Well?"}},"shouldEndSession":false}}`
	elicit  = `{"version":"1.0","response":{"outputSpeech":{"type":"SSML","ssml":"<speak>Which client?</speak>"},"directives":[{"type":"Dialog.ElicitSlot","slotToElicit":"client"}],"shouldEndSession":false}}`
)

// skill answers with what it was given, and keeps what it was asked.
type skill struct {
	answers []string
	asked   []map[string]any
}

func (s *skill) send(_ context.Context, request []byte) ([]byte, error) {
	var r map[string]any
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, err
	}
	s.asked = append(s.asked, r)
	answer := closing
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	return []byte(answer), nil
}

// at reads a path of the last request: "session.new".
func (s *skill) at(path string) any {
	var v any = s.asked[len(s.asked)-1]
	for _, key := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func device(t testing.TB, s *skill) *talk.Conversation {
	t.Helper()
	return deviceIn(t, s, "en-US")
}

func deviceIn(t testing.TB, s *skill, locale string) *talk.Conversation {
	t.Helper()
	model, err := infra.Model(locale)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	c, err := talk.New(model, s.send, talk.Options{ApplicationID: "app", UserID: "user", DeviceID: "device", AccessToken: "token", Locale: locale,
		Now:   func() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) },
		NewID: func() string { n++; return fmt.Sprint(n) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func say(t testing.TB, c *talk.Conversation, text string) talk.Exchange {
	t.Helper()
	x, err := c.Say(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSentencesFindTheirIntent(t *testing.T) {
	for text, want := range map[string]string{
		"Alexa, tell Billing Clerk to start the clock with Acme.": "StartClockIntent client=acme",
		"start clock with customer acme":                          "StartClockIntent client=acme",
		"Start the clock for the client O'Brien & Sons":           "StartClockIntent client=o'brien & sons",
		"start the clock for a. c. m. e.":                         "StartClockIntent client=a. c. m. e.",
		"I’m on Acme":                                             "StartClockIntent client=acme",
		"switch to beta":                                          "StartClockIntent client=beta",
		"stop the clock":                                          "StopClockIntent",
		"stop clock with customer acme":                           "StopClockIntent client=acme",
		"stop":                                                    "AMAZON.StopIntent",
		"cancel":                                                  "AMAZON.CancelIntent",
		"pause":                                                   "AMAZON.PauseIntent",
		"pause the clock":                                         "PauseClockIntent",
		"ask billing clerk what's running?":                       "RunningIntent",
		"add last transaction from customer acme to bill":         "AddLastIntent client=acme",
		"put everything for acme on the bill":                     "AddAllIntent client=acme",
		"charge customer acme credit card and send invoice":       "ChargeIntent client=acme",
		"charge Acme's credit card and send the invoice":          "ChargeIntent client=acme",
		"charge the acme matter":                                  "ChargeIntent client=acme",
		"note reviewed the lease with the landlord's counsel":     "NoteIntent note=reviewed the lease with the landlord's counsel",
		"open billing clerk":                                      "LaunchRequest",
		"Alexa, open Billing Clerk":                               "LaunchRequest",
		"my code is double four one two":                          "CodeIntent code=4412",
		"1234":                                                    "CodeIntent code=1234",
		"zero zero oh seven":                                      "CodeIntent code=0007",
		"twelve thirty-four":                                      "CodeIntent code=1234",
		"yes, one two three four":                                 "YesCodeIntent code=1234",
		"yes, twelve 34":                                          "YesCodeIntent code=1234",
		"yes":                                                     "AMAZON.YesIntent",
		"what can i say":                                          "AMAZON.HelpIntent",
		"sing me a song about the sea":                            "AMAZON.FallbackIntent",
		"acme":                                                    "AMAZON.FallbackIntent", // a bare name only answers a question
		"":                                                        "AMAZON.FallbackIntent",
	} {
		s := &skill{}
		if got := understood(say(t, device(t, s), text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestInATalkBareWordsAreAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"acme":                       "ChooseIntent client=acme",
		"the second one":             "ChooseIntent position=second",
		"two":                        "ChooseIntent position=two",
		"no, beta":                   "ChooseIntent client=beta",
		"neither of them":            "NeitherIntent",
		"the draft":                  "WhatToBillIntent what=the draft",
		"one two three four":         "CodeIntent code=1234",
		"one two three":              "ChooseIntent client=one two three",
		"a b c d e f g h":            "AMAZON.FallbackIntent",
		"tell billing clerk to stop": "AMAZON.StopIntent",
	} {
		s := &skill{answers: []string{open}}
		c := device(t, s)
		say(t, c, "open billing clerk")
		if got := understood(say(t, c, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func understood(x talk.Exchange) string {
	got := x.Intent
	for _, name := range slices.Sorted(maps.Keys(x.Slots)) {
		got += " " + name + "=" + x.Slots[name]
	}
	return got
}

func TestASessionLivesAsLongAsTheMicrophoneIsOpen(t *testing.T) {
	s := &skill{answers: []string{open, open}}
	c := device(t, s)
	x := say(t, c, "open billing clerk")
	if !x.Listening || x.Ended || x.Speech != "The card 4 2 4 2?" || x.Reprompt != "Well?" {
		t.Errorf("%+v", x)
	}
	first := s.at("session.sessionId")
	if s.at("session.new") != true || s.at("request.timestamp") != "2026-11-23T15:00:00Z" {
		t.Errorf("the first request: %v", s.asked[0])
	}
	say(t, c, "yes")
	if s.at("session.new") != false || s.at("session.sessionId") != first || s.at("session.attributes.clerk") != "state" {
		t.Errorf("the second request: %v", s.asked[1])
	}
	if x := say(t, c, "no"); x.Listening || !x.Ended || x.Speech != "Done & dusted." {
		t.Errorf("%+v", x)
	}
	say(t, c, "what's running")
	if s.at("session.new") != true || s.at("session.sessionId") == first || s.at("session.attributes.clerk") != nil {
		t.Errorf("after the end: %v", s.asked[3])
	}
}

func TestAOneShotInATalkBeginsAnother(t *testing.T) {
	s := &skill{answers: []string{open}}
	c := device(t, s)
	say(t, c, "open billing clerk")
	first := s.at("session.sessionId")
	say(t, c, "alexa, tell billing clerk to stop the clock")
	if s.at("session.new") != true || s.at("session.sessionId") == first {
		t.Errorf("%v", s.asked[1])
	}
}

func TestTheSlotThatIsAskedForTakesTheAnswer(t *testing.T) {
	for text, want := range map[string]string{"acme": "acme", "for acme": "acme", "the quick brown fox jumped": "the quick brown fox jumped"} {
		s := &skill{answers: []string{elicit}}
		c := device(t, s)
		say(t, c, "start the clock")
		if s.at("request.dialogState") != "STARTED" || s.at("request.intent.slots.client.value") != nil {
			t.Errorf("the first request: %v", s.asked[0])
		}
		x := say(t, c, text)
		if x.Intent != "StartClockIntent" || x.Slots["client"] != want || s.at("request.dialogState") != "IN_PROGRESS" {
			t.Errorf("%q: %+v", text, x)
		}
	}
	s := &skill{answers: []string{elicit}}
	c := device(t, s)
	say(t, c, "start the clock")
	if x := say(t, c, "cancel"); x.Intent != "AMAZON.CancelIntent" {
		t.Errorf("cancel filled the slot: %+v", x)
	}
}

func TestExitAndSilenceEndTheSession(t *testing.T) {
	s := &skill{answers: []string{open, `{"version":"1.0","response":{}}`, open}}
	c := device(t, s)
	say(t, c, "open billing clerk")
	if x := say(t, c, "goodbye"); x.Intent != "SessionEndedRequest" || s.at("request.reason") != "USER_INITIATED" || !x.Ended {
		t.Errorf("%+v", x)
	}
	say(t, c, "open billing clerk")
	if err := c.HangUp(t.Context()); err != nil || s.at("request.reason") != "EXCEEDED_MAX_REPROMPTS" {
		t.Errorf("%v, %v", err, s.at("request"))
	}
	if err := c.HangUp(t.Context()); err != nil || len(s.asked) != 4 {
		t.Errorf("a session was ended twice: %v", err)
	}
}

func TestValuesOfListsAreResolvedAsAlexaDoes(t *testing.T) {
	s := &skill{answers: []string{open, open}}
	c := device(t, s)
	say(t, c, "open billing clerk")
	say(t, c, "the second one")
	data, _ := json.Marshal(s.at("request.intent.slots.position.resolutions"))
	if want := `{"resolutionsPerAuthority":[{"authority":"amzn1.er-authority.echo-sdk.app.Position","status":{"code":"ER_SUCCESS_MATCH"},"values":[{"value":{"id":"2","name":"two"}}]}]}`; string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	say(t, c, "acme")
	if data, _ = json.Marshal(s.at("request.intent.slots.client.resolutions")); !strings.Contains(string(data), "ER_SUCCESS_NO_MATCH") {
		t.Errorf("a name of nobody's list: %s", data)
	}
}

func TestAModelThatCannotBeReadIsRefused(t *testing.T) {
	for _, model := range []string{"", "{}", `{"interactionModel":{"languageModel":{"invocationName":"x y","intents":[{"name":"A","samples":["do {thing}"]}]}}}`} {
		if _, err := talk.New([]byte(model), nil, talk.Options{Now: time.Now, NewID: func() string { return "" }}); err == nil {
			t.Errorf("%q was taken", model)
		}
	}
}

// judge is a test that a play can fail.
type judge struct {
	*testing.T
	failed string
}

var errFailed = errors.New("failed")

func (j *judge) Fatalf(format string, args ...any) {
	j.failed = fmt.Sprintf(format, args...)
	panic(errFailed)
}

// judged plays a script before a skill and returns why it failed, if it did.
func judged(t *testing.T, s *skill, script string) (failed string) {
	t.Helper()
	j := &judge{T: t}
	defer func() {
		if r := recover(); r != nil && r != any(errFailed) {
			panic(r)
		}
		failed = j.failed
	}()
	talk.Play(j, script, talk.Stage{Conversation: func(string) *talk.Conversation { return device(t, s) }, Pass: func(time.Duration) {}})
	return
}

func TestAPlayFailsWhereTheClerkSaysSomethingElse(t *testing.T) {
	shut := strings.Replace(closing, "Done", "Done?", 1)
	two := strings.Replace(open, "The card", "One? The card", 1)
	silent := strings.Replace(open, `"reprompt":{"outputSpeech":{"type":"PlainText","text":"Well?"}},`, "", 1)
	for name, c := range map[string]struct {
		answer, script, want string
	}{
		"as written":           {closing, "# a play\nlawyer: stop\nclerk:  Done & dusted.\n(the talk is over)\n(2 hours pass)", ""},
		"other words":          {closing, "lawyer: stop\nclerk: Okay.", "Done & dusted."},
		"answer left out":      {closing, "lawyer: stop", "ends before"},
		"next line too early":  {closing, "lawyer: stop\nlawyer: stop", "not in the play"},
		"clerk first":          {closing, "clerk: Hello.", "nobody has said"},
		"unknown direction":    {closing, "(the moon rises)", "no such stage direction"},
		"no line of a play":    {closing, "judge: order", "neither"},
		"question, mic shut":   {shut, "lawyer: stop\nclerk: Done? & dusted.", "the microphone is closed"},
		"two questions":        {two, "lawyer: stop\nclerk: One? The card 4 2 4 2?", "one question does not come last"},
		"no reprompt":          {silent, "lawyer: stop\nclerk: The card 4 2 4 2?", "without a reprompt"},
		"talk is not over":     {open, "lawyer: stop\nclerk: The card 4 2 4 2?\n(the talk is over)", "not so"},
		"nothing to be linked": {closing, "lawyer: stop\nclerk: Done & dusted.\n(the account is to be linked)", "not so"},
	} {
		failed := judged(t, &skill{answers: []string{c.answer}}, c.script)
		if (failed == "") != (c.want == "") || !strings.Contains(failed, c.want) {
			t.Errorf("%s: %q", name, failed)
		}
	}
}
