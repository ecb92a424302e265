package talk

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func attributes(t *testing.T, state string) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(map[string]string{"clerk": "1." + base64.RawURLEncoding.EncodeToString([]byte(state)) + ".signature"})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatIsPendingCanBeSeen(t *testing.T) {
	for state, want := range map[string]*Pending{
		`{"ask":"charge","act":"charge","proven":true,"tries":1}`:                                                                                  {Ask: "charge", Act: "charge", Proven: true, Tries: 1},
		`{"ask":"which","act":"start","choices":[{"client":"1","clientName":"Schmidt Holdings"},{"client":"2","clientName":"Schmitt Logistics"}]}`: {Ask: "which", Act: "start", Choices: []string{"Schmidt Holdings", "Schmitt Logistics"}},
		`{"ask":"which","choices":[{"client":"1","clientName":"Marlow","matterName":"lease"},{"client":"1","matterName":"merger"}]}`:               {Ask: "which", Choices: []string{"lease", "merger"}},
	} {
		if diff := cmp.Diff(want, pending(attributes(t, state))); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
	for _, strange := range []json.RawMessage{nil, json.RawMessage(`{}`), json.RawMessage(`{"clerk":"1.%%.x"}`), json.RawMessage(`{"clerk":7}`), attributes(t, "no JSON")} {
		if got := pending(strange); got != nil {
			t.Errorf("%s: %+v", strange, got)
		}
	}
}
