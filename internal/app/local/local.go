// Package local runs the whole system in one process on one port, with the embedded store and no AWS: the skill, the
// pages, the worker, and a sandbox in place of the card processor. A demo of it answers its own machine only.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/effects"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/sqlite"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Server is everything that runs on a laptop.
type Server struct {
	*app.System
	Config  config.Local
	URL     string // where browsers reach it
	Sandbox string // where the sandbox is; empty: there is none
	Demo    *Demo  // nil: the store was not created as a demo

	options  Options
	database store.Backend
	claims   [2]*claim // of the data folder, and of the sandbox's journal in it
	log      io.Closer
	keys     keys
	setup    *invite.Setup // nil: there is a firm
	secret   string        // of the set-up
	printed  bool          // it is new, and is to be shown
	tokens   *token.Signer
	skill    *alexa.Skill
	office   *effects.Office
	listener net.Listener
	sandbox  *sandbox.Server
	till     net.Listener // the sandbox's
	stopTill context.CancelFunc
	tillDone chan struct{}
	wake     chan struct{}
}

// Options vary a server. The zero Options are a laptop's.
type Options struct {
	Now   func() time.Time                 // UTC; nil: the wall clock
	Store store.Backend                    // nil: SQLite in the data folder. It is closed with the server
	Fault func(sandbox.Call) sandbox.Fault // what befalls the calls of our own sandbox; nil: nothing
	Alexa *alexa.Verifier                  // whose signatures are Alexa's; nil: Amazon's
}

// callTimeout bounds a call for Amazon's certificate.
const callTimeout = 3 * time.Second

// Open opens the data folder, takes the ports, and sets a demo firm up in an empty store. Its errors say what to do.
func Open(ctx context.Context, cfg config.Local, opt Options) (_ *Server, err error) {
	if opt.Now == nil {
		opt.Now = app.UTC
	}
	s := &Server{Config: cfg, options: opt, database: opt.Store, wake: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.listener, err = listen("CLERK_ADDR", cfg.Addr); err != nil {
		return nil, err
	}
	s.URL = cfg.BaseURL
	if s.URL == "" {
		s.URL = "http://" + s.listener.Addr().String()
	}
	if err := s.openData(ctx, cfg.Data); err != nil {
		return nil, err
	}
	if err := s.openDemo(ctx); err != nil {
		return nil, fmt.Errorf("set the demo firm up: %w", err)
	}
	if s.Demo == nil { // a demo's device is a page that Amazon knows nothing of
		s.skill.Service = &alexa.Service{Transport: outbound.Transport(), Now: s.options.Now}
	}
	if err := s.openSetup(ctx); err != nil {
		return nil, fmt.Errorf("prepare the set-up: %w", err)
	}
	return s, nil
}

func (s *Server) openData(ctx context.Context, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder %s cannot be made (set CLERK_DATA): %w", dir, err)
	}
	if s.claims[0], err = take(dir, serverLock, "server", s.URL); err != nil {
		return err
	}
	secrets := filepath.Join(dir, "secrets")
	if s.database == nil {
		database, err := openDatabase(dir, s.options.Now)
		if err != nil {
			return err
		}
		s.database = database
		if err := s.belong(ctx, secrets); err != nil {
			return err
		}
	}
	if s.keys, err = openKeys(secrets); err != nil {
		return err
	}
	logs, err := os.OpenFile(filepath.Join(dir, "clerk.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.log = logs
	return s.join(slog.New(slog.NewJSONHandler(logs, nil)))
}

const databaseFile = "clerk.db"

// openDatabase opens the data folder's database.
func openDatabase(dir string, now func() time.Time) (*sqlite.Backend, error) {
	database, err := sqlite.Open(filepath.Join(dir, databaseFile), now)
	if err != nil {
		return nil, explain(dir, err)
	}
	return database, nil
}

// explain says what to do about a database that cannot be opened.
func explain(dir string, err error) error {
	switch {
	case errors.Is(err, store.ErrNewer):
		return fmt.Errorf("the data in %s were written by a newer version: update Billing Clerk, or set CLERK_DATA to another folder: %w", dir, err)
	case errors.Is(err, store.ErrFull):
		return fmt.Errorf("the disk of %s is full or cannot be written: %w", dir, err)
	}
	return err
}

func (s *Server) join(log *slog.Logger) error {
	blobs, err := blob.OpenFolder(filepath.Join(s.Config.Data, "documents"))
	if err != nil {
		return err
	}
	carrier, err := s.carrier()
	if err != nil {
		return err
	}
	s.System = app.Join(app.Parts{
		Store: s.database, Now: s.options.Now, NewID: app.NewID, Pepper: s.keys.pepper, Log: log, Processor: s.processor,
	})
	s.tokens = &token.Signer{Keys: [][]byte{s.keys.token}, Now: s.options.Now}
	s.skill = &alexa.Skill{ApplicationID: s.Config.SkillID, Tokens: s.tokens, Clerk: s.Clerk(), Log: log,
		Links: &oauth.Server{House: s.House, Tokens: s.tokens, Log: log}, Now: s.options.Now}
	s.office = &effects.Office{System: s.System, Blobs: blobs, Carrier: carrier, From: s.Config.MailFrom, PayLink: s.payLink}
	s.office.Accounts = &invite.Desk{House: s.House, Tokens: s.tokens, Base: s.URL}
	return nil
}

func (s *Server) carrier() (mail.Carrier, error) {
	if s.Config.SMTP == "" {
		return mail.Folder{Dir: s.mailDir()}, nil
	}
	return mail.ParseSMTP(s.Config.SMTP)
}

func (s *Server) mailDir() string { return filepath.Join(s.Config.Data, "mail") }

func (s *Server) payLink(firmID, invoice string) string {
	return s.URL + "/pay/" + s.tokens.Pay(firmID, invoice)
}

// inUse says that a port is taken, and which setting names it.
type inUse struct{ setting, addr string }

func (e inUse) Error() string {
	return fmt.Sprintf("%s is in use: another server runs there. Stop it, or set %s to another address", e.addr, e.setting)
}

// listen takes a port, or says which setting names it.
func listen(setting, addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, inUse{setting, addr}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (%s): %w", addr, setting, err)
	}
	return listener, nil
}

// Serve answers, and carries effects out, until ctx ends; then it finishes what is under way.
func (s *Server) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	worker := make(chan struct{})
	go func() {
		defer close(worker)
		s.work(ctx)
	}()
	err := s.answer(ctx)
	stop()
	<-worker
	return err
}

// answer answers requests until ctx ends, then finishes those under way.
func (s *Server) answer(ctx context.Context) error {
	handler, err := s.handler()
	if err != nil {
		return err
	}
	server := site.Server(handler)
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.listener) }()
	select {
	case err = <-served:
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = server.Shutdown(wait)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// poll is how often the worker looks for what is due when nobody wakes it.
const poll = time.Second

// work carries out effects as they become due, and keeps the demo's token fresh.
func (s *Server) work(ctx context.Context) {
	post := s.office.Post(rand.Float64)
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		if _, err := post.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("sweep", "error", err)
		}
		if err := s.refreshToken(); err != nil {
			s.Log.Error("demo token", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// nudge wakes the worker: a request may have made something due.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close gives back what Open took.
func (s *Server) Close() {
	if s.listener != nil {
		_ = s.listener.Close() // Serve closed it already
	}
	s.closeTill()
	if s.database != nil {
		if err := s.database.Close(); err != nil && s.System != nil {
			s.Log.Error("close the database", "error", err)
		}
	}
	if s.log != nil {
		_ = s.log.Close()
	}
	_ = errors.Join(s.claims[0].release(), s.claims[1].release()) // closing lets go, whatever it says
	s.claims = [2]*claim{}
}

func (s *Server) closeTill() {
	if s.stopTill != nil {
		s.stopTill()
		<-s.tillDone
	}
	if s.till != nil {
		_ = s.till.Close() // Serve closed it already
	}
	if s.sandbox != nil {
		if err := s.sandbox.Close(); err != nil {
			s.Log.Error("close the sandbox", "error", err)
		}
	}
}
