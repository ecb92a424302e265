package firm

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"fmt"

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
	caller Caller
	act    *Act
}

// ReadCode adds the read of the caller's code to the act's batch. The system has none.
func (a *Act) ReadCode() *CodeRead {
	c := &CodeRead{record: &store.Record{}, house: a.house, caller: a.Caller, act: a}
	if a.Caller.Person != "" {
		c.record = a.Batch.Get(codeKey(a.Batch.View(), a.Caller.Person))
	}
	return c
}

// State reports whether the person has a code, and whether it is locked.
func (c *CodeRead) State() (set, locked bool, err error) {
	var code Code
	err = store.Decode(*c.record, &code)
	return c.record.Exists(), code.Locked, err
}

// Try compares digits with the code. The returned operation records the outcome (wrong count raised, or reset to
// zero) and must be part of the commit that precedes any answer: only then can two tries at once never count as one.
// Errors: fault.Locked "code.locked", fault.State "code.unset", fault.Invalid "code.digits" (not four to eight
// digits; not counted), fault.Invalid "code.wrong" with how many tries are left in left; 0 means that it is locked
// by the commit. Where the firm chose so, a code that the assistant proved stands for the digits; one that is locked or was
// never set is not made good by it. With code.wrong the op is valid and must be committed; with the others there is none.
func (c *CodeRead) Try(digits string) (op store.Op, left int, err error) {
	var code Code
	if err := store.Decode(*c.record, &code); err != nil {
		return op, 0, err
	}
	switch {
	case !c.record.Exists():
		return op, 0, ErrCodeUnset
	case code.Locked:
		return op, 0, ErrCodeLocked
	case c.caller.Vouched && c.act.Firm.Voice.Vouch:
		return store.CheckOp(*c.record), MaxWrong - code.Wrong, nil
	case !codeDigits(digits):
		return op, MaxWrong - code.Wrong, ErrCodeDigits
	}
	mac, err := c.house.codeMAC(c.caller.Firm, c.caller.Person, digits, code.Salt)
	if err != nil {
		return op, 0, err
	}
	if !hmac.Equal(mac, code.MAC) {
		return c.wrong(code)
	}
	if code.Wrong == 0 {
		return store.CheckOp(*c.record), MaxWrong, nil
	}
	code.Wrong = 0
	return store.ReplaceOp(*c.record, code), MaxWrong, nil
}

func (c *CodeRead) wrong(code Code) (store.Op, int, error) {
	code.Wrong++
	code.Locked = code.Wrong >= MaxWrong
	return store.ReplaceOp(*c.record, code), MaxWrong - code.Wrong, ErrCodeWrong
}

// codeMAC binds the code to its person, so that a record moved to another person is worth nothing.
func (h *House) codeMAC(firmID, person, digits string, salt []byte) ([]byte, error) {
	return h.Hash("code", firmID, person, string(salt), digits)
}

func codeDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(s) >= 4 && len(s) <= 8
}

// SetCode sets the voice code of a person: 4 to 8 digits, leading zeros count. It unlocks. Needs Manage, or to be
// that person, and never by voice. Errors: ErrCodeDigits, ErrNoPerson, ErrForbidden.
func (h *House) SetCode(ctx context.Context, c Caller, person, digits string) error {
	if !codeDigits(digits) {
		return ErrCodeDigits
	}
	salt := make([]byte, 16)
	rand.Read(salt) // never fails, by its contract
	mac, err := h.codeMAC(c.Firm, person, digits, salt)
	if err != nil {
		return err
	}
	act := Action{Name: "code.set", Input: [2]string{person, digits}}
	return h.changeCode(ctx, c, person, act, Manage, func(Code) (Code, error) { return Code{Salt: salt, MAC: mac}, nil })
}

// ResetCode unlocks a person's code and keeps it. Needs Operate, and never by voice. Errors: ErrCodeUnset, ErrNoPerson.
func (h *House) ResetCode(ctx context.Context, c Caller, person string) error {
	act := Action{Name: "code.reset", Input: person}
	return h.changeCode(ctx, c, person, act, Operate, func(code Code) (Code, error) {
		if code.MAC == nil {
			return code, ErrCodeUnset
		}
		code.Wrong, code.Locked = 0, false
		return code, nil
	})
}

func (h *House) changeCode(ctx context.Context, c Caller, person string, action Action, needs Permission, change func(Code) (Code, error)) error {
	if c.Channel == ByVoice {
		return ErrForbidden
	}
	if !plainID(person) {
		return ErrNoPerson
	}
	return h.Retry(ctx, func() error {
		act := h.Begin(c, action)
		of := act.Batch.Get(personKey(h.View(c), person))
		record := act.Batch.Get(codeKey(h.View(c), person))
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		if err := act.mayCode(person, needs); err != nil {
			return err
		}
		if !of.Exists() {
			return ErrNoPerson
		}
		return act.putCode(ctx, person, *record, change)
	})
}

// mayCode lets a person set their own code; resetting a lock is another's to decide.
func (a *Act) mayCode(person string, needs Permission) error {
	if needs == Manage {
		return a.MayFor(person, needs)
	}
	return a.May(needs)
}

func (a *Act) putCode(ctx context.Context, person string, record store.Record, change func(Code) (Code, error)) error {
	var code Code
	if err := store.Decode(record, &code); err != nil {
		return err
	}
	code, err := change(code)
	if err != nil {
		return err
	}
	return a.Commit(ctx, nil, Entry{Subject: "code/" + person}, store.PutOp(record, code))
}

// LockedCodes lists the people whose code is locked and waits for a reset. Needs Operate.
func (h *House) LockedCodes(ctx context.Context, c Caller) ([]Person, error) {
	act := h.Begin(c, Action{})
	codes := act.Batch.Query(store.Query{Partition: h.View(c).Partition("codes"), Limit: store.MaxPage})
	people := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: store.MaxPage})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(Operate); err != nil {
		return nil, err
	}
	locked, err := lockedIn(codes.Records)
	if err != nil {
		return nil, err
	}
	all, err := decodeAll[Person](people.Records)
	if err != nil {
		return nil, fmt.Errorf("firm: locked codes: %w", err)
	}
	var found []Person
	for _, p := range all {
		if locked[p.ID] {
			found = append(found, p)
		}
	}
	return found, nil
}

// lockedIn returns the ids of the people whose code is locked.
func lockedIn(records []store.Record) (map[string]bool, error) {
	codes, err := decodeAll[Code](records)
	if err != nil {
		return nil, fmt.Errorf("firm: locked codes: %w", err)
	}
	locked := map[string]bool{}
	for i, code := range codes {
		locked[records[i].Sort] = code.Locked
	}
	return locked, nil
}

// Faults of codes.
var (
	ErrCodeLocked = fault.New(fault.Locked, "code.locked", "Your code is locked after three wrong tries. Reset it on the console.")
	ErrCodeWrong  = fault.New(fault.Invalid, "code.wrong", "That's not the code.")
	ErrCodeDigits = fault.New(fault.Invalid, "code.digits", "A code is four to eight digits.")
	ErrCodeUnset  = fault.New(fault.State, "code.unset", "You have no voice code yet. Set one on the console.")
)
