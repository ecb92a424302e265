package talkpage

import (
	"context"
	"slices"
	"sync"

	"github.com/billingclerk/billingclerk/internal/talk"
)

// Bounds of what a local server remembers.
const (
	maxSessions = 100
	maxTurns    = 200
)

// memory is the conversations that pages show again when they are loaded again. It is lost with the process; what
// was said to be done is not.
type memory struct {
	mu       sync.Mutex
	sessions map[string]*transcript
	order    []string // oldest first
}

// of returns a session's transcript, and forgets the oldest when there are too many.
func (m *memory) of(session string) *transcript {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.sessions[session]; t != nil {
		return t
	}
	if len(m.order) == maxSessions {
		delete(m.sessions, m.order[0])
		m.order = m.order[1:]
	}
	t := &transcript{}
	m.sessions[session] = t
	m.order = append(m.order, session)
	return t
}

// transcript is one conversation. One sentence is answered before the next is said.
type transcript struct {
	speaking sync.Mutex
	mu       sync.Mutex
	turns    []Turn
}

func (t *transcript) say(ctx context.Context, d *desk, said sentence) (talk.Exchange, error) {
	t.speaking.Lock()
	defer t.speaking.Unlock()
	x, err := d.Talker.Say(ctx, said.Session, said.Text)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turns = append(t.turns, d.turn(said, x, err))
	if len(t.turns) > maxTurns {
		t.turns = slices.Delete(t.turns, 0, len(t.turns)-maxTurns)
	}
	return x, err
}

func (t *transcript) all() []Turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.turns)
}
