package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// bare opens a data folder that is no demo's and returns the server with what it prints.
func bare(t *testing.T, dir string) (*Server, string) {
	t.Helper()
	s, err := Open(t.Context(), config.Local{Addr: "127.0.0.1:0", Sandbox: "127.0.0.1:0", Data: dir, MailFrom: "billing@demo.test"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.handler(); err != nil { // the pages join the set-up to the rest
		t.Fatal(err)
	}
	var said strings.Builder
	s.describe(func(format string, args ...any) { fmt.Fprintf(&said, format, args...) })
	return s, said.String()
}

func TestTheSetUpSecretIsPrintedOnceAndGoneWhenItWasUsed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secrets", setupFile)
	s, first := bare(t, dir)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(first, s.secret) || !strings.Contains(first, "/setup") {
		t.Fatal(info, err, first)
	}
	secret := s.secret
	s.Close()
	s, second := bare(t, dir)
	if s.setup == nil || s.secret != secret || strings.Contains(second, secret) {
		t.Fatal("the second start", second)
	}
	f := firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}
	if err := s.setup.Open(t.Context(), "request", secret, f, "Eve", "eve@marsh.test", "seven quiet otters rowing"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("the secret is still there", err)
	}
	s.Close()
	if s, third := bare(t, dir); s.setup != nil || strings.Contains(third, "/setup") {
		t.Error("the third start", third)
	}
}

func TestASetUpThatBrokeOffIsOfferedAgainAndOneThatOnlyLeftItsSecretIsNot(t *testing.T) {
	dir := t.TempDir()
	s, _ := bare(t, dir)
	f := firm.Firm{ID: s.setup.Firm, Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}
	if _, _, err := s.House.OpenInvited(t.Context(), f, firm.Person{ID: s.setup.Person, Email: "eve@marsh.test"}, false); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s, _ = bare(t, dir)
	if s.setup == nil {
		t.Fatal("nobody could finish it")
	}
	s.setup.Used = func() error { return nil } // it dies before the secret is deleted
	set := s.setup
	if err := set.Open(t.Context(), "request", s.secret, f, "Eve", "eve@marsh.test", "seven quiet otters rowing"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, _ = bare(t, dir); s.setup != nil {
		t.Error("it is offered though it is done")
	}
}
