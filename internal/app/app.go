// Package app joins the modules into one system. What the functions need beyond it is in its sub-packages, each of
// which links only what its function uses.
package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/voice"
)

// System is every module, joined.
type System struct {
	House      *firm.House
	Directory  *clients.Directory
	Timesheets *timekeeping.Timesheets
	Books      *ledger.Books
	Billing    *billing.Desk
	Charges    *charging.Charges
	Log        *slog.Logger
}

// Parts is what a system is made of.
type Parts struct {
	Store  store.Backend
	Now    func() time.Time
	NewID  func() string
	Pepper []byte
	Log    *slog.Logger
	// Processor returns a firm's own processor account.
	Processor func(ctx context.Context, firmID string) (charging.Processor, error)
}

// InlineDeadline is how long a spoken charge may take until the processor has answered: Alexa waits about 8 s for
// everything, and the outcome must still be recorded.
const InlineDeadline = 4500 * time.Millisecond

// Join makes the system.
func Join(p Parts) *System {
	house := &firm.House{Store: p.Store, Now: p.Now, NewID: p.NewID, Pepper: p.Pepper, Sleep: sleep, Jitter: rand.Float64}
	directory := &clients.Directory{House: house}
	timesheets := &timekeeping.Timesheets{House: house, Directory: directory}
	desk := &billing.Desk{House: house, Directory: directory, Timesheets: timesheets}
	return &System{
		House: house, Directory: directory, Timesheets: timesheets, Books: &ledger.Books{House: house}, Billing: desk,
		Charges: &charging.Charges{House: house, Directory: directory, Billing: desk, Processor: p.Processor, Deadline: InlineDeadline},
		Log:     p.Log,
	}
}

// Clerk is the voice of the system.
func (s *System) Clerk() *voice.Clerk {
	return &voice.Clerk{House: s.House, Timesheets: s.Timesheets, Billing: s.Billing, Charges: s.Charges}
}

// sleep waits, or ends early with ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// UTC is the wall clock.
func UTC() time.Time { return time.Now().UTC() }

// NewID makes a UUIDv7.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Keys reads secret keys: base64 of at least 32 bytes each, separated by commas. The first is the one in use, the
// others are those that it replaced.
func Keys(text string) (keys [][]byte, err error) {
	for part := range strings.SplitSeq(text, ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil {
			return nil, errors.New("a key must be base64, as `openssl rand -base64 32` prints it")
		}
		if len(key) < 32 {
			return nil, fmt.Errorf("a key must hold at least 32 bytes, this one holds %d", len(key))
		}
		keys = append(keys, key)
	}
	return keys, nil
}
