package firm_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

// coded opens a firm in which Ben has the code.
func coded(t *testing.T, digits string) (*firmtest.Office, firm.Caller) {
	t.Helper()
	o := firmtest.Open(t)
	ben := o.Hire(t, "Ben", firm.Lawyer)
	if err := o.House.SetCode(t.Context(), firmtest.On(o.Ask(ben), firm.ByConsole), ben.Person, digits); err != nil {
		t.Fatal(err)
	}
	return o, ben
}

// said is what became of a spoken code, as a module stores it: a wrong one commits too.
type said struct {
	Code string
	Left int
}

// try speaks a code as a module does: the outcome is committed before it is told.
func try(ctx context.Context, o *firmtest.Office, c firm.Caller, digits string) (out said, err error) {
	err = o.House.Retry(ctx, func() error {
		act := o.House.Begin(c, firm.Action{Name: "test.code", Input: digits})
		code := act.ReadCode()
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&out); done {
			return err
		}
		op, left, err := code.Try(digits)
		out = said{Left: left}
		if f := fault.As(err); f != nil {
			out.Code = f.Code
		}
		if op.Kind == 0 {
			return err
		}
		return act.Commit(ctx, out, firm.Entry{Subject: "code/" + c.Person}, op)
	})
	if f := fault.As(err); f != nil {
		return said{Code: f.Code, Left: out.Left}, nil //nolint:nilerr // what was said is the result
	}
	return out, err
}

func says(t *testing.T, o *firmtest.Office, c firm.Caller, digits, code string, left int) {
	t.Helper()
	got, err := try(t.Context(), o, o.Ask(c), digits)
	if err != nil || got != (said{code, left}) {
		t.Fatalf("%s: got %+v, %v; want %s, %d left", digits, got, err, code, left)
	}
}

func TestTheThirdWrongCodeLocksUntilItIsReset(t *testing.T) {
	o, ben := coded(t, "0042")
	says(t, o, ben, "0042", "", 3)
	says(t, o, ben, "0043", "code.wrong", 2)
	says(t, o, ben, "42", "code.digits", 2)
	says(t, o, ben, "00 42", "code.digits", 2)
	says(t, o, ben, "１２３４", "code.digits", 2)
	says(t, o, ben, "123456789", "code.digits", 2)
	says(t, o, ben, "", "code.digits", 2)
	says(t, o, ben, "00420", "code.wrong", 1)
	says(t, o, ben, "9999", "code.wrong", 0)
	says(t, o, ben, "0042", "code.locked", 0)
	locked(t, o, ben.Person)
	if err := o.House.ResetCode(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), ben.Person); err != nil {
		t.Fatal(err)
	}
	locked(t, o)
	says(t, o, ben, "0042", "", 3)
}

func locked(t *testing.T, o *firmtest.Office, want ...string) {
	t.Helper()
	people, err := o.House.LockedCodes(t.Context(), o.Admin)
	if err != nil || len(people) != len(want) {
		t.Fatal(people, err)
	}
	for i := range want {
		if people[i].ID != want[i] {
			t.Fatal(people)
		}
	}
}

func TestTheRightCodeForgetsTheWrongOnes(t *testing.T) {
	o, ben := coded(t, "1234")
	for range 4 {
		says(t, o, ben, "1111", "code.wrong", 2)
		says(t, o, ben, "2222", "code.wrong", 1)
		says(t, o, ben, "1234", "", 3)
	}
}

func TestARepeatedWrongCodeCountsOnce(t *testing.T) {
	o, ben := coded(t, "1234")
	c := o.Ask(ben)
	for range 5 {
		got, err := try(t.Context(), o, c, "9999")
		if err != nil || got != (said{"code.wrong", 2}) {
			t.Fatal(got, err)
		}
	}
}

// together speaks codes at once and returns how often each answer came.
func together(t *testing.T, o *firmtest.Office, ben firm.Caller, codes ...string) map[string]int {
	t.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for _, digits := range codes {
		wait.Go(func() {
			got, err := try(t.Context(), o, o.Ask(ben), digits)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[got.Code]++
		})
	}
	wait.Wait()
	return answers
}

func TestTwoWrongCodesAtOnceCountTwice(t *testing.T) {
	for range 50 {
		o, ben := coded(t, "1234")
		if got := together(t, o, ben, "1111", "2222"); got["code.wrong"] != 2 {
			t.Fatal(got)
		}
		says(t, o, ben, "3333", "code.wrong", 0)
		says(t, o, ben, "1234", "code.locked", 0)
	}
}

// Whatever the order, three guesses are compared and the rest are refused unseen.
func TestParallelGuessesNeverGetAFourthTry(t *testing.T) {
	for range 50 {
		o, ben := coded(t, "1234")
		got := together(t, o, ben, "1111", "2222", "3333", "4444", "5555")
		if got["code.wrong"] > firm.MaxWrong || got[""] != 0 {
			t.Fatal(got)
		}
		if got["code.wrong"] == firm.MaxWrong {
			says(t, o, ben, "1234", "code.locked", 0)
		}
	}
}

// A right code whose commit meets a wrong one that came first must be compared again.
func TestARightCodeDoesNotPassOverAWrongOneCommittedMeanwhile(t *testing.T) {
	o, ben := coded(t, "1234")
	c := o.Ask(ben)
	act := o.House.Begin(c, firm.Action{Name: "test.code"})
	code := act.ReadCode()
	if err := act.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	op, _, err := code.Try("1234")
	if err != nil {
		t.Fatal(err)
	}
	says(t, o, ben, "9999", "code.wrong", 2)
	wants(t, act.Commit(t.Context(), nil, firm.Entry{}, op), store.ErrPrecondition)
}

func TestWhoMaySetAndResetCodes(t *testing.T) {
	o, ben := coded(t, "1234")
	cleo := firmtest.On(o.Hire(t, "Cleo", firm.Bookkeeper), firm.ByConsole)
	ben, admin := firmtest.On(ben, firm.ByConsole), firmtest.On(o.Admin, firm.ByConsole)
	ctx, h := t.Context(), o.House
	for name, c := range map[string]struct{ got, want error }{
		"one's own, by voice":    {h.SetCode(ctx, firmtest.On(o.Ask(ben), firm.ByVoice), ben.Person, "5555"), firm.ErrForbidden},
		"one's own":              {h.SetCode(ctx, o.Ask(ben), ben.Person, "5555"), nil},
		"another's":              {h.SetCode(ctx, o.Ask(cleo), ben.Person, "5555"), firm.ErrForbidden},
		"another's, by an admin": {h.SetCode(ctx, o.Ask(admin), ben.Person, "5555"), nil},
		"nobody's":               {h.SetCode(ctx, o.Ask(admin), "nobody", "5555"), firm.ErrNoPerson},
		"a slash":                {h.SetCode(ctx, o.Ask(admin), "a/b", "5555"), firm.ErrNoPerson},
		"letters":                {h.SetCode(ctx, o.Ask(admin), ben.Person, "12a4"), firm.ErrCodeDigits},
		"a reset of one's own":   {h.ResetCode(ctx, o.Ask(ben), ben.Person), firm.ErrForbidden},
		"a reset by a keeper":    {h.ResetCode(ctx, o.Ask(cleo), ben.Person), nil},
		"a reset by voice":       {h.ResetCode(ctx, firmtest.On(o.Ask(admin), firm.ByVoice), ben.Person), firm.ErrForbidden},
		"a reset of no code":     {h.ResetCode(ctx, o.Ask(admin), cleo.Person), firm.ErrCodeUnset},
	} {
		if fault.KindOf(c.got) != fault.KindOf(c.want) || c.want != nil && c.got == nil {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
	says(t, o, cleo, "5555", "code.unset", 0)
}

func TestTheSystemHasNoCode(t *testing.T) {
	o := firmtest.Open(t)
	says(t, o, firm.System(o.Firm.ID, ""), "1234", "code.unset", 0)
}

// Neither the code nor a plain hash of it may be read in the store: the input's hash is under the pepper too.
func TestNoRecordTellsTheCode(t *testing.T) {
	o, ben := coded(t, "1234")
	says(t, o, ben, "1234", "", 3)
	o.House.Pepper = bytes.Repeat([]byte("q"), 32)
	says(t, o, ben, "1234", "code.wrong", 2)
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		if bytes.Contains(r.Value, []byte(`"1234"`)) {
			t.Errorf("the code is in %s", r.Partition)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAShortPepperIsRefused(t *testing.T) {
	o, ben := coded(t, "1234")
	o.House.Pepper = []byte("short")
	err := o.House.SetCode(t.Context(), firmtest.On(o.Ask(ben), firm.ByConsole), ben.Person, "1234")
	if err == nil || fault.KindOf(err) != fault.Internal {
		t.Fatal(err)
	}
}
