package alexa_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden responses anew")

// passing is how much time passes before an event.
var passing = map[string]time.Duration{"pause": 20 * time.Minute, "which": 12 * time.Minute}

// story is every event in the order in which the test plays them, in one world: what an event that continues a
// session needs has happened before it.
var story = strings.Fields(`
	launch launch-then-help launch-then-stop
	start running running-on-screen pause resume pause-clock resume-clock stop-clock note add-last
	charge charge-repeat charge-help charge-fallback charge-code-too-early charge-yes charge-code-unheard charge-code-wrong charge-code
	start-slot-empty start-elicited start-slot-null start-slots-null
	which which-position which-again which-neither add-all
	charge-running charge-running-yes charge-running-go charge-running-add charge-running-charge charge-yes-code
	what-to-bill-unasked charge-another start-over cancel home fallback unknown-intent
	state-tampered state-older state-strange
	person person-token-foreign person-not-linked unlinked unlinked-charge unlinked-cancel
	before-the-end session-ended before-the-error session-ended-error exception-encountered
	can-fulfill event-skillenabled event-skilldisabled event-skillaccountlinked event-skillpermissionchanged
	apl-user-event tomorrows-type another-skill`)

// held is where an event's file leaves room for the session attributes of the answer before it.
const held = "the state of the answer before"

func TestEveryEventIsAnsweredAsItsGoldenSays(t *testing.T) {
	if files, _ := filepath.Glob("../../../events/*.json"); len(files) != len(story) {
		t.Fatalf("%d events, but the story plays %d", len(files), len(story))
	}
	w := demo(t)
	state := ""
	for _, name := range story {
		w.Clock.Advance(passing[name])
		request, err := os.ReadFile("../../../events/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		response, err := w.skill.Handle(t.Context(), bytes.ReplaceAll(request, []byte(held), []byte(state)))
		if err != nil {
			response = []byte(`{"error": ` + quoted(err.Error()) + `}`)
		}
		state = golden(t, name, response)
	}
}

// golden compares a response, with its state opened for the reader, and returns the state.
func golden(t *testing.T, name string, response []byte) (state string) {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal(response, &r); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if attributes, ok := r["sessionAttributes"].(map[string]any); ok {
		state, _ = attributes["clerk"].(string)
		attributes["clerk"] = opened(t, state)
	}
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	path := "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return state
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	return state
}

// opened is the state's payload.
func opened(t *testing.T, sealed string) any {
	t.Helper()
	var payload any
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(sealed, ".")[1])
	if err != nil || json.Unmarshal(data, &payload) != nil {
		t.Fatalf("state %q: %v", sealed, err)
	}
	return payload
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
