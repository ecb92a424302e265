package alexa_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// turnsEach is how long one walk is: then another street begins, with an empty history.
const turnsEach = 250

// TestRandomTalksKeepTheLaws lets lawyers of three firms say anything, in any order, on several devices, and looks at
// every answer. CLERK_WALK_TURNS is how many turns in all, CLERK_SIM_SEED where to begin; both are printed.
func TestRandomTalksKeepTheLaws(t *testing.T) {
	turns, seed := setting(t, "CLERK_WALK_TURNS", 4000), setting(t, "CLERK_SIM_SEED", uint64(1))
	t.Logf("CLERK_WALK_TURNS=%d CLERK_SIM_SEED=%d", turns, seed)
	grammar := newGrammar(t)
	charged := 0
	for done := 0; done < turns; done, seed = done+turnsEach, seed+1 {
		w := &walk{t: t, street: newStreet(t), grammar: grammar, seed: seed, rand: rand.New(rand.NewPCG(seed, 0)), paid: map[string]bool{}, issued: map[string]string{}}
		w.devices()
		for range turnsEach {
			w.step()
		}
		w.finish()
		charged += len(w.paid)
	}
	if turns >= 4000 && charged*500 < turns {
		t.Errorf("only %d charges in %d turns: the walk goes nowhere", charged, turns)
	}
}

func setting[N int | uint64](t *testing.T, name string, normal N) N {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return normal
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return N(n)
}

// walk is one history.
type walk struct {
	t *testing.T
	*street
	*grammar
	seed    uint64
	rand    *rand.Rand
	places  []*place
	at      *place // where somebody speaks: mostly the same as before
	history []string
	paid    map[string]bool   // attempts
	issued  map[string]string // to whom, in which talk, each state was given
	ids     int
}

// place is a device, at which one lawyer at a time talks.
type place struct {
	*office
	*lawyer
	recognised bool // the voice is known there

	step int // of the work

	session string // empty: no talk
	state   string // what came back last
	past    []string
	proven  bool            // a right code was given in this talk
	named   map[string]bool // first words of clients that were named in this talk
	ticket  string          // that Alexa has to give back
	last    string          // request
	answer  string
}

func (w *walk) devices() {
	for _, o := range w.firms {
		for i, l := range o.people {
			for n := range 2 {
				w.places = append(w.places, &place{office: o, lawyer: l, recognised: i == 0 && n == 1})
			}
		}
	}
}

func pick[T any](w *walk, list []T) T { return list[w.rand.IntN(len(list))] }

// chance is true so many times in a hundred.
func (w *walk) chance(percent int) bool { return w.rand.IntN(100) < percent }

// step lets somebody say something, somewhere.
func (w *walk) step() {
	if w.at == nil || w.chance(12) {
		w.at = pick(w, w.places)
	}
	p := w.at
	w.pass(p)
	p.till.mu.Lock()
	p.world.lost = pick(w, []sandbox.Fault{{}, {}, {}, {}, {}, {}, {Kind: sandbox.Decline, Reason: charging.ReasonFunds}, {Kind: sandbox.LoseReply}})
	p.till.mu.Unlock()
	switch {
	case p.last != "" && w.chance(3):
		w.late(p)
	case w.chance(3):
		w.hangUp(p)
	case w.chance(2):
		w.stranger(p)
	case w.chance(4):
		w.reset(p)
	default:
		w.speak(p)
	}
}

// pass lets time pass: mostly seconds, sometimes an hour; a talk may be taken up after a day.
func (w *walk) pass(p *place) {
	w.clock.Advance(time.Duration(w.rand.IntN(40)) * time.Second)
	if w.chance(25) {
		w.clock.Advance(time.Duration(w.rand.IntN(40)) * time.Minute)
	}
	if p.session != "" && w.chance(1) {
		w.clock.Advance(24 * time.Hour)
	}
}

// again delivers the last request a second time at once: the same answer, and nothing is done.
func (w *walk) again(p *place) {
	first, before := p.answer, w.commits.Load()
	got, err := w.skill.Handle(w.t.Context(), []byte(p.last))
	if err != nil || string(got) != first {
		w.fail("the same request was answered\n%s\nand then\n%s\n%v", first, got, err)
	}
	if n := w.commits.Load() - before; n != 0 {
		w.fail("a repeated request was committed %d times", n)
	}
	w.late(p)
}

// late delivers a request again that may be old: nothing is charged for it.
func (w *walk) late(p *place) {
	if _, err := w.skill.Handle(w.t.Context(), []byte(p.last)); err != nil {
		w.fail("%v", err)
	}
	for _, o := range w.firms {
		if cents := o.till.since(w.paid); len(cents) > 0 {
			w.fail("a repeated request charged %v", cents)
		}
	}
}

// reset unlocks a code on the console.
func (w *walk) reset(p *place) {
	if err := w.house.ResetCode(w.t.Context(), p.Ask(firmtest.On(p.Admin, firm.BySetup)), p.Person); err != nil {
		w.fail("%v", err)
	}
}

func (w *walk) hangUp(p *place) {
	if p.session == "" {
		return
	}
	got := w.send(p, w.request(p, "SessionEndedRequest", nil))
	if got.Response.OutputSpeech != nil {
		w.fail("the end of a talk was answered: %+v", got)
	}
	p.session = ""
}

// stranger speaks without a linked account, or in the middle of somebody's talk with another's.
func (w *walk) stranger(p *place) {
	other := pick(w, w.places)
	was := *p
	p.lawyer, p.office, p.proven, p.named = other.lawyer, other.office, false, map[string]bool{}
	if w.chance(30) {
		p.lawyer = &lawyer{token: "nobodys"}
	}
	w.speak(p)
	*p = was
	p.session = "" // the device has lost its talk
}

// speak says something at a place, and judges the answer.
func (w *walk) speak(p *place) {
	if p.session == "" {
		w.ids++
		p.session, p.state, p.past, p.proven, p.named = fmt.Sprintf("session-%d", w.ids), "", nil, false, map[string]bool{}
	}
	presented := w.presented(p)
	u := w.utterance(p, asks(w.t, presented))
	before := p.state
	p.state = presented
	request := w.request(p, u.kind, &u)
	p.state, p.ticket = before, ""
	for client := range u.clients {
		p.named[client] = true
	}
	got := w.send(p, request)
	w.judge(p, u, presented, got)
	p.state = got.SessionAttributes["clerk"]
	if p.state != "" {
		p.past = append(p.past, p.state)
		w.issued[p.state] = p.token + p.session
	}
	if p.ticket = got.ticket(); p.ticket == "" && !got.listening() {
		p.session = ""
	}
	if w.chance(10) {
		w.again(p)
	}
}

// presented is the state that the device gives back: mostly the one it got, sometimes another.
func (w *walk) presented(p *place) string {
	switch n := w.rand.IntN(100); {
	case n < 90 || p.state == "":
		return p.state
	case n < 94:
		return pick(w, p.past)
	case n < 96:
		return pick(w, w.places).state
	case n < 98:
		b := []byte(p.state)
		b[w.rand.IntN(len(b))] ^= 1
		return strings.ToValidUTF8(string(b), "?")
	default:
		return pick(w, []string{"0" + p.state[1:], "1.e30.", "{}", "", strings.Repeat("x", 3000)})
	}
}

// asks is the question of a state, empty when it cannot be read.
func asks(t *testing.T, sealed string) map[string]any {
	t.Helper()
	if parts := strings.Split(sealed, "."); len(parts) != 3 {
		return nil
	}
	state, _ := payload(sealed).(map[string]any)
	return state
}

func (w *walk) request(p *place, kind string, u *utterance) string {
	w.ids++
	device := map[string]any{"deviceId": "d", "supportedInterfaces": pick(w, []map[string]any{{}, {"Alexa.Presentation.APL": map[string]any{}}})}
	user := map[string]any{"userId": "u", "accessToken": p.token}
	system := map[string]any{"application": map[string]any{"applicationId": skillID}, "user": user, "device": device}
	if p.recognised && p.lawyer.Person != "" {
		system["person"] = map[string]any{"personId": "p", "accessToken": p.token}
	}
	body := map[string]any{"type": kind, "requestId": fmt.Sprintf("request-%d", w.ids), "locale": pick(w, infra.Locales), "timestamp": w.clock.Now().Format(time.RFC3339)}
	if kind == "SessionResumedRequest" {
		body["cause"] = u.cause
	}
	if kind == "IntentRequest" {
		body["intent"] = map[string]any{"name": u.intent, "confirmationStatus": "NONE", "slots": u.slots}
		if len(w.asked[u.intent]) > 0 {
			body["dialogState"] = pick(w, []string{"STARTED", "IN_PROGRESS", "COMPLETED"})
		}
	}
	attributes := map[string]any{}
	if p.state != "" {
		attributes["clerk"] = p.state
	}
	data, err := json.Marshal(map[string]any{"version": "1.0", "context": map[string]any{"System": system}, "request": body,
		"session": map[string]any{"new": len(p.past) == 0, "sessionId": p.session, "application": map[string]any{"applicationId": skillID}, "user": user, "attributes": attributes}})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

func (w *walk) send(p *place, request string) answered {
	data, err := w.skill.Handle(w.t.Context(), []byte(request))
	if err != nil {
		w.fail("%v: %s", err, request)
	}
	p.last, p.answer = request, string(data)
	var got answered
	if err := json.Unmarshal(data, &got); err != nil {
		w.fail("%v: %s", err, data)
	}
	got.size = len(data)
	return got
}

func (w *walk) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("CLERK_SIM_SEED=%d CLERK_WALK_TURNS=%d\n%s\n%s", w.seed, turnsEach, strings.Join(w.history[max(0, len(w.history)-25):], "\n"), fmt.Sprintf(format, args...))
}
