package alexa

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	sdk "github.com/arienmalec/alexa-go"
	quick "github.com/segmentio/encoding/json"
)

// Sizes that Alexa states (facts: request and response JSON reference).
const (
	MaxRequest  = 128 << 10 // bytes of a request that are read at all
	MaxResponse = 24 << 10  // bytes of a response, session attributes included
	maxSpeech   = 8000      // characters of speech, and of a card's text
)

// Request is what Alexa sends. Fields that we do not use are not declared, and none is required: an event has no
// session, an old device no context.
type Request struct {
	Session *Session `json:"session"`
	Context struct {
		System System `json:"System"`
	} `json:"context"`
	Body Body `json:"request"`
}

// Session is one talk. Its attributes are what we answered with before.
type Session struct {
	New         bool            `json:"new"`
	ID          string          `json:"sessionId"`
	Application Application     `json:"application"`
	Attributes  json.RawMessage `json:"attributes"`
	User        User            `json:"user"`
}

// System is the context's part that every request carries.
type System struct {
	Application Application `json:"application"`
	User        User        `json:"user"`
	Person      *Person     `json:"person"` // only when a voice was recognised

	APIEndpoint    string `json:"apiEndpoint"` // Alexa's service, to be asked with the token
	APIAccessToken string `json:"apiAccessToken"`

	Device struct {
		ID         string `json:"deviceId"`
		Interfaces struct {
			APL *struct{} `json:"Alexa.Presentation.APL"` // only of a device with a screen
		} `json:"supportedInterfaces"`
	} `json:"device"`
}

// Application is the skill that the request is meant for.
type Application struct {
	ID string `json:"applicationId"`
}

// User is the account that the device is registered to.
type User struct {
	ID          string `json:"userId"`
	AccessToken string `json:"accessToken"`
}

// Person is a recognised voice; AccessToken is there only if that person linked an account of their own.
type Person struct {
	ID          string `json:"personId"`
	AccessToken string `json:"accessToken"`
}

// Body is the request proper.
type Body struct {
	Type        string  `json:"type"`
	RequestID   string  `json:"requestId"`
	Timestamp   Moment  `json:"timestamp"`
	Locale      string  `json:"locale"`
	DialogState string  `json:"dialogState"`
	Intent      *Intent `json:"intent"`
	Reason      string  `json:"reason"`
	Error       *struct {
		Type string `json:"type"`
	} `json:"error"`
	Cause *Cause `json:"cause"`
}

// Cause is what a request is about that no speaker made: an exception, or a task of Alexa's that came back.
type Cause struct {
	RequestID string `json:"requestId"`

	Token  string `json:"token"`
	Status struct {
		Code string `json:"code"`
	} `json:"status"`
	Result struct {
		Status string `json:"status"` // of AMAZON.VerifyPerson: ACHIEVED, NOT_ACHIEVED, NOT_ENABLED
	} `json:"result"`
}

// Intent is what was understood.
type Intent struct {
	Name               string           `json:"name"`
	ConfirmationStatus string           `json:"confirmationStatus,omitempty"`
	Slots              map[string]*Slot `json:"slots,omitempty"`
}

// Slot is a part of an intent. Resolutions are read with alexa-go's type, which reads them right.
type Slot struct {
	Name               string          `json:"name"`
	Value              string          `json:"value,omitempty"`
	ConfirmationStatus string          `json:"confirmationStatus,omitempty"`
	Resolutions        sdk.Resolutions `json:"resolutions,omitzero"`
}

// id returns the id of the first value that the slot resolved to, empty when it resolved to none.
func (s *Slot) id() string {
	for _, authority := range s.Resolutions.ResolutionPerAuthority {
		for _, v := range authority.Values {
			if v.Value.Id != "" {
				return v.Value.Id
			}
		}
	}
	return ""
}

// Moment is a timestamp: ISO 8601 text as documented, or milliseconds since 1970 as older devices send.
// What is neither is the zero time.
type Moment struct{ time.Time }

// UnmarshalJSON never fails: a request with an odd timestamp is still a request; the verifier refuses the zero time.
func (m *Moment) UnmarshalJSON(b []byte) error {
	if text, quoted := bytes.CutPrefix(b, []byte{'"'}); quoted {
		if at, err := time.Parse(time.RFC3339, string(bytes.TrimSuffix(text, []byte{'"'}))); err == nil {
			m.Time = at.UTC()
		}
	} else if millis, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		m.Time = time.UnixMilli(millis).UTC()
	}
	return nil
}

// Response is what we answer. Everything that may be absent is a pointer or omitted when empty, since Alexa reads an
// absent shouldEndSession otherwise than false.
type Response struct {
	Version           string            `json:"version"`
	SessionAttributes map[string]string `json:"sessionAttributes,omitempty"`
	Body              ResponseBody      `json:"response"`
}

// ResponseBody is the answer proper.
type ResponseBody struct {
	OutputSpeech     *OutputSpeech `json:"outputSpeech,omitempty"`
	Card             *Card         `json:"card,omitempty"`
	Reprompt         *Reprompt     `json:"reprompt,omitempty"`
	Directives       []Directive   `json:"directives,omitempty"`
	ShouldEndSession *bool         `json:"shouldEndSession,omitempty"`
	CanFulfillIntent *CanFulfill   `json:"canFulfillIntent,omitempty"`
}

// OutputSpeech is always SSML.
type OutputSpeech struct {
	Type string `json:"type"`
	SSML string `json:"ssml"`
}

// Reprompt is said when nobody answers.
type Reprompt struct {
	OutputSpeech OutputSpeech `json:"outputSpeech"`
}

// Card is shown in the Alexa app: Simple with title and content, or LinkAccount with neither.
type Card struct {
	Type    string `json:"type"`
	Title   string `json:"title,omitempty"`
	Content string `json:"content,omitempty"`
}

// Directive is one of those that we send; which fields it has follows from its type.
type Directive struct {
	Type string `json:"type"`

	SlotToElicit string `json:"slotToElicit,omitempty"` // Dialog.ElicitSlot

	UpdateBehavior string       `json:"updateBehavior,omitempty"` // Dialog.UpdateDynamicEntities
	Types          []EntityType `json:"types,omitempty"`

	URI          string `json:"uri,omitempty"` // Connections.StartConnection
	Input        any    `json:"input,omitempty"`
	OnCompletion string `json:"onCompletion,omitempty"`

	Token       string          `json:"token,omitempty"` // Alexa.Presentation.APL.RenderDocument, Connections.StartConnection
	Document    json.RawMessage `json:"document,omitempty"`
	Datasources *Datasources    `json:"datasources,omitempty"`
}

// EntityType gives a slot type values for the rest of a talk.
type EntityType struct {
	Name   string   `json:"name"`
	Values []Entity `json:"values"`
}

// Entity is one value of them.
type Entity struct {
	Name struct {
		Value string `json:"value"`
	} `json:"name"`
}

// Datasources is what the document on a screen shows.
type Datasources struct {
	Clock Clockface `json:"clock"`
}

// Clockface is the running clock on a screen.
type Clockface struct {
	Status string `json:"status"`
	Since  int64  `json:"since"` // milliseconds since 1970; 0: nothing runs
	Paused string `json:"paused"`
	Today  string `json:"today"`
}

// CanFulfill answers a CanFulfillIntentRequest.
type CanFulfill struct {
	CanFulfill string `json:"canFulfill"`
}

// decode reads a request as tolerantly as it can be read. The request's strings are parts of data. MaxRequest bounds how
// deep what we skip can be nested.
func decode(data []byte) (*Request, error) {
	if len(data) > MaxRequest {
		return nil, ErrTooLarge
	}
	var r Request
	rest, err := quick.Parse(data, &r, quick.ZeroCopy)
	if err != nil {
		return nil, ErrMalformed.Because(err)
	}
	if len(rest) > 0 || r.Body.Type == "" {
		return nil, ErrMalformed
	}
	return &r, nil
}

// encode writes a response without escaping what SSML has escaped already.
func encode(r *Response) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, 1<<10))
	e := json.NewEncoder(buffer)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}
