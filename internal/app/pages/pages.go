// Package pages builds the web from the system's parts: the same for the function on AWS and the local server.
package pages

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/effects"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/web"
	"github.com/billingclerk/billingclerk/internal/web/account"
	"github.com/billingclerk/billingclerk/internal/web/console"
	"github.com/billingclerk/billingclerk/internal/web/link"
	"github.com/billingclerk/billingclerk/internal/web/site"
	"github.com/billingclerk/billingclerk/internal/web/welcome"
)

// Config is what differs between the cloud and a laptop.
type Config struct {
	System     *app.System
	Office     *effects.Office
	Links      web.Links
	Base       string   // the address of the payers' pages
	PayOrigins []string // of the processor's own pages
	Home       []site.Route
	Linking    *oauth.Server // account linking; nil: no client is configured
	Tokens     *token.Signer // of the links in mails
	Setup      *invite.Setup // the first firm of a new installation; nil: it is opened by other means
	SignUp     bool          // everybody may open a firm
}

// Stripe is where Stripe shows its own pages to payers.
const Stripe = "https://checkout.stripe.com"

// New builds the web.
func New(c Config) (*site.Site, error) {
	base, err := url.Parse(c.Base)
	if err != nil {
		return nil, err
	}
	s := c.System
	var built *site.Site
	desk := &auth.Desk{House: s.House, Base: base}
	door := auth.NewDoor(desk, base.Scheme == "https", func(w http.ResponseWriter, r *http.Request, err error) {
		built.Fail(w, r, err)
	})
	linking, err := linking(c.Linking)
	if err != nil {
		return nil, err
	}
	accounts := &invite.Desk{House: s.House, Auth: desk, Tokens: c.Tokens, Base: c.Base}
	built, err = web.New(web.Config{
		Base: base, Now: s.House.Now, NewID: s.House.NewID, Logger: s.Log, Ready: ready(s.House.Store),
		Door: door, Members: s.House, Links: c.Links, Payments: s.Charges, PayOrigins: c.PayOrigins,
		Endpoints: endpoints{}, Hints: s.Charges, Home: c.Home, Linking: linking,
		Account: account.Config{Desk: desk, House: s.House}, Welcome: welcoming(c, accounts),
		Console: console.Desks{
			Charges: s.Charges, Letters: letters{s.House, s.Charges}, Codes: s.House, People: s.House, Addresses: accounts, Factors: desk, Clients: s.Directory, Invoices: s.Billing, Ledger: s.Books,
			Documents: c.Office, PayLink: c.Office.PayLink, Now: s.House.Now, NewID: s.House.NewID,
		},
	})
	return built, err
}

// welcoming is the pages for people who are not signed in yet.
func welcoming(c Config, accounts *invite.Desk) welcome.Config {
	w := welcome.Config{Links: accounts, SignUp: c.SignUp}
	if c.Setup != nil {
		c.Setup.Desk = accounts
		w.Setup = c.Setup
	}
	return w
}

// linking checks the authorisation server, when there is one.
func linking(s *oauth.Server) (link.Config, error) {
	if s == nil {
		return link.Config{}, nil
	}
	return link.Config{Server: s, Loopback: s.Loopback()}, s.Valid()
}

// ready reads one record, so that a database that is gone or a table that does not exist shows.
func ready(b store.Backend) func(context.Context) error {
	return func(ctx context.Context) error {
		v := store.System(b, store.Meta)
		_, err := v.Get(ctx, v.Key("health", "up"))
		return err
	}
}

// endpoints: a webhook's address ends with the firm's id, see docs/decisions/0004.
type endpoints struct{}

// Firm returns the firm of an endpoint.
func (endpoints) Firm(_ context.Context, endpoint string) (string, error) {
	id, err := uuid.Parse(endpoint)
	if err != nil || id.String() != endpoint {
		return "", fault.New(fault.Missing, "webhook.endpoint", "There is no such endpoint.")
	}
	return endpoint, nil
}
