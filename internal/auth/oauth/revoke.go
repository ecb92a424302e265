package oauth

import (
	"context"
	"errors"
	"net/url"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Revoke ends the link that an access or a refresh token belongs to, for the client it was made for: there is no
// access without the link (RFC 7009 §2.1). A token that names nothing that lives is no error (§2.2). Errors: *Error;
// firm's faults.
func (s *Server) Revoke(ctx context.Context, given Credentials, form url.Values) error {
	c, err := s.authenticate(ctx, given)
	if err != nil {
		return err
	}
	p := &params{values: form}
	text := p.need("token", maxParam)
	p.get("token_type_hint", maxParam) // only a hint: our tokens say what they are
	if p.wrong != nil {
		return p.wrong
	}
	l, err := s.Tokens.OpenRefresh(text)
	if err != nil {
		l, err = s.lapsed(text)
	}
	if err != nil {
		return nil //nolint:nilerr // RFC 7009 §2.2: an invalid token needs no revoking and is no error
	}
	return s.unlink(ctx, l, c.ID)
}

// Unlink ends the link of an access token that Alexa sends when a person disables the skill; the token may have expired.
// One that is not ours, or whose link has ended, is no error. Errors: firm's faults.
func (s *Server) Unlink(ctx context.Context, access string) error {
	l, err := s.lapsed(access)
	if err != nil {
		return nil //nolint:nilerr // not ours: there is nothing to end
	}
	return s.unlink(ctx, l, "")
}

func (s *Server) lapsed(access string) (token.Link, error) {
	c, err := s.Tokens.OpenLapsed(access)
	return token.Link{Firm: c.Firm, Person: c.Person, Grant: c.Grant}, err
}

// unlink revokes the grant; with a client named, only that client's.
func (s *Server) unlink(ctx context.Context, l token.Link, client string) error {
	c := firm.Caller{Firm: l.Firm, Person: l.Person, Grant: l.Grant, Channel: byLink, Request: s.House.NewID()}
	if client != "" {
		act := s.House.Begin(c, firm.Action{})
		have, _, err := readLink(ctx, act, l)
		if errors.Is(err, firm.ErrUnlinked) || errors.Is(err, errNoLink) {
			return nil
		}
		if err != nil {
			return err
		}
		if have.Client != client {
			s.report(ctx, l, "revoke.client")
			return refuse(InvalidGrant, "the token was made for another client")
		}
	}
	err := s.House.RevokeGrant(ctx, c, l.Person, l.Grant)
	if kind := fault.KindOf(err); kind == fault.Unauthenticated || kind == fault.Missing {
		return nil // it has ended already
	}
	return err
}
