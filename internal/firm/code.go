package firm

import (
	"context"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// MaxWrong is how many wrong codes in a row lock a person's code until it is reset on the console.
const MaxWrong = 3

// Code is the state of a person's voice code. The digits are kept only as a salted HMAC under the house's pepper: a
// hash of 10,000 codes hides nothing.
type Code struct {
	Salt   []byte `json:"salt"`
	MAC    []byte `json:"mac"`
	Wrong  int    `json:"wrong"` // wrong codes in a row
	Locked bool   `json:"locked"`
}

// CodeRead is the read of a person's code, part of an act's batch.
type CodeRead struct {
	record *store.Record
	house  *House
}

// ReadCode adds the read of the caller's code to the act's batch.
func (a *Act) ReadCode() *CodeRead { panic("firm: to be written") }

// Try compares digits with the code. The returned operation records the outcome (wrong count raised, or reset to
// zero) and must be part of the commit that precedes any answer. Errors: fault.Locked "code.locked",
// fault.Invalid "code.wrong" (with how many tries are left in Left), fault.State "code.unset". With code.wrong the op is valid and
// must be committed; with the others there is none.
func (c *CodeRead) Try(digits string) (op store.Op, left int, err error) {
	panic("firm: to be written")
}

// SetCode sets the voice code of a person: 4 to 8 digits. It unlocks. Needs Manage, or to be that person on the console.
func (h *House) SetCode(ctx context.Context, c Caller, person, digits string) error {
	panic("firm: to be written")
}

// Faults of codes.
var (
	ErrCodeLocked = fault.New(fault.Locked, "code.locked", "Your code is locked after three wrong tries. Reset it on the console.")
	ErrCodeWrong  = fault.New(fault.Invalid, "code.wrong", "That's not the code.")
	ErrCodeUnset  = fault.New(fault.State, "code.unset", "You have no voice code yet. Set one on the console.")
)
