package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// TestAFolderIsOneServersAlone, in this process and in another; a process that is killed lets go.
func TestAFolderIsOneServersAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, dir, nil, "another server (process ", s.URL, dir, "CLERK_DATA")
	other := launch(t, 0, environmentOf(dir))
	if <-other.gone; other.url != "" || !strings.Contains(other.errors.String(), "another server (process ") {
		t.Fatalf("another process runs at %q: %s", other.url, other.errors.String())
	}
	if _, err := command(t, dir, "", nil, "attention"); err != nil {
		t.Error("a command that only looks:", err)
	}
	s.Close()
	killed := launch(t, 0, environmentOf(dir))
	if killed.url == "" {
		t.Fatal("after it was closed:", killed.errors.String())
	}
	killed.end()
	s, err = Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal("after it was killed:", err)
	}
	s.Close()
}

func environmentOf(dir string) map[string]string {
	return map[string]string{"CLERK_DATA": dir, "CLERK_ADDR": "127.0.0.1:0", "CLERK_SANDBOX_ADDR": "127.0.0.1:0"}
}

func TestAJournalIsOneSandboxesAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), settings(t, dir, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := command(t, dir, "", nil, "sandbox"); err == nil || !strings.Contains(err.Error(), "another sandbox (process ") || !strings.Contains(err.Error(), s.Sandbox) {
		t.Error(err)
	}
}

// TestAFirmWhoseSecretsAreGoneIsLeftAlone: they are not made anew behind the owner's back, and put back they fit.
func TestAFirmWhoseSecretsAreGoneIsLeftAlone(t *testing.T) {
	for _, gone := range []string{"", pepperFile, tokenFile} {
		dir := made(t)
		from, aside := filepath.Join(dir, "secrets", gone), filepath.Join(t.TempDir(), "aside")
		if err := os.Rename(from, aside); err != nil {
			t.Fatal(err)
		}
		refuses(t, dir, nil, "is gone", filepath.Join(dir, "secrets"), "backup", "docs/runbook.md", "CLERK_DATA")
		if _, err := os.Stat(from); !os.IsNotExist(err) {
			t.Errorf("%s was made anew: %v", from, err)
		}
		if err := os.Rename(aside, from); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), settings(t, dir, nil), Options{})
		if err != nil {
			t.Fatal("put back:", err)
		}
		s.Close()
	}
}

// TestAFolderThatHasNoFirmYetGetsItsSecrets: it broke off before there was anything to lose.
func TestAFolderThatHasNoFirmYetGetsItsSecrets(t *testing.T) {
	dir := t.TempDir()
	s, _ := bare(t, dir)
	s.Close()
	if err := os.RemoveAll(filepath.Join(dir, "secrets")); err != nil {
		t.Fatal(err)
	}
	if s, said := bare(t, dir); s.setup == nil || !strings.Contains(said, s.secret) {
		t.Error(said)
	}
}

// TestAStoppedServersDataAreOneFile: who copies the database by hand, without its log, has everything.
func TestAStoppedServersDataAreOneFile(t *testing.T) {
	dir := t.TempDir()
	h, err := Open(t.Context(), settings(t, dir, nil), Options{Now: firmtest.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if info, err := os.Stat(filepath.Join(dir, databaseFile+"-wal")); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes are still in the log", info.Size())
	}
}
