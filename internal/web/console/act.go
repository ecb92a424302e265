package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// ResolveForm is a person's word on a charge whose outcome is not known, as it was typed.
type ResolveForm struct {
	Paid      bool
	Never     bool
	Reference string // the processor's, of the payment
	Wrong     string
	Once      string
}

// maxReference is the most characters of a processor's reference; Stripe's have fewer than 100.
const maxReference = 255

func (f *ResolveForm) check() bool {
	switch {
	case f.Paid == f.Never:
		f.Wrong = "Choose whether it was paid."
	case f.Paid && f.Reference == "":
		f.Wrong = "Enter the payment’s reference, as the processor’s page shows it."
	case len(f.Reference) > maxReference:
		f.Wrong = "That reference is too long."
	}
	return f.Wrong == ""
}

// What an act says about itself on the page that follows.
var (
	saidPaid      = site.Say("charge.paid", "Recorded: the charge was paid. The invoice and the ledger say so now.")
	saidNever     = site.Say("charge.never", "Recorded: the charge never happened. The invoice can be charged again.")
	saidTask      = site.Say("charge.task", "Recorded: that was seen to.")
	saidRetried   = site.Say("letter.retry", "It will be tried again now.")
	saidDiscarded = site.Say("letter.discard", "Discarded. It will not be tried again.")
	saidReset     = site.Say("code.reset", "The voice code is unlocked. It is still the same code.")
	saidPrinted   = site.Say("print.done", "Taken off the print queue.")
)

// resolve records whether an unknown charge was paid. What was typed is kept when something is wrong with it.
func (d Desks) resolve(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	typed := ResolveForm{
		Paid: form.Get("outcome") == "paid", Never: form.Get("outcome") == "never",
		Reference: strings.TrimSpace(form.Get("reference")), Once: d.NewID(),
	}
	if !typed.check() {
		return d.resolveAgain(w, r, typed)
	}
	err = d.Charges.Resolve(r.Context(), site.Visiting(r).Caller, r.PathValue("attempt"), typed.Paid, typed.Reference)
	if fault.KindOf(err) == fault.Invalid {
		typed.Wrong = site.Message(err)
		return d.resolveAgain(w, r, typed)
	}
	said := saidNever
	if typed.Paid {
		said = saidPaid
	}
	return done(w, r, err, said)
}

func (d Desks) resolveAgain(w http.ResponseWriter, r *http.Request, typed ResolveForm) error {
	page, err := d.needsPage(r.Context(), site.Visiting(r))
	if err != nil {
		return err
	}
	for i := range page.Charges {
		if page.Charges[i].ID == r.PathValue("attempt") {
			page.Charges[i].Form = typed
		}
	}
	return needsPage.Write(w, r, http.StatusUnprocessableEntity, "What needs you", page)
}

// taskDone records that a person has seen to one task of a charge.
func (d Desks) taskDone(w http.ResponseWriter, r *http.Request) error {
	form, err := site.Form(r)
	if err != nil {
		return err
	}
	task := charging.Task(form.Get("task"))
	return done(w, r, d.Charges.Done(r.Context(), site.Visiting(r).Caller, r.PathValue("attempt"), task), saidTask)
}

func (d Desks) retryLetter(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, d.Letters.RetryLetter, "id", saidRetried)
}

func (d Desks) discardLetter(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, d.Letters.DiscardLetter, "id", saidDiscarded)
}

func (d Desks) resetCode(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, d.Codes.ResetCode, "person", saidReset)
}

func (d Desks) printed(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, d.Charges.Printed, "invoice", saidPrinted)
}

// act does one thing to what the path names, and goes back to what is left.
func act(w http.ResponseWriter, r *http.Request, do func(context.Context, firm.Caller, string) error, name, said string) error {
	return done(w, r, do(r.Context(), site.Visiting(r).Caller, r.PathValue(name)), said)
}

func done(w http.ResponseWriter, r *http.Request, err error, said string) error {
	if err != nil {
		return err
	}
	return site.Done(w, r, "/console/", said)
}
