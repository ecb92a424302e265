package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Secrets fetches secrets by reference and remembers them for a while, so that a rotated one is taken up.
//
//	ssm:/path   a SecureString of the parameter store (Parameters must be set)
//	file:/path  a file's content, its last newline removed
//	env:NAME    an environment variable, for a laptop
type Secrets struct {
	Env        Lookup
	Now        func() time.Time
	Parameters func(ctx context.Context, name string) (string, error) // decrypted

	mu    sync.Mutex
	known map[string]secret
}

type secret struct {
	value string
	until time.Time
}

// Remember is how long a fetched secret is used before it is fetched again.
const Remember = 5 * time.Minute

// ErrReference is returned for a reference of no known kind.
var ErrReference = errors.New(`config: a secret is named "ssm:/path", "file:/path" or "env:NAME"`)

// Secret returns what the reference names. The error holds the reference, never the value.
func (s *Secrets) Secret(ctx context.Context, reference string) (string, error) {
	s.mu.Lock()
	have, ok := s.known[reference]
	s.mu.Unlock()
	if ok && s.Now().Before(have.until) {
		return have.value, nil
	}
	value, err := s.fetch(ctx, reference)
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", reference, err)
	}
	if value == "" {
		return "", fmt.Errorf("secret %s is empty", reference)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]secret{}
	}
	s.known[reference] = secret{value, s.Now().Add(Remember)}
	return value, nil
}

func (s *Secrets) fetch(ctx context.Context, reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	switch {
	case kind == "env" && name != "":
		return s.Env(name), nil
	case kind == "file" && name != "":
		content, err := os.ReadFile(name) //nolint:gosec // the operator names the file
		return strings.TrimRight(string(content), "\r\n"), err
	case kind == "ssm" && name != "" && s.Parameters != nil:
		return s.Parameters(ctx, name)
	}
	return "", ErrReference
}
