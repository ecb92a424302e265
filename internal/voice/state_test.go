package voice

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/money"
)

var pepper = bytes.Repeat([]byte("p"), 32)

func full() State {
	return State{Ask: AskCode, Act: DoCharge, Name: clients.Spoken{Heard: "acme", Client: "c", Matter: "m"}, What: charging.ChargeDraft, Then: DoAdd,
		Choices: []clients.Ref{{Client: "c", ClientName: "C"}}, Offer: &charging.Offer{Bill: "b", Total: money.Of(1, "USD")}, Proven: true, Tries: 2, Said: "s", Again: "a"}
}

func TestAStateComesBackAsItWasSealed(t *testing.T) {
	got, err := openState(pepper, "firm/ada/s1", full().seal(pepper, "firm/ada/s1"))
	if diff := cmp.Diff(full(), got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestAStateOfAnotherTalkPersonVersionOrHandIsRefused(t *testing.T) {
	sealed := full().seal(pepper, "firm/ada/s1")
	parts := strings.Split(sealed, ".")
	for name, c := range map[string]struct{ binding, sealed string }{
		"another talk":    {"firm/ada/s2", sealed},
		"another person":  {"firm/ben/s1", sealed},
		"another firm":    {"mirf/ada/s1", sealed},
		"older version":   {"firm/ada/s1", "0." + parts[1] + "." + parts[2]},
		"payload changed": {"firm/ada/s1", parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2]},
		"no signature":    {"firm/ada/s1", parts[0] + "." + parts[1] + "."},
		"cut off":         {"firm/ada/s1", sealed[:len(sealed)/2]},
		"nothing like it": {"firm/ada/s1", "{}"},
	} {
		if got, err := openState(pepper, c.binding, c.sealed); !errors.Is(err, ErrState) || got.Ask != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := openState(bytes.Repeat([]byte("q"), 32), "firm/ada/s1", sealed); !errors.Is(err, ErrState) {
		t.Errorf("another house's state: %v", err)
	}
}

func TestInTheMiddleOfAChargeIsEverythingThatLeadsToOne(t *testing.T) {
	for _, s := range []State{{Ask: AskCharge}, {Ask: AskCode}, {Ask: AskWhat, Act: DoCharge}, {Ask: AskWho, Act: DoCharge}, {Ask: AskProve, Act: DoCharge}, {Ask: AskGo, Act: DoAdd, Then: DoCharge}} {
		if !s.charging() {
			t.Errorf("%+v is not taken for a charge", s)
		}
	}
	for _, s := range []State{{}, {Ask: AskNote}, {Ask: AskWho, Act: DoStart}, {Ask: AskGo, Act: DoAdd}} {
		if s.charging() {
			t.Errorf("%+v is taken for a charge", s)
		}
	}
}

func TestChoosingByNameTakesOnlyTheOneThatFitsBest(t *testing.T) {
	two := []clients.Ref{{Client: "1", ClientName: "Schmidt Holdings"}, {Client: "2", ClientName: "Schmitt Logistics"}}
	matters := []clients.Ref{{Client: "3", ClientName: "Marlow Group", Matter: "a", MatterName: "lease"}, {Client: "3", ClientName: "Marlow Group", Matter: "b", MatterName: "tax appeal"}}
	for _, c := range []struct {
		choices []clients.Ref
		heard   string
		want    string // client or matter; empty: asked again
	}{
		{two, "schmidt logistics", "2"}, {two, "the holdings", "1"}, {two, "schmidt", ""}, {two, "schmitt", ""}, {two, "beta", ""}, {two, "", ""},
		{matters, "the tax appeal", "b"}, {matters, "marlow", ""}, {matters, "leese", "a"},
	} {
		tn := &turn{state: State{Choices: c.choices}}
		got, ok := tn.chosen(c.heard)
		if id := got.Matter + got.Client; ok != (c.want != "") || ok && !strings.HasPrefix(id, c.want) {
			t.Errorf("%q: %+v, %v", c.heard, got, ok)
		}
	}
}
