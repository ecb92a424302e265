package site

import (
	"fmt"
	"net/http"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Handler answers a request, or returns the error that the error page shows. It never writes an error itself.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one thing the site answers to. Everything about it that is not its own work is declared here.
type Route struct {
	Method string // GET answers HEAD too
	Path   string // as http.ServeMux writes it: "/pay/{token}"
	Who    Who
	Needs  firm.Permission // of a Member; empty: any role
	Fresh  bool            // a Member must have proven who they are within FreshTime, else they are asked once more
	Form   string          // of a Fresh POST: the page whose form it is, shown again after they were asked; empty: the same path
	Serve  Handler

	Limit      int      // requests that one place may make in a minute; 0: as many as it likes
	MaxBody    int64    // bytes of the request's body; 0 means DefaultBody
	FormTo     []string // origins besides our own to which a form on the page may lead, by a redirect
	Microphone bool     // the page may ask for the microphone
	Plain      bool     // errors are one line of text, for machines
	Session    bool     // the handler reads or changes the session though nobody need be signed in
	Resume     bool     // its address alone says what the form was about: who has to sign in first comes back there
}

// Who may use a route.
type Who string

// Who may use a route. Payer and Machine prove themselves with what is in the path or the body; the handler checks.
const (
	Anyone  Who = "anyone"
	Payer   Who = "payer"   // holds a pay token
	Machine Who = "machine" // signs what it sends
	Member  Who = "member"  // a person of a firm, signed in
)

// DefaultBody is the most a request's body may be, in bytes, unless its route says otherwise.
const DefaultBody = 64 << 10

// Pattern is the route as http.ServeMux and the log write it: "GET /pay/{token}".
func (r Route) Pattern() string { return r.Method + " " + r.Path }

func (r Route) valid() error {
	switch {
	case r.Method == "" || r.Path == "" || r.Serve == nil:
		return fmt.Errorf("site: route %q has no method, path or handler", r.Pattern())
	case r.Who != Anyone && r.Who != Payer && r.Who != Machine && r.Who != Member:
		return fmt.Errorf("site: route %q does not say who may use it", r.Pattern())
	case (r.Needs != "" || r.Fresh) && r.Who != Member:
		return fmt.Errorf("site: route %q needs a permission or a fresh proof but no member", r.Pattern())
	case r.Limit < 0:
		return fmt.Errorf("site: route %q has a limit below nothing", r.Pattern())
	}
	return nil
}

// handler makes a route's handler: who is visiting is settled before Serve runs.
func (s *Site) handler(route Route) http.Handler {
	switch {
	case route.Session:
		return s.Gate.Load(s.answering(route.Serve))
	case route.Who != Member:
		return s.answering(route.Serve)
	}
	return s.Gate.Load(s.answering(func(w http.ResponseWriter, r *http.Request) error {
		v := visitOf(r)
		if r.Method == http.MethodPost {
			if _, err := Form(r); err != nil {
				return err
			}
		}
		visitor, err := s.Gate.Visitor(r.Context(), requestKey(r, v.id))
		if err != nil {
			return err
		}
		v.visitor = &visitor
		if route.Needs != "" {
			if err := visitor.May(route.Needs); err != nil {
				return err
			}
		}
		if route.Fresh && !visitor.fresh(s.Now()) {
			http.Redirect(w, r, againPath(r, route), http.StatusSeeOther)
			return nil
		}
		return route.Serve(w, r)
	}))
}

// answering turns a returned error into the error page.
func (s *Site) answering(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// OnceField is the hidden field of a form that makes sending it twice do its work once.
const OnceField = "once"

// requestKey is the idempotency key of what a request does: the form's own, made when the form was shown, else the
// request's id.
func requestKey(r *http.Request, id string) string {
	if r.Method != http.MethodPost {
		return id
	}
	if once := r.PostFormValue(OnceField); len(once) >= 16 && len(once) <= 64 && plainKey(once) {
		return once
	}
	return id
}

func plainKey(s string) bool {
	for _, c := range s {
		digit, letter := c >= '0' && c <= '9', c >= 'a' && c <= 'z'
		if c != '-' && !digit && !letter {
			return false
		}
	}
	return true
}
