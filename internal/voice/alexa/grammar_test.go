package alexa_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// utterance is one thing said.
type utterance struct {
	kind, intent string
	slots        map[string]any
	clients      map[string]bool // first words of the clients that it may name
	digits       string          // of a code
	cause        map[string]any  // of a resumed session
	vouched      bool            // Alexa found its own code right
}

// grammar is what can be said.
type grammar struct {
	kinds   map[string]map[string]string
	asked   map[string][]string
	ids     map[string][]string // of a closed type's values
	intents []string
}

func newGrammar(t *testing.T) *grammar {
	t.Helper()
	g := &grammar{ids: map[string][]string{}}
	g.kinds, g.asked = shapes(t, "en-US")
	g.intents = slices.Sorted(maps.Keys(g.kinds))
	data, err := infra.Model("en-US")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		InteractionModel struct {
			LanguageModel struct {
				Types []struct {
					Name   string
					Values []struct{ ID string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	for _, kind := range m.InteractionModel.LanguageModel.Types {
		for _, v := range kind.Values {
			g.ids[kind.Name] = append(g.ids[kind.Name], v.ID)
		}
	}
	return g
}

// work is a lawyer's day.
var work = []string{voice.StartClockIntent, voice.StopClockIntent, voice.AddLastIntent, voice.ChargeIntent,
	voice.ExpenseIntent, voice.AddAllIntent, voice.ChargePartIntent, voice.StartClockIntent, voice.StopClockIntent, voice.AddAllIntent, voice.SendInvoiceIntent, voice.ChargeIntent}

// utterance is something that may be said at a question: mostly what leads on.
func (w *walk) utterance(p *place, state map[string]any) utterance {
	u := utterance{kind: "IntentRequest", slots: map[string]any{}, clients: map[string]bool{}}
	if p.ticket != "" && w.chance(80) || w.chance(1) {
		return w.resumed(p, u)
	}
	ask, _ := state["ask"].(string)
	onward := map[voice.Question][]string{
		voice.AskCharge: {voice.YesIntent, voice.YesIntent, voice.YesCodeIntent, voice.NoIntent}, voice.AskCode: {voice.CodeIntent, voice.CodeIntent, voice.YesCodeIntent},
		voice.AskProve: {voice.CodeIntent}, voice.AskGo: {voice.YesIntent, voice.YesIntent, voice.NoIntent}, voice.AskWho: {voice.ChooseIntent, voice.StartClockIntent},
		voice.AskWhich: {voice.ChooseIntent}, voice.AskWhat: {voice.WhatToBillIntent}, voice.AskNote: {voice.NoteIntent, voice.NoIntent},
		voice.AskSend: {voice.YesIntent, voice.YesIntent, voice.NoIntent}, voice.AskAmount: {voice.AmountIntent}, voice.AskKind: {voice.KindIntent}, voice.AskCalled: {voice.YesIntent, voice.NoIntent},
	}
	switch next := onward[voice.Question(ask)]; {
	case w.chance(3):
		u.kind = "LaunchRequest"
		return u
	case len(next) > 0 && w.chance(65):
		u.intent = pick(w, next)
	case ask != "" && len(next) == 0 && w.chance(65): // of a question that is not on the list
		u.intent = pick(w, []string{voice.YesIntent, voice.YesIntent, voice.NoIntent, voice.ChooseIntent})
	case w.chance(75):
		u.intent = work[p.step%len(work)]
		p.step++
	default:
		u.intent = pick(w, w.intents)
	}
	for _, name := range slices.Sorted(maps.Keys(w.kinds[u.intent])) {
		w.fill(p, &u, name, w.kinds[u.intent][name])
	}
	return u
}

// resumed is Alexa coming back from asking for its own code, sometimes with another ticket than ours.
func (w *walk) resumed(p *place, u utterance) utterance {
	ticket, status := p.ticket, pick(w, []string{"ACHIEVED", "ACHIEVED", "ACHIEVED", "NOT_ACHIEVED", "NOT_ENABLED"})
	if w.chance(15) {
		ticket = pick(w, []string{"", "0123456789abcdef0123456789abcdef", pick(w, w.places).ticket})
	}
	u.kind, u.vouched = "SessionResumedRequest", status == "ACHIEVED" && ticket == p.ticket && ticket != ""
	u.cause = map[string]any{"type": "ConnectionCompleted", "token": ticket, "status": map[string]any{"code": "200", "message": "OK"}, "result": map[string]any{"status": status}}
	return u
}

// fill fills a slot, well or badly.
func (w *walk) fill(p *place, u *utterance, name, kind string) {
	value, id := w.value(p, u, kind)
	if w.chance(8) {
		value, id = pick(w, badly), ""
	}
	slot := map[string]any{"name": name, "confirmationStatus": "NONE"}
	switch {
	case value == "null" && w.chance(50):
		u.slots[name] = nil
		return
	case value != "null" && (value != "" || w.chance(50)):
		slot["value"] = value
	}
	if id != "" {
		slot["resolutions"] = map[string]any{"resolutionsPerAuthority": []any{map[string]any{"authority": "a", "status": map[string]any{"code": "ER_SUCCESS_MATCH"},
			"values": []any{map[string]any{"value": map[string]any{"name": value, "id": id}}}}}}
	}
	if name == voice.CodeSlot {
		u.digits = value
	}
	u.slots[name] = slot
}

// badly is how slots come when something goes wrong on the way.
var badly = []string{"", "null", "?", "nobody at all", "-5", "0", "1.234,50", "PT0M", "P1W", "-PT20M", "P9000D", "2031-01-01", "25:61", "NI", "客户 клиент عميل",
	"<speak>&amp;\"'</speak>", "{{.Name}}", strings.Repeat("ever so long ", 300), "../../f/1", "\u0000\u202e", "１２３４", "everything", "9223372036854775808"}

// value is what a lawyer of the place would say for a slot of a type.
func (w *walk) value(p *place, u *utterance, kind string) (value, id string) {
	switch kind {
	case "Client":
		return w.name(p, u), ""
	case "AMAZON.SearchQuery":
		note := fmt.Sprintf("privileged zanzibar %d", w.rand.IntN(100))
		return note, ""
	case "AMAZON.FOUR_DIGIT_NUMBER":
		if w.chance(75) {
			return p.code, ""
		}
		return pick(w, []string{"0000", "9999", "1234", "4321"}), ""
	case "AMAZON.NUMBER":
		return strconv.Itoa(w.rand.IntN(200)), ""
	case "AMAZON.DURATION":
		return pick(w, []string{"PT20M", "PT1H", "PT1H30M", "PT6M", "P1D"}), ""
	case "AMAZON.TIME":
		return fmt.Sprintf("%02d:%02d", w.rand.IntN(24), 5*w.rand.IntN(12)), ""
	case "AMAZON.DATE":
		return w.clock.Now().AddDate(0, 0, 1-w.rand.IntN(10)).Format("2006-01-02"), ""
	}
	if ids := w.grammar.ids[kind]; len(ids) > 0 {
		id = pick(w, ids)
	}
	return "x", id
}

// name is a client's, in some way of saying it; sometimes another firm's.
func (w *walk) name(p *place, u *utterance) string {
	o := p.office
	if w.chance(12) {
		o = pick(w, w.firms)
	}
	name := pick(w, o.names)
	if w.chance(70) {
		name = o.names[1] // who has a card
	}
	first := strings.ToLower(strings.Fields(name)[0])
	u.clients[first] = true
	if strings.HasPrefix(first, "schmi") { // they sound alike, and are asked about together
		u.clients["schmidt"], u.clients["schmitt"] = true, true
	}
	return pick(w, []string{first, strings.ToLower(name), name, "the " + first + " matter"})
}
