package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store/sqlite"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// Terminal is what a command reads and writes.
type Terminal struct {
	Args []string // without the program's name
	Env  config.Lookup
	In   io.Reader
	Out  io.Writer
}

const usage = `usage: local [command]

  (none)         run everything
  talk           talk to the skill in this terminal
  attention      list what needs a person
  backup FILE    copy the database, also while the server runs
  rescue EMAIL   let somebody in again whom nobody in their firm can help
  sandbox        run the card processor's stand-in alone
`

// Main runs a command until it is done or the program is told to stop.
func Main(t Terminal) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return t.Run(ctx)
}

// Run runs a command until it is done or ctx ends.
func (t Terminal) Run(ctx context.Context) error {
	cfg, err := config.ReadLocal(t.Env)
	if err != nil {
		return err
	}
	command := ""
	if len(t.Args) > 0 {
		command = t.Args[0]
	}
	switch {
	case command == "" && len(t.Args) == 0:
		return run(ctx, t, cfg)
	case command == "talk" && len(t.Args) == 1:
		return converse(ctx, t, cfg)
	case command == "attention" && len(t.Args) == 1:
		return attention(ctx, t, cfg)
	case command == "backup" && len(t.Args) == 2:
		return backup(ctx, t, cfg, t.Args[1])
	case command == "rescue" && len(t.Args) == 2:
		return rescue(ctx, t, cfg, t.Args[1])
	case command == "sandbox" && len(t.Args) == 1:
		return till(ctx, t, cfg)
	}
	return errors.New(strings.TrimSpace(usage))
}

func run(ctx context.Context, t Terminal, cfg config.Local) error {
	s, err := Open(ctx, cfg, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	s.describe(func(format string, args ...any) { fmt.Fprintf(t.Out, format, args...) })
	return s.Serve(ctx)
}

// till runs the sandbox in its own process: it survives when the server is killed.
func till(ctx context.Context, t Terminal, cfg config.Local) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	held, err := take(cfg.Data, sandboxLock, "sandbox", "http://"+cfg.Sandbox)
	if err != nil {
		return err
	}
	opt := sandbox.Options{Webhook: t.Env("CLERK_SANDBOX_WEBHOOK")}
	err = sandbox.ListenAndServe(ctx, cfg.Sandbox, filepath.Join(cfg.Data, "sandbox.journal"), opt, func(url string) {
		fmt.Fprintf(t.Out, "the card sandbox runs at %s\n", url)
	})
	return errors.Join(err, held.release())
}

// existing opens the database of a data folder, which must be there.
func existing(dir string) (*sqlite.Backend, error) {
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); err != nil {
		return nil, fmt.Errorf("there is no database in %s: set CLERK_DATA to the data folder: %w", dir, err)
	}
	return openDatabase(dir, app.UTC)
}

func backup(ctx context.Context, t Terminal, cfg config.Local, file string) error {
	database, err := existing(cfg.Data)
	if err != nil {
		return err
	}
	err = database.Backup(ctx, file)
	if err = errors.Join(err, database.Close()); err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s holds everything that was committed until now.\n", file)
	return nil
}

// rescue prints a link by which somebody chooses a new password.
func rescue(ctx context.Context, t Terminal, cfg config.Local, email string) error {
	database, err := existing(cfg.Data)
	if err != nil {
		return err
	}
	s := &Server{Config: cfg, options: Options{Now: app.UTC}, database: database, URL: cfg.BaseURL}
	defer s.Close()
	if s.URL == "" {
		s.URL = "http://" + cfg.Addr
	}
	secrets := filepath.Join(cfg.Data, "secrets")
	if err := s.belong(ctx, secrets); err != nil {
		return err
	}
	if s.keys, err = openKeys(secrets); err != nil {
		return err
	}
	if err := s.join(slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	desk := invite.Desk{House: s.House, Auth: &auth.Desk{House: s.House}, Tokens: s.tokens, Base: s.URL}
	links, err := desk.Rescue(ctx, email)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "Their sessions, passkeys and second factor are ended. This link chooses a new password, once, for half an hour:\n")
	for _, link := range links {
		fmt.Fprintln(t.Out, link)
	}
	return nil
}

// attention lists what needs a person, by ids: names are on the console.
func attention(ctx context.Context, t Terminal, cfg config.Local) error {
	database, err := existing(cfg.Data)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }() // only read from
	system := app.Join(app.Parts{Store: database, Now: app.UTC, NewID: app.NewID})
	firms, err := system.House.Firms(ctx)
	if err != nil {
		return err
	}
	total := 0
	for _, id := range firms {
		n, err := needs(ctx, t.Out, system, firm.System(id, app.NewID()))
		if err != nil {
			return err
		}
		total += n
	}
	if total == 0 {
		fmt.Fprintln(t.Out, "Nothing needs you.")
	}
	return nil
}

func needs(ctx context.Context, out io.Writer, s *app.System, c firm.Caller) (n int, err error) {
	attempts, err := s.Charges.Attention(ctx, c)
	if err != nil {
		return 0, err
	}
	for _, a := range attempts {
		fmt.Fprintf(out, "charge         %s of invoice %s: %s, %v\n", a.ID, a.Number, a.Request.Amount, a.Tasks)
	}
	letters, _, err := outbox.DeadLetters(ctx, s.House.View(c), "")
	if err != nil {
		return 0, err
	}
	for _, m := range letters {
		fmt.Fprintf(out, "not delivered  %s, %s: %s after %d tries\n", m.Kind, m.ID, m.LastErr, m.Attempts)
	}
	locked, err := s.House.LockedCodes(ctx, c)
	if err != nil {
		return 0, err
	}
	for _, p := range locked {
		fmt.Fprintf(out, "locked code    person %s\n", p.ID)
	}
	prints, err := s.Charges.PrintQueue(ctx, c)
	if err != nil {
		return 0, err
	}
	for _, p := range prints {
		fmt.Fprintf(out, "to be printed  invoice %s\n", p.Number)
	}
	if n = len(attempts) + len(letters) + len(locked) + len(prints); n > 0 {
		fmt.Fprintf(out, "firm %s: act on its console, /console/\n", c.Firm)
	}
	return n, nil
}

// converse talks in the terminal: to the server that runs, or to one of its own.
func converse(ctx context.Context, t Terminal, cfg config.Local) error {
	c, done, err := connect(ctx, cfg)
	if err != nil {
		return err
	}
	defer done()
	fmt.Fprintf(t.Out, "Say \"start clock with customer acme\", or \"help\". The code is %s. Ctrl-D hangs up.\n", DemoCode)
	lines := bufio.NewScanner(t.In)
	for prompt(t.Out); lines.Scan() && ctx.Err() == nil; prompt(t.Out) {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		answer, err := c.Say(ctx, text)
		if err != nil {
			return err
		}
		tell(t.Out, answer)
	}
	fmt.Fprintln(t.Out)
	return lines.Err()
}

func prompt(out io.Writer) { fmt.Fprint(out, "lawyer: ") }

func tell(out io.Writer, e talk.Exchange) {
	speech := e.Speech
	if speech == "" {
		speech = "(silence)"
	}
	fmt.Fprintf(out, "clerk:  %s\n", speech)
	if e.Link {
		fmt.Fprintln(out, "        (a card in the Alexa app asks to link the account)")
	}
}

// connect returns a conversation with the server at the configured address, or, if nothing runs there, with a server
// of its own.
func connect(ctx context.Context, cfg config.Local) (*talk.Conversation, func(), error) {
	s, err := Open(ctx, cfg, Options{})
	if err == nil {
		if s.Demo == nil {
			s.Close()
			return nil, nil, errors.New("only the demo firm can be talked to here, and these data are not a demo's")
		}
		ctx, stop := context.WithCancel(ctx)
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx) }()
		c, err := s.conversation("TERMINAL", s.post)
		return c, func() { stop(); <-served; s.Close() }, err
	}
	if taken := (inUse{}); !errors.As(err, &taken) || taken.setting != "CLERK_ADDR" {
		return nil, nil, err
	}
	running := &Server{Config: cfg, options: Options{Now: app.UTC}, URL: "http://" + cfg.Addr, Demo: &Demo{}}
	token, err := os.ReadFile(filepath.Join(cfg.Data, "demo-token"))
	if err != nil {
		return nil, nil, fmt.Errorf("a server runs at %s, but not with the data in %s (set CLERK_DATA to its folder): %w", cfg.Addr, cfg.Data, err)
	}
	running.Demo.token = strings.TrimSpace(string(token))
	c, err := running.conversation("TERMINAL", running.post)
	return c, func() {}, err
}

// post sends a request over HTTP, as Alexa does.
func (s *Server) post(ctx context.Context, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/alexa", bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := outbound.Client(20 * time.Second).Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // read whole, or the read's error is told
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return body, err
}
