package site

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// Place is where a request comes from: an IPv4 address, or the /64 of an IPv6 address, which is what one party controls.
// It is the other end of the connection, which a function's front tells in its event, and never a header: anybody can
// write X-Forwarded-For. What no address can be made of is one place.
func Place(r *http.Request) netip.Prefix {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	addr := from.Addr()
	if err != nil {
		addr, _ = netip.ParseAddr(r.RemoteAddr) // without a port
	}
	bits := 64
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		bits = 32
	}
	prefix, _ := addr.Prefix(bits)
	return prefix
}

// Brake slows a place down that asks too often, a minute at a time. It counts in this process alone: on a function each
// instance counts for itself, behind the gateway's own throttle. What must hold whichever is asked is counted in the store.
type Brake struct {
	Now  func() time.Time
	Free int // in a minute from one place

	mu     sync.Mutex
	since  time.Time
	counts map[netip.Prefix]int
}

// maxPlaces bounds what is remembered: with more in a minute, the count begins again.
const maxPlaces = 10_000

// Count counts one and returns how long the place must wait; 0: not at all.
func (b *Brake) Count(from netip.Prefix) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.counts) >= maxPlaces {
		b.counts = nil
	}
	b.turn()
	b.counts[from]++
	return b.wait(from)
}

// Wait returns how long a place must wait, and counts nothing.
func (b *Brake) Wait(from netip.Prefix) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn()
	return b.wait(from)
}

// turn begins another minute when one is over.
func (b *Brake) turn() {
	if now := b.Now(); b.counts == nil || now.Sub(b.since) >= time.Minute {
		b.since, b.counts = now, map[netip.Prefix]int{}
	}
}

func (b *Brake) wait(from netip.Prefix) time.Duration {
	if b.counts[from] <= b.Free {
		return 0
	}
	return b.since.Add(time.Minute).Sub(b.Now())
}

// TooOften is the refusal of a place that must wait.
func TooOften(w http.ResponseWriter, wait time.Duration) error {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	return errTooOften
}

var errTooOften = fault.New(fault.Busy, "page.too-often", "That was asked too often from your network. Please wait a minute, then try again.")

// held refuses a request when its place asked for the route too often.
func (s *Site) held(w http.ResponseWriter, r *http.Request) error {
	b := s.brakes[visitOf(r).route.Pattern()]
	if b == nil {
		return nil
	}
	if wait := b.Count(Place(r)); wait > 0 {
		return TooOften(w, wait)
	}
	return nil
}
