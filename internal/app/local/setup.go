package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/billingclerk/billingclerk/internal/auth/invite"
)

// setupFile is the secret of the first set-up with the ids of what it makes, in the secrets folder until it is used.
const setupFile = "setup-secret"

// openSetup offers the first set-up when the store has no firm, or one whose set-up broke off. A demo needs none.
func (s *Server) openSetup(ctx context.Context) error {
	path := filepath.Join(s.keys.dir, setupFile)
	_, err := os.Stat(path)
	s.printed = errors.Is(err, fs.ErrNotExist)
	if err != nil && !s.printed {
		return err
	}
	firms, err := s.House.Firms(ctx)
	if err != nil || s.Demo != nil || s.printed && len(firms) > 0 {
		return err
	}
	text, err := s.keys.once(setupFile, func() string {
		return strings.Join([]string{password(), s.House.NewID(), s.House.NewID()}, " ")
	})
	if err != nil {
		return err
	}
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return fmt.Errorf("the file %s is damaged: delete it and start again", path)
	}
	s.setup = &invite.Setup{
		Desk: s.office.Accounts, Firm: parts[1], Person: parts[2], Used: func() error { return s.forget(path) },
		Secret: func(context.Context) (string, error) { return parts[0], nil },
	}
	s.secret = parts[0]
	waiting, err := s.setup.Waiting(ctx)
	if err != nil || waiting {
		return err
	}
	s.setup = nil // it was finished, and only its secret was left behind, or some other firm was opened
	return s.forget(path)
}

// forget deletes the secret.
func (s *Server) forget(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// describeSetup says how the first firm is opened. The secret is shown once.
func (s *Server) describeSetup(print func(format string, args ...any)) {
	print("  there is no firm in %s yet: open it at %s/setup\n", s.Config.Data, s.URL)
	path := filepath.Join(s.keys.dir, setupFile)
	if s.printed {
		print("  with the set-up secret %s (it is in %s until it is used)\n", s.secret, path)
		return
	}
	print("  with the set-up secret that is the first word in %s\n", path)
}
