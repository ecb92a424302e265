// Package site is what every page stands on: one list of routes, one way to render typed page data, one error page,
// and the guards that no handler can forget because they are outermost.
//
// The way in is New with the list of routes; the way out is Page.Write for a page and a returned error for
// everything that went wrong.
package site

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Locale is the locale in which pages write dates and amounts.
const Locale = "en-US"

// Config is what a site is built from. Everything is required unless its comment says otherwise.
type Config struct {
	// Base is the address under which browsers reach the site, without a path. With https it turns on
	// Strict-Transport-Security and Secure cookies.
	Base *url.URL
	// Now tells the time, UTC.
	Now func() time.Time
	// NewID makes a request id: a UUIDv7.
	NewID func() string
	// Logger gets one record for each request: pattern, status, duration and ids; never a path, which may hold a
	// token, and never a name.
	Logger *slog.Logger
	// Gate tells who is visiting.
	Gate Gate
	// Nav is shown to members, in this order.
	Nav []Link
	// Timeout bounds the work for one request; 0 means 25 s, less than an API gateway waits.
	Timeout time.Duration
}

// Gate tells who is visiting a route for members.
type Gate interface {
	// Load makes the session of the request available to next, and keeps what next changed of it.
	Load(next http.Handler) http.Handler
	// Visitor returns who is signed in; request becomes Caller.Request, the idempotency key of what is done.
	// Errors: fault.Unauthenticated when nobody is, or the session's grant was revoked.
	Visitor(ctx context.Context, request string) (Visitor, error)
}

// Visitor is a person who is signed in, as read with this very request.
type Visitor struct {
	Caller firm.Caller
	Firm   firm.Firm
	Person firm.Person
	// Proven is when they last proved who they are.
	Proven time.Time
	// May returns firm.ErrForbidden unless the person's role has the permission.
	May func(firm.Permission) error
}

// Zone returns the zone in which the visitor reads times: the person's home zone, else the firm's.
func (v Visitor) Zone() *time.Location {
	for _, name := range []string{v.Person.Zone, v.Firm.Zone} {
		if loc, err := time.LoadLocation(name); err == nil && name != "" {
			return loc
		}
	}
	return time.UTC
}

// Link is a place in the navigation.
type Link struct {
	Text, Href string
	Needs      firm.Permission // who has it not is not shown the link; empty: everybody is
}

// Site serves a list of routes.
type Site struct {
	Config
	routes map[string]Route  // by pattern
	brakes map[string]*Brake // of the routes that have a limit
	list   []Route
	mux    *http.ServeMux
	csrf   *http.CrossOriginProtection
}

// New builds the handler of a list of routes. It fails on a route that is not complete, or that clashes.
func New(cfg Config, routes []Route) (*Site, error) {
	if cfg.Base == nil || cfg.Now == nil || cfg.NewID == nil || cfg.Logger == nil || cfg.Gate == nil {
		return nil, fmt.Errorf("site: Base, Now, NewID, Logger and Gate are required")
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 25 * time.Second
	}
	s := &Site{Config: cfg, routes: map[string]Route{}, brakes: map[string]*Brake{}, mux: http.NewServeMux(), csrf: http.NewCrossOriginProtection()}
	for _, r := range append(assetRoutes(), routes...) {
		if err := s.add(r); err != nil {
			return nil, err
		}
	}
	return s, s.comeBack()
}

func (s *Site) add(r Route) error {
	if err := r.valid(); err != nil {
		return err
	}
	if _, taken := s.routes[r.Pattern()]; taken {
		return fmt.Errorf("site: two routes for %s", r.Pattern())
	}
	s.routes[r.Pattern()] = r
	s.list = append(s.list, r)
	if r.Limit > 0 {
		s.brakes[r.Pattern()] = &Brake{Now: s.Now, Free: r.Limit}
	}
	s.mux.Handle(r.Pattern(), s.handler(r))
	return nil
}

// Routes returns every route that is served, for tests that must visit them all.
func (s *Site) Routes() []Route { return s.list }

// secure reports whether browsers reach the site over https.
func (s *Site) secure() bool { return strings.EqualFold(s.Base.Scheme, "https") }

// Server returns an HTTP server for the handler with the timeouts and limits that keep slow or greedy clients from
// holding it: it is for a listener of our own; behind Lambda the gateway does this.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}
