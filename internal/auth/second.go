package auth

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// setupTime is how long a key that was shown may wait for its first code.
const setupTime = 30 * time.Minute

// BeginSecond makes a new key for the caller's authenticator app. Nothing changes until ConfirmSecond; a key that
// waited is replaced. Needs a fresh proof of the person, which the page asks for; never by voice.
func (d *Desk) BeginSecond(ctx context.Context, c firm.Caller) error {
	sealed, err := seal(d.House, c, newKey())
	if err != nil {
		return err
	}
	return once(d.factorAct(ctx, c, firm.Action{Name: "second.begin"}, func(act *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		f.Pending, f.Until = sealed, act.Now.Add(setupTime)
		return firm.Entry{}, nil, nil
	}))
}

// PendingSecond returns the key that waits for its first code. Errors: ErrNoSetup.
func (d *Desk) PendingSecond(ctx context.Context, c firm.Caller) (Setup, error) {
	act := d.House.Begin(c, firm.Action{})
	record := act.Batch.Get(factorsKey(d.House.View(c), c.Person))
	if err := act.Run(ctx); err != nil {
		return Setup{}, err
	}
	var f factors
	if err := store.Decode(*record, &f); err != nil {
		return Setup{}, err
	}
	if f.Pending == nil || !act.Now.Before(f.Until) {
		return Setup{}, ErrNoSetup
	}
	key, err := unseal(d.House, c, f.Pending)
	if err != nil {
		return Setup{}, err
	}
	return setupOf(key, act.Person.Email)
}

// ConfirmSecond turns the second factor on, with the key that waits, when code is that key's, and returns the recovery
// codes: they are kept as hashes, so they can be shown now and never again. Errors: ErrNoSetup, ErrFirstCode,
// ErrShown for a repeated request.
func (d *Desk) ConfirmSecond(ctx context.Context, c firm.Caller, code string) (codes []string, err error) {
	err = d.factorAct(ctx, c, firm.Action{Name: "second.on", Input: plainCode(code)}, func(act *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		if f.Pending == nil || !act.Now.Before(f.Until) {
			return firm.Entry{}, nil, ErrNoSetup
		}
		key, err := unseal(d.House, c, f.Pending)
		if err != nil {
			return firm.Entry{}, nil, err
		}
		step, ok := stepOf(key, plainCode(code), act.Now, 0)
		if !ok {
			return firm.Entry{}, nil, ErrFirstCode
		}
		f.Key, f.Since, f.Step, f.Pending, f.Until = f.Pending, act.Now, step, nil, time.Time{}
		codes, err = d.recover(c, f)
		return firm.Entry{}, nil, err
	})
	return shown(codes, err)
}

func shown(codes []string, err error) ([]string, error) {
	if once(err) == nil && err != nil {
		return nil, ErrShown
	}
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// DropSecond turns the caller's second factor off; the recovery codes end with it. Off already is no error.
func (d *Desk) DropSecond(ctx context.Context, c firm.Caller) error {
	return once(d.factorAct(ctx, c, firm.Action{Name: "second.off"}, func(_ *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		*f = factors{Passkeys: f.Passkeys}
		return firm.Entry{}, nil, nil
	}))
}

// NewRecoveryCodes replaces the caller's recovery codes, and returns the new ones this once. Errors: ErrNoSecond,
// ErrShown for a repeated request.
func (d *Desk) NewRecoveryCodes(ctx context.Context, c firm.Caller) (codes []string, err error) {
	err = d.factorAct(ctx, c, firm.Action{Name: "second.codes"}, func(_ *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		if !f.second() {
			return firm.Entry{}, nil, ErrNoSecond
		}
		codes, err = d.recover(c, f)
		return firm.Entry{}, nil, err
	})
	return shown(codes, err)
}

// ClearFactors takes a person's passkeys, second factor and recovery codes away and ends their sessions, for somebody
// who has lost them: the password alone signs in again. Needs Manage, and never by voice. Errors: firm.ErrNoPerson.
func (d *Desk) ClearFactors(ctx context.Context, c firm.Caller, person string) error {
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "factors.clear", Input: person})
		who := firm.ReadPerson(act.Batch, person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		if err := act.May(firm.Manage); err != nil {
			return err
		}
		if _, err := who.Person(); err != nil {
			return err
		}
		record := act.Batch.Get(factorsKey(d.House.View(c), person))
		grants := firm.ReadGrants(act.Batch, person)
		if err := act.Run(ctx); err != nil {
			return err
		}
		ops, err := who.EndSessions(act, grants)
		if err != nil {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + person}, append(ops, store.PutOp(*record, factors{}))...)
	})
}

// Faults of the second factor.
var (
	ErrNoSetup   = fault.New(fault.State, "second.no-setup", "There is no key that waits for a code. Please begin again.")
	ErrFirstCode = fault.New(fault.Invalid, "second.first-code", "That is not the code that the app should show now. Is the clock of the device right?")
	ErrNoSecond  = fault.New(fault.State, "second.off", "The second factor is not turned on.")
	ErrShown     = fault.New(fault.State, "second.shown", "The recovery codes were shown already, and cannot be shown again. Make new ones if they were not kept.")
)
