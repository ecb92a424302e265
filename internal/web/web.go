// Package web is what browsers and the card processor reach: sign-in, the payer's page, the processor's webhooks,
// the health check, and the firm's console. It holds no rules of the field: each handler opens what proves the
// asker, calls one domain method, and shows what it said.
//
// The way in is New; Routes is the one list of what is served.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/billingclerk/billingclerk/internal/web/account"
	"github.com/billingclerk/billingclerk/internal/web/console"
	"github.com/billingclerk/billingclerk/internal/web/link"
	"github.com/billingclerk/billingclerk/internal/web/site"
	"github.com/billingclerk/billingclerk/internal/web/welcome"
)

// Config is what the web is built from. Everything is required unless its comment says otherwise.
type Config struct {
	// Base is the address under which browsers reach the site, without a path; https but for a laptop.
	Base *url.URL
	// Now tells the time, UTC.
	Now func() time.Time
	// NewID makes ids of requests and of forms: UUIDv7.
	NewID func() string
	// Logger gets one record for each request.
	Logger *slog.Logger
	// Ready returns nil when a request would be served: the store answers a read.
	Ready func(ctx context.Context) error
	// Door signs people in and out.
	Door Door
	// Members reads who is signed in, with the firm: each page of the console asks once.
	Members Members
	// Links opens the links that payers hold.
	Links Links
	// Payments is what a payer sees and may do.
	Payments Payments
	// PayOrigins are the origins of the processor's own pages, "https://checkout.stripe.com": a payer is sent
	// nowhere else.
	PayOrigins []string
	// Endpoints tells whose processor account a webhook address belongs to.
	Endpoints Endpoints
	// Hints takes what a webhook says.
	Hints Hints
	// Linking is account linking; its address, clock and ids are the ones above. Without a Server there is none.
	Linking link.Config
	// Account is a person's own pages; its address and ids are the ones above.
	Account account.Config
	// Console is the firm's pages; its clock and ids are the ones above.
	Console console.Desks
	// Welcome is the pages of links in mails, and of opening a firm; its sign-in and ids are the ones above.
	Welcome welcome.Config
	// Home is what a local server shows at "/", and the routes that go with it: the talk page. Empty everywhere
	// else, where "/" leads to the console.
	Home []site.Route
}

// New builds the handler of everything that the web serves.
func New(cfg Config) (*site.Site, error) {
	cfg.Console.Now, cfg.Console.NewID = cfg.Now, cfg.NewID
	cfg.Account.Base, cfg.Account.NewID = cfg.Base, cfg.NewID
	cfg.Welcome.SignIn, cfg.Welcome.NewID = cfg.Door.SignIn, cfg.NewID
	cfg.Linking.Base, cfg.Linking.Now, cfg.Linking.NewID = cfg.Base, cfg.Now, cfg.NewID
	if err := cfg.valid(); err != nil {
		return nil, err
	}
	return site.New(site.Config{
		Base: cfg.Base, Now: cfg.Now, NewID: cfg.NewID, Logger: cfg.Logger,
		Gate: gate{cfg.Door, cfg.Members}, Nav: console.Nav,
	}, Routes(cfg))
}

// perMinute is how often in a minute one place may ask for what costs a read, a password's hash or a call to somebody else:
// more than an office behind one address needs on a Monday morning.
const perMinute = 60

// Routes is the one list of what is served, apart from the assets: the mux, the tests that visit every route, and
// the test that no firm sees another's are made from it.
func Routes(cfg Config) []site.Route {
	pay, sign := payer{cfg}, signIn{cfg.Door, cfg.Base}
	routes := []site.Route{
		{Method: "GET", Path: "/healthz", Who: site.Anyone, Serve: health(cfg.Ready), Plain: true},
		{Method: "GET", Path: "/pay/{token}", Who: site.Payer, Serve: pay.show, FormTo: cfg.PayOrigins, Limit: perMinute},
		{Method: "POST", Path: "/pay/{token}", Who: site.Payer, Serve: pay.pay, FormTo: cfg.PayOrigins, Limit: perMinute},
		{Method: "POST", Path: "/webhooks/stripe/{endpoint}", Who: site.Machine, Serve: webhook(cfg.Endpoints, cfg.Hints, &site.Brake{Now: cfg.Now, Free: freeForgeries}), Plain: true, MaxBody: maxEvent},
	}
	routes = append(routes, sign.routes()...)
	routes = append(routes, welcome.Routes(cfg.Welcome)...)
	routes = append(routes, account.Routes(cfg.Account)...)
	routes = append(routes, console.Routes(cfg.Console)...)
	if cfg.Linking.Server != nil {
		routes = append(routes, link.Routes(cfg.Linking)...)
	}
	if len(cfg.Home) > 0 {
		return append(routes, cfg.Home...)
	}
	return append(routes, site.Route{Method: "GET", Path: "/{$}", Who: site.Anyone, Serve: toConsole})
}

func (c Config) valid() error {
	for name, missing := range map[string]bool{
		"Ready": c.Ready == nil, "Door": c.Door == nil, "Members": c.Members == nil, "Links": c.Links == nil,
		"Payments": c.Payments == nil, "Endpoints": c.Endpoints == nil, "Hints": c.Hints == nil,
	} {
		if missing {
			return fmt.Errorf("web: %s is required", name)
		}
	}
	return errors.Join(c.Welcome.Valid(), c.Account.Valid(), c.Console.Valid())
}

func toConsole(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/console/", http.StatusSeeOther)
	return nil
}
