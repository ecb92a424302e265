package alexa_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

func event(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../events/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestARepeatedRequestIsAnsweredTheSameAndDoesNothingTwice(t *testing.T) {
	w := demo(t)
	say := func(c *talk.Conversation, text string) talk.Exchange {
		t.Helper()
		x, err := c.Say(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.skill.Handle(t.Context(), x.Request)
		if err != nil || string(again) != string(x.Response) {
			t.Fatalf("%q again: %v\n%s\nfirst it was\n%s", text, err, again, x.Response)
		}
		return x
	}
	c := w.device(t, "")
	say(c, "start the clock for acme")
	w.Clock.Advance(1200e9)
	for _, line := range []string{"stop the clock", "note the lease", "add the last entry for acme to the bill", "charge acme", "yes", "9999", "1234"} {
		say(c, line)
	}
	if x := say(c, "add the last entry for acme to the bill"); !strings.Contains(x.Speech, "nothing unbilled") {
		t.Errorf("an entry was left: %s", x.Speech)
	}
}

func TestMalformedAndForeignRequestsAreRefusedWithoutSpeech(t *testing.T) {
	w := demo(t)
	foreign := strings.ReplaceAll(string(event(t, "launch")), skillID, "amzn1.ask.skill.other")
	halfForeign := strings.Replace(string(event(t, "launch")), skillID, "amzn1.ask.skill.other", 1)
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty":                  {"", alexa.ErrMalformed},
		"no JSON":                {"hello", alexa.ErrMalformed},
		"an array":               {"[]", alexa.ErrMalformed},
		"no request":             {"{}", alexa.ErrMalformed},
		"cut off":                {string(event(t, "launch")[:200]), alexa.ErrMalformed},
		"too large":              {strings.Repeat(" ", alexa.MaxRequest+1), alexa.ErrTooLarge},
		"another skill's":        {foreign, alexa.ErrApplication},
		"half another skill's":   {halfForeign, alexa.ErrApplication},
		"without application id": {`{"request":{"type":"LaunchRequest"}}`, alexa.ErrApplication},
	} {
		if got, err := w.skill.Handle(t.Context(), []byte(c.body)); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, %s", name, err, got)
		}
	}
	w.skill.ApplicationID = ""
	for _, body := range []string{string(event(t, "launch")), `{"request":{"type":"LaunchRequest"}}`} {
		if _, err := w.skill.Handle(t.Context(), []byte(body)); !errors.Is(err, alexa.ErrApplication) {
			t.Errorf("a skill without an id took a request: %v", err)
		}
	}
}

func TestTheRecognisedPersonsTokenGoesBeforeTheAccounts(t *testing.T) {
	w := demo(t)
	start := strings.ReplaceAll(string(event(t, "start")), `"unit": {`, `"person": {"personId": "p", "accessToken": "ben-token"}, "unit": {`)
	if _, err := w.skill.Handle(t.Context(), []byte(start)); err != nil {
		t.Fatal(err)
	}
	for lawyer, want := range map[string]string{"": "Nothing is running.", "ben": "Acme Corporation is running, less than a minute so far."} {
		if x, err := w.device(t, lawyer).Say(t.Context(), "what's running"); err != nil || x.Speech != want {
			t.Errorf("%q: %q, %v", lawyer, x.Speech, err)
		}
	}
}

// The log of a whole conversation, read for everything that must not be in it.
func TestTheLogHasIDsAndNothingThatWasSaid(t *testing.T) {
	w := demo(t)
	talk.Play(t, script(t, "../../talk/testdata/seed.txt")+"\nlawyer stranger: charge acme\nclerk: Please link your Billing Clerk account first, in the Alexa app.", w.stage(t))
	log := w.log.String()
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) != 8 { // one for each turn
		t.Errorf("%d lines:\n%s", len(lines), log)
	}
	for _, want := range []string{`"request":"amzn1.echo-api.request.`, `"session":"amzn1.echo-api.session.`, `"intent":"ChargeIntent"`, `"firm":"` + w.Firm.ID, `"person":"` + w.Admin.Person, `"outcome":"ok"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	for _, secret := range []string{"acme", "Acme", "landlord", "1234", "ada-token", "lease", "120", "amzn1.ask.account", "4242", "Ada"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
}

// wordy is a clerk that talks too much.
type wordy struct{ reply voice.Reply }

func (w wordy) Handle(context.Context, voice.Turn) (voice.Reply, error) { return w.reply, nil }

func TestAnAnswerThatIsTooLargeIsShortenedToWhatAlexaTakes(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	say := func(text string) voice.Speech { return voice.Speech{{Text: text}} }
	for name, c := range map[string]struct {
		reply voice.Reply
		want  string
	}{
		"card too long":     {voice.Reply{Speech: say("short"), Card: &voice.Card{Title: "t", Text: long(9000)}}, "short"},
		"reprompt too long": {voice.Reply{Speech: say("Short?"), Reprompt: say(long(12000)), Listen: true, State: "1.e30.x"}, "Short?"},
		"speech too long":   {voice.Reply{Speech: say(long(8000))}, "too long"},
		"state too long":    {voice.Reply{Speech: say("Short?"), Listen: true, State: strings.Repeat("x", 30000)}, "too long"},
	} {
		w := demo(t)
		w.skill.Clerk = wordy{c.reply}
		got, err := w.skill.Handle(t.Context(), event(t, "launch"))
		if err != nil || len(got) > alexa.MaxResponse || !strings.Contains(string(got), c.want) || !json.Valid(got) {
			t.Errorf("%s: %d bytes, %v: %.200s", name, len(got), err, got)
		}
	}
}

// failing is a clerk whose database is gone.
type failing struct{ err error }

func (f failing) Handle(context.Context, voice.Turn) (voice.Reply, error) {
	return voice.TooLong(), f.err
}

func TestAnInnerErrorIsLoggedWholeAndStillAnswered(t *testing.T) {
	w := demo(t)
	w.skill.Clerk = failing{errors.New("table is gone")}
	got, err := w.skill.Handle(t.Context(), event(t, "start"))
	if err != nil || !strings.Contains(string(got), "speak") {
		t.Errorf("%s, %v", got, err)
	}
	if log := w.log.String(); !strings.Contains(log, "table is gone") || !strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("logged %s", log)
	}
}

func TestOverHTTPEachFailureHasItsStatus(t *testing.T) {
	w := demo(t)
	for name, c := range map[string]struct {
		method, body string
		want         int
	}{
		"good":          {"POST", string(event(t, "launch")), 200},
		"get":           {"GET", "", 405},
		"malformed":     {"POST", "{", 400},
		"another skill": {"POST", string(event(t, "another-skill")), 403},
		"too large":     {"POST", strings.Repeat(" ", alexa.MaxRequest+1), 413},
	} {
		answer := httptest.NewRecorder()
		w.skill.ServeHTTP(answer, httptest.NewRequest(c.method, "/alexa", strings.NewReader(c.body)))
		if answer.Code != c.want || answer.Code == 405 && answer.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d, %v", name, answer.Code, answer.Header())
		}
		if answer.Code != 200 && strings.Contains(answer.Body.String(), "alexa.") {
			t.Errorf("%s: the answer names what is inside: %s", name, answer.Body)
		}
	}
}

func TestAStopEndsTheTalkWhenTheThreadIsLost(t *testing.T) {
	w := demo(t)
	for _, intent := range []string{voice.StopIntent, voice.CancelIntent, voice.NavigateHomeIntent} {
		request := bytes.ReplaceAll(event(t, "state-tampered"), []byte("AMAZON.YesIntent"), []byte(intent))
		if !bytes.Contains(request, []byte(intent)) {
			t.Fatal("the event is no yes any more")
		}
		got, err := w.skill.Handle(t.Context(), request)
		if err != nil || !strings.Contains(string(got), "<speak>Okay.</speak>") || !strings.Contains(string(got), `"shouldEndSession":true`) {
			t.Errorf("%s: %v, %s", intent, err, got)
		}
	}
}

// Slots as they come when something goes wrong on the way, in every intent that has one: always a valid answer.
func TestStrangeSlotsAreAnsweredAndChangeNothing(t *testing.T) {
	w := demo(t)
	strange := []string{`null`, `{}`, `{"name":"client"}`, `{"name":"client","value":null}`, `{"name":"client","value":""}`, `{"name":"client","value":"?"}`,
		`{"name":"client","value":"` + strings.Repeat("long ", 400) + `"}`, `{"name":"client","value":"<speak>&\"'{{.Name}}"}`, `{"name":"client","value":"客户 клиент"}`,
		`{"name":"client","value":"../../f/0"}`, `{"name":"client","value":"-1","resolutions":{"resolutionsPerAuthority":null}}`}
	slots := map[string]string{voice.NoteIntent: "note", voice.CodeIntent: "code", voice.YesCodeIntent: "code", voice.WhatToBillIntent: "what", voice.ChooseIntent: "position"}
	for _, intent := range voice.Intents() {
		name := slots[intent]
		if name == "" {
			name = "client"
		}
		for i, slot := range strange {
			request := fmt.Sprintf(`{"session":{"new":true,"sessionId":"s","application":{"applicationId":%q}},"context":{"System":{"user":{"accessToken":"ada-token"}}},
				"request":{"type":"IntentRequest","requestId":"r-%s-%d","locale":"en-US","intent":{"name":%q,"slots":{%q:%s}}}}`, skillID, intent, i, intent, name, slot)
			got, err := w.skill.Handle(t.Context(), []byte(request))
			if err != nil || !json.Valid(got) || !strings.Contains(string(got), "<speak>") {
				t.Errorf("%s with %.60s: %v, %s", intent, slot, err, got)
			}
		}
	}
	if log := w.log.String(); strings.Contains(log, `"outcome":"error"`) {
		t.Errorf("something went wrong inside: %s", log)
	}
	if x, err := w.device(t, "").Say(t.Context(), "what's running"); err != nil || x.Speech != "Nothing is running." {
		t.Errorf("after it: %q, %v", x.Speech, err)
	}
}

func FuzzHandle(f *testing.F) {
	for _, name := range story {
		f.Add(event(f, name))
	}
	w := demo(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := w.skill.Handle(t.Context(), data)
		if err == nil && !json.Valid(got) {
			t.Errorf("%q gave %q", data, got)
		}
	})
}

func TestAQuestionMarkIsNothingHeard(t *testing.T) {
	w := demo(t)
	c := w.device(t, "")
	for _, line := range []string{"start the clock for acme", "stop the clock"} {
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(360e9)
	}
	x, err := c.Say(t.Context(), "note x")
	if err != nil || x.Speech != "Noted." {
		t.Fatalf("%q, %v", x.Speech, err)
	}
	unheard := strings.NewReplacer(`"value":"x"`, `"value":"?"`, `api.request.`, `api.request.other.`).Replace(string(x.Request))
	got, err := w.skill.Handle(t.Context(), []byte(unheard))
	if err != nil || !strings.Contains(string(got), "What was it for?") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestANewTalkBeginsAfreshWhateverCameBack(t *testing.T) {
	w := demo(t)
	stale := strings.Replace(string(event(t, "launch")), `"attributes": {}`, `"attributes": {"clerk": "1.old.talk"}`, 1)
	got, err := w.skill.Handle(t.Context(), []byte(stale))
	if err != nil || !strings.Contains(string(got), "Welcome to Billing Clerk.") || !strings.Contains(stale, "1.old.talk") {
		t.Errorf("%s, %v", got, err)
	}
}
