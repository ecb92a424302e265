package oauth

import (
	"context"
	"net/url"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Request is an authorisation request that may be put before a person.
type Request struct {
	Client    string `json:"client"`
	Name      string `json:"-"` // what the person is told
	Redirect  string `json:"redirect"`
	State     string `json:"-"`
	Challenge string `json:"challenge,omitempty"`
}

// Authorize checks an authorisation request. When the error is an *Error and the request has a Redirect, the client
// is told there (Request.Refusal); without one nobody may be sent anywhere, and the person is told (RFC 6749 §4.1.2.1).
func (s *Server) Authorize(query url.Values) (Request, error) {
	p := &params{values: query}
	id, to := p.need("client_id", maxParam), p.need("redirect_uri", maxParam)
	if p.wrong != nil {
		return Request{}, p.wrong
	}
	c := s.client(id)
	if c == nil {
		return Request{}, refuse(InvalidRequest, "client_id is not known")
	}
	if !c.redirects(to) {
		return Request{}, refuse(InvalidRequest, "redirect_uri is not one of the client's")
	}
	r := Request{Client: c.ID, Name: c.Name, Redirect: to, State: p.get("state", maxState)}
	return r, r.rest(c, p)
}

// rest checks what the client is told about at its redirect address.
func (r *Request) rest(c *Client, p *params) error {
	kind := p.need("response_type", maxParam)
	r.Challenge = p.get("code_challenge", maxParam)
	method := p.get("code_challenge_method", maxParam)
	scope := p.scope()
	switch {
	case p.wrong != nil:
		return p.wrong
	case kind != "code":
		return refuse(UnsupportedResponseType, "response_type must be code")
	case scope != nil:
		return scope
	case r.Challenge == "" && method != "":
		return refuse(InvalidRequest, "code_challenge_method is there without code_challenge")
	case r.Challenge == "" && c.PKCE:
		return refuse(InvalidRequest, "code_challenge is required")
	case r.Challenge != "" && method != "S256":
		return refuse(InvalidRequest, "code_challenge_method must be S256")
	case r.Challenge != "" && !challenge(r.Challenge):
		return refuse(InvalidRequest, "code_challenge is not base64url of a SHA-256")
	}
	return nil
}

// Refusal is the address at which the client is told why the request was refused.
func (r Request) Refusal(e *Error) string {
	return r.address(url.Values{"error": {string(e.Code)}, "error_description": {e.Text}})
}

// address adds an answer to the redirect address, with the state as it came (RFC 6749 §4.1.2).
func (r Request) address(answer url.Values) string {
	if r.State != "" {
		answer.Set("state", r.State)
	}
	u, err := url.Parse(r.Redirect)
	if err != nil {
		panic("oauth: a redirect address was not checked") // Authorize takes listed ones only
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	return u.String()
}

// Decisions of a person.
const (
	Allow = "allow"
	Deny  = "deny"
)

// Decide carries out what a signed-in person decided and returns the address to send them to. Sending the same form
// again gives the same code. Errors: ErrDecision; firm's.
func (s *Server) Decide(ctx context.Context, c firm.Caller, r Request, decision string) (address string, err error) {
	switch {
	case c.Person == "" || c.Grant == "" || c.Channel != firm.ByConsole:
		return "", firm.ErrForbidden
	case decision == Allow:
		code, err := s.allow(ctx, c, r)
		return r.address(url.Values{"code": {code}}), err
	case decision == Deny:
		return r.Refusal(refuse(AccessDenied, "the person does not want to link")), s.deny(ctx, c, r)
	}
	return "", ErrDecision
}

func (s *Server) allow(ctx context.Context, c firm.Caller, r Request) (code string, err error) {
	grant, id := "", s.House.NewID()
	err = s.House.Retry(ctx, func() error {
		act := s.House.Begin(c, firm.Action{Name: "link.allow", Input: r})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&grant); done {
			return err
		}
		grant = id
		v := act.Batch.View()
		l := link{Client: r.Client, Redirect: r.Redirect, Challenge: r.Challenge, Allowed: act.Now}
		op := store.CreateOp(linkKey(v, token.Link{Person: c.Person, Grant: grant}), l).Until(act.Now.Add(CodeTime))
		return act.Commit(ctx, grant, firm.Entry{Subject: "grant/" + grant, After: r}, op)
	})
	if err != nil {
		return "", err
	}
	return s.Tokens.Code(token.Link{Firm: c.Firm, Person: c.Person, Grant: grant, Session: c.Grant}), nil
}

func (s *Server) deny(ctx context.Context, c firm.Caller, r Request) error {
	return s.House.Retry(ctx, func() error {
		act := s.House.Begin(c, firm.Action{Name: "link.deny", Input: r})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + c.Person, After: r})
	})
}
