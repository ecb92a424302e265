// Package oauth is the authorisation server behind account linking: the rules of OAuth 2 (RFC 6749, 7009, 7636, 8414,
// 9700) on our store, for confidential clients, codes and refresh tokens. It knows no HTTP; web/link is its surface.
//
// A link is one record. A session allows it, which makes the record and a code; the code's redemption makes the grant
// and the first refresh token; each refresh raises the record's generation. Code and refresh tokens are signed and name
// the record, so the store holds nothing that could be presented, and a forged one costs it nothing.
//
// The way in is Server: Authorize and Decide for the person, Token and Revoke for the client, Unlink for the skill.
package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// Times of account linking.
const (
	CodeTime   = 5 * time.Minute  // a code's life; RFC 6749 §4.1.2 wants at most ten
	Grace      = 60 * time.Second // in which a redeemed code answers its own redeemer again, whose answer was lost
	AccessTime = time.Hour        // an access token's life; Alexa wants at least 360 s
)

// Scope is the one scope there is: to do by voice what the person's role allows.
const Scope = "voice"

// byLink is the channel of what clients do here, in the audit.
const byLink firm.Channel = "link"

// Server is the authorisation server. Everything is required.
type Server struct {
	House   *firm.House
	Tokens  *token.Signer
	Clients []Client
	Log     *slog.Logger // gets one warning for each code or token that should not have been presented
}

// Client is who may ask to be linked. It is confidential: it proves itself with its secret at every token call.
type Client struct {
	ID string
	// Name is what people are told that they link: "Alexa".
	Name string
	// Secret returns the client's secret; it may change while the server runs.
	Secret func(context.Context) (string, error)
	// Redirects are the only addresses that an answer is sent to, compared as they are written (RFC 9700 §2.1).
	Redirects []string
	// Loopback also takes http://127.0.0.1:<any port>/callback: for a demo on its own machine only (RFC 8252 §7.3).
	Loopback bool
	// PKCE refuses requests without a code challenge; one that is there is always held to.
	PKCE bool
}

// Valid says what is wrong with the server's clients.
func (s *Server) Valid() error {
	if s.House == nil || s.Tokens == nil || s.Log == nil || len(s.Clients) == 0 {
		return fmt.Errorf("oauth: House, Tokens, Clients and Log are required")
	}
	for _, c := range s.Clients {
		if c.ID == "" || c.Name == "" || c.Secret == nil || len(c.Redirects) == 0 && !c.Loopback {
			return fmt.Errorf("oauth: a client needs an id, a name, a secret and a redirect address")
		}
		for _, to := range c.Redirects {
			u, err := url.Parse(to)
			if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Contains(to, "#") {
				return fmt.Errorf("oauth: a redirect address of client %s is no https address without user and fragment", c.ID)
			}
		}
	}
	return nil
}

// Loopback reports whether a client may be sent to its own machine.
func (s *Server) Loopback() bool {
	return slices.ContainsFunc(s.Clients, func(c Client) bool { return c.Loopback })
}

// Redirects returns where Alexa sends people after they linked the skill of a vendor: one address for each region.
// Source: the account linking page of the Alexa developer console.
func Redirects(vendor string) []string {
	var list []string
	for _, host := range []string{"pitangui.amazon.com", "layla.amazon.com", "alexa.amazon.co.jp"} {
		list = append(list, "https://"+host+"/api/skill/link/"+vendor)
	}
	return list
}

// client returns the client of an id; nil when there is none.
func (s *Server) client(id string) *Client {
	at := slices.IndexFunc(s.Clients, func(c Client) bool { return c.ID == id })
	if at < 0 {
		return nil
	}
	return &s.Clients[at]
}

func (c *Client) redirects(to string) bool {
	return slices.Contains(c.Redirects, to) || c.Loopback && loopback(to)
}

// loopback takes one spelling of each address: a port of plain digits between fixed words.
func loopback(to string) bool {
	rest, ok := strings.CutPrefix(to, "http://127.0.0.1:")
	port, also := strings.CutSuffix(rest, "/callback")
	n, err := strconv.ParseUint(port, 10, 16)
	return ok && also && err == nil && n > 0 && port == strconv.FormatUint(n, 10)
}

// Credentials are what a client sent to prove itself.
type Credentials struct {
	ID, Secret string
	Raw        string // the secret as HTTP Basic had it; many clients do not encode it as RFC 6749 §2.3.1 says
}

// authenticate returns the client that credentials prove. Errors: InvalidClient; what keeps the secret from being read.
func (s *Server) authenticate(ctx context.Context, given Credentials) (*Client, error) {
	c := s.client(given.ID)
	if c == nil {
		return nil, refuse(InvalidClient, "the client is not known, or its secret is not right")
	}
	secret, err := c.Secret(ctx)
	if err != nil {
		return nil, fmt.Errorf("oauth: the secret of client %s: %w", c.ID, err)
	}
	if secret == "" || !same(secret, given.Secret) && !same(secret, given.Raw) {
		return nil, refuse(InvalidClient, "the client is not known, or its secret is not right")
	}
	return c, nil
}

// same compares in a time that tells nothing of either.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// ErrDecision is returned for a consent that is neither given nor refused.
var ErrDecision = fault.New(fault.Invalid, "link.decision", "Choose whether to link, or not.")
