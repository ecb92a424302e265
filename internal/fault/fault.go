// Package fault is the one error type of the product: a kind that each surface maps to its own status,
// a sentence that may be shown or spoken to the person who asked, and a cause that only the log sees.
//
// A message never contains a name, a narrative, a code or an amount that the asker did not give.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a surface can do about an error. The zero Kind is Internal.
type Kind int

// The kinds. Each surface (HTTP, OAuth, voice) keeps one map from Kind to its own answer.
const (
	Internal        Kind = iota // a defect or a broken dependency: logged whole, shown as one neutral sentence
	Invalid                     // the input is wrong; the message says what and what to do
	Missing                     // there is no such thing, or none that the caller may know of
	State                       // it exists, but its state forbids the act (already billed, on hold, closed)
	Conflict                    // somebody else changed it first; trying again is right
	Forbidden                   // the caller's role or limit does not allow it
	Unauthenticated             // who is asking is not known, or no longer
	Locked                      // too many wrong codes; a person must reset it
	Unknown                     // it may have happened; ask again before acting again
	Busy                        // throttled or out of capacity; later is right
)

var kindNames = [...]string{"internal", "invalid", "missing", "state", "conflict", "forbidden", "unauthenticated", "locked", "unknown", "busy"}

// String returns the kind's name as logs write it.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "internal"
	}
	return kindNames[k]
}

// Error is a failure that a person can be told about.
type Error struct {
	Kind    Kind
	Code    string // stable, dotted, for catalogues and tests: "clock.none"
	Message string // one plain sentence in English, safe to show or speak
	Cause   error  // for the log only; may be nil
}

// New returns an error of a kind, with its catalogue code and its speakable sentence.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Because returns a copy of e that carries the cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Error is the log's form: code and cause, never more than the parts were given.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Code + ": " + e.Message
	}
	return e.Code + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is a fault with the same code, so that errors.Is works on copies.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// KindOf returns the kind of the first fault in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// As returns the first fault in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Wrap adds what was being done to a non-nil *err; use it deferred at the top of a function.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}
