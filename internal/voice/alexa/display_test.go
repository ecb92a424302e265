package alexa_test

import (
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// shown is what the skill sends for "what's running" on a screen, beside what is said.
func shown(t *testing.T, w *world, lawyer string) (said string, directives []directive) {
	t.Helper()
	x, err := w.device(t, lawyer).Say(t.Context(), "open billing clerk")
	if err != nil {
		t.Fatal(err)
	}
	request := strings.Replace(string(x.Request), `"supportedInterfaces":{}`, `"supportedInterfaces":{"Alexa.Presentation.APL":{}}`, 1)
	if request == string(x.Request) {
		t.Fatal("the request says nothing of interfaces")
	}
	got := w.handle(t, request)
	keeps(t, got)
	return got.speech(), got.Response.Directives
}

// working is a world in which Acme has had twenty minutes, Beta is paused and O'Brien has run for twelve minutes.
func working(t *testing.T) *world {
	t.Helper()
	w := demo(t)
	c := w.device(t, "")
	for _, line := range []string{"start the clock for acme", "stop the clock", "no", "start the clock for beta", "start the clock for o'brien and sons", "what's running"} {
		if _, err := c.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(720e9)
	}
	return w
}

func TestAScreenShowsTheClockAndTodaysHoursAndNobodysName(t *testing.T) {
	w := working(t)
	_, directives := shown(t, w, "")
	if len(directives) != 1 || directives[0].Type != "Alexa.Presentation.APL.RenderDocument" {
		t.Fatalf("%+v", directives)
	}
	clock := directives[0].Datasources.Clock
	if clock.Status != "A clock is running" || clock.Paused != "Paused: one clock" || clock.Today != "Entered today: 0:12" || clock.Since != w.Clock.Now().UnixMilli()-24*60_000 {
		t.Errorf("%+v", clock)
	}
	if x, err := w.device(t, "").Say(t.Context(), "what's running"); err != nil || strings.Contains(string(x.Response), "directives") {
		t.Errorf("a device without a screen is shown %s, %v", x.Response, err)
	}
	for _, line := range []string{"stop the clock", "no"} {
		if _, err := w.device(t, "").Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if _, directives = shown(t, w, ""); directives[0].Datasources.Clock.Status != "No clock is running" || directives[0].Datasources.Clock.Since != 0 {
		t.Errorf("%+v", directives[0].Datasources)
	}
}

func TestAScreenNamesAClientOnlyWhereTheFirmWantsItAndTheSpeakerIsKnown(t *testing.T) {
	for _, c := range []struct {
		show, discreet bool
		lawyer, want   string
	}{
		{false, false, "recognised", "A clock is running"}, {true, false, "", "O'Brien & Sons"},
		{true, true, "", "A clock is running"}, {true, true, "recognised", "O'Brien & Sons"},
	} {
		w := working(t)
		if err := w.change(t.Context(), func(f *firm.Firm) { f.Voice.ShowNames, f.Voice.Discretion = c.show, c.discreet }); err != nil {
			t.Fatal(err)
		}
		if _, directives := shown(t, w, c.lawyer); directives[0].Datasources.Clock.Status != c.want {
			t.Errorf("%+v: %+v", c, directives[0].Datasources)
		}
	}
}

// Amazon is told a client's name only where the firm turned that on, and only of clients whose clocks the speaker has.
func TestAlexaIsToldNamesOnlyWhereTheFirmTurnedThatOn(t *testing.T) {
	w := working(t)
	if _, directives := shown(t, w, ""); len(directives) != 1 {
		t.Errorf("%+v", directives)
	}
	if err := w.change(t.Context(), func(f *firm.Firm) { f.Voice.Hints = true }); err != nil {
		t.Fatal(err)
	}
	_, directives := shown(t, w, "")
	if len(directives) != 2 || directives[1].Type != "Dialog.UpdateDynamicEntities" || directives[1].UpdateBehavior != "REPLACE" || directives[1].Types[0].Name != "Client" {
		t.Fatalf("%+v", directives)
	}
	var names []string
	for _, v := range directives[1].Types[0].Values {
		names = append(names, v.Name.Value)
	}
	if got := strings.Join(names, ", "); got != "O'Brien & Sons, Beta Industries" {
		t.Errorf("told %s", got)
	}
	if x, err := w.device(t, "").Say(t.Context(), "what's running"); err != nil || strings.Contains(string(x.Response), "UpdateDynamicEntities") {
		t.Errorf("after a one-shot nobody listens: %s, %v", x.Response, err)
	}
}
