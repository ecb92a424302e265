package welcome

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// OpenPage opens a firm, with what was typed except the secret and the password.
type OpenPage struct {
	First                   bool // by the secret of a new installation
	Self                    string
	Firm, Zone, Currency    string
	Name, Email             string
	Zones, Currencies       []string
	Sent                    bool // a link is on its way
	Wrong, WrongField, Once string
}

var openPage = site.NewPage[OpenPage](files, "templates/open.html")

// currencies that are offered; any other ISO code can be typed.
var currencies = []string{"USD", "GBP", "EUR", "CAD", "AUD", "INR", "CHF", "NZD", "JPY", "SGD"}

func (c Config) setUp(w http.ResponseWriter, r *http.Request) error {
	if err := c.waiting(r); err != nil {
		return err
	}
	return c.form(w, r, http.StatusOK, OpenPage{First: true, Self: "/setup"})
}

// waiting refuses when there is a firm already: then there is no such page.
func (c Config) waiting(r *http.Request) error {
	waiting, err := c.Setup.Waiting(r.Context())
	if err == nil && !waiting {
		err = errNoPage
	}
	return err
}

func (c Config) signUp(w http.ResponseWriter, r *http.Request) error {
	return c.form(w, r, http.StatusOK, OpenPage{Self: "/signup"})
}

func (c Config) form(w http.ResponseWriter, r *http.Request, status int, page OpenPage) error {
	page.Zones, page.Currencies, page.Once = site.Zones, currencies, c.NewID()
	return openPage.Write(w, r, status, "Open a firm", page)
}

// typed is a form as it was sent.
func typed(form url.Values, page OpenPage) (OpenPage, firm.Firm) {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	page.Firm, page.Zone, page.Currency = get("firm"), get("zone"), strings.ToUpper(get("currency"))
	page.Name, page.Email = get("name"), get("email")
	return page, firm.Firm{Name: page.Firm, Zone: page.Zone, Currency: page.Currency}
}

// open opens a firm whose admin is sent a link.
func (c Config) open(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	page, f := typed(form, OpenPage{Self: "/signup"})
	err = c.Links.SignUp(r.Context(), f, page.Name, page.Email)
	if fault.KindOf(err) == fault.Invalid {
		return c.wrong(w, r, page, err)
	}
	if err != nil {
		return err
	}
	page.Sent = true
	return c.form(w, r, http.StatusOK, page)
}

// openFirst opens the first firm and signs its admin in.
func (c Config) openFirst(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	if err := c.waiting(r); err != nil {
		return err
	}
	page, f := typed(form, OpenPage{First: true, Self: "/setup"})
	err = c.Setup.Open(r.Context(), requestOf(r, form), form.Get("secret"), f, page.Name, page.Email, form.Get("password"))
	if fault.KindOf(err) == fault.Invalid {
		return c.wrong(w, r, page, err)
	}
	if err != nil {
		return err
	}
	to, said, err := c.enter(r, page.Email, form.Get("password"))
	if err != nil {
		return err
	}
	return site.Done(w, r, to, said)
}

// fields are where what is wrong belongs.
var fields = map[*fault.Error]string{
	firm.ErrFirmName: "firm", firm.ErrZone: "zone", firm.ErrCurrency: "currency", firm.ErrPersonName: "name",
	firm.ErrPersonEmail: "email", invite.ErrSecret: "secret",
}

func (c Config) wrong(w http.ResponseWriter, r *http.Request, page OpenPage, err error) error {
	page.Wrong, page.WrongField = site.Message(err), "password"
	for known, field := range fields {
		if errors.Is(err, known) {
			page.WrongField = field
		}
	}
	return c.form(w, r, http.StatusUnprocessableEntity, page)
}
