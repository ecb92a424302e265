package alexa_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// standing is a device that knows where it stands, and counts how often it is asked.
type standing struct {
	zone  string
	asked int
}

func (s *standing) Zone(context.Context) string       { s.asked++; return s.zone }
func (s *standing) Say(context.Context, voice.Speech) {}

// ask hands an intent with slots to the clerk.
func (w *world) ask(t *testing.T, d voice.Device, intent string, slots ...string) string {
	t.Helper()
	turn := voice.Turn{Caller: w.Ask(w.Admin), Kind: voice.Intended, Intent: intent, Locale: "en-US", Slots: map[string]voice.Slot{}, Device: d, New: true}
	for i := 0; i < len(slots); i += 2 {
		turn.Slots[slots[i]] = voice.Slot{Value: slots[i+1], ID: slots[i+1]}
	}
	reply, _ := w.skill.Clerk.Handle(t.Context(), turn)
	return reply.Speech.Text()
}

// It is ten in the morning in New York, seven in Los Angeles.
func TestASpokenTimeIsThatOfTheDeviceAndReadBackWithItsZone(t *testing.T) {
	w := demo(t)
	west, home := &standing{zone: "America/Los_Angeles"}, &standing{zone: "America/New_York"}
	if got := w.ask(t, west, voice.StartClockIntent, "client", "acme", "time", "06:00"); got != "Started Acme Corporation as of six in the morning, Los Angeles time." {
		t.Error(got)
	}
	w.Clock.Advance(2 * time.Hour)
	if got := w.ask(t, west, voice.StopClockIntent, "time", "08:00"); !strings.HasPrefix(got, "Stopped Acme Corporation as of eight in the morning, Los Angeles time, at two hours.") {
		t.Error(got)
	}
	if got := w.ask(t, home, voice.StartClockIntent, "client", "acme", "time", "12:00"); got != "Started Acme Corporation as of noon." {
		t.Error(got)
	}
	if west.asked != 2 || home.asked != 1 {
		t.Error("a device is asked when a time of day was said, and once:", west.asked, home.asked)
	}
	w.ask(t, west, voice.StopClockIntent)
	w.ask(t, west, voice.StartClockIntent, "client", "beta", "ago", "PT1S")
	if west.asked != 2 {
		t.Error("nobody said a time of day")
	}
}

func TestAnUnclearTimeStartsNothing(t *testing.T) {
	w := demo(t)
	for _, slot := range [][2]string{{"time", "MO"}, {"time", "noon"}, {"ago", "P1Y"}, {"ago", "soon"}, {"ago", "PT0S"}, {"part", "yesterday"}} {
		if got := w.ask(t, nil, voice.StartClockIntent, "client", "acme", slot[0], slot[1]); got != "I need a time of day, like half past two." {
			t.Errorf("%v: %s", slot, got)
		}
	}
	if got := w.ask(t, nil, voice.RunningIntent); got != "Nothing is running." {
		t.Error(got)
	}
}

func TestLengthsAreHeardAsAmazonWritesThem(t *testing.T) {
	for want, slots := range map[string][]string{
		"Logged one hour":             {"duration", "PT1H"},
		"Logged one point five hours": {"duration", "PT1H30M"},
		"Logged point one hours":      {"duration", "PT20S"},
		"Logged twenty-four hours":    {"duration", "P1D"},
		"Logged point three hours":    {"tenths", "3"},
		"Logged one point two hours":  {"whole", "1", "tenths", "2"},
		"Logged two point three":      {"whole", "2", "tenths", "25"},
		"I can log more than nothing": {"duration", "P1W"},
		"I can log more":              {"duration", "PT0M"},
		"I can log":                   {"duration", "?x"},
		"I can":                       {"whole", "1", "tenths", "1000"},
		"I":                           {"whole", "minus one", "tenths", "5"},
		"How long was it?":            {},
	} {
		w := demo(t)
		if got := w.ask(t, nil, voice.LogTimeIntent, append(slots, "client", "acme")...); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s", slots, got)
		}
	}
}

// It is Monday, the 23rd: Friday is heard as the 27th.
func TestADayToComeIsAskedAbout(t *testing.T) {
	w := demo(t)
	c := w.device(t, "")
	for _, turn := range [][2]string{
		{"log an hour for acme on friday", "That day is still to come. Shall I log it on November twentieth?"},
		{"yes", "Logged one hour for Acme Corporation on Friday. What was it for?"},
		{"no", "Okay."},
		{"how many hours last week", "You worked one hour last week. That's one hour for Acme Corporation."},
	} {
		if x, err := c.Say(t.Context(), turn[0]); err != nil || x.Speech != turn[1] {
			t.Errorf("%s: %s, %v", turn[0], x.Speech, err)
		}
	}
}

func TestAFirmWithoutDictationIsToldItsPhrases(t *testing.T) {
	w := demo(t)
	err := w.change(t.Context(), func(f *firm.Firm) {
		f.Voice.FreeNotes, f.Voice.Phrases = false, []string{"Call with client", "Filing at court"}
	})
	if err != nil {
		t.Fatal(err)
	}
	c := w.device(t, "")
	for _, turn := range [][2]string{
		{"log an hour for acme", "Logged one hour for Acme Corporation. What was it for?"},
		{"call with client", "Noted."},
		{"change the note", "What was it for?"},
		{"note filing at court", "Noted."},
		{"note what she told me", "Your firm doesn't allow notes by voice. Write it on the console."},
	} {
		if x, err := c.Say(t.Context(), turn[0]); err != nil || x.Speech != turn[1] {
			t.Errorf("%s: %s, %v", turn[0], x.Speech, err)
		}
	}
}
