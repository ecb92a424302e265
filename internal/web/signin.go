package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// SignInPage is the sign-in form, with what was typed except the password.
type SignInPage struct {
	Email string
	Next  string
	Wrong string // why it did not work
	Again bool   // the session ended in the middle of something
}

var (
	signInPage = site.NewPage[SignInPage](files, "templates/signin.html")
	signedOut  = site.Say("signed.out", "You are signed out.")
)

type signIn struct{ door Door }

func (s signIn) show(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	page := SignInPage{Next: localPath(q.Get("next")), Again: q.Get("why") == "again"}
	return signInPage.Write(w, r, http.StatusOK, "Sign in", page)
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
		return signInPage.Write(w, r, http.StatusUnprocessableEntity, "Sign in", page)
	}
	err = s.door.SignIn(r.Context(), page.Email, form.Get("password"))
	if fault.KindOf(err) == fault.Unauthenticated {
		page.Wrong = site.Message(err)
		return signInPage.Write(w, r, http.StatusUnauthorized, "Sign in", page)
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
