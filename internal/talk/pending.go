package talk

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Pending is what the skill keeps between two turns, as far as one who tries it out wants to see it. Alexa carries it
// without looking at it.
type Pending struct {
	Ask     string   `json:"ask,omitempty"`     // the question that the next answer is taken for
	Act     string   `json:"act,omitempty"`     // what is done then
	Then    string   `json:"then,omitempty"`    // what comes after that
	Choices []string `json:"choices,omitempty"` // the names to choose from
	Proven  bool     `json:"proven,omitempty"`  // a code was given in this talk
	Tries   int      `json:"tries,omitempty"`   // answers that were not understood
}

// pending reads the session attributes of a response; nil when nothing is kept, or in a form that is not ours.
func pending(attributes json.RawMessage) *Pending {
	var kept struct{ Clerk string }
	if json.Unmarshal(attributes, &kept) != nil {
		return nil
	}
	parts := strings.Split(kept.Clerk, ".") // version.payload.signature
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var state struct {
		Pending
		Choices []struct{ Client, ClientName, MatterName string } `json:"choices"`
	}
	if json.Unmarshal(payload, &state) != nil {
		return nil
	}
	p := state.Pending
	for _, c := range state.Choices {
		name := c.ClientName
		if c.Client == state.Choices[0].Client && len(state.Choices) > 1 && c.Client == state.Choices[1].Client {
			name = c.MatterName
		}
		p.Choices = append(p.Choices, name)
	}
	return &p
}
