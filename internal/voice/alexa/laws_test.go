package alexa_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// judge holds an answer against the laws. presented is the state with which the turn came.
func (w *walk) judge(p *place, u utterance, presented string, got answered) {
	text := got.speech()
	w.history = append(w.history, p.token+" "+u.kind+" "+u.intent+" "+compact(u.slots)+"\n    -> "+text)
	keeps(w.t, got)
	if w.t.Failed() {
		w.fail("the answer breaks Amazon's rules or ours, as said above")
	}
	if strings.Contains(text, "Something went wrong") {
		w.fail("an error is spoken; the log ends with\n%s", tail(w.log.String()))
	}
	w.proof(p, u, presented, text)
	w.borders(p, got)
	if p.quiet && !p.recognised && !p.proven {
		w.discretion(p, text)
	}
}

// proof: nothing is charged without yes and the speaker's own code, in that talk, and then only what was read back; nothing
// is sent without a yes in that talk.
func (w *walk) proof(p *place, u utterance, presented, text string) {
	state := asks(w.t, presented)
	ask, _ := state["ask"].(string)
	right := p.code != "" && u.digits == p.code && w.issued[presented] == p.token+p.session
	vouched := u.vouched && ask == string(voice.AskVouch) && p.recognised && w.issued[presented] == p.token+p.session
	confirmed := vouched || right && (ask == string(voice.AskCode) && (u.intent == voice.CodeIntent || u.intent == voice.YesCodeIntent) ||
		(ask == string(voice.AskCharge) || ask == string(voice.AskVouch)) && u.intent == voice.YesCodeIntent)
	for _, o := range w.firms {
		for _, cents := range o.till.since(w.paid) {
			switch {
			case o != p.office:
				w.fail("another firm's client was charged")
			case !confirmed:
				w.fail("%d cents were charged at %q by %s with code %q", cents, ask, u.intent, u.digits)
			case cents != offered(state):
				w.fail("%d cents were charged, %d were read back", cents, offered(state))
			}
		}
	}
	agreed := ask == string(voice.AskSend) && strings.Contains(u.intent, "Yes") && w.issued[presented] == p.token+p.session
	for _, sent := range []string{"on its way, with a link", "waits to be printed.", "with a link to pay it."} {
		if strings.Contains(text, sent) && !agreed && !confirmed {
			w.fail("an invoice was sent at %q by %s: %s", ask, u.intent, text)
		}
	}
	if right && (ask == string(voice.AskProve) || ask == string(voice.AskCode) || confirmed) || strings.HasPrefix(text, "Paid.") {
		p.proven = true
	}
	if old, _ := state["proven"].(bool); old && w.issued[presented] == p.token+p.session {
		p.proven = true
	}
}

func offered(state map[string]any) int64 {
	offer, _ := state["offer"].(map[string]any)
	total, _ := offer["total"].(map[string]any)
	minor, _ := total["minor"].(float64)
	return int64(minor)
}

// borders: no word of one firm is spoken or shown in another, and no name, narrative or code on any card.
func (w *walk) borders(p *place, got answered) {
	all, card := strings.ToLower(got.speech()), ""
	if r := got.Response.Reprompt; r != nil {
		again, _ := heardAs(r.OutputSpeech.SSML)
		all += " " + strings.ToLower(again)
	}
	if c := got.Response.Card; c != nil {
		card = strings.ToLower(c.Title + " " + c.Content)
	}
	for _, d := range got.Response.Directives { // what a screen shows, or Alexa is told, is no more than a card
		card += " " + strings.ToLower(compact(d.Datasources)+" "+compact(d.Types))
	}
	for _, o := range w.firms {
		for _, word := range o.words {
			if has(card, word) && word != "demo" {
				w.fail("the card names %q: %s", word, card)
			}
			if (o != p.office || p.lawyer.Person == "") && has(all, word) {
				w.fail("%q is another firm's: %s", word, all)
			}
		}
	}
	for _, secret := range []string{"zanzibar", "4242", p.code} {
		if secret != "" && has(card, secret) || secret == "zanzibar" && has(all, secret) {
			w.fail("%q is told: %s %s", secret, all, card)
		}
	}
}

var letters = regexp.MustCompile(`[\p{L}\p{N}']+`)

func has(text, word string) bool {
	for _, w := range letters.FindAllString(text, -1) {
		if strings.TrimSuffix(w, "'s") == word || w == word {
			return true
		}
	}
	return false
}

// discretion: without a recognised voice and without the code in this talk there is no amount of money, and nobody is
// named whom the speaker did not name.
func (w *walk) discretion(p *place, text string) {
	lower := strings.ToLower(text)
	for _, money := range []string{"dollar", "dollars", "cent", "cents"} {
		if has(lower, money) {
			w.fail("an amount is told to somebody unknown: %s", text)
		}
	}
	for _, word := range p.words {
		if has(lower, word) && !p.named[word] {
			w.fail("%q is named to somebody who did not name it: %s", word, text)
		}
	}
}

// finish looks at what a walk leaves behind: balanced books, and a log in which nobody is named.
func (w *walk) finish() {
	books := &ledger.Books{House: w.house}
	for _, o := range w.firms {
		if _, err := books.Balances(w.t.Context(), o.Ask(o.Admin)); err != nil {
			w.fail("the books of %s: %v", o.Firm.Name, err)
		}
	}
	log := strings.ToLower(w.log.String())
	for _, o := range w.firms {
		for _, word := range append([]string{"zanzibar", `"1234"`, `"4321"`, "token\""}, o.words...) {
			if word != "demo" && strings.Contains(log, word) {
				w.fail("the log holds %q", word)
			}
		}
	}
	if strings.Contains(log, `"outcome":"error"`) {
		w.fail("something went wrong inside:\n%s", tail(log[:strings.LastIndex(log, `"outcome":"error"`)+200]))
	}
}

func tail(text string) string { return text[max(0, len(text)-1500):] }

func compact(v any) string {
	data, _ := json.Marshal(v)
	if len(data) > 300 {
		data = data[:300]
	}
	return string(data)
}

// payload is what a state holds, nil when it cannot be read.
func payload(sealed string) (v any) {
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(sealed, ".")[1])
	if err != nil || json.Unmarshal(data, &v) != nil {
		return nil
	}
	return v
}
