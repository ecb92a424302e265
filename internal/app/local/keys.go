package local

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// keys are the secrets of a data folder, made once.
type keys struct {
	dir           string
	token, pepper []byte
}

func openKeys(dir string) (k keys, err error) {
	k.dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return keys{}, fmt.Errorf("secrets: %w", err)
	}
	if k.token, err = k.key(tokenFile); err != nil {
		return keys{}, err
	}
	k.pepper, err = k.key(pepperFile)
	return k, err
}

// The secrets, by the names of their files.
const (
	tokenFile  = "token-key"
	pepperFile = "pepper"
)

// belong refuses a firm's data whose secrets are gone, before others are made: no password, code or link of theirs would fit
// new ones, and what the old ones still open, once they are found again, would be lost.
func (s *Server) belong(ctx context.Context, dir string) error {
	for _, name := range []string{tokenFile, pepperFile} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue // there, or in a state that opening it tells
		}
		house := firm.House{Store: s.database, Now: s.options.Now}
		firms, err := house.FirstFirms(ctx, 1)
		if err != nil || len(firms) == 0 {
			return err
		}
		return fmt.Errorf("there is a firm in %s, and its secret %s is gone: put it back from your backup. It is not made anew, since no password, "+
			"code or link of the firm's would fit another; docs/runbook.md (Keys) says what can be saved without it. To begin afresh, set CLERK_DATA to another folder",
			s.Config.Data, path)
	}
	return nil
}

func (k keys) key(name string) ([]byte, error) {
	text, err := k.once(name, func() string {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // never fails: crypto/rand ends the program instead
		return base64.StdEncoding.EncodeToString(fresh)
	})
	if err != nil {
		return nil, err
	}
	list, err := app.Keys(text)
	if err != nil {
		return nil, fmt.Errorf("the file %s is damaged: %w", filepath.Join(k.dir, name), err)
	}
	return list[0], nil
}

// once reads a secret's file, or writes it with what fresh makes; a crash leaves none or a whole one.
func (k keys) once(name string, fresh func() string) (string, error) {
	text, err := os.ReadFile(filepath.Join(k.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		value := fresh()
		return value, writeWhole(filepath.Join(k.dir, name), value+"\n")
	}
	value := strings.TrimSpace(string(text))
	if err == nil && value == "" {
		err = fmt.Errorf("the file %s is damaged: it is empty", filepath.Join(k.dir, name))
	}
	return value, err
}

// writeWhole replaces a file, readable by its owner alone, whole or not at all.
func writeWhole(path, content string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name())
		}
	}()
	if _, err = part.WriteString(content); err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

// alphabet is easy to type and to read out: no letter that looks like another.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// password makes one of 20 characters, about 98 bits.
func password() string {
	var b strings.Builder
	for i := range 20 {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[draw(len(alphabet))])
	}
	return b.String()
}

// draw returns a number below n, each as likely.
func draw(n int) int {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:]) // never fails, see above
		if int(b[0]) < 256-256%n {
			return int(b[0]) % n
		}
	}
}
