package alexa_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// task is a talk in which Alexa has been told to ask for its own code, and what it says when it comes back.
type task struct {
	w      *world
	x      talk.Exchange
	ticket string
}

func handedOver(t *testing.T) task {
	t.Helper()
	w, x := reached(t, voice.AskVouch)
	var got answered
	if err := json.Unmarshal(x.Response, &got); err != nil {
		t.Fatal(err)
	}
	return task{w, x, got.ticket()}
}

// back is Alexa's request when its task is done.
func (k task) back(t *testing.T, ticket, code, status string) answered {
	t.Helper()
	var sent map[string]any
	var answered struct{ SessionAttributes json.RawMessage }
	if err := json.Unmarshal(k.x.Request, &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(k.x.Response, &answered); err != nil {
		t.Fatal(err)
	}
	sent["session"].(map[string]any)["attributes"] = answered.SessionAttributes
	sent["request"] = map[string]any{"type": "SessionResumedRequest", "requestId": "amzn1.echo-api.request.resumed", "locale": "en-US", "timestamp": "2026-11-23T16:00:00Z",
		"cause": map[string]any{"type": "ConnectionCompleted", "token": ticket, "status": map[string]any{"code": code, "message": "m"}, "result": map[string]any{"status": status}}}
	request, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	return k.w.handle(t, string(request))
}

func TestAlexaIsAskedToVerifyAndTheChargeIsMadeWhenItDid(t *testing.T) {
	k := handedOver(t)
	var got answered
	if err := json.Unmarshal(k.x.Response, &got); err != nil {
		t.Fatal(err)
	}
	d := got.Response.Directives[0]
	input, _ := json.Marshal(d.Input)
	if d.URI != "connection://AMAZON.VerifyPerson/2" || d.OnCompletion != "RESUME_SESSION" || d.Token == "" ||
		string(input) != `{"requestedAuthenticationConfidenceLevel":{"customPolicy":{"policyName":"VOICE_PIN"},"level":400}}` {
		t.Errorf("%+v", d)
	}
	golden(t, "verify-person", bytes.Replace(k.x.Response, []byte(k.ticket), []byte("ticket"), 1)) // which is checked against Amazon's types, too
	first := k.back(t, k.ticket, "200", "ACHIEVED")
	keeps(t, first)
	if !strings.HasPrefix(first.speech(), "Paid.") {
		t.Errorf("%q", first.speech())
	}
	if again := k.back(t, k.ticket, "200", "ACHIEVED"); again.speech() != first.speech() {
		t.Errorf("delivered twice: %q", again.speech())
	}
}

func TestWithoutAlexasProofTheClerksOwnCodeIsAskedFor(t *testing.T) {
	for name, back := range map[string][3]string{
		"wrong code": {"", "200", "NOT_ACHIEVED"}, "no code set": {"", "200", "NOT_ENABLED"}, "task failed": {"", "500", "ACHIEVED"},
		"another ticket": {"0123456789abcdef0123456789abcdef", "200", "ACHIEVED"}, "nothing": {"", "", ""},
	} {
		k := handedOver(t)
		if back[0] == "" {
			back[0] = k.ticket
		}
		got := k.back(t, back[0], back[1], back[2])
		keeps(t, got)
		if got.speech() != "Alexa couldn't make sure that it's you. What's your code?" {
			t.Errorf("%s: %q", name, got.speech())
		}
	}
}

func TestALockedCodeIsNotMadeGoodByAlexas(t *testing.T) {
	k := handedOver(t)
	for range firm.MaxWrong {
		if err := k.w.House.Prove(t.Context(), k.w.Ask(k.w.Admin), "9999"); err == nil {
			t.Fatal("9999 is right")
		}
	}
	if got := k.back(t, k.ticket, "200", "ACHIEVED"); !strings.HasPrefix(got.speech(), "Your code is locked") {
		t.Errorf("%q", got.speech())
	}
}

func TestAFirmThatTurnsItOffMeanwhileIsNotCharged(t *testing.T) {
	k := handedOver(t)
	if err := k.w.change(t.Context(), func(f *firm.Firm) { f.Voice.Vouch = false }); err != nil {
		t.Fatal(err)
	}
	if got := k.back(t, k.ticket, "200", "ACHIEVED"); strings.Contains(got.speech(), "Paid") {
		t.Errorf("%q", got.speech())
	}
}

// Only a voice that Alexa knows has a code with it, and only where the firm wants that.
func TestOtherwiseAlexaIsNotAsked(t *testing.T) {
	for name, c := range map[string]struct {
		lawyer string
		vouch  bool
	}{"unknown voice": {"", true}, "not the firm's choice": {"recognised", false}} {
		w := demo(t)
		if err := w.change(t.Context(), func(f *firm.Firm) { f.Voice.Vouch = c.vouch }); err != nil {
			t.Fatal(err)
		}
		d := w.device(t, c.lawyer)
		w.work(t, d, "beta")
		for _, line := range []string{"charge beta", "yes"} {
			x, err := d.Say(t.Context(), line)
			if err != nil || strings.Contains(string(x.Response), "StartConnection") {
				t.Errorf("%s: %s, %v", name, x.Response, err)
			}
		}
	}
}

func TestASessionThatIsResumedWithoutOurTaskIsAskedAfresh(t *testing.T) {
	w, x := reached(t, voice.AskCharge)
	if got := (task{w, x, ""}).back(t, "x", "200", "ACHIEVED"); !got.listening() || strings.Contains(got.speech(), "Paid") {
		t.Errorf("%q", got.speech())
	}
}
