package talkpage

import (
	"strconv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/talk"
)

// pending is the state of the dialog, in the order in which it is looked for.
func pending(x talk.Exchange) (shown []Slot) {
	p := x.Pending
	if p == nil {
		return nil
	}
	for _, s := range []Slot{{"asked", p.Ask}, {"to do", p.Act}, {"and then", p.Then}, {"choices", strings.Join(p.Choices, " / ")}} {
		if s.Value != "" {
			shown = append(shown, s)
		}
	}
	if p.Tries > 0 {
		shown = append(shown, Slot{"not understood", strconv.Itoa(p.Tries)})
	}
	if p.Proven {
		shown = append(shown, Slot{"code", "given"})
	}
	return shown
}

// replies are what may be answered to the question that is pending.
func (d *desk) replies(x talk.Exchange) []string {
	if !x.Listening {
		return nil
	}
	ask := ""
	if x.Pending != nil {
		ask = x.Pending.Ask
	}
	code := strings.Join(strings.Split(d.Code, ""), " ")
	switch ask {
	case "":
		return []string{"what's running", "help", "stop"}
	case "which":
		return append(append([]string{}, x.Pending.Choices...), "the second one", "neither", "help")
	case "who":
		return []string{"acme", "help", "cancel"}
	case "what":
		return []string{"the draft", "the invoice", "help", "cancel"}
	case "charge":
		return said("yes", "no", and("yes, ", code), "help", "repeat", "cancel")
	case "code", "prove":
		return said(code, "help", "cancel")
	case "note":
		return []string{"note call with client", "no"}
	}
	return []string{"yes", "no", "help"}
}

// and joins two parts of a reply; without the second there is none.
func and(before, part string) string {
	if part == "" {
		return ""
	}
	return before + part
}

// said leaves out what cannot be said.
func said(replies ...string) []string {
	kept := replies[:0]
	for _, r := range replies {
		if r != "" {
			kept = append(kept, r)
		}
	}
	return kept
}
