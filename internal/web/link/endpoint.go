package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// freeFailures is how often in a minute clients from one place may fail to prove themselves. A right secret is never slowed:
// nobody can keep Alexa out by being wrong from its network. A secret of 256 bits is not guessed anyway; this keeps the
// noise down.
const freeFailures = 120

const (
	maxBody = 16 << 10        // bytes of a token request; ours have about 700
	patient = 4 * time.Second // for an answer: Alexa waits 4.5 s
)

// endpoint is what clients call.
type endpoint struct {
	linking  Linking
	failures *site.Brake
}

func (e endpoint) token(w http.ResponseWriter, r *http.Request) error {
	return e.call(w, r, func(ctx context.Context, given oauth.Credentials, form url.Values) (any, error) {
		return e.linking.Token(ctx, given, form)
	})
}

// revoke answers 200 and an empty object (RFC 7009 §2.2: the body is ignored).
func (e endpoint) revoke(w http.ResponseWriter, r *http.Request) error {
	return e.call(w, r, func(ctx context.Context, given oauth.Credentials, form url.Values) (any, error) {
		return struct{}{}, e.linking.Revoke(ctx, given, form)
	})
}

func (e endpoint) call(w http.ResponseWriter, r *http.Request, do func(context.Context, oauth.Credentials, url.Values) (any, error)) error {
	ctx, cancel := context.WithTimeout(r.Context(), patient)
	defer cancel()
	var answer any
	given, form, err := sent(r)
	if err == nil {
		answer, err = do(ctx, given, form)
	}
	if err != nil {
		return e.refuse(w, r, err)
	}
	return write(w, http.StatusOK, answer)
}

// sent reads a client's form and what it proves itself with: HTTP Basic or the form's own fields, never both
// (RFC 6749 §2.3).
func sent(r *http.Request) (given oauth.Credentials, form url.Values, err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return given, nil, malformed("the body must be application/x-www-form-urlencoded")
	}
	if form, err = site.Form(r); err != nil {
		return given, nil, malformed("the body cannot be read")
	}
	if len(form["client_id"]) > 1 || len(form["client_secret"]) > 1 {
		return given, nil, malformed("client_id or client_secret is there more than once")
	}
	given = oauth.Credentials{ID: form.Get("client_id"), Secret: form.Get("client_secret")}
	head := r.Header.Values("Authorization")
	if len(head) == 0 {
		return given, form, nil
	}
	id, secret, ok := r.BasicAuth()
	switch {
	case !ok || len(head) > 1:
		return given, nil, &oauth.Error{Code: oauth.InvalidClient, Text: "the Authorization header is not one of HTTP Basic"}
	case given.Secret != "" || given.ID != "" && given.ID != unescaped(id):
		return given, nil, malformed("the client proves itself in two ways")
	}
	return oauth.Credentials{ID: unescaped(id), Secret: unescaped(secret), Raw: secret}, form, nil
}

// unescaped undoes the form encoding that RFC 6749 §2.3.1 asks of what goes into HTTP Basic; what is not so encoded
// stays as it is.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func malformed(text string) error { return &oauth.Error{Code: oauth.InvalidRequest, Text: text} }

// failure is an error as RFC 6749 §5.2 writes it.
type failure struct {
	Code oauth.Code `json:"error"`
	Text string     `json:"error_description"`
}

// refuse answers an error. One that is no refusal is ours: the client does right to ask again.
func (e endpoint) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	site.Note(r, err)
	var told *oauth.Error
	if !errors.As(err, &told) {
		w.Header().Set("Retry-After", "1")
		status := http.StatusServiceUnavailable
		if fault.KindOf(err) == fault.Internal && !errors.Is(err, context.DeadlineExceeded) {
			status = http.StatusInternalServerError
		}
		return write(w, status, failure{oauth.TemporarilyUnavailable, "not now: please ask again"})
	}
	status := http.StatusBadRequest
	if told.Code == oauth.InvalidClient {
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="account linking", charset="UTF-8"`)
		if wait := e.failures.Count(site.Place(r)); wait > 0 {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		}
	}
	return write(w, status, failure{told.Code, told.Text})
}

func metadata(m oauth.Metadata) site.Handler {
	return func(w http.ResponseWriter, _ *http.Request) error { return write(w, http.StatusOK, m) }
}

// write answers with JSON. The site already forbids to keep any answer; Pragma is what RFC 6749 §5.1 adds.
func write(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("link: encode an answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away is no error of ours
	return nil
}
