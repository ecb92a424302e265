// Package account is a person's own pages: password, passkeys, second factor, voice code, where they are signed in,
// and the Alexa accounts that are linked to them. What can open the account to somebody else asks first for a fresh
// proof of who they are.
//
// The way in is Routes.
package account

import (
	"embed"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

//go:embed templates/*.html
var files embed.FS

// Config is what the pages need. Everything is required.
type Config struct {
	Desk  *auth.Desk
	House *firm.House
	Base  *url.URL      // where browsers reach the site
	NewID func() string // the idempotency key of a form
}

// Valid says what is missing.
func (c Config) Valid() error {
	if c.Desk == nil || c.House == nil || c.Base == nil || c.NewID == nil {
		return fmt.Errorf("account: Desk, House, Base and NewID are required")
	}
	return nil
}

const home = "/console/account"

// Routes is every page and act of one's own account. A role that may only read has an account too.
func Routes(c Config) []site.Route {
	get := func(path string, h site.Handler) site.Route {
		return site.Route{Method: "GET", Path: home + path, Who: site.Member, Needs: firm.See, Serve: h}
	}
	post := func(path string, h site.Handler) site.Route {
		return site.Route{Method: "POST", Path: home + path, Who: site.Member, Needs: firm.See, Serve: h}
	}
	fresh := func(r site.Route) site.Route {
		r.Fresh, r.Form = true, home
		return r
	}
	challenge := fresh(post("/passkeys/challenge", c.challenge))
	challenge.Plain = true
	confirm := fresh(post("/second", c.confirmSecond))
	confirm.Form = home + "/second"
	return []site.Route{
		get("", c.show),
		fresh(post("/password", c.setPassword)),
		fresh(post("/code", c.setCode)),
		challenge,
		fresh(post("/passkeys", c.addPasskey)),
		post("/passkeys/{id}/name", c.renamePasskey),
		fresh(post("/passkeys/{id}/remove", c.removePasskey)),
		fresh(get("/second", c.showSecond)),
		fresh(post("/second/begin", c.beginSecond)),
		confirm,
		fresh(post("/second/remove", c.dropSecond)),
		fresh(post("/recovery", c.newCodes)),
		post("/sessions/{grant}/end", c.endSession),
		post("/sessions/end", c.endOthers),
		post("/links/{grant}/end", c.unlink),
	}
}

// Page is the account, with what was wrong with the form that was sent last.
type Page struct {
	Name, Email string
	HasPassword bool
	Passkeys    []PasskeyItem
	CanPasskey  bool   // here; in a browser that can
	Elsewhere   string // where passkeys work, when they do not here
	Since       site.When
	Second      bool
	Recovery    string // "8 recovery codes are left"
	FewCodes    bool
	CodeSet     bool
	CodeLocked  bool
	Sessions    []SessionItem
	Others      bool
	Links       []LinkItem

	Once string // of each form: they have different acts

	wrong map[string]string
}

// Wrong is what was wrong with a form, by its name; empty when nothing was.
func (p Page) Wrong(form string) string { return p.wrong[form] }

// PasskeyItem is one passkey.
type PasskeyItem struct {
	ID, Name, Once string
	Added, Used    site.When
}

// SessionItem is one place where the person is signed in.
type SessionItem struct {
	ID, Agent, By string
	Began, Used   site.When
	Here          bool
}

// LinkItem is one linked assistant.
type LinkItem struct {
	ID    string
	Since site.When
}

var page = site.NewPage[Page](files, "templates/account.html")

const title = "Your account"

func (c Config) show(w http.ResponseWriter, r *http.Request) error {
	return c.write(w, r, http.StatusOK, nil)
}

func (c Config) write(w http.ResponseWriter, r *http.Request, status int, wrong map[string]string) error {
	v := site.Visiting(r)
	own, err := c.Desk.Own(r.Context(), v.Caller)
	if err != nil {
		return err
	}
	p := c.page(own, v)
	p.wrong = wrong
	p.CanPasskey, p.Elsewhere = c.passkeysAt(r)
	return page.Write(w, r, status, title, p, "passkey.js")
}

// passkeysAt says whether passkeys work at the address that was asked, or where else: they belong to a domain.
func (c Config) passkeysAt(r *http.Request) (here bool, there string) {
	origin := auth.PasskeyOrigin(c.Base)
	if origin == "" {
		return false, ""
	}
	if isIP(r.Host) {
		return false, origin + home
	}
	return true, ""
}

func isIP(host string) bool {
	if _, err := netip.ParseAddrPort(host); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

func (c Config) page(own auth.Own, v site.Visitor) Page {
	zone := v.Zone()
	p := Page{
		Name: v.Person.Name, Email: own.Email, HasPassword: own.Ways.Password, Second: own.Ways.Code, Since: site.DayOf(own.Since, zone),
		Recovery: site.Count(own.Recovery, "recovery code", "recovery codes"), FewCodes: own.Recovery < 3,
		CodeSet: own.CodeSet, CodeLocked: own.CodeLocked, Others: len(own.Sessions) > 1, Once: c.NewID(),
	}
	for _, k := range own.Passkeys {
		p.Passkeys = append(p.Passkeys, PasskeyItem{k.ID, k.Name, c.NewID(), site.DayOf(k.Added, zone), site.At(k.Used, zone)})
	}
	for _, s := range own.Sessions {
		p.Sessions = append(p.Sessions, SessionItem{s.ID, s.Agent, s.By, site.At(s.Created, zone), site.At(s.Used, zone), s.Here})
	}
	for _, l := range own.Links {
		p.Links = append(p.Links, LinkItem{l.ID, site.At(l.Created, zone)})
	}
	return p
}

// done answers a form: it says what was done, or shows the page with what was wrong with that form.
func (c Config) done(w http.ResponseWriter, r *http.Request, err error, form, said string) error {
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.State) {
		site.Note(r, err)
		return c.write(w, r, http.StatusUnprocessableEntity, map[string]string{form: site.Message(err)})
	}
	if err != nil {
		return err
	}
	return site.Done(w, r, home, said)
}
