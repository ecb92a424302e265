package alexa

import "github.com/billingclerk/billingclerk/internal/voice"

// verify hands over to Alexa, which asks a recognised voice for the code of its own profile and then resumes our session
// with what became of it (docs: PIN confirmation for Alexa skills). The session neither ends nor listens meanwhile.
func verify(reply voice.Reply) *Response {
	type level struct {
		Level        int               `json:"level"`
		CustomPolicy map[string]string `json:"customPolicy"`
	}
	out := empty()
	out.SessionAttributes = map[string]string{stateKey: reply.State}
	out.Body.Directives = []Directive{{
		Type: "Connections.StartConnection", URI: "connection://AMAZON.VerifyPerson/2", Token: reply.Vouch, OnCompletion: "RESUME_SESSION",
		Input: map[string]level{"requestedAuthenticationConfidenceLevel": {400, map[string]string{"policyName": "VOICE_PIN"}}},
	}}
	return out
}

// resumed is the request with which Alexa comes back.
const resumed = "SessionResumedRequest"

// vouched is the ticket of a code that Alexa found right, empty for one that it did not.
func (r *Request) vouched() string {
	if c := r.Body.Cause; c != nil && r.Body.Type == resumed && c.Status.Code == "200" && c.Result.Status == "ACHIEVED" {
		return c.Token
	}
	return ""
}
