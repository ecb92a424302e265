package local

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/stripe"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Demo is the demo firm of a store that was created as a demo. Its ids are written down before anything is made of
// them, so that a start that was interrupted goes on where it was.
type Demo struct {
	Firm  string `json:"firm"`
	Ada   string `json:"ada"`
	Ready bool   `json:"ready"` // everything is there
	// Ben, and the links of their Alexa accounts, once Ready.
	Ben     string      `json:"ben"`
	AdaLink firm.Caller `json:"adaLink"`
	BenLink firm.Caller `json:"benLink"`

	Password string `json:"-"` // Ada's and Ben's

	mu    sync.Mutex
	token string    // Ada's access token, in the file demo-token
	until time.Time // when it is made anew
}

// What the demo's people say and type.
const (
	DemoEmail = "ada@demo.test"
	DemoCode  = "1234"
)

// demoZone is the demo firm's zone.
const demoZone = "America/New_York"

// Faults of a demo store.
var (
	errDemoData = errors.New("these data are a demo's, and CLERK_DEMO is 0: set CLERK_DATA to another folder, or CLERK_DEMO=1")
	errDemoOpen = errors.New("these data are a demo's, which answers this machine only: set CLERK_ADDR to 127.0.0.1:8080")
)

// openDemo finds out whether the store is a demo's, makes it one if it is empty and a demo is wanted, and sets up what
// is not there yet.
func (s *Server) openDemo(ctx context.Context) error {
	v := store.System(s.database, store.Meta)
	records, err := v.Get(ctx, v.Key("firm", "demo"))
	if err != nil {
		return err
	}
	demo := &Demo{}
	if err := store.Decode(records[0], demo); err != nil {
		return err
	}
	if !records[0].Exists() {
		if firms, err := s.House.Firms(ctx); err != nil || len(firms) > 0 || !s.Config.Demo {
			return err
		}
		demo = &Demo{Firm: s.House.NewID(), Ada: s.House.NewID()}
		if err := v.Commit(ctx, store.CreateOp(records[0].Key, demo)); err != nil {
			return err
		}
	}
	if err := s.allowDemo(); err != nil {
		return err
	}
	s.Demo = demo
	return s.prepareDemo(ctx)
}

func (s *Server) allowDemo() error {
	if !s.Config.Demo {
		return errDemoData
	}
	if !config.Loopback(s.listener.Addr().String()) {
		return errDemoOpen
	}
	return nil
}

// prepareDemo starts the sandbox, sets up what is missing, and writes the first token.
func (s *Server) prepareDemo(ctx context.Context) (err error) {
	if s.Demo.Password, err = s.keys.once("demo-password", password); err != nil {
		return err
	}
	if err := s.startSandbox(); err != nil {
		return err
	}
	if !s.Demo.Ready {
		if err := s.seed(ctx); err != nil {
			return err
		}
		if err := s.demoReady(ctx); err != nil {
			return err
		}
	} else if err := s.relink(ctx); err != nil {
		return err
	}
	return s.refreshToken()
}

// relink links Ada's account anew when somebody tried what unlinking does: else the demo would be mute until its data
// are deleted. Who was removed from the firm stays unlinked.
func (s *Server) relink(ctx context.Context) error {
	if _, err := s.Timesheets.Running(ctx, s.Demo.AdaLink); !errors.Is(err, firm.ErrUnlinked) {
		return err
	}
	link, err := (&auth.Desk{House: s.House}).Link(ctx, s.step("relink-"+s.House.NewID()), s.Demo.Ada)
	if errors.Is(err, firm.ErrNoPerson) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Demo.AdaLink = link
	return s.demoReady(ctx)
}

func (s *Server) demoReady(ctx context.Context) error {
	v := store.System(s.database, store.Meta)
	records, err := v.Get(ctx, v.Key("firm", "demo"))
	if err != nil {
		return err
	}
	s.Demo.Ready = true
	return v.Commit(ctx, store.ReplaceOp(records[0], s.Demo))
}

// tokenTime is how long an access token lives; it is made anew when half of it is over.
const tokenTime = 2 * time.Hour

// Token is the demo lawyer's access token.
func (d *Demo) Token() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.token
}

// refreshToken writes demo-token anew before the token in it expires.
func (s *Server) refreshToken() error {
	if s.Demo == nil {
		return nil
	}
	d := s.Demo
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.token != "" && s.House.Now().Before(d.until) {
		return nil
	}
	token := s.tokens.Access(d.AdaLink, tokenTime)
	if err := writeWhole(filepath.Join(s.Config.Data, "demo-token"), token+"\n"); err != nil {
		return err
	}
	d.token, d.until = token, s.House.Now().Add(tokenTime/2)
	return nil
}

// processor returns a firm's processor account: the sandbox for the demo's, and for any other the account whose keys
// are in the secrets folder.
func (s *Server) processor(ctx context.Context, firmID string) (charging.Processor, error) {
	if s.Demo != nil && firmID == s.Demo.Firm {
		return s.sandboxAccount(), nil
	}
	secrets := &config.Secrets{Now: s.House.Now}
	reference := "file:" + filepath.Join(s.keys.dir, "stripe", firmID)
	if _, err := secrets.Secret(ctx, reference+"/key"); err != nil {
		return nil, charging.ErrNoProcessor.Because(err)
	}
	hook, err := secrets.Secret(ctx, reference+"/webhook")
	if err != nil {
		return nil, charging.ErrNoProcessor.Because(err)
	}
	key := func(ctx context.Context) (string, error) { return secrets.Secret(ctx, reference+"/key") }
	return stripe.New(stripe.Config{Key: key, WebhookSecret: hook, HTTP: outbound.Client(0)}), nil
}

// describe prints where everything is.
func (s *Server) describe(print func(format string, args ...any)) {
	print("Billing Clerk runs at %s\n", s.URL)
	switch {
	case s.setup != nil:
		s.describeSetup(print)
		return
	case s.Demo == nil:
		print("  console         %s/console/\n  mail            %s\n", s.URL, s.mailDir())
		return
	}
	print(`
  talk to it      %s/
  console         %s/console/      sign in as %s with %s
  voice code      %s
  card sandbox    %s/
  mail            %s
  log             %s

The demo firm answers this machine only. Ctrl-C stops it; what it did stays in %s.
`, s.URL, s.URL, DemoEmail, s.Demo.Password, DemoCode, s.Sandbox, s.mailDir(), filepath.Join(s.Config.Data, "clerk.log"), s.Config.Data)
}
