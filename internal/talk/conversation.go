// Package talk holds a conversation with the skill in typed text, the way Alexa would: the text is matched to an
// intent of the shipped interaction model, the request is built as Alexa builds it, and the real handler answers.
// Way in: New and Conversation.Say. Play runs a conversation that is written down as a play.
package talk

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Send hands a request to the skill and returns its response.
type Send func(ctx context.Context, request []byte) (response []byte, err error)

// Options are who talks, and on what device.
type Options struct {
	ApplicationID string
	UserID        string
	DeviceID      string
	AccessToken   string // of account linking; empty: the account is not linked
	Locale        string // empty: en-US

	PersonID          string // of a recognised voice; empty: not recognised
	PersonAccessToken string // if that person linked an account

	Zone  *time.Location // where the device is; nil: UTC
	Now   func() time.Time
	NewID func() string
}

// Conversation is one device on which somebody talks with the skill. It is safe for concurrent use.
type Conversation struct {
	model *model
	send  Send
	opt   Options

	mu         sync.Mutex
	sessionID  string // empty: no session
	fresh      bool   // the session has had no request yet
	attributes json.RawMessage
	eliciting  string // the slot that was asked for
	last       heard
}

// Exchange is one thing said and what was answered.
type Exchange struct {
	Heard    string            `json:"heard"`
	Intent   string            `json:"intent"` // or the request's type when it was no intent
	Slots    map[string]string `json:"slots,omitempty"`
	Request  json.RawMessage   `json:"request"`
	Response json.RawMessage   `json:"response"`

	Speech    string `json:"speech"` // plain text
	Reprompt  string `json:"reprompt,omitempty"`
	Card      string `json:"card,omitempty"`
	Link      bool   `json:"link,omitempty"` // a card that asks to link the account
	Listening bool   `json:"listening"`      // the microphone is open

	Pending *Pending `json:"pending,omitempty"` // what the skill keeps until the next turn

	Ended bool `json:"ended"`
}

// New returns a conversation through an interaction model.
func New(interactionModel []byte, send Send, opt Options) (*Conversation, error) {
	m, err := readModel(interactionModel)
	if err != nil {
		return nil, err
	}
	if opt.Now == nil || opt.NewID == nil {
		return nil, fmt.Errorf("talk: a conversation needs a clock and ids")
	}
	if opt.Locale == "" {
		opt.Locale = "en-US"
	}
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	m.now = func() time.Time { return opt.Now().In(opt.Zone) }
	return &Conversation{model: m, send: send, opt: opt}, nil
}

// Say says a sentence. "Open billing clerk" opens a talk; "tell billing clerk to …" and "ask billing clerk …" are
// one-shots, and so is any sentence when no talk is open. Errors: the skill's, as they came.
func (c *Conversation) Say(ctx context.Context, text string) (Exchange, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	words := tokens(text)
	launch, rest, addressed := c.addressed(words)
	if addressed || c.sessionID == "" {
		c.begin()
	}
	if launch {
		return c.exchange(ctx, text, heard{}, c.envelope("LaunchRequest"))
	}
	if !addressed && exits[spoken(rest)] {
		r := c.envelope("SessionEndedRequest")
		r.Request.Reason = "USER_INITIATED"
		return c.exchange(ctx, text, heard{}, r)
	}
	h := c.understand(spelled(rest))
	return c.exchange(ctx, text, h, c.intentRequest(h))
}

// HangUp ends the talk as Alexa does when nobody answers. Without an open talk nothing happens.
func (c *Conversation) HangUp(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessionID == "" {
		return nil
	}
	r := c.envelope("SessionEndedRequest")
	r.Request.Reason = "EXCEEDED_MAX_REPROMPTS"
	_, err := c.exchange(ctx, "", heard{}, r)
	return err
}

// Link changes the access token, as linking the account again does.
func (c *Conversation) Link(accessToken string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opt.AccessToken = accessToken
}

// addressed reports whether the skill is called by its name, and returns what is asked of it.
func (c *Conversation) addressed(words []string) (launch bool, rest []string, addressed bool) {
	if len(words) > 0 && words[0] == "alexa" {
		words = words[1:]
	}
	n := len(c.model.invocation)
	if len(words) < n+1 || spoken(words[1:n+1]) != spoken(c.model.invocation) {
		return false, words, false
	}
	rest = words[n+1:]
	switch words[0] {
	case "open", "launch", "start", "begin", "load", "use":
		return len(rest) == 0, trimmed(rest), true
	case "tell", "ask":
		return len(rest) == 0, trimmed(rest), true
	}
	return false, words, false
}

// trimmed takes off the word that joins the skill's name to the wish.
func trimmed(words []string) []string {
	if len(words) > 0 && (words[0] == "to" || words[0] == "and" || words[0] == "that") {
		return words[1:]
	}
	return words
}

func (c *Conversation) begin() {
	c.sessionID, c.fresh = "amzn1.echo-api.session."+c.opt.NewID(), true
	c.attributes, c.eliciting, c.last = json.RawMessage("{}"), "", heard{}
}

// understand finds the intent. While a slot is asked for, words that fit no sample better fill that slot.
func (c *Conversation) understand(words []string) heard {
	h, ok := c.model.understand(words, !c.fresh)
	if c.eliciting != "" && (!ok || h.literals == 0) {
		if f, fits := c.model.answer(c.last.intent, c.eliciting, words); fits {
			slots := map[string]filled{c.eliciting: f}
			for name, had := range c.last.slots {
				if _, given := slots[name]; !given {
					slots[name] = had
				}
			}
			return heard{intent: c.last.intent, slots: slots}
		}
	}
	if !ok {
		return heard{intent: "AMAZON.FallbackIntent"}
	}
	return h
}

// The parts of a response that a device acts on.
type response struct {
	SessionAttributes json.RawMessage `json:"sessionAttributes"`
	Response          struct {
		OutputSpeech *speech `json:"outputSpeech"`
		Reprompt     *struct {
			OutputSpeech speech `json:"outputSpeech"`
		} `json:"reprompt"`
		Card *struct {
			Type, Title, Content string
		} `json:"card"`
		Directives []struct {
			Type         string `json:"type"`
			SlotToElicit string `json:"slotToElicit"`
		} `json:"directives"`
		ShouldEndSession *bool `json:"shouldEndSession"`
	} `json:"response"`
}

type speech struct{ Type, Text, SSML string }

func (c *Conversation) exchange(ctx context.Context, text string, h heard, r request) (Exchange, error) {
	x := Exchange{Heard: text, Intent: r.Request.Type, Slots: map[string]string{}}
	if h.intent != "" {
		x.Intent = h.intent
	}
	for name, f := range h.slots {
		x.Slots[name] = f.value
	}
	data, err := json.Marshal(r)
	if err != nil {
		return x, fmt.Errorf("talk: %w", err)
	}
	x.Request = data
	answer, err := c.send(ctx, data)
	if err != nil {
		return x, fmt.Errorf("talk: the skill did not answer: %w", err)
	}
	x.Response = answer
	var got response
	if err := json.Unmarshal(answer, &got); err != nil {
		return x, fmt.Errorf("talk: the skill's response: %w", err)
	}
	c.after(r.Request.Type, h, got, &x)
	return x, nil
}

// after keeps or ends the session as the response says: an absent shouldEndSession opens no microphone.
func (c *Conversation) after(kind string, h heard, got response, x *Exchange) {
	x.Speech = got.Response.OutputSpeech.plain()
	if p := got.Response.Reprompt; p != nil {
		x.Reprompt = p.OutputSpeech.plain()
	}
	if card := got.Response.Card; card != nil {
		x.Card, x.Link = strings.TrimSpace(card.Title+"\n"+card.Content), card.Type == "LinkAccount"
	}
	end := got.Response.ShouldEndSession
	x.Listening = kind != "SessionEndedRequest" && end != nil && !*end
	x.Ended = !x.Listening
	if x.Ended {
		c.sessionID = ""
		return
	}
	c.fresh, c.last, c.eliciting = false, h, ""
	c.attributes, x.Pending = got.SessionAttributes, pending(got.SessionAttributes)
	if len(c.attributes) == 0 {
		c.attributes = json.RawMessage("{}")
	}
	for _, d := range got.Response.Directives {
		if d.Type == "Dialog.ElicitSlot" {
			c.eliciting = d.SlotToElicit
		}
	}
}

// plain is speech as it sounds: markup gone, digits one by one.
func (s *speech) plain() string {
	if s == nil {
		return ""
	}
	if s.SSML == "" {
		return s.Text
	}
	var said strings.Builder
	spelled := false
	for d := xml.NewDecoder(strings.NewReader(s.SSML)); ; {
		token, err := d.Token()
		if err != nil {
			return said.String()
		}
		switch t := token.(type) {
		case xml.StartElement:
			spelled = t.Name.Local == "say-as" && len(t.Attr) > 0 && t.Attr[0].Value == "digits"
		case xml.EndElement:
			spelled = false
		case xml.CharData:
			if spelled {
				said.WriteString(strings.Join(strings.Split(string(t), ""), " "))
			} else {
				said.Write(t)
			}
		}
	}
}
