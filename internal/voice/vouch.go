package voice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// vouching lets the assistant ask for its own code instead of ours. Nothing is said: it asks.
func (t *turn) vouching() *answer {
	t.next.Ask, t.next.Vouch = AskVouch, false
	return &answer{t: t, vouch: true}
}

// vouched goes on after the assistant asked: with the charge, or with our code when it could not prove who speaks. The
// proof holds for the very offer that was agreed to.
func vouched(ctx context.Context, t *turn) (*answer, error) {
	if t.state.Ask != AskVouch || t.state.Offer == nil {
		return t.say("state.lost").listen(), nil
	}
	t.keep()
	if t.Vouch == "" || t.Vouch != ticket(t.State) || !t.Recognised {
		return t.asking(AskCode, "code.not-vouched"), nil
	}
	t.Caller.Vouched = true
	return t.charged(ctx, "")
}

// ticket names a state, so that a proof of another moment is none.
func ticket(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:16])
}
