// Package link is account linking as browsers and Alexa's cloud see it: the consent page behind sign-in, and the token,
// revocation and metadata endpoints of OAuth 2. The rules are auth/oauth's; here are forms, statuses and words.
//
// The way in is Routes.
package link

import (
	"context"
	"embed"
	"net/url"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

//go:embed templates/*.html
var files embed.FS

// Linking is the authorisation server: oauth.Server.
type Linking interface {
	Authorize(query url.Values) (oauth.Request, error)
	Decide(ctx context.Context, c firm.Caller, r oauth.Request, decision string) (address string, err error)
	Token(ctx context.Context, given oauth.Credentials, form url.Values) (oauth.Answer, error)
	Revoke(ctx context.Context, given oauth.Credentials, form url.Values) error
}

// Config is what the pages are built from. Everything is required.
type Config struct {
	Server Linking
	Base   *url.URL // the issuer
	Now    func() time.Time
	NewID  func() string
	// Loopback lets the consent's form lead to this machine: for a demo alone.
	Loopback bool
}

// amazons are the origins that the consent's form may lead to. Browsers apply form-action to every redirect that
// follows a form, and where Amazon's linking address redirects to is Amazon's business.
func (c Config) amazons() []string {
	if c.Loopback {
		return []string{"https:", "http://127.0.0.1:*"}
	}
	return []string{"https:"}
}

// Routes is every page and endpoint of account linking.
func Routes(c Config) []site.Route {
	pages, machines := consent{c}, endpoint{linking: c.Server, failures: &site.Brake{Now: c.Now, Free: freeFailures}}
	return []site.Route{
		// A link outlives the session that allowed it, so whoever finds a browser signed in must not be able to make one.
		{Method: "GET", Path: oauth.AuthorizePath, Who: site.Member, Serve: pages.show, FormTo: c.amazons()},
		{Method: "POST", Path: oauth.AuthorizePath, Who: site.Member, Needs: firm.See, Serve: pages.decide, FormTo: c.amazons(), Resume: true, Fresh: true},
		{Method: "POST", Path: oauth.TokenPath, Who: site.Machine, Serve: machines.token, Plain: true, MaxBody: maxBody},
		{Method: "POST", Path: oauth.RevokePath, Who: site.Machine, Serve: machines.revoke, Plain: true, MaxBody: maxBody},
		{Method: "GET", Path: oauth.MetadataPath, Who: site.Anyone, Serve: metadata(oauth.Describe(strings.TrimSuffix(c.Base.String(), "/"))), Plain: true},
	}
}
