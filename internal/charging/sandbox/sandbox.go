// Package sandbox is a card processor that moves no money: a server that speaks Stripe's wire format with Stripe's
// semantics, so that the real adapter is what runs on a laptop and in tests. It has its own listener and its own
// journal, and so survives when whoever talks to it is killed: what was answered is on the disk before the answer
// leaves.
//
// The way in is Open for a server and NewCore for the processor without a network. Nothing of a card is kept but its
// brand, last four digits, expiry and how it behaves.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Options vary a sandbox. The zero Options are a processor with the real clock and random ids, and no webhook.
type Options struct {
	Now   func() time.Time // nil: time.Now
	NewID func() string    // letters and digits, never the same twice; nil: random
	Fault func(Call) Fault // asked before each call; nil: none
	Lag   time.Duration    // how much later than reads the listings learn of an object

	Key           string // the secret key that callers must show; empty: DefaultKey
	URL           string // where the payer's browser reaches the listener, without a slash at the end
	Webhook       string // where events are posted; empty: nowhere
	WebhookSecret string // signs them; empty: DefaultSecret
	// Order may hold back, repeat and reorder the events that are about to be posted; nil: as they happened.
	Order func([]Event) []Event
	HTTP  *http.Client                               // posts the events; nil: outbound.Client
	Wait  func(ctx context.Context, d time.Duration) // passes the time of a Fault's Delay and between deliveries; nil: really waits
}

// The keys of a sandbox that was given none. They open nothing but a sandbox.
const (
	DefaultKey    = "sk_test_sandbox"
	DefaultSecret = "whsec_sandbox"
)

func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = rand.Text
	}
	if o.Fault == nil {
		o.Fault = func(Call) Fault { return Fault{} }
	}
	if o.Order == nil {
		o.Order = func(events []Event) []Event { return events }
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Key == "" {
		o.Key = DefaultKey
	}
	if o.WebhookSecret == "" {
		o.WebhookSecret = DefaultSecret
	}
	return o
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Server is a Core with a journal and an HTTP face. It is an http.Handler.
type Server struct {
	*Core
	journal *journal
	handler http.Handler
	news    chan struct{} // an event was made
}

// Open reads the journal at path, makes it if there is none, and returns a server that is ready. Close it.
func Open(path string, opt Options) (*Server, error) {
	core := NewCore(opt)
	j, err := openJournal(path, &core.state)
	if err != nil {
		return nil, err
	}
	s := &Server{Core: core, journal: j, news: make(chan struct{}, 1)}
	core.save = j.write
	core.seen = s.nudge
	s.handler = s.routes()
	return s, nil
}

// Close closes the journal.
func (s *Server) Close() error { return s.journal.close() }

// ServeHTTP answers the interface under /v1/, the payer's pages, and / for a developer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// ListenAndServe opens the journal and serves on address until ctx ends. The address must be loopback: a sandbox is
// never offered to a network. ready, if not nil, is told the sandbox's URL when it listens.
func ListenAndServe(ctx context.Context, address, path string, opt Options, ready func(url string)) error {
	listener, err := Listen(address)
	if err != nil {
		return err
	}
	if opt.URL == "" {
		opt.URL = "http://" + listener.Addr().String()
	}
	s, err := Open(path, opt)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if ready != nil {
		ready(opt.URL)
	}
	return errors.Join(s.Serve(ctx, listener), s.Close())
}

// Listen opens a loopback listener and refuses any other.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the address to listen on: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("sandbox: %s is not a loopback address", host)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: listen: %w", err)
	}
	return listener, nil
}

// Serve answers on the listener and posts events until ctx ends.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.deliverUntil(ctx)
	}()
	stop := context.AfterFunc(ctx, func() {
		grace, end := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer end()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // what still runs is cut off: a client of a processor must survive that
		}
	})
	err := server.Serve(listener)
	stop()
	cancel()
	<-done
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// authorised checks the secret key, as a bearer token or as basic authentication's user.
func (s *Server) authorised(r *http.Request) bool {
	if user, _, ok := r.BasicAuth(); ok {
		return same(user, s.opt.Key)
	}
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && same(key, s.opt.Key)
}
