package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Answer is what a client is given (RFC 6749 §5.1).
type Answer struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"` // seconds
	Refresh string `json:"refresh_token"`
	Scope   string `json:"scope"`
}

// Token redeems a code or a refresh token: one trip to read, one to commit. Errors: *Error; firm's faults when the
// store is busy or did not answer, after which the client does right to ask again.
func (s *Server) Token(ctx context.Context, given Credentials, form url.Values) (Answer, error) {
	c, err := s.authenticate(ctx, given)
	if err != nil {
		return Answer{}, err
	}
	p := &params{values: form}
	kind := p.need("grant_type", maxParam)
	switch {
	case p.wrong != nil:
		return Answer{}, p.wrong
	case kind == "authorization_code":
		return s.redeem(ctx, c, p)
	case kind == "refresh_token":
		return s.refresh(ctx, c, p)
	}
	return Answer{}, refuse(UnsupportedGrantType, "grant_type must be authorization_code or refresh_token")
}

// redemption is one try to redeem a code.
type redemption struct {
	client             *Client
	link               token.Link
	redirect, verifier string
}

func (s *Server) redeem(ctx context.Context, c *Client, p *params) (Answer, error) {
	r := redemption{client: c}
	code := p.need("code", maxParam)
	r.redirect, r.verifier = p.need("redirect_uri", maxParam), p.get("code_verifier", maxParam)
	if p.wrong != nil {
		return Answer{}, p.wrong
	}
	if r.verifier != "" && !verifier(r.verifier) {
		return Answer{}, refuse(InvalidRequest, "code_verifier has not the form of RFC 7636")
	}
	var err error
	if r.link, err = s.Tokens.OpenCode(code); err != nil {
		return Answer{}, refuse(InvalidGrant, badCode)
	}
	r.link.Generation = 1
	return s.answer(ctx, r.link, badCode, r.round)
}

const badCode = "the code is not valid, not any more, or not for this request"

// round redeems in one act of the session that allowed it: when that has ended meanwhile, so has the code.
func (r redemption) round(ctx context.Context, act *firm.Act) (since time.Time, err error) {
	l, record, err := readLink(ctx, act, r.link)
	if err != nil {
		return since, err
	}
	if why := r.wrong(l); why != "" {
		return since, alarm(why)
	}
	if !l.offered() {
		if l.Generation > 1 || act.Now.Sub(l.Redeemed) > Grace {
			return since, alarm("code.reused")
		}
		return l.Redeemed, nil
	}
	if !act.Now.Before(l.Allowed.Add(CodeTime)) {
		return since, errNoLink
	}
	l.Generation, l.Redeemed = 1, act.Now
	op := store.ReplaceOp(record, l)
	op.Expires = time.Time{} // a link that lives does not expire
	grant := firm.Grant{ID: r.link.Grant, Person: r.link.Person, Kind: firm.LinkGrant, Created: act.Now}
	entry := firm.Entry{Subject: "grant/" + grant.ID, After: grant}
	return act.Now, act.Commit(ctx, nil, entry, op, firm.NewGrant(act.Batch.View(), grant))
}

// wrong says what of a request does not fit the one that was allowed; empty: nothing.
func (r redemption) wrong(l link) string {
	switch {
	case l.Client != r.client.ID:
		return "code.client"
	case l.Redirect != r.redirect:
		return "code.redirect"
	case l.Challenge != "" && !proves(r.verifier, l.Challenge):
		return "code.verifier"
	case l.Challenge == "" && r.verifier != "":
		return "code.downgrade" // a challenge was taken out on the way (RFC 9700 §2.1.1)
	}
	return ""
}

// proves reports whether a verifier is the one of an S256 challenge (RFC 7636 §4.6).
func proves(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

const badRefresh = "the refresh token is not valid, or not any more"

func (s *Server) refresh(ctx context.Context, c *Client, p *params) (Answer, error) {
	text := p.need("refresh_token", maxParam)
	scope := p.scope()
	switch {
	case p.wrong != nil:
		return Answer{}, p.wrong
	case scope != nil:
		return Answer{}, scope
	}
	presented, err := s.Tokens.OpenRefresh(text)
	if err != nil {
		return Answer{}, refuse(InvalidGrant, badRefresh)
	}
	next := presented
	next.Generation++
	return s.answer(ctx, next, badRefresh, func(ctx context.Context, act *firm.Act) (time.Time, error) {
		return act.Now, advance(ctx, act, c, presented)
	})
}

// advance makes the generation after the presented one the newest. The one before the newest already is: its answer was
// lost, and it is answered as it was. Anything older is refused. A newer one than we know was issued by us
// too, before the store was restored from a backup: it goes on from there, so that nobody has to link again.
func advance(ctx context.Context, act *firm.Act, c *Client, presented token.Link) error {
	l, record, err := readLink(ctx, act, presented)
	switch {
	case err != nil:
		return err
	case l.Client != c.ID:
		return alarm("refresh.client")
	case presented.Generation == l.Generation-1:
		return nil
	case presented.Generation < l.Generation:
		return alarm("refresh.old")
	}
	before := l.Generation
	l.Generation = presented.Generation + 1
	entry := firm.Entry{Subject: "grant/" + presented.Grant, Before: generation{before}, After: generation{l.Generation}}
	return act.Commit(ctx, nil, entry, store.ReplaceOp(record, l))
}

// generation is what the audit says about a refresh.
type generation struct {
	Generation int `json:"generation"`
}

// errNoLink means that there is no such link: its code expired, or it never was.
var errNoLink = errors.New("oauth: there is no such link")

func readLink(ctx context.Context, act *firm.Act, named token.Link) (l link, r store.Record, err error) {
	record := act.Batch.Get(linkKey(act.Batch.View(), named))
	if err := act.Run(ctx); err != nil {
		return l, r, err
	}
	if !record.Exists() {
		return l, r, errNoLink
	}
	return l, *record, store.Decode(*record, &l)
}

// answer runs rounds until one stands, and gives the tokens of a link's generation. A round returns since when the
// access token counts, so that a code's repeated answer is the very same.
func (s *Server) answer(ctx context.Context, l token.Link, bad string, round func(context.Context, *firm.Act) (time.Time, error)) (Answer, error) {
	c := firm.Caller{Firm: l.Firm, Person: l.Person, Grant: l.Grant, Channel: byLink, Request: s.House.NewID()}
	name := "link.refresh"
	if l.Session != "" {
		c.Grant, name = l.Session, "link.redeem"
	}
	var since time.Time
	err := s.House.Retry(ctx, func() (err error) {
		since, err = round(ctx, s.House.Begin(c, firm.Action{Name: name, Input: l}))
		return err
	})
	var why alarm
	switch {
	case errors.As(err, &why):
		s.report(ctx, l, why)
		return Answer{}, refuse(InvalidGrant, bad)
	case errors.Is(err, firm.ErrUnlinked), errors.Is(err, errNoLink):
		return Answer{}, refuse(InvalidGrant, bad)
	case err != nil:
		return Answer{}, err
	}
	left := since.Add(AccessTime).Sub(s.House.Now())
	access := s.Tokens.Access(firm.Caller{Firm: l.Firm, Person: l.Person, Grant: l.Grant}, left)
	return Answer{access, "Bearer", int(left / time.Second), s.Tokens.Refresh(l), Scope}, nil
}
