package voice

import (
	"unicode"
	"unicode/utf8"
)

// answer is a reply being put together: what is said, then at most one question.
type answer struct {
	t      *turn
	parts  []string // marked text
	ask    string   // the catalogue's id of the question's reprompt; empty: nothing is asked
	card   string
	elicit string
	link   bool
	vouch  bool // the assistant asks for its own code
	screen *Screen
	hints  []string
}

// vars are the blanks of a sentence.
type vars map[string]string

// say begins an answer with a sentence of the catalogue.
func (t *turn) say(id string, blanks ...vars) *answer {
	return (&answer{t: t}).and(id, blanks...)
}

// and adds a sentence.
func (a *answer) and(id string, blanks ...vars) *answer {
	a.parts = append(a.parts, a.t.words.sentence(id, blanks...))
	return a
}

// counting adds a sentence that may begin with a number.
func (a *answer) counting(id string, n int) *answer {
	a.parts = append(a.parts, upper(a.t.words.count(id, n)))
	return a
}

// upper begins a text with a capital letter.
func upper(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// verbatim adds a sentence that is not the catalogue's: a fault's own.
func (a *answer) verbatim(text string) *answer {
	a.parts = append(a.parts, clean(text))
	return a
}

// asking ends the answer with its question, and says what is pending. The reprompt is "again.<question>".
func (a *answer) asking(q Question, id string, blanks ...vars) *answer {
	if a.t.next.Ask = q; q != a.t.state.Ask {
		a.t.next.Tries = 0
	}
	return a.and(id, blanks...).listening("again." + string(q))
}

// listen ends the answer with a question that any wish may answer.
func (a *answer) listen() *answer {
	return a.and("ask.anything").listening("again.anything")
}

func (a *answer) listening(reprompt string) *answer {
	a.ask = reprompt
	return a
}

// for a missing slot of the intent under way.
func (a *answer) eliciting(slot string) *answer {
	if a.t.Filling {
		a.elicit = slot
	}
	return a
}

// show puts a line on the card.
func (a *answer) show(id string, blanks ...vars) *answer {
	a.card = a.t.words.sentence(id, blanks...)
	return a
}

// finish renders the answer and seals what is pending.
func (t *turn) finish(a *answer) Reply {
	if t.dropped && !a.t.next.charging() {
		a.parts = append([]string{t.words.sentence("charge.dropped")}, a.parts...)
	}
	said := joined(a.parts)
	reply := Reply{Speech: parse(said), Listen: a.ask != "", Link: a.link, Screen: a.screen}
	if a.card != "" {
		reply.Card = &Card{Title: t.words.sentence("card.title"), Text: parse(a.card).Text()}
	}
	if a.vouch {
		reply.State = t.next.seal(t.clerk.House.Pepper, t.binding())
		reply.Vouch = ticket(reply.State)
	}
	if reply.Listen {
		t.next.Said, t.next.Again = said, a.ask
		reply.Reprompt = parse(t.words.sentence(a.ask, t.next.blanks(t)))
		reply.Elicit, reply.Hints = a.elicit, a.hints
		reply.State = t.next.seal(t.clerk.House.Pepper, t.binding())
	}
	return reply
}

// TooLong is said when an answer would not have fitted the channel.
func TooLong() Reply {
	return Reply{Speech: parse(wordsFor("").sentence("too-long"))}
}
