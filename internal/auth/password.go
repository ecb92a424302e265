package auth

import (
	"context"
	"fmt"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/billingclerk/billingclerk/internal/fault"
)

// Passwords are at least 12 characters (product's floor; ASVS 5.0 §6.2.1 asks 8 and recommends 15) and at most 256
// bytes, and have no other rule.
const (
	minPassword = 12
	maxPassword = 256
)

// cost is ASVS 5.0 appendix C's argon2id: 19 MiB, two passes, one lane.
var cost = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody is compared with when there is no account, so that it costs the same. Its key is random: no password has it.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$MVmivbRbDfb/gBWeUUNaDw$2yyz+upEMYWeU7z6VLIe5wQ8rgF+VdcOPSTKXPK+nkw"

// Hashing is bounded: each takes 19 MiB and a core.
const (
	hashers = 2
	waiting = 16 // more than this many at once are sent away
)

// kiln is where passwords are hashed, a few at a time.
type kiln struct {
	slots  chan struct{}
	inside atomic.Int64
}

func newKiln() *kiln { return &kiln{slots: make(chan struct{}, hashers)} }

// do runs f when there is room. Errors: ErrBusy when too many wait, or ctx ends first.
func (k *kiln) do(ctx context.Context, f func() error) error {
	defer k.inside.Add(-1)
	if k.inside.Add(1) > hashers+waiting {
		return ErrBusy
	}
	select {
	case k.slots <- struct{}{}:
	case <-ctx.Done():
		return ErrBusy.Because(ctx.Err())
	}
	defer func() { <-k.slots }()
	return f()
}

func (k *kiln) hash(ctx context.Context, password string) (hash string, err error) {
	err = k.do(ctx, func() error {
		hash, err = argon2id.CreateHash(password, cost)
		return err
	})
	return hash, err
}

func (k *kiln) matches(ctx context.Context, password, hash string) (ok bool, err error) {
	err = k.do(ctx, func() error {
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("auth: compare a password: %w", err)
	}
	return ok, nil
}

func goodPassword(password string) bool {
	return utf8.ValidString(password) && utf8.RuneCountInString(password) >= minPassword && len(password) <= maxPassword
}

// Faults of passwords.
var (
	ErrBusy     = fault.New(fault.Busy, "auth.busy", "Too many people are signing in right now. Please try again in a moment.")
	ErrPassword = fault.New(fault.Invalid, "auth.password", "A password needs at least 12 characters, and at most 256 bytes.")
)
