package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// factors is what proves a person besides their password: one record each, so that a code or a passkey is used in the
// very commit that lets them in, and no code counts twice.
type factors struct {
	Passkeys []passkey `json:"passkeys,omitempty"`

	Key      []byte    `json:"key,omitempty"` // sealed; of the authenticator app
	Since    time.Time `json:"since,omitzero"`
	Step     int64     `json:"step,omitempty"`     // the last that was used
	Recovery [][]byte  `json:"recovery,omitempty"` // HMACs of the codes that are left

	Pending []byte    `json:"pending,omitempty"` // a sealed key that is not confirmed yet
	Until   time.Time `json:"until,omitzero"`    // the pending key's end
}

// passkey is one of a person's, as the library keeps it.
type passkey struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Added      time.Time           `json:"added"`
	Used       time.Time           `json:"used,omitzero"`
	Credential webauthn.Credential `json:"credential"`
}

func (f factors) second() bool { return f.Key != nil }

func factorsKey(v store.View, person string) store.Key { return v.Key(person, "factors") }

// readFactors reads a person's factors alone.
func (d *Desk) readFactors(ctx context.Context, c firm.Caller) (f factors, r store.Record, err error) {
	v := d.House.View(c)
	records, err := v.Get(ctx, factorsKey(v, c.Person))
	if err != nil {
		return f, r, err
	}
	return f, records[0], store.Decode(records[0], &f)
}

// spend checks a code, of the app or for recovery, and returns the operation that uses it up. Errors: ErrCode.
func (d *Desk) spend(ctx context.Context, c firm.Caller, code string) (op store.Op, err error) {
	f, record, err := d.readFactors(ctx, c)
	if err != nil || !f.second() {
		return op, orElse(err, ErrCode)
	}
	if code = plainCode(code); isTOTP(code) {
		err = d.spendTOTP(c, &f, code)
	} else {
		err = d.spendRecovery(c, &f, code)
	}
	return store.PutOp(record, f), err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (d *Desk) spendTOTP(c firm.Caller, f *factors, code string) error {
	key, err := unseal(d.House, c, f.Key)
	if err != nil {
		return err
	}
	step, ok := stepOf(key, code, d.House.Now(), f.Step)
	if !ok {
		return ErrCode
	}
	f.Step = step
	return nil
}

func (d *Desk) spendRecovery(c firm.Caller, f *factors, code string) error {
	mac, err := d.recoveryMAC(c, code)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(f.Recovery, func(kept []byte) bool { return hmac.Equal(kept, mac) })
	if at < 0 {
		return ErrCode
	}
	f.Recovery = slices.Delete(f.Recovery, at, at+1)
	return nil
}

// Recovery codes are ten of ten letters and digits, 50 bits each; the letters that look like digits are left out.
const (
	recoveryCodes  = 10
	recoveryLength = 10
	recoveryAbc    = "abcdefghijkmnpqrstuvwxyz23456789"
)

// recoveryMAC is how a code is kept, under the pepper and bound to its person.
func (d *Desk) recoveryMAC(c firm.Caller, code string) ([]byte, error) {
	return d.House.Hash("recovery code", c.Firm, c.Person, code)
}

// recover makes new codes in place of all there were.
func (d *Desk) recover(c firm.Caller, f *factors) (codes []string, err error) {
	f.Recovery = nil
	for range recoveryCodes {
		b := make([]byte, recoveryLength)
		rand.Read(b)
		for i := range b {
			b[i] = recoveryAbc[int(b[i])%len(recoveryAbc)] // 32 letters divide a byte's values evenly
		}
		mac, err := d.recoveryMAC(c, string(b))
		if err != nil {
			return nil, err
		}
		f.Recovery = append(f.Recovery, mac)
		codes = append(codes, string(b[:recoveryLength/2])+"-"+string(b[recoveryLength/2:]))
	}
	return codes, nil
}

// factorAct changes a person's own factors, in one act: change says what is written further, what the audit keeps.
// Errors: firm.ErrForbidden by voice; those of change.
func (d *Desk) factorAct(ctx context.Context, c firm.Caller, a firm.Action, change func(*firm.Act, *factors) (firm.Entry, []store.Op, error)) error {
	if c.Channel != firm.ByConsole || c.Person == "" {
		return firm.ErrForbidden
	}
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, a)
		record := act.Batch.Get(factorsKey(d.House.View(c), c.Person))
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return orElse(err, errRepeated)
		}
		var f factors
		if err := store.Decode(*record, &f); err != nil {
			return err
		}
		entry, ops, err := change(act, &f)
		if err != nil {
			return err
		}
		if entry.Subject == "" {
			entry.Subject = "person/" + c.Person
		}
		return act.Commit(ctx, nil, entry, append(ops, store.PutOp(*record, f))...)
	})
}

// errRepeated tells, within this package, that a request was carried out before.
var errRepeated = fault.New(fault.State, "auth.repeated", "That was done already.")

// once takes a repeated request as done.
func once(err error) error {
	if err == errRepeated { //nolint:errorlint // our own value, never wrapped
		return nil
	}
	return err
}

// ErrCode means that a code is wrong, or was used before.
var ErrCode = fault.New(fault.Unauthenticated, "auth.code", "That code is not right, or it was used before. An app shows a new one every 30 seconds.")
