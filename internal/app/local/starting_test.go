package local

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/sqlite"
)

// command runs a command and returns what it printed.
func command(t testing.TB, dir, input string, more map[string]string, args ...string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // one that should not run and does
	defer stop()
	var out bytes.Buffer
	err := Terminal{Args: args, Env: environment(dir, more), In: strings.NewReader(input), Out: &out}.Run(ctx)
	return out.String(), err
}

// refuses checks that the program does not start, and says why and what to do in these words.
func refuses(t *testing.T, dir string, more map[string]string, words ...string) {
	t.Helper()
	out, err := command(t, dir, "", more)
	if err == nil || out != "" {
		t.Fatalf("it ran: %q, %v", out, err)
	}
	for _, want := range words {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
}

// taken is an address where somebody else listens.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// made makes a data folder with the demo firm.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return dir
}

func TestAPortInUseNamesItsSettingAndNothingIsMade(t *testing.T) {
	for _, setting := range []string{"CLERK_ADDR", "CLERK_SANDBOX_ADDR"} {
		dir, addr := t.TempDir(), taken(t)
		refuses(t, dir, map[string]string{setting: addr}, setting, addr, "in use")
	}
	dir := filepath.Join(t.TempDir(), "data")
	refuses(t, dir, map[string]string{"CLERK_ADDR": taken(t)}, "CLERK_ADDR")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the data folder was made: %v", err)
	}
}

func TestDataFromANewerVersionAreLeftAlone(t *testing.T) {
	dir := made(t)
	path := filepath.Join(dir, "clerk.db")
	version := func(statement string) (n int) {
		t.Helper()
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.QueryRow(statement).Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
		return n
	}
	version("PRAGMA user_version = 999")
	refuses(t, dir, nil, "newer version", "CLERK_DATA", dir)
	if n := version("PRAGMA user_version"); n != 999 {
		t.Errorf("the version was changed to %d", n)
	}
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, filepath.Join(file, "data"), nil, "CLERK_DATA", file)
	for _, inside := range []string{"clerk.db", "clerk.log", "secrets/pepper", "secrets/token-key", "demo-token", "sandbox.journal"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, inside, "in the way"), 0o700); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, nil, filepath.Base(inside), dir)
	}
	for _, inside := range []string{"secrets", "documents"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, inside), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, nil, inside, dir)
	}
	if os.Geteuid() == 0 {
		return // who may write everywhere cannot be refused
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	refuses(t, dir, nil, dir)
}

func TestADamagedSecretIsNamedAndKept(t *testing.T) {
	for _, c := range [][2]string{
		{"token-key", "nonsense\n"}, {"token-key", "c2hvcnQ=\n"}, {"token-key", ""}, {"pepper", "\x00\x01"}, {"pepper", "\n"}, {"demo-password", ""}, {"demo-password", "  \n"},
	} {
		dir := made(t)
		path := filepath.Join(dir, "secrets", c[0])
		if err := os.WriteFile(path, []byte(c[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, nil, path, "damaged")
		if now, err := os.ReadFile(path); err != nil || string(now) != c[1] {
			t.Errorf("%s was changed to %q, %v", c[0], now, err)
		}
	}
}

func TestADemosDataAreServedOnlyAsADemo(t *testing.T) {
	dir := made(t)
	refuses(t, dir, map[string]string{"CLERK_DEMO": "0"}, "CLERK_DEMO", "CLERK_DATA", "demo's")
	refuses(t, dir, map[string]string{"CLERK_DEMO": "0", "CLERK_ADDR": "0.0.0.0:0"}, "CLERK_DEMO", "CLERK_DATA")
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		refuses(t, dir, map[string]string{"CLERK_ADDR": addr}, "CLERK_ADDR", "loopback", "CLERK_DEMO=0")
	}
}

func TestAnotherProgramsDatabaseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("these are somebody's notes and no database. ", 100)
	if err := os.WriteFile(filepath.Join(dir, "clerk.db"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, dir, nil, "clerk.db")
	if now, err := os.ReadFile(filepath.Join(dir, "clerk.db")); err != nil || string(now) != text {
		t.Errorf("the file was changed: %v", err)
	}
}

// A store that is not empty does not become a demo.
func TestAStoreWithAFirmBecomesNoDemo(t *testing.T) {
	dir := t.TempDir()
	if _, err := openKeys(filepath.Join(dir, "secrets")); err != nil {
		t.Fatal(err)
	}
	b, err := sqlite.Open(filepath.Join(dir, "clerk.db"), app.UTC)
	if err != nil {
		t.Fatal(err)
	}
	v := store.System(b, store.Firms)
	if err := v.Commit(t.Context(), store.CreateOp(v.Key("0190a000-0000-7000-8000-000000000001", "list"), struct{}{})); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Demo != nil {
		t.Error("it became a demo")
	}
}

// started runs the program until it has told where everything is, does something, stops it, and returns what it said.
func started(t *testing.T, dir string, more map[string]string, do func(url string)) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &screen{shown: make(chan struct{}, 100)}
	ended := make(chan error, 1)
	go func() { ended <- Terminal{Env: environment(dir, more), Out: out}.Run(ctx) }()
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case <-out.shown:
		case err := <-ended:
			t.Fatalf("it ended: %v; it said %q", err, out.String())
		}
	}
	if do != nil {
		do(announced.FindStringSubmatch(out.String())[1])
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	return out.String()
}

func TestTheSecondStartKeepsWhatTheFirstWrote(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	talks := func(text, want string) func(string) {
		return func(url string) {
			if out, err := command(t, dir, text+"\n", map[string]string{"CLERK_ADDR": strings.TrimPrefix(url, "http://")}, "talk"); err != nil || !strings.Contains(out, want) {
				t.Errorf("%q: %q, %v", text, out, err)
			}
		}
	}
	first := started(t, dir, nil, talks("start the clock for acme", "Started Acme Corporation."))
	second := started(t, dir, nil, talks("what's running", "Acme Corporation is running"))
	line := func(out, label string) string {
		for l := range strings.SplitSeq(out, "\n") {
			if strings.HasPrefix(strings.TrimSpace(l), label) {
				return l
			}
		}
		t.Errorf("no %q in %q", label, out)
		return ""
	}
	for label, holds := range map[string]string{
		"talk to it": "http://127.0.0.1:", "console": "/console/", "voice code": "1234", "card sandbox": "http://127.0.0.1:", "mail": filepath.Join(dir, "mail"), "log": "clerk.log",
	} {
		if l := line(first, label); !strings.Contains(l, holds) {
			t.Errorf("%q does not hold %q", l, holds)
		}
	}
	_, one, _ := strings.Cut(line(first, "console"), "sign in")
	_, two, _ := strings.Cut(line(second, "console"), "sign in")
	if one != two || !strings.Contains(one, "ada@demo.test") || len(strings.Fields(one)) != 4 {
		t.Errorf("first %q, then %q", one, two)
	}
}
