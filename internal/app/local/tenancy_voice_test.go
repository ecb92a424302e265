package local

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// sample is an intent of the interaction model, with the types of its slots.
type sample struct {
	Name  string
	Slots []struct{ Name, Type string }
}

// samples are all intents that Alexa may send.
func samples(t *testing.T) []sample {
	t.Helper()
	text, err := infra.Model(infra.Locales[0])
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		InteractionModel struct {
			LanguageModel struct{ Intents []sample }
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	all := m.InteractionModel.LanguageModel.Intents
	for _, name := range voice.Intents() {
		if !slices.ContainsFunc(all, func(s sample) bool { return s.Name == name }) {
			all = append(all, sample{Name: name})
		}
	}
	return all
}

// spoken is one turn as Alexa sends it.
type spoken struct {
	sample
	token  string
	client string // what was heard, where a client is named
	id     string // what Alexa says that it resolved to
	talk   string // its session's id
	state  string // session attributes, as JSON
}

func (c *crowd) request(s spoken) []byte {
	c.Helper()
	slots := map[string]any{}
	for _, slot := range s.Slots {
		slots[slot.Name] = s.slot(slot.Name, slot.Type)
	}
	state := json.RawMessage("{}")
	if s.state != "" {
		state = json.RawMessage(s.state)
	}
	user := map[string]any{"userId": "amzn1.ask.account.MAX", "accessToken": s.token}
	skill := map[string]any{"applicationId": config.DemoSkillID}
	body, err := json.Marshal(map[string]any{
		"version": "1.0",
		"session": map[string]any{"new": s.state == "", "sessionId": s.talk, "application": skill, "user": user, "attributes": state},
		"context": map[string]any{"System": map[string]any{"application": skill, "user": user, "device": map[string]any{"deviceId": "amzn1.ask.device.1"}}},
		"request": map[string]any{
			"type": "IntentRequest", "requestId": "amzn1.echo-api.request." + app.NewID(), "locale": "en-US",
			"timestamp": c.clock.Now().Format(time.RFC3339), "intent": map[string]any{"name": s.Name, "slots": slots},
		},
	})
	if err != nil {
		c.Fatal(err)
	}
	return body
}

// slot is filled by its type; what names a client resolves to its id, should anybody believe that.
func (s spoken) slot(name, kind string) map[string]any {
	value, id := "two", "2"
	switch {
	case name == voice.ClientSlot || kind == "Client":
		value, id = s.client, s.id
	case strings.HasPrefix(kind, "AMAZON.FOUR") || strings.HasPrefix(kind, "AMAZON.NUMBER"):
		value = DemoCode
	case kind == "AMAZON.DURATION":
		value = "PT20M"
	case kind == "AMAZON.DATE":
		value = "2026-11-23"
	case kind == "AMAZON.TIME":
		value = "14:00"
	}
	return map[string]any{"name": name, "value": value, "resolutions": map[string]any{"resolutionsPerAuthority": []any{map[string]any{
		"authority": "amzn1.er-authority.echo-sdk.x", "status": map[string]any{"code": "ER_SUCCESS_MATCH"},
		"values": []any{map[string]any{"value": map[string]any{"name": value, "id": id}}},
	}}}}
}

// hears is what the skill answers, with the name that was spoken, and what is sealed, taken out.
func (i *intrusion) hears(s spoken) string {
	i.Helper()
	w := i.answers(http.MethodPost, i.request(s), nil)
	if w.Code != http.StatusOK {
		i.Fatalf("%s: %d, %s", s.Name, w.Code, w.Body)
	}
	var r map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		i.Fatal(err)
	}
	delete(r, "sessionAttributes")
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		i.Fatal(err)
	}
	said := strings.NewReplacer("\\u0026", "&").Replace(string(text))
	return strings.ReplaceAll(said, s.client, "NAME")
}

// linked is what the other firm's admin speaks with, and what they could make of it by changing a word.
func linked(t *testing.T, c *crowd, f firm.Firm) (token string, crossed map[string]string) {
	t.Helper()
	people, err := c.House.People(t.Context(), firm.System(f.ID, ""))
	if err != nil {
		t.Fatal(err)
	}
	link, err := (&auth.Desk{House: c.House}).Link(t.Context(), firm.System(f.ID, app.NewID()), people[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	ada, as := c.Demo.AdaLink, func(firmID, person, grant string) string {
		return c.tokens.Access(firm.Caller{Firm: firmID, Person: person, Grant: grant}, time.Hour)
	}
	return as(f.ID, link.Person, link.Grant), map[string]string{
		"their firm and our person":           as(f.ID, ada.Person, ada.Grant),
		"our firm and their person":           as(ada.Firm, link.Person, link.Grant),
		"our person by their link":            as(ada.Firm, ada.Person, link.Grant),
		"their firm and person, and our link": as(f.ID, link.Person, ada.Grant),
	}
}

// Whoever speaks for another firm names our clients in every intent, by every name and id: it is answered as a name that
// nobody has. A new intent of the model is tried by itself.
func TestNoIntentKnowsAnotherFirmsClients(t *testing.T) {
	c := crowded(t)
	by, theirs := neighbours(t, c)
	i := intrude(c, by)
	token, crossed := linked(t, c, theirs)
	ended := c.tokens.Access(firm.Caller{Firm: app.NewID(), Person: app.NewID(), Grant: app.NewID()}, time.Hour)
	list, _, err := c.Directory.List(t.Context(), c.setup(), "")
	if err != nil {
		t.Fatal(err)
	}
	before := i.records()
	for _, s := range samples(t) {
		for _, client := range list {
			i.same(s.Name+" "+client.Name, spoken{s, token, client.Name, client.ID, "1", ""}, spoken{s, token, "Zyxel Xanadu", app.NewID(), "1", ""})
		}
		for whose, token := range crossed {
			i.same(s.Name+" for "+whose, spoken{s, token, "Acme Corporation", list[0].ID, "1", ""}, spoken{s, ended, "Acme Corporation", list[0].ID, "1", ""})
		}
	}
	i.unchanged(before)
}

// same wants what is said to tell nothing between ours and nobody's.
func (i *intrusion) same(what string, ours, nobodys spoken) {
	i.Helper()
	a, b := i.hears(ours), i.hears(nobodys)
	if a != b {
		i.Errorf("%s: %s", what, cmp.Diff(a, b))
	}
	i.discreet(what, a)
}

// What is pending in our lawyer's talk is nothing for another firm, though it say that the talk is the same.
func TestAPendingTalkIsNothingInAnotherFirm(t *testing.T) {
	c := crowded(t)
	by, theirs := neighbours(t, c)
	i := intrude(c, by)
	token, _ := linked(t, c, theirs)
	bill(t, c.Server, "acme corporation")
	pending := map[string][]string{
		"which matter": {"start the clock for marlow group"}, "a yes": {"charge acme corporation"}, "a code": {"charge acme corporation", "yes"},
	}
	for name, lines := range pending {
		talk, state := pendingIn(t, c.says("", lines...))
		if !strings.Contains(state, ".") {
			t.Fatalf("nothing is pending after %q: %s", lines, state)
		}
		broken := state[:len(state)-6] + "AAAA" + state[len(state)-2:]
		before := i.records()
		for _, s := range samples(t) {
			i.same(s.Name+" when "+name+" is asked for", spoken{s, token, "Zyxel Xanadu", "1", talk, state}, spoken{s, token, "Zyxel Xanadu", "1", talk, broken})
		}
		i.unchanged(before)
		c.says("", "cancel")
	}
}

// pendingIn is the id of a talk, and what is pending in it.
func pendingIn(t *testing.T, x talk.Exchange) (id, state string) {
	t.Helper()
	var asked struct {
		Session struct {
			ID string `json:"sessionId"`
		}
	}
	var said struct{ SessionAttributes json.RawMessage }
	if err := errors.Join(json.Unmarshal(x.Request, &asked), json.Unmarshal(x.Response, &said)); err != nil {
		t.Fatal(err)
	}
	return asked.Session.ID, string(said.SessionAttributes)
}
