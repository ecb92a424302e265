package sandbox

import (
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
)

// Fault is what goes wrong with one call. The zero Fault is nothing.
type Fault struct {
	Kind   FaultKind
	Delay  time.Duration   // before the call is performed; its key is in use meanwhile
	Reason charging.Reason // of Decline
}

// FaultKind names what goes wrong.
type FaultKind string

// The faults.
const (
	Vanish     FaultKind = "vanish"      // the request is lost: nothing happens, nobody answers
	LoseReply  FaultKind = "lose-reply"  // it happens, and the answer is lost
	Late       FaultKind = "late"        // nobody answers, and it happens later, at Core.Arrive
	FailBefore FaultKind = "fail-before" // 500 before any effect, stored and replayed for the key
	FailAfter  FaultKind = "fail-after"  // 500 after the effect, stored and replayed for the key
	RateLimit  FaultKind = "rate-limit"  // 429: nothing happens, nothing is stored
	Busy       FaultKind = "busy"        // 409 as if the same key were being worked on
	Decline    FaultKind = "decline"     // the card's bank declines, whatever the card
)

// Faults is a queue of faults to inject, one a call; its Next is an Options.Fault. Safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	queue []aimed
}

type aimed struct {
	hits  func(Call) bool
	fault Fault
}

// Aim makes the next call for which hits is true meet the fault. A nil hits is any call.
func (f *Faults) Aim(hits func(Call) bool, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, aimed{hits, fault})
}

// Next takes the first fault aimed at the call.
func (f *Faults) Next(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, a := range f.queue {
		if a.hits == nil || a.hits(call) {
			f.queue = append(f.queue[:i:i], f.queue[i+1:]...)
			return a.fault
		}
	}
	return Fault{}
}

// To hits calls of a method and path: To("POST", "/v1/payment_intents").
func To(method, path string) func(Call) bool {
	return func(c Call) bool { return c.Method == method && c.Path == path }
}
