package alexa_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// spoken are samples of every intent of the shipped model that ask about a client of that name.
func spoken(t *testing.T, client string) (lines []string) {
	t.Helper()
	data, err := infra.Model("en-US")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		InteractionModel struct {
			LanguageModel struct {
				Intents []struct {
					Samples []string
					Slots   []struct{ Name, Type string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	const each = 3 // of an intent
	for _, in := range f.InteractionModel.LanguageModel.Intents {
		fill := map[string]string{}
		for _, s := range in.Slots {
			fill[s.Name] = filling(s.Type, client)
		}
		step := max(1, len(in.Samples)/each)
		for i := 0; i < len(in.Samples); i += step {
			lines = append(lines, slot.ReplaceAllStringFunc(in.Samples[i], func(s string) string { return fill[strings.Trim(s, "{}")] }))
		}
	}
	if len(lines) < 50 {
		t.Fatalf("only %d lines", len(lines))
	}
	return lines
}

var slot = regexp.MustCompile(`\{\w+\}`)

// filling is what is said for a slot of a type.
func filling(kind, client string) string {
	switch {
	case kind == "Client":
		return client
	case strings.Contains(kind, "DIGIT"):
		return "4321"
	case strings.Contains(kind, "NUMBER"):
		return "two"
	case strings.Contains(kind, "DURATION"):
		return "twenty minutes"
	case strings.Contains(kind, "TIME"):
		return "nine o'clock"
	case strings.Contains(kind, "DATE"):
		return "yesterday"
	case strings.Contains(kind, "SearchQuery"):
		return "called the court"
	}
	return "first"
}

// talks says each line in a talk of its own, answers what is asked by yes and by the name, and returns all that was heard.
func (w *world) talks(t *testing.T, lawyer, client string, lines []string) (heard []string) {
	t.Helper()
	for _, line := range lines {
		c := w.device(t, lawyer)
		for _, said := range []string{"ask billing clerk " + line, "yes", client, "stop"} {
			x, err := c.Say(t.Context(), said)
			if err != nil {
				t.Fatal(line, err)
			}
			heard = append(heard, line+" / "+said+": "+x.Speech+" "+x.Reprompt+" "+x.Card)
			if !x.Listening {
				break
			}
		}
	}
	return heard
}

// TestByVoiceAScreenedMatterDoesNotExist: whatever Ben says of it, and whatever he asks, he hears what he hears in a firm
// that never had the client, word for word. The lines are the shipped model's, so a new intent is covered by itself.
func TestByVoiceAScreenedMatterDoesNotExist(t *testing.T) {
	with, without := demo(t), demo(t)
	directory := &clients.Directory{House: with.House}
	with.client(t, directory, 9, "Quixote Holdings", "windmill merger")
	ada := with.device(t, "ada")
	with.work(t, ada, "quixote holdings")
	for _, line := range []string{"start the clock for quixote holdings", "stop the clock", "no"} {
		if _, err := ada.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
		with.Clock.Advance(720e9)
	}
	hidden := with.clients["Quixote Holdings"]
	matters, err := directory.Matters(t.Context(), with.Admin, hidden.ID)
	if err != nil {
		t.Fatal(err)
	}
	ben := with.tokens["ben-token"].Person
	err = directory.Screen(t.Context(), firmtest.On(with.Ask(with.Admin), firm.ByConsole), hidden.ID, matters[0].ID, clients.Screening{Add: []string{ben}, Reason: "a relative"})
	if err != nil {
		t.Fatal(err)
	}
	without.Clock.Set(with.Clock.Now())
	for _, name := range []string{"quixote holdings", "the windmill merger"} {
		lines := spoken(t, name)
		mine, never := with.talks(t, "ben", name, lines), without.talks(t, "ben", name, lines)
		for i := range mine {
			if i >= len(never) || mine[i] != never[i] {
				t.Fatalf("heard %q\nand without the matter %q", mine[i], never[min(i, len(never)-1)])
			}
		}
	}
	if all := strings.Join(with.talks(t, "ada", "quixote", []string{"start the clock for quixote"}), " "); !strings.Contains(all, "Quixote Holdings") {
		t.Error("nor for Ada, so nothing was proven:", all)
	}
}
