package firm

import (
	"context"
	"sync"
)

// Seen is the firm and the person as the acts under a context read them. A channel that must know the firm's
// settings to word an answer learns them here, and needs no read of its own.
type Seen struct {
	mu     sync.Mutex
	known  bool
	firm   Firm
	person Person
}

type seenKey struct{}

// SeenBy returns a context under which every act that authenticates leaves what it read.
func SeenBy(ctx context.Context) (context.Context, *Seen) {
	s := &Seen{}
	return context.WithValue(ctx, seenKey{}, s), s
}

// Get returns what the last act read; false when none has authenticated yet.
func (s *Seen) Get() (Firm, Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.firm, s.person, s.known
}

func (a *Act) leave(ctx context.Context) {
	s, ok := ctx.Value(seenKey{}).(*Seen)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.firm, s.person, s.known = a.Firm, a.Person, true
}
