package link

import (
	"errors"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// ConsentPage asks whether to link.
type ConsentPage struct {
	Client string // "Alexa"
	Firm   string
	Person string
	Charge bool   // the person's role may charge cards
	Self   string // where the form goes: this request, whole
	Once   string
}

// RefusedPage says that a request to link cannot be put to anybody, and whom it concerns.
type RefusedPage struct{ Why string }

var (
	consentPage = site.NewPage[ConsentPage](files, "templates/consent.html")
	refusedPage = site.NewPage[RefusedPage](files, "templates/refused.html")
)

type consent struct{ Config }

// show is a pure read: asking to link links nothing.
func (c consent) show(w http.ResponseWriter, r *http.Request) error {
	request, err := c.Server.Authorize(r.URL.Query())
	if err != nil {
		return refused(w, r, request, err)
	}
	v := site.Visiting(r)
	page := ConsentPage{
		Client: request.Name, Firm: v.Firm.Name, Person: v.Person.Name, Charge: v.May(firm.Charge) == nil,
		Self: r.URL.RequestURI(), Once: c.NewID(),
	}
	return consentPage.Write(w, r, http.StatusOK, "Link "+request.Name, page)
}

// decide reads the request from its address again, so that the form can change nothing of it.
func (c consent) decide(w http.ResponseWriter, r *http.Request) error {
	request, err := c.Server.Authorize(r.URL.Query())
	if err != nil {
		return refused(w, r, request, err)
	}
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	address, err := c.Server.Decide(r.Context(), site.Visiting(r).Caller, request, form.Get("decision"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusSeeOther) // not 307: what was typed stays here (RFC 9700 §4.12)
	return nil
}

// refused tells the client at its address, or the person here when there is no address that may be trusted.
func refused(w http.ResponseWriter, r *http.Request, request oauth.Request, err error) error {
	var e *oauth.Error
	switch {
	case !errors.As(err, &e):
		return err
	case request.Redirect != "":
		site.Note(r, err)
		http.Redirect(w, r, request.Refusal(e), http.StatusSeeOther)
		return nil
	}
	site.Note(r, err)
	return refusedPage.Write(w, r, http.StatusBadRequest, "This cannot be linked", RefusedPage{Why: e.Text})
}
