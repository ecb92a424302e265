package link

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of clients that cannot prove themselves. A right secret is never slowed: nobody can keep Alexa out by being
// wrong from its network. A secret of 256 bits is not guessed anyway; this keeps the noise down.
const (
	freeFailures = 120 // in a minute from one place
	maxPlaces    = 10_000
)

// brake counts failures by place, a minute at a time, in this process alone.
type brake struct {
	now func() time.Time

	mu     sync.Mutex
	since  time.Time
	counts map[netip.Prefix]int
}

// failed counts one failure and returns how long to wait; 0: not at all.
func (b *brake) failed(remote string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.counts == nil || now.Sub(b.since) >= time.Minute || len(b.counts) >= maxPlaces {
		b.since, b.counts = now, map[netip.Prefix]int{}
	}
	from := place(remote)
	if b.counts[from]++; b.counts[from] <= freeFailures {
		return 0
	}
	return b.since.Add(time.Minute).Sub(now)
}
