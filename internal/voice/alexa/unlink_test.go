package alexa_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// ended notes the tokens whose links are ended.
type ended struct {
	tokens []string
	err    error
}

func (e *ended) Unlink(_ context.Context, access string) error {
	e.tokens = append(e.tokens, access)
	return e.err
}

func TestDisablingTheSkillEndsTheLinkAndIsAnsweredWithNothing(t *testing.T) {
	for name, want := range map[string][]string{
		"skilldisabled": {"ada-token"}, "skillenabled": nil, "skillaccountlinked": nil, "skillpermissionchanged": nil,
	} {
		w := demo(t)
		links := &ended{err: errors.New("the store is away")}
		w.skill.Links = links
		event, err := os.ReadFile("../../../events/event-" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := w.skill.Handle(t.Context(), event)
		if err != nil || string(answer) != `{"version":"1.0","response":{}}` {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
		if !slices.Equal(links.tokens, want) {
			t.Errorf("%s ended %q", name, links.tokens)
		}
	}
}

func TestAnEventOfARecognisedVoiceEndsItsLinkToo(t *testing.T) {
	w := demo(t)
	links := &ended{}
	w.skill.Links = links
	event, err := os.ReadFile("../../../events/event-skilldisabled.json")
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(event), `"device": {`, `"person": {"personId": "amzn1.ask.person.BEN", "accessToken": "ben-token"}, "device": {`, 1)
	for _, text := range []string{with, strings.Replace(with, "amzn1.ask.skill.1111", "amzn1.ask.skill.2222", 1)} {
		_, _ = w.skill.Handle(t.Context(), []byte(text)) // another skill's event is refused
	}
	if !slices.Equal(links.tokens, []string{"ada-token", "ben-token"}) {
		t.Fatalf("ended %q", links.tokens)
	}
}
