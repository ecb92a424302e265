package web

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// SignInPage is the sign-in form, with what was typed except the password.
type SignInPage struct {
	Email   string
	Next    string
	Wrong   string // why it did not work
	Again   bool   // the session ended in the middle of something
	Passkey PasskeyButton
}

// PasskeyButton is whether a page offers passkeys, and where they work when they do not work here.
type PasskeyButton struct {
	Here  bool
	There string // the same page at the address where they work; empty: nowhere else
}

// CodePage asks for the code that follows a password.
type CodePage struct{ Next, Wrong string }

// AgainPage asks who is signed in to prove it once more.
type AgainPage struct {
	Next     string
	Form     bool // a form was sent, and is to be filled in once more
	Password bool
	Code     bool
	Passkey  PasskeyButton
	Wrong    string
}

var (
	signInPage = site.NewPage[SignInPage](files, "templates/signin.html")
	codePage   = site.NewPage[CodePage](files, "templates/code.html")
	againPage  = site.NewPage[AgainPage](files, "templates/again.html")
	signedOut  = site.Say("signed.out", "You are signed out.")
)

const passkeyScript = "passkey.js"

type signIn struct {
	door Door
	base *url.URL
}

func (s signIn) routes() []site.Route {
	get := func(path string, h site.Handler, session bool) site.Route {
		return site.Route{Method: "GET", Path: path, Who: site.Anyone, Serve: h, Session: session}
	}
	post := func(path string, h site.Handler) site.Route {
		return site.Route{Method: "POST", Path: path, Who: site.Anyone, Serve: h, Session: true, Limit: perMinute}
	}
	challenge := post("/signin/passkey/challenge", s.challenge)
	challenge.Plain = true
	out := post("/signout", s.out)
	out.Limit = 0 // who wants to leave may
	return []site.Route{
		get("/signin", s.show, false), post("/signin", s.in),
		get("/signin/code", s.showCode, true), post("/signin/code", s.code),
		challenge, post("/signin/passkey", s.passkey),
		get("/signin/again", s.showAgain, true), post("/signin/again", s.again),
		out,
	}
}

func (s signIn) show(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.page(w, r, http.StatusOK, SignInPage{Next: localPath(q.Get("next")), Again: q.Get("why") == "again"})
}

func (s signIn) page(w http.ResponseWriter, r *http.Request, status int, page SignInPage) error {
	page.Passkey = s.button(r, "/signin", page.Next)
	return signInPage.Write(w, r, status, "Sign in", page, passkeyScript)
}

// button offers passkeys where they work: a passkey belongs to a domain, so a laptop's is reached as localhost.
func (s signIn) button(r *http.Request, page, next string) PasskeyButton {
	origin := auth.PasskeyOrigin(s.base)
	host, err := netip.ParseAddrPort(r.Host)
	addr := host.Addr()
	if err != nil {
		addr, err = netip.ParseAddr(strings.Trim(r.Host, "[]"))
	}
	switch {
	case origin == "":
		return PasskeyButton{}
	case err == nil && addr.IsValid(): // an IP address is no domain
		return PasskeyButton{There: origin + page + "?" + url.Values{"next": {next}}.Encode()}
	}
	return PasskeyButton{Here: true}
}

// in starts a session. Whatever was wrong, address or password, the answer is the same.
func (s signIn) in(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	page := SignInPage{Email: strings.TrimSpace(form.Get("email")), Next: localPath(form.Get("next"))}
	if page.Email == "" || form.Get("password") == "" {
		page.Wrong = "Enter your e-mail address and your password."
		return s.page(w, r, http.StatusUnprocessableEntity, page)
	}
	err = s.door.SignIn(r.Context(), page.Email, form.Get("password"))
	if errors.Is(err, auth.ErrHalf) {
		http.Redirect(w, r, "/signin/code?"+url.Values{"next": {page.Next}}.Encode(), http.StatusSeeOther)
		return nil
	}
	return s.entered(w, r, page, err)
}

// entered goes where the person wanted, or says on the form why not.
func (s signIn) entered(w http.ResponseWriter, r *http.Request, page SignInPage, err error) error {
	if wrong(err) {
		page.Wrong = site.Message(err)
		return s.page(w, r, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

// wrong tells a proof that failed from trouble of ours.
func wrong(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && (kind == fault.Unauthenticated || kind == fault.Invalid)
}

func (s signIn) showCode(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if !s.door.Waiting(r.Context()) {
		return toSignIn(w, r, next)
	}
	return codePage.Write(w, r, http.StatusOK, "Your code", CodePage{Next: next})
}

func toSignIn(w http.ResponseWriter, r *http.Request, next string) error {
	http.Redirect(w, r, "/signin?"+url.Values{"next": {next}}.Encode(), http.StatusSeeOther)
	return nil
}

// code ends a sign-in that waits for its code.
func (s signIn) code(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	page := CodePage{Next: localPath(form.Get("next"))}
	err = s.door.Second(r.Context(), form.Get("code"))
	switch {
	case errors.Is(err, auth.ErrHalf):
		return s.page(w, r, http.StatusUnauthorized, SignInPage{Next: page.Next, Wrong: site.Message(err)})
	case wrong(err):
		page.Wrong = site.Message(err)
		return codePage.Write(w, r, http.StatusUnauthorized, "Your code", page)
	case err != nil:
		return err
	}
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

// challenge is asked for by the page's script.
func (s signIn) challenge(w http.ResponseWriter, r *http.Request) error {
	options, err := s.door.PasskeyChallenge(r.Context())
	return site.JSON(w, options, err)
}

func (s signIn) passkey(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	return s.entered(w, r, SignInPage{Next: localPath(form.Get("next"))}, s.door.Enter(r.Context(), form.Get("answer")))
}

func (s signIn) showAgain(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.againPage(w, r, http.StatusOK, AgainPage{Next: localPath(q.Get("next")), Form: q.Get("why") == "form"})
}

// againPage offers the ways in which the person who is signed in can prove it.
func (s signIn) againPage(w http.ResponseWriter, r *http.Request, status int, page AgainPage) error {
	ways, err := s.door.Ways(r.Context())
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return toSignIn(w, r, page.Next)
	}
	if err != nil {
		return err
	}
	page.Password, page.Code = ways.Password, ways.Code
	if ways.Passkey {
		page.Passkey = s.button(r, "/signin/again", page.Next)
	}
	return againPage.Write(w, r, status, "Is it you?", page, passkeyScript)
}

func (s signIn) again(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	page := AgainPage{Next: localPath(form.Get("next")), Form: form.Get("why") == "form"}
	proof := auth.Proof{Password: form.Get("password"), Code: form.Get("code"), Passkey: form.Get("answer")}
	err = s.door.Again(r.Context(), proof)
	if wrong(err) {
		page.Wrong = site.Message(err)
		return s.againPage(w, r, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

func (s signIn) out(w http.ResponseWriter, r *http.Request) error {
	if err := s.door.SignOut(r.Context()); err != nil {
		return err
	}
	return site.Done(w, r, "/signin", signedOut)
}

// localPath returns where to go after signing in: a page of the console or of account linking, never another site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || strings.ContainsAny(next, "\\\r\n\t") {
		return "/console/"
	}
	for _, prefix := range []string{"/console/", "/oauth/"} {
		if strings.HasPrefix(u.Path, prefix) && strings.HasPrefix(path.Clean(u.Path)+"/", prefix) {
			return u.RequestURI()
		}
	}
	return "/console/"
}
