package alexa

import (
	"context"
	"errors"
)

// Links ends what account linking made: oauth.Server.
type Links interface {
	// Unlink ends the link of an access token, which may have expired. One that is no link's is no error.
	Unlink(ctx context.Context, access string) error
}

// disabled is the event of a person who disabled the skill: Alexa forgets its tokens, and so the link has no use left.
const disabled = "AlexaSkillEvent.SkillDisabled"

// unlink ends the links of every token that the event carries.
func (s *Skill) unlink(ctx context.Context, r *Request) error {
	if s.Links == nil {
		return nil
	}
	tokens := []string{r.Context.System.User.AccessToken}
	if p := r.Context.System.Person; p != nil {
		tokens = append(tokens, p.AccessToken)
	}
	var errs []error
	for _, token := range tokens {
		if token != "" {
			errs = append(errs, s.Links.Unlink(ctx, token))
		}
	}
	return errors.Join(errs...)
}
