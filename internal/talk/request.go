package talk

import (
	"encoding/json"
	"time"
)

// The request's JSON, as Alexa writes it.
type (
	request struct {
		Version string       `json:"version"`
		Session *session     `json:"session"`
		Context surroundings `json:"context"`
		Request body         `json:"request"`
	}
	session struct {
		New         bool            `json:"new"`
		SessionID   string          `json:"sessionId"`
		Application application     `json:"application"`
		Attributes  json.RawMessage `json:"attributes"`
		User        user            `json:"user"`
	}
	application struct {
		ApplicationID string `json:"applicationId"`
	}
	user struct {
		UserID      string `json:"userId"`
		AccessToken string `json:"accessToken,omitempty"`
	}
	person struct {
		PersonID    string `json:"personId"`
		AccessToken string `json:"accessToken,omitempty"`
	}
	device struct {
		DeviceID            string   `json:"deviceId"`
		SupportedInterfaces struct{} `json:"supportedInterfaces"`
	}
	surroundings struct {
		System struct {
			Application    application `json:"application"`
			User           user        `json:"user"`
			Person         *person     `json:"person,omitempty"`
			Device         device      `json:"device"`
			APIEndpoint    string      `json:"apiEndpoint"`
			APIAccessToken string      `json:"apiAccessToken"`
		} `json:"System"`
	}
	body struct {
		Type        string      `json:"type"`
		RequestID   string      `json:"requestId"`
		Locale      string      `json:"locale"`
		Timestamp   string      `json:"timestamp"`
		Reason      string      `json:"reason,omitempty"`
		Intent      *intentBody `json:"intent,omitempty"`
		DialogState string      `json:"dialogState,omitempty"`
	}
	intentBody struct {
		Name               string              `json:"name"`
		ConfirmationStatus string              `json:"confirmationStatus"`
		Slots              map[string]slotBody `json:"slots,omitempty"`
	}
	slotBody struct {
		Name               string       `json:"name"`
		Value              string       `json:"value,omitempty"`
		Resolutions        *resolutions `json:"resolutions,omitempty"`
		ConfirmationStatus string       `json:"confirmationStatus"`
		Source             string       `json:"source"`
		SlotValue          *slotValue   `json:"slotValue,omitempty"`
	}
	slotValue struct {
		Type        string       `json:"type"`
		Value       string       `json:"value"`
		Resolutions *resolutions `json:"resolutions,omitempty"`
	}
	resolutions struct {
		PerAuthority []authority `json:"resolutionsPerAuthority"`
	}
	authority struct {
		Authority string     `json:"authority"`
		Status    status     `json:"status"`
		Values    []resolved `json:"values,omitempty"`
	}
	status struct {
		Code string `json:"code"`
	}
	resolved struct {
		Value struct {
			Name string `json:"name"`
			ID   string `json:"id"`
		} `json:"value"`
	}
)

// envelope is a request of the running session.
func (c *Conversation) envelope(kind string) request {
	o := c.opt
	r := request{Version: "1.0", Session: &session{
		New: c.fresh, SessionID: c.sessionID, Application: application{o.ApplicationID},
		Attributes: c.attributes, User: user{o.UserID, o.AccessToken},
	}}
	s := &r.Context.System
	s.Application, s.User = application{o.ApplicationID}, user{o.UserID, o.AccessToken}
	s.Device.DeviceID, s.APIEndpoint, s.APIAccessToken = o.DeviceID, "https://api.amazonalexa.com", "talk"
	if o.PersonID != "" {
		s.Person = &person{o.PersonID, o.PersonAccessToken}
	}
	r.Request = body{
		Type: kind, RequestID: "amzn1.echo-api.request." + o.NewID(), Locale: o.Locale,
		Timestamp: o.Now().UTC().Format(time.RFC3339),
	}
	return r
}

// intentRequest is what was heard, with every slot of the intent, filled or not.
func (c *Conversation) intentRequest(h heard) request {
	r := c.envelope("IntentRequest")
	r.Request.Intent = &intentBody{Name: h.intent, ConfirmationStatus: "NONE"}
	for _, s := range c.model.intents[h.intent].slots {
		if r.Request.Intent.Slots == nil {
			r.Request.Intent.Slots = map[string]slotBody{}
		}
		r.Request.Intent.Slots[s.name] = c.slot(s, h.slots[s.name])
	}
	if c.model.dialogs[h.intent] {
		r.Request.DialogState = "STARTED"
		if c.eliciting != "" && c.last.intent == h.intent {
			r.Request.DialogState = "IN_PROGRESS"
		}
	}
	return r
}

func (c *Conversation) slot(s slot, f filled) slotBody {
	b := slotBody{Name: s.name, Value: f.value, ConfirmationStatus: "NONE", Source: "USER"}
	if f.value == "" {
		return b
	}
	if _, custom := c.model.types[s.kind]; custom {
		b.Resolutions = c.resolve(s.kind, f)
	}
	b.SlotValue = &slotValue{"Simple", f.value, b.Resolutions}
	return b
}

func (c *Conversation) resolve(kind string, f filled) *resolutions {
	a := authority{Authority: "amzn1.er-authority.echo-sdk." + c.opt.ApplicationID + "." + kind, Status: status{"ER_SUCCESS_NO_MATCH"}}
	if f.name != "" {
		var v resolved
		v.Value.Name, v.Value.ID = f.name, f.id
		a.Status.Code, a.Values = "ER_SUCCESS_MATCH", []resolved{v}
	}
	return &resolutions{[]authority{a}}
}
