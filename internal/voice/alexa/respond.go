package alexa

import (
	_ "embed"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/voice"
)

// respond puts a reply into an envelope. The microphone opens only when the reply asks.
func respond(reply voice.Reply, r *Request) *Response {
	if reply.Vouch != "" {
		return verify(reply)
	}
	end := !reply.Listen
	out := empty()
	out.Body.ShouldEndSession = &end
	out.Body.OutputSpeech = speech(reply.Speech)
	out.Body.Card = card(reply)
	out.Body.Directives = screen(reply.Screen)
	if reply.Listen {
		if s := speech(reply.Reprompt); s != nil {
			out.Body.Reprompt = &Reprompt{*s}
		}
		out.Body.Directives = slices.Concat(out.Body.Directives, hints(reply.Hints), elicit(reply.Elicit, r))
		if reply.State != "" {
			out.SessionAttributes = map[string]string{stateKey: reply.State}
		}
	}
	return out
}

func speech(s voice.Speech) *OutputSpeech {
	ssml := s.SSML()
	if ssml == "" {
		return nil
	}
	return &OutputSpeech{Type: "SSML", SSML: ssml}
}

func card(reply voice.Reply) *Card {
	switch {
	case reply.Link:
		return &Card{Type: "LinkAccount"}
	case reply.Card != nil:
		return &Card{Type: "Simple", Title: reply.Card.Title, Content: reply.Card.Text}
	}
	return nil
}

// elicit asks for a slot of the intent under way, so that Alexa listens for just that. It is only legal inside a
// dialog that is not completed, and for the same intent; otherwise the question alone does.
func elicit(slot string, r *Request) []Directive {
	in := r.Body.Intent
	if slot == "" || in == nil || r.Body.DialogState != "STARTED" && r.Body.DialogState != "IN_PROGRESS" {
		return nil
	}
	return []Directive{{Type: "Dialog.ElicitSlot", SlotToElicit: slot}}
}

//go:embed apl/clock.json
var clockDocument json.RawMessage

// screen is only for a device that said that it has one: to another it is an error.
func screen(s *voice.Screen) []Directive {
	if s == nil {
		return nil
	}
	face := Clockface{Status: s.Status, Paused: s.Paused, Today: s.Today}
	if !s.Since.IsZero() {
		face.Since = s.Since.UnixMilli()
	}
	return []Directive{{Type: "Alexa.Presentation.APL.RenderDocument", Token: "clock", Document: clockDocument, Datasources: &Datasources{face}}}
}

// maxHints is how many values Alexa takes.
const maxHints = 100

// hints teaches Alexa names for the rest of the talk; it forgets them by itself after half an hour.
func hints(names []string) []Directive {
	if len(names) == 0 {
		return nil
	}
	kind := EntityType{Name: "Client"}
	for _, name := range names[:min(len(names), maxHints)] {
		e := Entity{}
		e.Name.Value = name
		kind.Values = append(kind.Values, e)
	}
	return []Directive{{Type: "Dialog.UpdateDynamicEntities", UpdateBehavior: "REPLACE", Types: []EntityType{kind}}}
}

// encodeFitting keeps Alexa's limits: an answer that is too large loses its card, then its reprompt, then what it shows,
// and at last is only an apology; Alexa would drop the whole of it without a word.
func encodeFitting(r *Response) ([]byte, error) {
	for _, shorten := range []func(){
		func() {},
		func() { r.Body.Card = nil },
		func() { r.Body.Reprompt = nil },
		func() { r.Body.Directives = nil },
		func() { *r = *respond(voice.TooLong(), &Request{}) },
	} {
		shorten()
		data, err := encode(r)
		if err != nil || r.fits(len(data)) {
			return data, err
		}
	}
	return encode(empty())
}

func (r *Response) fits(size int) bool {
	if s := r.Body.OutputSpeech; s != nil && utf8.RuneCountInString(s.SSML) > maxSpeech {
		return false
	}
	if c := r.Body.Card; c != nil && utf8.RuneCountInString(c.Title+c.Content) > maxSpeech {
		return false
	}
	return size <= MaxResponse
}
