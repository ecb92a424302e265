package local

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// screen is what a running command prints.
type screen struct {
	mu    sync.Mutex
	text  bytes.Buffer
	shown chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.shown <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestWhatIsNoCommandGetsTheListOfCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{{"serve"}, {""}, {"talk", "to me"}, {"backup"}, {"backup", "a", "b"}, {"attention", "now"}, {"sandbox", "x"}, {"--help"}} {
		out, err := command(t, dir, "", nil, args...)
		if err == nil || out != "" {
			t.Fatalf("%q: %q, %v", args, out, err)
		}
		for _, want := range []string{"usage:", "talk", "attention", "backup FILE", "sandbox"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: no %q in %v", args, want, err)
			}
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the data folder was made: %v", err)
	}
}

func TestTalkingInATerminalStartsAServerOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	out, err := command(t, dir, "start the clock for acme\n\nwhat's running\n", nil, "talk")
	for _, want := range []string{"The code is 1234", "clerk:  Started Acme Corporation.\n", "clerk:  Acme Corporation is running"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("no %q in %q, %v", want, out, err)
		}
	}
	if out, err := command(t, dir, "stop the clock for beta\nno\nstop", nil, "talk"); err != nil || !strings.Contains(out, "clerk:  That clock isn't running, but another one is.") {
		t.Errorf("the next time: %q, %v", out, err)
	}
}

func TestTalkingInATerminalFindsTheServerThatRuns(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	started(t, dir, nil, func(url string) {
		addr := map[string]string{"CLERK_ADDR": strings.TrimPrefix(url, "http://")}
		if out, err := command(t, dir, "start the clock for beta\n", addr, "talk"); err != nil || !strings.Contains(out, "Started Beta Industries.") {
			t.Errorf("%q, %v", out, err)
		}
		if _, err := command(t, elsewhere, "help\n", addr, "talk"); err == nil || !strings.Contains(err.Error(), "CLERK_DATA") {
			t.Errorf("with other data: %v", err)
		}
	})
}

func TestTalkingInATerminalSaysWhichPortIsTaken(t *testing.T) {
	addr := taken(t)
	out, err := command(t, made(t), "help\n", map[string]string{"CLERK_SANDBOX_ADDR": addr}, "talk")
	if err == nil || !strings.Contains(err.Error(), "CLERK_SANDBOX_ADDR") || strings.Contains(out, "clerk:") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestThereIsNobodyToTalkToWithoutADemo(t *testing.T) {
	_, err := command(t, t.TempDir(), "help\n", map[string]string{"CLERK_DEMO": "0"}, "talk")
	if err == nil || !strings.Contains(err.Error(), "demo") {
		t.Errorf("%v", err)
	}
}

func TestAttentionListsWhatNeedsAPersonWithoutNames(t *testing.T) {
	dir := t.TempDir()
	if _, err := command(t, dir, "", nil, "attention"); err == nil || !strings.Contains(err.Error(), "CLERK_DATA") {
		t.Errorf("without data: %v", err)
	}
	dir = made(t)
	if out, err := command(t, dir, "", nil, "attention"); err != nil || out != "Nothing needs you.\n" {
		t.Errorf("%q, %v", out, err)
	}
	lock(t, dir)
	started(t, dir, nil, func(string) { // also while the server runs
		out, err := command(t, dir, "", nil, "attention")
		if err != nil || !strings.Contains(out, "locked code    person ") || !strings.Contains(out, "/console/") {
			t.Errorf("%q, %v", out, err)
		}
		for _, name := range []string{"Ada", "Adams", "ada@demo.test", "Demo and Partners"} {
			if strings.Contains(out, name) {
				t.Errorf("%q names %q", out, name)
			}
		}
	})
}

// lock says three wrong codes.
func lock(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.conversation("TEST", s.skill.Handle)
	if err != nil {
		t.Fatal(err)
	}
	bill(t, s, "acme corporation")
	for _, text := range []string{"charge acme", "yes", "0001", "0002", "0003"} {
		if _, err := c.Say(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
}

// bill puts twenty minutes of Ada's on a client's bill.
func bill(t *testing.T, s *Server, client string) {
	t.Helper()
	ada, heard := s.Demo.AdaLink, clients.Spoken{Heard: client}
	ada.Channel, ada.Request = firm.ByConsole, app.NewID()
	if _, err := s.Timesheets.Log(t.Context(), ada, heard, timekeeping.Entry{Seconds: 1200, Billable: true}); err != nil {
		t.Fatal(err)
	}
	ada.Request = app.NewID()
	if _, err := s.Billing.AddLast(t.Context(), ada, heard, billing.Own); err != nil {
		t.Fatal(err)
	}
}

func TestABackupIsAWholeDataFolder(t *testing.T) {
	dir := made(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	if _, err := command(t, t.TempDir(), "", nil, "backup", file); err == nil || !strings.Contains(err.Error(), "CLERK_DATA") {
		t.Errorf("without data: %v", err)
	}
	started(t, dir, nil, func(url string) {
		addr := map[string]string{"CLERK_ADDR": strings.TrimPrefix(url, "http://")}
		if out, err := command(t, dir, "start the clock for acme\n", addr, "talk"); err != nil || !strings.Contains(out, "Started") {
			t.Errorf("%q, %v", out, err)
		}
		if out, err := command(t, dir, "", nil, "backup", file); err != nil || !strings.Contains(out, file) {
			t.Errorf("%q, %v", out, err)
		}
		if _, err := command(t, dir, "start the clock for beta\n", addr, "talk"); err != nil {
			t.Error(err)
		}
	})
	if _, err := command(t, dir, "", nil, "backup", file); err == nil {
		t.Error("a backup was overwritten")
	}
	again := filepath.Join(t.TempDir(), "again")
	if err := os.CopyFS(filepath.Join(again, "secrets"), os.DirFS(filepath.Join(dir, "secrets"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file, filepath.Join(again, "clerk.db")); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, again, "what's running\n", nil, "talk"); err != nil || !strings.Contains(out, "Acme Corporation is running") {
		t.Errorf("%q, %v", out, err)
	}
}
