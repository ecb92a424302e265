package firm

import (
	"context"
	"errors"
)

// WrongCode is ErrCodeWrong with how many tries are left; 0: the code is locked now. Whoever commits the outcome of
// CodeRead.Try returns it, since what is left must be said.
type WrongCode struct{ Left int }

func (w *WrongCode) Error() string { return ErrCodeWrong.Error() }

// Unwrap makes it errors.Is ErrCodeWrong.
func (w *WrongCode) Unwrap() error { return ErrCodeWrong }

// Prove tries the caller's code only to know who speaks, for firms that hold back names and amounts until then. The
// count is committed before the answer. Two trips. Errors: *WrongCode, ErrCodeLocked, ErrCodeUnset, ErrCodeDigits.
func (h *House) Prove(ctx context.Context, c Caller, digits string) error {
	var wrong *WrongCode // nil: the code was right
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "code.prove", Input: digits})
		read := act.ReadCode()
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&wrong); done {
			return err
		}
		op, left, err := read.Try(digits)
		if err != nil && !errors.Is(err, ErrCodeWrong) {
			return err
		}
		wrong = nil
		if err != nil {
			wrong = &WrongCode{left}
		}
		return act.Commit(ctx, wrong, Entry{Subject: "code/" + c.Person, After: wrong}, op)
	})
	if err == nil && wrong != nil {
		return wrong
	}
	return err
}
