package firm

import (
	"context"
	"errors"
)

// Proof is what trying a code came to, when nothing else is done with it.
type Proof struct {
	Right bool `json:"right"`
	Left  int  `json:"left"` // tries left after a wrong code; 0: it is locked now
}

// Prove tries the caller's code only to know who speaks, for firms that hold back names and amounts until then. The
// count is committed before the answer. Two trips. Errors: ErrCodeLocked, ErrCodeUnset, ErrCodeDigits; a wrong code
// is no error but a Proof that is not Right.
func (h *House) Prove(ctx context.Context, c Caller, digits string) (Proof, error) {
	var p Proof
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "code.prove", Input: digits})
		read := act.ReadCode()
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&p); done {
			return err
		}
		op, left, err := read.Try(digits)
		if err != nil && !errors.Is(err, ErrCodeWrong) {
			return err
		}
		p = Proof{Right: err == nil, Left: left}
		return act.Commit(ctx, p, Entry{Subject: "code/" + c.Person, After: p}, op)
	})
	return p, err
}
