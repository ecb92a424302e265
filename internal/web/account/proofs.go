package account

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// SecondPage shows the key of an authenticator app, and asks for its first code.
type SecondPage struct {
	Setup auth.Setup
	App   template.URL // opens the app of this device: html/template knows no otpauth:
	Once  string
	Wrong string
}

// CodesPage shows new recovery codes, this once.
type CodesPage struct {
	Codes []string
	File  template.URL // the same as a text file
	On    bool         // the second factor was turned on with them
}

var (
	secondPage = site.NewPage[SecondPage](files, "templates/second.html")
	codesPage  = site.NewPage[CodesPage](files, "templates/codes.html")
)

var (
	saidPassword  = site.Say("account.password", "Your password is changed, and you are signed out everywhere else.")
	saidCode      = site.Say("account.code", "Your voice code is set.")
	saidPasskey   = site.Say("account.passkey", "The passkey is added. You can sign in with it from now on.")
	saidRenamed   = site.Say("account.passkey.name", "The passkey has its new name.")
	saidRemoved   = site.Say("account.passkey.gone", "The passkey is removed. It signs in to nothing any more; you may delete it from the device too.")
	saidSecondOff = site.Say("account.second.off", "The second factor is off, and its recovery codes are worth nothing any more.")
)

func (c Config) setPassword(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	v := site.Visiting(r)
	if form.Get("password") != form.Get("again") {
		err = errTwice
	} else {
		err = c.Desk.SetPassword(r.Context(), v.Caller, v.Person.ID, v.Person.Email, form.Get("password"))
	}
	return c.done(w, r, err, "password", saidPassword)
}

func (c Config) setCode(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	v := site.Visiting(r)
	if form.Get("code") != form.Get("again") {
		err = errTwice
	} else {
		err = c.House.SetCode(r.Context(), v.Caller, v.Person.ID, form.Get("code"))
	}
	return c.done(w, r, err, "code", saidCode)
}

// challenge is asked for by the page's script.
func (c Config) challenge(w http.ResponseWriter, r *http.Request) error {
	options, err := c.Desk.NewPasskey(r.Context(), site.Visiting(r).Caller, auth.PlaceOf(r.Context()))
	return site.JSON(w, options, err)
}

func (c Config) addPasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	err = c.Desk.AddPasskey(r.Context(), site.Visiting(r).Caller, auth.PlaceOf(r.Context()), form.Get("name"), form.Get("answer"))
	return c.done(w, r, err, "passkey", saidPasskey)
}

func (c Config) renamePasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	err = c.Desk.RenamePasskey(r.Context(), site.Visiting(r).Caller, r.PathValue("id"), form.Get("name"))
	return c.done(w, r, err, "passkey", saidRenamed)
}

func (c Config) removePasskey(w http.ResponseWriter, r *http.Request) error {
	err := c.Desk.RemovePasskey(r.Context(), site.Visiting(r).Caller, r.PathValue("id"))
	return c.done(w, r, err, "passkey", saidRemoved)
}

// beginSecond makes a key, and goes to the page that shows it.
func (c Config) beginSecond(w http.ResponseWriter, r *http.Request) error {
	if err := c.Desk.BeginSecond(r.Context(), site.Visiting(r).Caller); err != nil {
		return err
	}
	http.Redirect(w, r, home+"/second", http.StatusSeeOther)
	return nil
}

func (c Config) showSecond(w http.ResponseWriter, r *http.Request) error {
	return c.writeSecond(w, r, http.StatusOK, "")
}

func (c Config) writeSecond(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	setup, err := c.Desk.PendingSecond(r.Context(), site.Visiting(r).Caller)
	if err != nil {
		return c.done(w, r, err, "second", "")
	}
	return secondPage.Write(w, r, status, "Turn on the second factor", SecondPage{setup, template.URL(setup.URI), c.NewID(), wrong})
}

// confirmSecond turns the second factor on. The answer is the page itself: its codes can't be shown again.
func (c Config) confirmSecond(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	codes, err := c.Desk.ConfirmSecond(r.Context(), site.Visiting(r).Caller, form.Get("code"))
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return c.writeSecond(w, r, http.StatusUnprocessableEntity, site.Message(err))
	}
	return c.showCodes(w, r, codes, true, err)
}

func (c Config) newCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := c.Desk.NewRecoveryCodes(r.Context(), site.Visiting(r).Caller)
	return c.showCodes(w, r, codes, false, err)
}

func (c Config) showCodes(w http.ResponseWriter, r *http.Request, codes []string, on bool, err error) error {
	if err != nil {
		return c.done(w, r, err, "second", "")
	}
	return codesPage.Write(w, r, http.StatusOK, "Your recovery codes", CodesPage{codes, textFile(codes), on})
}

// textFile is the codes as a file within the page, so that nothing keeps them and no script is needed.
func textFile(codes []string) template.URL {
	text := "Billing Clerk recovery codes\r\nEach signs you in once, in place of your app's code.\r\n\r\n" + strings.Join(codes, "\r\n") + "\r\n"
	return template.URL("data:text/plain;charset=utf-8," + url.PathEscape(text)) // our own letters, escaped
}

func (c Config) dropSecond(w http.ResponseWriter, r *http.Request) error {
	return c.done(w, r, c.Desk.DropSecond(r.Context(), site.Visiting(r).Caller), "second", saidSecondOff)
}

var errTwice = fault.New(fault.Invalid, "account.twice", "The two are not the same. Please type it once more.")
