package alexa_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/voice"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

// alexaService stands in for Alexa's own service.
type alexaService struct {
	mu     sync.Mutex
	asked  []string // method, address, authorisation and body
	status int
	answer string
	err    error
}

func (a *alexaService) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("Authorization"), string(body)}, " "))
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.answer)), Header: http.Header{}}, nil
}

// asked returns what was asked since the last call.
func (a *alexaService) since() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.asked
	a.asked = nil
	return asked
}

// served is a world whose devices can be asked.
func served(t *testing.T, a *alexaService) *world {
	t.Helper()
	w := demo(t)
	w.skill.Service = &alexa.Service{Transport: a, Now: w.Clock.Now}
	return w
}

// zoned is a clerk that notes the zone of the device.
type zoned struct{ zones []string }

func (z *zoned) Handle(ctx context.Context, in voice.Turn) (voice.Reply, error) {
	z.zones = append(z.zones, in.Device.Zone(ctx))
	return voice.TooLong(), nil
}

func (z *zoned) turn(w *world, t *testing.T, request []byte) {
	t.Helper()
	w.skill.Clerk = z
	if _, err := w.skill.Handle(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}

func TestTheDevicesZoneIsAskedForOnceAnHour(t *testing.T) {
	a := &alexaService{status: 200, answer: `"America/Denver"`}
	w, z := served(t, a), &zoned{}
	start := event(t, "start")
	z.turn(w, t, start)
	z.turn(w, t, start)
	asked := a.since()
	if len(asked) != 1 || !strings.HasPrefix(asked[0], "GET https://api.amazonalexa.com/v2/devices/") || !strings.Contains(asked[0], "/settings/System.timeZone Bearer ") {
		t.Errorf("asked %q", asked)
	}
	w.Clock.Advance(2 * time.Hour)
	z.turn(w, t, start)
	if asked := a.since(); len(asked) != 1 {
		t.Errorf("two hours later asked %q", asked)
	}
	if strings.Join(z.zones, " ") != "America/Denver America/Denver America/Denver" {
		t.Errorf("zones %q", z.zones)
	}
}

func TestADeviceThatDoesNotTellIsInNoZone(t *testing.T) {
	for name, a := range map[string]*alexaService{
		"no permission": {status: 403, answer: `{}`}, "no answer": {err: errors.New("down")}, "no zone": {status: 204}, "nonsense": {status: 200, answer: "<html>"},
		"too much": {status: 200, answer: `"` + strings.Repeat("x", 5000) + `"`},
	} {
		w, z := served(t, a), &zoned{}
		z.turn(w, t, event(t, "start"))
		if z.zones[0] != "" {
			t.Errorf("%s: %q", name, z.zones)
		}
	}
	w, z := demo(t), &zoned{}
	z.turn(w, t, event(t, "start"))
	if z.zones[0] != "" {
		t.Errorf("without a service: %q", z.zones)
	}
}

// The token in a request opens Alexa's service; it goes nowhere else, whatever the request says.
func TestOnlyAlexasOwnServiceIsAsked(t *testing.T) {
	for _, endpoint := range []string{"", "http://api.amazonalexa.com", "https://api.amazonalexa.com.evil.test", "https://evil.test/api.amazonalexa.com", "https://user@api.amazonalexa.com",
		"https://api.amazonalexa.com:8443", "https://api.amazonalexa.com/path", "https://api.amazonalexa.com?x=1", "//api.amazonalexa.com", "https://169.254.169.254", "::"} {
		a := &alexaService{status: 200, answer: `"America/Denver"`}
		w, z := served(t, a), &zoned{}
		z.turn(w, t, []byte(strings.ReplaceAll(string(event(t, "start")), "https://api.amazonalexa.com", endpoint)))
		if asked := a.since(); len(asked) != 0 || z.zones[0] != "" {
			t.Errorf("%q was asked: %q", endpoint, asked)
		}
	}
	for _, endpoint := range []string{"https://api.eu.amazonalexa.com", "https://api.fe.amazonalexa.com/"} {
		a := &alexaService{status: 200, answer: `"Europe/London"`}
		w, z := served(t, a), &zoned{}
		z.turn(w, t, []byte(strings.ReplaceAll(string(event(t, "start")), "https://api.amazonalexa.com", endpoint)))
		if z.zones[0] != "Europe/London" {
			t.Errorf("%q was not asked: %q", endpoint, a.since())
		}
	}
}

func TestWhileACardIsChargedAWordIsSaidAndNothingOfTheCharge(t *testing.T) {
	a := &alexaService{status: 204}
	w := served(t, a)
	c := w.device(t, "")
	w.work(t, c, "acme")
	if asked := a.since(); len(asked) != 0 {
		t.Errorf("before a charge: %q", asked)
	}
	for _, line := range []string{"charge acme", "yes", "one two three four"} {
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	asked := a.since()
	if len(asked) != 1 {
		t.Fatalf("asked %q", asked)
	}
	var sent struct {
		Header    struct{ RequestID string }
		Directive struct{ Type, Speech string }
	}
	_, body, _ := strings.Cut(asked[0], " Bearer talk ")
	if err := json.Unmarshal([]byte(body), &sent); err != nil || !strings.HasPrefix(asked[0], "POST https://api.amazonalexa.com/v1/directives ") {
		t.Fatalf("%q: %v", asked[0], err)
	}
	if sent.Directive.Type != "VoicePlayer.Speak" || sent.Directive.Speech != "<speak>One moment.</speak>" || !strings.HasPrefix(sent.Header.RequestID, "amzn1.echo-api.request.") {
		t.Errorf("%+v", sent)
	}
}

func TestAChargeDoesNotRelyOnBeingHeardMeanwhile(t *testing.T) {
	a := &alexaService{err: errors.New("down")}
	w := served(t, a)
	c := w.device(t, "")
	w.work(t, c, "acme")
	for _, line := range []string{"charge acme", "yes"} {
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if x, err := c.Say(t.Context(), "one two three four"); err != nil || !strings.HasPrefix(x.Speech, "Paid.") {
		t.Errorf("%q, %v", x.Speech, err)
	}
}
