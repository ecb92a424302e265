// Package blob keeps rendered documents, logos and exports: whole files under plain keys, in a folder or in an S3
// bucket. A key is written once: what a client was sent stays as it was, so that a resend is identical.
package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Errors that a caller may want to tell apart. Anything else is technical; trying again is safe.
var (
	// ErrAbsent: there is nothing under the key.
	ErrAbsent = errors.New("blob: absent")
	// ErrExists: the key holds other content, which was kept.
	ErrExists = errors.New("blob: exists with other content")
	// ErrKey: the key is not one that Check accepts. Nothing was done.
	ErrKey = errors.New("blob: bad key")
	// ErrFull: the disk is full or read-only. Nothing was kept.
	ErrFull = errors.New("blob: no space")
)

// Store keeps files. Its methods are safe for concurrent use.
type Store interface {
	// Put keeps content under key, whole or not at all, and durably. The same content again is no error; other
	// content is ErrExists. The content type that a browser is told follows from the key, see Type.
	Put(ctx context.Context, key string, content []byte) error
	// Get returns what Put kept. ErrAbsent if there is nothing.
	Get(ctx context.Context, key string) ([]byte, error)
	// Delete removes what is under key. That there is nothing is no error.
	Delete(ctx context.Context, key string) error
}

// MaxKey is the largest length of a key, in bytes.
const MaxKey = 512

var part = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$`)

// Check returns ErrKey unless the key is parts of letters, digits, dots, underscores and hyphens, joined by slashes,
// none beginning with a dot: so it can name neither another folder nor a hidden file. Keys are made of ids, never of
// names; case matters, so keys that differ by it alone must not be used.
func Check(key string) error {
	if len(key) > MaxKey {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(key))
	}
	for p := range strings.SplitSeq(key, "/") {
		if !part.MatchString(p) {
			return ErrKey
		}
	}
	return nil
}

var types = map[string]string{
	".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".json": "application/json",
	".zip": "application/zip", ".png": "image/png", ".jpg": "image/jpeg", ".eml": "message/rfc822",
}

// Type returns the content type that a key's ending stands for, application/octet-stream if it is not a known one.
func Type(key string) string {
	if t, known := types[path.Ext(key)]; known {
		return t
	}
	return "application/octet-stream"
}

// same settles a Put on a key that is taken. That the key is empty after all, because it was deleted meanwhile or is a
// folder of other keys, is a technical error.
func same(ctx context.Context, s Store, key string, content []byte) error {
	have, err := s.Get(ctx, key)
	switch {
	case errors.Is(err, ErrAbsent):
		return errors.New("blob: put: the key was taken, and holds nothing")
	case err == nil && !bytes.Equal(have, content):
		return ErrExists
	}
	return err
}
