package voice

import (
	"context"
)

// maxNote is how many bytes of a dictated narrative are kept.
const maxNote = 2000

// note keeps what the caller's last entry was for.
func note(ctx context.Context, t *turn) (*answer, error) {
	text := clean(clip(t.Slots[NoteSlot].Value, maxNote))
	if text == "" {
		return t.asking(AskNote, "ask.note"), nil
	}
	return t.noted(ctx, text)
}

// changeNote asks for a note in place of the one that there is.
func changeNote(_ context.Context, t *turn) (*answer, error) {
	return t.asking(AskNote, "ask.note"), nil
}

// phrase is a note in few words, such as are said without beginning with "note". In the middle of a charge it is none.
func phrase(ctx context.Context, t *turn) (*answer, error) {
	text := clean(t.spoken(PhraseSlot))
	if text == "" || t.state.charging() || t.state.Ask != "" && t.state.Ask != AskNote {
		return fallback(ctx, t)
	}
	return t.noted(ctx, text)
}

func (t *turn) noted(ctx context.Context, text string) (*answer, error) {
	c, err := t.clerk.Timesheets.Note(ctx, t.Caller, text)
	if err != nil {
		return nil, err
	}
	if t.state.Ask == AskNote || t.discreet() {
		return t.say("noted"), nil
	}
	return t.say("noted-for", vars{"Name": clean(c.Shares[0].Ref.ClientName)}), nil
}
