package voice

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// choose takes a bare name or number: the answer to "which one?", or a correction in the middle.
func choose(ctx context.Context, t *turn) (*answer, error) {
	heard := t.spoken(ClientSlot)
	switch t.state.Ask {
	case AskWhich:
		if ref, ok := t.chosen(heard); ok {
			return t.goOnWithChoice(ctx, ref)
		}
		if heard != "" && !sameClient(t.state.Choices) && !t.ambiguous(heard) {
			return t.goOnWith(ctx, clients.Spoken{Heard: heard})
		}
	case AskWhat:
		if n := t.position(); n == 1 || n == 2 {
			t.carry()
			return t.do(ctx, t.state.Act, t.state.Name, []charging.What{charging.ChargeDraft, charging.ChargeInvoice}[n-1])
		}
	case AskWho:
		if heard != "" {
			return t.goOnWith(ctx, clients.Spoken{Heard: heard})
		}
	case AskKind:
		if heard != "" {
			t.carry()
			t.next.Cost = &Expense{Code: timekeeping.OtherExpense}
			return t.do(ctx, t.state.Act, t.state.Name, t.state.What)
		}
	case AskCharge, AskSend, AskGo:
		if heard != "" {
			return t.corrected(ctx, heard)
		}
	}
	return fallback(ctx, t)
}

// corrected does for another client what was wished for, from its beginning: nothing that was agreed for the first one
// holds. What is nobody's name was no correction.
func (t *turn) corrected(ctx context.Context, heard string) (*answer, error) {
	t.next.Detail = t.state.Detail
	wish := t.state.Act
	if t.state.Then != "" {
		wish = t.state.Then
	}
	if !wish.named() {
		return fallback(ctx, t)
	}
	if t.next.Time = t.state.Time; t.state.askedWhen() {
		t.next.Time = Time{}
	}
	a, err := t.try(ctx, wish, clients.Spoken{Heard: heard}, "")
	if errors.Is(err, clients.ErrNone) {
		return fallback(ctx, t)
	}
	return t.orAsk(a, err)
}

// goOnWith does what was pending with the name that was given for it.
func (t *turn) goOnWith(ctx context.Context, name clients.Spoken) (*answer, error) {
	t.carry()
	if t.state.Act == "" {
		return fallback(ctx, t)
	}
	if t.state.Time.Second {
		t.next.Time.Other, name = name, t.state.Name
	}
	return t.do(ctx, t.state.Act, name, t.state.What)
}

// same chooses the matter that was used last.
func same(ctx context.Context, t *turn) (*answer, error) {
	if t.state.Ask != AskWhich || !t.state.Before || len(t.state.Choices) == 0 {
		return fallback(ctx, t)
	}
	ref := t.state.Choices[0]
	return t.goOnWith(ctx, clients.Spoken{Client: ref.Client, Matter: ref.Matter})
}

// goOnWithChoice does what was pending with a choice. What a client was called may be remembered, but a part of the name of
// one of those it was heard for would stay as unclear as it is.
func (t *turn) goOnWithChoice(ctx context.Context, ref clients.Ref) (*answer, error) {
	heard := t.state.Name.Heard
	if sameClient(t.state.Choices) || slices.ContainsFunc(t.state.Choices, func(c clients.Ref) bool {
		return wordsInCommon(c.ClientName, heard) == len(tokens(heard))
	}) {
		heard = ""
	}
	a, err := t.goOnWith(ctx, clients.Spoken{Client: ref.Client, Matter: ref.Matter})
	if err != nil {
		return nil, err
	}
	return t.called(a, ref.Client, heard), nil
}

// more names the next choices. Of clients there are no others that could be asked about: then more of the name is.
func more(ctx context.Context, t *turn) (*answer, error) {
	if t.state.Ask != AskWhich {
		return fallback(ctx, t)
	}
	t.keep()
	if !sameClient(t.state.Choices) {
		return t.asking(AskWho, "which.full"), nil
	}
	shown := min(len(t.state.Choices), maxChoices)
	t.next.Before = false
	t.next.Choices = slices.Concat(t.state.Choices[shown:], t.state.Choices[:shown])
	return t.whichMatter(), nil
}

// all is "all of them": of several matters of one client, where that makes sense.
func all(ctx context.Context, t *turn) (*answer, error) {
	several := t.state.Ask == AskWhich && sameClient(t.state.Choices)
	switch act := t.state.Act; {
	case several && (act == DoAdd || act == DoAddAll):
		return t.addEach(ctx, t.state.Choices, act == DoAddAll)
	case several && act == DoCharge:
		return t.chargeEach(ctx, t.state.Choices)
	case t.state.Ask == AskGo && (act == DoAdd || act == DoAddTheirs):
		t.carry()
		return t.do(ctx, DoAddAll, t.state.Name, "")
	}
	return fallback(ctx, t)
}

// prefer is the handler of an intent that says whether the matter used last is the one always meant of its client.
func prefer(always bool) handler {
	return func(ctx context.Context, t *turn) (*answer, error) {
		ref, err := t.clerk.Timesheets.Directory.Prefer(ctx, t.Caller, always)
		switch {
		case err != nil:
			return nil, err
		case always:
			return t.about("usual.kept", ref, vars{"Matter": t.matter(ref)}), nil
		}
		return t.about("usual.gone", ref), nil
	}
}

// neither ends a choice among wrong ones.
func neither(ctx context.Context, t *turn) (*answer, error) { return no(ctx, t) }

// position is the number that was said, 0 for none: of a closed list's value, or digits taken for a code.
func (t *turn) position() int {
	for _, text := range []string{t.Slots[PositionSlot].ID, t.Slots[CodeSlot].Value} {
		if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= maxChoices {
			return n
		}
	}
	return 0
}

// chosen is the choice that was named by number, or by more of its words than any other's.
func (t *turn) chosen(heard string) (clients.Ref, bool) {
	if n := t.position(); n > 0 {
		if n > len(t.state.Choices) {
			return clients.Ref{}, false
		}
		return t.state.Choices[n-1], true
	}
	best, tied := t.best(heard)
	if best < 0 || tied {
		return clients.Ref{}, false
	}
	return t.state.Choices[best], true
}

// ambiguous reports whether what was heard fits several choices equally: then it is not taken for another name.
func (t *turn) ambiguous(heard string) bool {
	_, tied := t.best(heard)
	return tied
}

// best counts, for each choice, the words of its name that sound like one that was heard.
func (t *turn) best(heard string) (best int, tied bool) {
	best = -1
	most := 0
	for i, ref := range t.state.Choices {
		name := ref.ClientName
		if sameClient(t.state.Choices) {
			name = ref.MatterName
		}
		switch n := wordsInCommon(heard, name); {
		case n > most:
			best, most, tied = i, n, false
		case n == most && n > 0:
			tied = true
		}
	}
	return best, tied
}

// sameClient reports whether the choices are matters of one client.
func sameClient(choices []clients.Ref) bool {
	for _, c := range choices {
		if c.Client != choices[0].Client || c.Matter == "" {
			return false
		}
	}
	return len(choices) > 0
}

func wordsInCommon(heard, name string) (n int) {
	for _, want := range tokens(name) {
		for _, have := range tokens(heard) {
			if want == have || soundsLike(want, have) {
				n++
				break
			}
		}
	}
	return n
}

// soundsLike compares words roughly: by their consonants, those that are confused counted as one. It only tells
// three choices apart that the directory has found already.
func soundsLike(a, b string) bool {
	first := consonants(a)
	return len(first) > 1 && first == consonants(b)
}

var confused = strings.NewReplacer("ph", "f", "ck", "k", "c", "k", "q", "k", "z", "s", "x", "ks", "d", "t", "v", "f", "w", "f", "b", "p", "g", "k")

func consonants(word string) string {
	var kept []rune
	for i, r := range confused.Replace(word) {
		if i > 0 && strings.ContainsRune("aeiouyh", r) || len(kept) > 0 && kept[len(kept)-1] == r {
			continue
		}
		kept = append(kept, r)
	}
	return string(kept)
}

func tokens(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
