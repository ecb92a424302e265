package oauth

import (
	"context"
	"fmt"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// alarm is why something genuine was presented that should not have been. It is refused, kept in the firm's audit and
// logged as a warning; the link stays. RFC 6749 §4.1.2 would have the tokens of a reused code revoked, for a client
// that cannot prove itself: ours does, with every call, so whoever stole a code or an old token can do nothing with it
// but end the link of a lawyer, and Alexa's own late retry would do just that. See docs/decisions/0011.
type alarm string

func (a alarm) Error() string { return "oauth: " + string(a) }

// refusal is what the audit says about an alarm.
type refusal struct {
	Reason     alarm `json:"reason"`
	Generation int   `json:"generation"`
}

// report keeps an alarm, once for each link, reason and generation, so that repeating it fills nothing. What
// keeps it from being kept is logged: the refusal stands anyway.
func (s *Server) report(ctx context.Context, l token.Link, why alarm) {
	s.Log.WarnContext(ctx, "account linking", "alarm", string(why), "firm", l.Firm, "grant", l.Grant, "generation", l.Generation)
	key := fmt.Sprintf("%s %s %d", l.Grant, why, l.Generation)
	err := s.House.Retry(ctx, func() error {
		act := s.House.Begin(firm.System(l.Firm, key), firm.Action{Name: "link.refused"})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "grant/" + l.Grant, After: refusal{why, l.Generation}})
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "account linking", "alarm", string(why), "firm", l.Firm, "error", err.Error())
	}
}
