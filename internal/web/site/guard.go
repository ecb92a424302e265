package site

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// visit is one request's passage: what the guards know of it.
type visit struct {
	site    *Site
	id      string
	nonce   string
	route   Route
	started time.Time
	visitor *Visitor
	err     error  // for the log
	stack   []byte // of a panic, for the log
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	v, ok := r.Context().Value(visitKey{}).(*visit)
	if !ok {
		panic("site: a handler was called without the site around it")
	}
	return v
}

// Visiting returns who is signed in. Only routes for members may ask.
func Visiting(r *http.Request) Visitor { return *visitOf(r).visitor }

// RequestID returns the request's id: it is in the log, on the error page and in the X-Request-Id header.
func RequestID(r *http.Request) string { return visitOf(r).id }

// ServeHTTP is the outermost guard: id, headers, log, recovery, cross-site check, limits; then the route.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refused, pattern := s.mux.Handler(r)
	v := &visit{site: s, id: s.NewID(), nonce: newNonce(), route: s.routes[pattern], started: s.Now()}
	ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), visitKey{}, v), s.Timeout)
	defer cancel()
	r = r.WithContext(ctx)

	out := &answer{ResponseWriter: w, head: r.Method == http.MethodHead}
	s.headers(out.Header(), v)
	defer s.log(r, out, v)
	defer s.recover(out, r, v)

	if err := s.csrf.Check(r); err != nil {
		s.fail(out, r, errCrossSite.Because(err))
		return
	}
	if v.route.Serve == nil {
		s.unmatched(out, r, refused)
		return
	}
	if !isText(r.URL.Path) {
		s.fail(out, r, errNotFound)
		return
	}
	if err := s.held(out, r); err != nil {
		s.fail(out, r, err)
		return
	}
	r.Body = http.MaxBytesReader(out, r.Body, v.route.maxBody())
	s.mux.ServeHTTP(out, r)
}

func (r Route) maxBody() int64 {
	if r.MaxBody > 0 {
		return r.MaxBody
	}
	return DefaultBody
}

// unmatched answers a request for which there is no route. The mux knows whether another method would do, or
// whether the path is only written untidily; its answer is read, and shown as our page.
func (s *Site) unmatched(w http.ResponseWriter, r *http.Request, refused http.Handler) {
	said := httptest.NewRecorder()
	refused.ServeHTTP(said, r)
	switch {
	case said.Code == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", said.Header().Get("Allow"))
		s.fail(w, r, errMethod)
	case said.Code >= 300 && said.Code < 400:
		http.Redirect(w, r, said.Header().Get("Location"), said.Code)
	default:
		s.fail(w, r, errNotFound)
	}
}

// headers sets what every answer carries, error pages too.
func (s *Site) headers(h http.Header, v *visit) {
	microphone := "()"
	if v.route.Microphone {
		microphone = "(self)"
	}
	h.Set("X-Request-Id", v.id)
	h.Set("Content-Security-Policy", policy(v.nonce, v.route.FormTo))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "microphone="+microphone+", camera=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.secure() {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// policy is the content security policy: nothing but what carries this answer's nonce runs or styles. A browser
// applies form-action to the redirect that follows a form too, so the processor's page must be named.
func policy(nonce string, formTo []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "'",
		"style-src 'nonce-" + nonce + "'",
		"img-src 'self'",
		"connect-src 'self'",
		strings.Join(append([]string{"form-action 'self'"}, formTo...), " "),
		"base-uri 'none'",
		"object-src 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

func newNonce() string {
	b := make([]byte, 18)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// recover turns a panic into the error page, and keeps its stack for the log.
func (s *Site) recover(w *answer, r *http.Request, v *visit) {
	p := recover()
	if p == nil {
		return
	}
	v.stack = debug.Stack()
	err := fmt.Errorf("panic: %v", p)
	if w.status != 0 { // part of the answer is out: the client must see that it broke off
		v.err = err
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, err)
}

// log writes the request's one line. It names the route by its pattern, since a path may hold a token.
func (s *Site) log(r *http.Request, w *answer, v *visit) {
	level, pattern := slog.LevelInfo, v.route.Pattern()
	if v.route.Serve == nil {
		pattern = "none"
	}
	attrs := []slog.Attr{
		slog.String("request", v.id), slog.String("route", pattern), slog.String("method", method(r)),
		slog.Int("status", w.code()), slog.Int64("bytes", w.bytes),
		slog.Int64("ms", s.Now().Sub(v.started).Milliseconds()),
	}
	if v.visitor != nil {
		attrs = append(attrs, slog.String("firm", v.visitor.Caller.Firm), slog.String("person", v.visitor.Caller.Person))
	}
	if v.err != nil {
		attrs = append(attrs, slog.String("kind", fault.KindOf(v.err).String()), slog.String("error", v.err.Error()))
	}
	if v.stack != nil {
		attrs = append(attrs, slog.String("stack", string(v.stack)))
	}
	if w.code() >= 500 {
		level = slog.LevelError
	}
	s.Logger.LogAttrs(r.Context(), level, "request", attrs...)
}

// method keeps a client's invention out of the log.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// answer is a response that remembers what was sent, and sends no body to a HEAD.
type answer struct {
	http.ResponseWriter
	head   bool
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.head {
		return len(b), nil
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// Unwrap lets http.ResponseController reach what is beneath.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
