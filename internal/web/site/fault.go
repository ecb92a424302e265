package site

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// Faults of the site itself.
var (
	errNotFound  = fault.New(fault.Missing, "page.none", "There is no such page.")
	errMethod    = fault.New(fault.Invalid, "page.method", "That page cannot be used in this way.")
	errCrossSite = fault.New(fault.Forbidden, "page.cross-site", "That form was sent from another site, so nothing was done.")
	errTooLarge  = fault.New(fault.Invalid, "page.too-large", "What was sent is too large.")
	errForm      = fault.New(fault.Invalid, "page.form", "The form could not be read.")
)

// neutral is all that is shown of an error that is no fault.
const neutral = "Something went wrong on our side. Please try again; if it happens again, tell us the number below."

// statuses maps each kind to its status. Unknown is a gateway's time-out: it may have happened.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.Missing:         http.StatusNotFound,
	fault.State:           http.StatusConflict,
	fault.Conflict:        http.StatusConflict,
	fault.Forbidden:       http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Locked:          http.StatusLocked,
	fault.Unknown:         http.StatusGatewayTimeout,
	fault.Busy:            http.StatusServiceUnavailable,
}

// headings say in two or three words what became of the request.
var headings = map[int]string{
	http.StatusBadRequest:            "That did not work",
	http.StatusUnauthorized:          "Please sign in",
	http.StatusForbidden:             "Not allowed",
	http.StatusNotFound:              "Not found",
	http.StatusMethodNotAllowed:      "That did not work",
	http.StatusConflict:              "That is not possible now",
	http.StatusRequestEntityTooLarge: "Too large",
	http.StatusLocked:                "Locked",
	http.StatusTooManyRequests:       "Too often",
	http.StatusServiceUnavailable:    "Busy",
	http.StatusGatewayTimeout:        "Not sure yet",
}

// Status is the HTTP status of an error.
func Status(err error) int {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errTooOften):
		return http.StatusTooManyRequests
	}
	return statuses[fault.KindOf(err)]
}

// Message is what may be shown of an error: a fault's own sentence, else one neutral one.
func Message(err error) string {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errTooLarge.Message
	}
	if f := fault.As(err); f != nil && f.Message != "" {
		return f.Message
	}
	return neutral
}

// Failure is the error page's data.
type Failure struct {
	Heading string
	Message string
	Request string
	Retry   bool // trying again is right
}

var errorPage = NewPage[Failure](files, "templates/error.html")

// Fail shows an error from where no Handler can return one, such as the session's middleware.
func Fail(w http.ResponseWriter, r *http.Request, err error) { visitOf(r).site.fail(w, r, err) }

// Note keeps an error for the request's line of the log, when the handler has answered it in its own way.
func Note(r *http.Request, err error) { visitOf(r).err = err }

// fail answers with the error page, or one line of text on a plain route. Somebody who is not signed in is sent to
// sign in, and comes back.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	v, status := visitOf(r), Status(err)
	v.err = err
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	switch {
	case v.route.Plain:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "%s (request %s)\n", Message(err), v.id)
	case v.route.Who == Member && status == http.StatusUnauthorized:
		http.Redirect(w, r, signInPath(r), http.StatusSeeOther)
	default:
		s.failPage(w, r, status, Message(err))
	}
}

func (s *Site) failPage(w http.ResponseWriter, r *http.Request, status int, message string) {
	heading := headings[status]
	if heading == "" {
		heading = "Something went wrong"
	}
	page := Failure{Heading: heading, Message: message, Request: RequestID(r), Retry: status >= 500}
	if err := errorPage.Write(w, r, status, heading, page); err != nil {
		s.Logger.Error("error page", "request", RequestID(r), "error", err.Error())
		http.Error(w, neutral, http.StatusInternalServerError)
	}
}

// signInPath is where to sign in and come back from; only a page that is safe to ask for again is come back to.
func signInPath(r *http.Request) string {
	q := url.Values{}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		q.Set("why", "again")
	}
	if !q.Has("why") || visitOf(r).route.Resume {
		q.Set("next", r.URL.RequestURI())
	}
	return "/signin?" + q.Encode()
}

// Form reads the request's form. Errors: fault.Invalid, also for what is no text, or that it is too large.
func Form(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, errForm.Because(err)
	}
	for _, values := range r.PostForm {
		for _, v := range values {
			if !isText(v) {
				return nil, errForm
			}
		}
	}
	return r.PostForm, nil
}

// isText tells text from bytes that no browser sends, and that no record can be named by.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
