package alexa_test

import (
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/voice"
)

func TestSeveralMattersAreChargedOneAfterTheOther(t *testing.T) {
	w := demo(t)
	w.authorise(t, w.processor, w.clients["Marlow Group"], "pm_card_visa")
	talk.Play(t, `
		lawyer: log a filing fee of 100 dollars for marlow
		clerk:  Marlow Group has several matters. Which one: tax appeal, merger or lease?
		lawyer: lease
		clerk:  Filing fee, one hundred dollars, noted for Marlow Group, the lease matter.
		lawyer: log postage of 20 dollars for marlow
		clerk:  Marlow Group has several matters. Which one: lease, tax appeal or merger?
		lawyer: number two
		clerk:  Postage, twenty dollars, noted for Marlow Group, the tax appeal matter.
		lawyer: put everything for marlow on the bill
		clerk:  Marlow Group has several matters. Which one: tax appeal, lease or merger?
		lawyer: all of them
		clerk:  Added two entries to two bills.
		lawyer: charge marlow
		clerk:  Marlow Group has several matters. Which one: tax appeal, lease or merger?
		lawyer: all of them
		clerk:  Demo and Partners will charge Marlow Group twenty dollars for the tax appeal matter, to the Visa ending 4 2 4 2. Shall I?
		lawyer: yes
		clerk:  What's your code?
		lawyer: one two three four
		clerk:  Paid. There is no e-mail address, so invoice 1 and the receipt wait to be printed. Shall I go on with the lease matter?
		lawyer: yes
		clerk:  Demo and Partners will charge Marlow Group one hundred dollars for the lease matter, to the Visa ending 4 2 4 2. Shall I?
		lawyer: no
		clerk:  Okay, not charged.
		lawyer: charge marlow
		clerk:  Marlow Group has several matters. Which one: tax appeal, lease or merger?
		lawyer: all of them
		clerk:  Demo and Partners will charge Marlow Group one hundred dollars for the lease matter, to the Visa ending 4 2 4 2. Shall I?
		lawyer: yes, one two three four
		clerk:  Paid. There is no e-mail address, so invoice 2 and the receipt wait to be printed.
		lawyer: charge marlow
		clerk:  Marlow Group has several matters. Which one: tax appeal, lease or merger?
		lawyer: all of them
		clerk:  There is nothing to charge.
		lawyer: put everything for marlow on the bill
		clerk:  Marlow Group has several matters. Which one: tax appeal, lease or merger?
		lawyer: both of them
		clerk:  There is nothing unbilled to add.`, w.stage(t))
}

func TestMoreMattersThanThreeAreNamedThreeAtATime(t *testing.T) {
	w := demo(t)
	for _, name := range []string{"patent", "audit"} {
		if _, err := (&clients.Directory{House: w.House}).OpenMatter(t.Context(), w.Ask(w.Admin), clients.Matter{Client: w.clients["Marlow Group"].ID, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	talk.Play(t, `
		lawyer: start the clock for marlow
		clerk:  Marlow Group has several matters, say more to hear the others. Which one: audit, patent or tax appeal?
		lawyer: more
		clerk:  Marlow Group has several matters, say more to hear the others. Which one: merger, lease or audit?
		lawyer: help
		clerk:  Several fit what I heard. By name or by number, which one: merger, lease or audit?
		lawyer: the second one
		clerk:  Started Marlow Group, the lease matter.`, w.stage(t))
}

func TestWhatAClientIsCalledIsRememberedWhereTheFirmWantsIt(t *testing.T) {
	w := demo(t)
	if err := w.change(t.Context(), func(f *firm.Firm) { f.Voice.Learn = true }); err != nil {
		t.Fatal(err)
	}
	talk.Play(t, `
		lawyer: start the clock for acme consolidated
		clerk:  Did you mean Acme Corporation?
		lawyer: yes
		clerk:  Started Acme Corporation. Shall I remember acme consolidated as another name of theirs?
		lawyer: yes
		clerk:  I'll remember it.
		lawyer: start the clock for acme consolidated
		clerk:  Acme Corporation is already running.
		lawyer: start the clock for schmidt
		clerk:  Schmidt Holdings or Schmitt Logistics?
		lawyer: the second one
		clerk:  Started Schmitt Logistics. I paused Acme Corporation.`, w.stage(t))
}

// A part that was not understood is asked for: never is the whole charged in its place.
func TestAnAmountThatWasNotHeardIsAskedFor(t *testing.T) {
	for _, amount := range []string{"?", "", "-5", "1.5", "99999999999999999999", "four hundred"} {
		w, request := at(t, "")
		got := w.handle(t, strings.ReplaceAll(request(voice.ChargePartIntent), `"value":"20"`, `"value":"`+amount+`"`))
		if got.speech() != "How much shall I charge?" {
			t.Errorf("%q: %q", amount, got.speech())
		}
	}
}

// What is told and done about bills costs no more trips to the store than its domain method (architecture.md, Budgets).
func TestATurnAboutABillCostsNoMoreThanItsDomainMethod(t *testing.T) {
	w := demo(t)
	c := w.device(t, "")
	for _, turn := range []struct {
		text string
		most int
	}{
		{"log a filing fee of 400 dollars for acme", 2}, {"how much is unbilled for acme", 2}, {"put everything for acme on the bill", 3},
		{"what's on acme's bill", 2}, {"take the last off acme's bill", 5}, {"add the last entry for acme to the bill", 3},
		{"put acme's bill on hold", 3}, {"take acme's bill off hold", 3}, {"charge acme 50 dollars", 3}, {"no", 0},
		{"send acme's invoice", 3}, {"yes", 2}, {"has acme paid", 2}, {"what does acme owe", 2}, {"who owes us money", 1},
	} {
		w.Clock.Advance(600e9)
		ctx, trips := store.CountTrips(t.Context())
		x, err := c.Say(ctx, turn.text)
		if err != nil || trips().Total() > turn.most {
			t.Errorf("%q (%s): %+v, at most %d; %v", turn.text, x.Speech, trips(), turn.most, err)
		}
	}
}
