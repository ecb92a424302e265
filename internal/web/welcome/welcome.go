// Package welcome is the pages for people who are not signed in yet: by a link in a mail they join a firm, choose a new
// password or confirm an address; they ask for such a link; and where it is allowed, they open a firm.
//
// The way in is Routes.
package welcome

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

//go:embed templates/*.html
var files embed.FS

// Config is what the pages need. Setup and SignUp may be left out; the rest is required.
type Config struct {
	Links Links
	// SignIn starts a session, as the sign-in page does: web.Door.
	SignIn func(ctx context.Context, email, password string) error
	// Setup opens the first firm of a new installation; nil: it has one, or gets it by other means.
	Setup Setup
	// SignUp lets everybody open a firm.
	SignUp bool
	NewID  func() string // the idempotency key of a form
}

// Links makes and honours the links in mails: invite.Desk.
type Links interface {
	View(ctx context.Context, link string) (invite.Welcome, error)
	Accept(ctx context.Context, link, request, name, password string) (email string, err error)
	AskReset(ctx context.Context, email string) error
	Reset(ctx context.Context, link, request, password string) error
	ConfirmAddress(ctx context.Context, link, request string) error
	SignUp(ctx context.Context, f firm.Firm, name, email string) error
}

// Setup opens the first firm: invite.Setup.
type Setup interface {
	// Waiting reports whether the first firm is yet to be opened.
	Waiting(ctx context.Context) (bool, error)
	Open(ctx context.Context, request, secret string, f firm.Firm, name, email, password string) error
}

// perMinute is how often one place may open or send one of these pages in a minute.
const perMinute = 30

// Routes is every page and act.
func Routes(c Config) []site.Route {
	route := func(method, path string, h site.Handler) site.Route {
		return site.Route{Method: method, Path: path, Who: site.Anyone, Serve: h, Session: method == http.MethodPost, Limit: perMinute}
	}
	routes := []site.Route{
		route("GET", "/welcome/{token}", c.show), route("POST", "/welcome/{token}", c.use),
		route("GET", "/forgot", c.forgot), route("POST", "/forgot", c.ask),
	}
	if c.SignUp {
		routes = append(routes, route("GET", "/signup", c.signUp), route("POST", "/signup", c.open))
	}
	if c.Setup != nil {
		routes = append(routes, route("GET", "/setup", c.setUp), route("POST", "/setup", c.openFirst))
	}
	return routes
}

// LinkPage is what a link in a mail leads to, with what was typed except passwords.
type LinkPage struct {
	For, Firm, Name, Email string
	Self                   string
	Wrong, Once            string
}

// ForgotPage asks for the address to which a link is sent.
type ForgotPage struct {
	Email, Wrong, Once string
	Sent               bool
}

var (
	linkPage   = site.NewPage[LinkPage](files, "templates/welcome.html")
	forgotPage = site.NewPage[ForgotPage](files, "templates/forgot.html")

	saidReset   = site.Say("password.reset", "Your password is changed. Sign in with it.")
	saidAddress = site.Say("address.confirmed", "Your e-mail address is changed. Sign in with the new one.")
	saidJoined  = site.Say("person.joined", "Welcome. Your account is ready: sign in.")
)

var titles = map[string]string{invite.ForInvitation: "Join your firm", invite.ForReset: "Choose a new password", invite.ForAddress: "Confirm your address"}

// show shows what a link is for. Opening it uses nothing up.
func (c Config) show(w http.ResponseWriter, r *http.Request) error {
	return c.linked(w, r, http.StatusOK, "", "")
}

func (c Config) linked(w http.ResponseWriter, r *http.Request, status int, name, wrong string) error {
	link := r.PathValue("token")
	v, err := c.Links.View(r.Context(), link)
	if err != nil {
		return err
	}
	page := LinkPage{For: v.For, Firm: v.Firm, Name: v.Name, Email: v.Email, Self: "/welcome/" + url.PathEscape(link), Wrong: wrong, Once: c.NewID()}
	if name != "" {
		page.Name = name
	}
	return linkPage.Write(w, r, status, titles[v.For], page)
}

// use does what a link is for. What was typed is kept when something is wrong with it, but for the password.
func (c Config) use(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	v, err := c.Links.View(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	to, said := "/signin", saidAddress
	switch v.For {
	case invite.ForInvitation:
		to, said, err = c.accept(r, form)
	case invite.ForReset:
		said, err = saidReset, c.Links.Reset(r.Context(), r.PathValue("token"), requestOf(r, form), form.Get("password"))
	default:
		err = c.Links.ConfirmAddress(r.Context(), r.PathValue("token"), requestOf(r, form))
	}
	if fault.KindOf(err) == fault.Invalid {
		return c.linked(w, r, http.StatusUnprocessableEntity, strings.TrimSpace(form.Get("name")), site.Message(err))
	}
	if err != nil {
		return err
	}
	return site.Done(w, r, to, said)
}

// accept joins and signs in. When signing in does not work at once, the account is there all the same.
func (c Config) accept(r *http.Request, form url.Values) (to, said string, err error) {
	email, err := c.Links.Accept(r.Context(), r.PathValue("token"), requestOf(r, form), form.Get("name"), form.Get("password"))
	if err != nil {
		return "", "", err
	}
	return c.enter(r, email, form.Get("password"))
}

// enter signs somebody in whose account was just made.
func (c Config) enter(r *http.Request, email, password string) (to, said string, err error) {
	if c.SignIn(r.Context(), email, password) != nil {
		return "/signin", saidJoined, nil //nolint:nilerr // the account is there: they sign in by themselves
	}
	return "/console/", saidWelcome, nil
}

var saidWelcome = site.Say("person.welcome", "Welcome. You are signed in.")

// requestOf is the idempotency key of a form: sending it twice does its work once.
func requestOf(r *http.Request, form url.Values) string {
	if once := form.Get(site.OnceField); len(once) >= 16 && len(once) <= 64 {
		return once
	}
	return site.RequestID(r)
}

func (c Config) forgot(w http.ResponseWriter, r *http.Request) error {
	return forgotPage.Write(w, r, http.StatusOK, "Forgotten password", ForgotPage{Once: c.NewID()})
}

// ask sends a link if the address has an account, and says the same if it has none.
func (c Config) ask(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	page := ForgotPage{Email: strings.TrimSpace(form.Get("email")), Once: c.NewID()}
	if page.Email == "" || len(page.Email) > maxEmail {
		page.Wrong = "Enter your e-mail address."
		return forgotPage.Write(w, r, http.StatusUnprocessableEntity, "Forgotten password", page)
	}
	if err := c.Links.AskReset(r.Context(), page.Email); err != nil {
		return err
	}
	page.Sent = true
	return forgotPage.Write(w, r, http.StatusOK, "Forgotten password", page)
}

const maxEmail = 254

var errNoPage = fault.New(fault.Missing, "setup.over", "There is no such page.")

// Valid says what is missing.
func (c Config) Valid() error {
	if c.Links == nil || c.SignIn == nil || c.NewID == nil {
		return errors.New("welcome: Links, SignIn and NewID are required")
	}
	return nil
}
