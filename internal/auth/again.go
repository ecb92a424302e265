package auth

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// halfTime is how long a sign-in waits for its code.
const halfTime = 10 * time.Minute

// Half is a sign-in whose password was right and whose code is still to come. As an error it is ErrHalf.
type Half struct {
	Firm   string    `json:"firm"`
	Person string    `json:"person"`
	Proven Proven    `json:"proven"`
	Until  time.Time `json:"until"`
}

func (h *Half) Error() string { return ErrHalf.Error() }

// Unwrap makes it errors.Is ErrHalf.
func (h *Half) Unwrap() error { return ErrHalf }

func (h *Half) caller() firm.Caller {
	return firm.Caller{Firm: h.Firm, Person: h.Person, Channel: firm.ByConsole}
}

// Second ends a sign-in with a code of the person's app, or one of their recovery codes, which is used up.
// Errors: ErrCode; ErrHalf when it waited too long; ErrWait.
func (d *Desk) Second(ctx context.Context, place Place, h *Half, code string) (firm.Caller, error) {
	if !d.House.Now().Before(h.Until) {
		return firm.Caller{}, ErrHalf
	}
	c := h.caller()
	if _, err := d.try(ctx, place, secondSubject(c)); err != nil {
		return firm.Caller{}, err
	}
	by := byCode
	if !isTOTP(plainCode(code)) {
		by = byRecovery
	}
	in, err := d.admit(ctx, c, place, by, func(ctx context.Context) ([]store.Op, error) {
		op, err := d.spend(ctx, c, code)
		if err != nil {
			return nil, err
		}
		ops, err := d.entered(ctx, place, h.Proven, secondSubject(c))
		return append(ops, op), err
	})
	switch {
	case errors.Is(err, ErrCode):
		return firm.Caller{}, orElse(d.failed(ctx, c, by), err)
	case errors.Is(err, ErrSignIn):
		return firm.Caller{}, ErrHalf.Because(err) // the password is another by now
	}
	return in, err
}

// spent uses a code up, and forgives the tries that led to it.
func (d *Desk) spent(ctx context.Context, c firm.Caller, place Place, code string) ([]store.Op, error) {
	op, err := d.spend(ctx, c, code)
	if err != nil {
		return nil, err
	}
	ops, err := d.forgive(ctx, place, secondSubject(c))
	return append(ops, op), err
}

// PasskeyChallenge returns what a browser needs to ask for a passkey, anybody's, as JSON.
// Errors: ErrNoPasskeys, ErrWait.
func (d *Desk) PasskeyChallenge(ctx context.Context, place Place) ([]byte, error) {
	party, err := d.relyingParty()
	if err != nil {
		return nil, err
	}
	options, data, err := party.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}
	if err := d.give(ctx, place, challenge{Data: *data}); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// Enter signs in the person whose passkey answered a challenge. The passkey checked the person itself, so no code
// follows. Errors: ErrPasskey, also when the person has left.
func (d *Desk) Enter(ctx context.Context, place Place, answer string) (firm.Caller, error) {
	a, err := d.parse(answer)
	if err != nil {
		return firm.Caller{}, err
	}
	in, err := d.admit(ctx, a.caller, place, byPasskey, func(ctx context.Context) ([]store.Op, error) { return a.check(ctx) })
	if errors.Is(err, ErrSignIn) {
		return in, ErrPasskey.Because(err)
	}
	return in, d.missed(ctx, a, err)
}

// missed writes a passkey's failure into the audit of whose it claims to be.
func (d *Desk) missed(ctx context.Context, a *assertion, err error) error {
	if errors.Is(err, ErrPasskey) && a.known {
		return orElse(d.failed(ctx, a.caller, byPasskey), err)
	}
	return err
}

// assertion is a browser's answer to a challenge.
type assertion struct {
	desk   *Desk
	caller firm.Caller // whom the answer names; nothing is proven yet
	parsed *protocol.ParsedCredentialAssertionData
	known  bool // the passkey is one of the caller's
}

func (d *Desk) parse(answer string) (*assertion, error) {
	if len(answer) > maxAnswer {
		return nil, ErrPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, ErrPasskey.Because(err)
	}
	c, ok := callerOf(parsed.Response.UserHandle)
	if !ok {
		return nil, ErrPasskey
	}
	return &assertion{desk: d, caller: c, parsed: parsed}, nil
}

// check verifies the answer against the challenge, which it uses up, and the person's passkey, and returns what
// records both. A challenge for adding a passkey names its person, and is refused here by the library for that. A
// counter that went back means that somebody has a copy of the key.
func (a *assertion) check(ctx context.Context) ([]store.Op, error) {
	party, err := a.desk.relyingParty()
	if err != nil {
		return nil, err
	}
	given, used, err := a.desk.take(ctx, a.parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	f, record, err := a.desk.readFactors(ctx, a.caller)
	if err != nil {
		return nil, err
	}
	find := func(_, _ []byte) (webauthn.User, error) {
		return holder{caller: a.caller, keys: f.Passkeys}, nil
	}
	_, credential, err := party.ValidatePasskeyLogin(find, given.Data, a.parsed)
	at := a.which(f)
	a.known = at >= 0
	if err == nil && credential.Authenticator.CloneWarning {
		err = errors.New("the key's counter went back")
	}
	if err != nil || !a.known {
		a.desk.burn(ctx, used)
		return nil, ErrPasskey.Because(err)
	}
	f.Passkeys[at].Credential, f.Passkeys[at].Used = *credential, a.desk.House.Now()
	return []store.Op{used, store.PutOp(record, f)}, nil
}

func (a *assertion) which(f factors) int {
	for i, k := range f.Passkeys {
		if string(k.Credential.ID) == string(a.parsed.RawID) {
			return i
		}
	}
	return -1
}

// Proof is how a person who is signed in proves once more that it is they: one of the three.
type Proof struct {
	Password string
	Code     string // of the app, or for recovery
	Passkey  string // a browser's answer to PasskeyChallenge
}

// Again checks that the caller still is who signed in, before a sensitive act. Tries count as those at signing in do.
// Errors: ErrProof when no proof is given or it fails, ErrCode, ErrPasskey, ErrWait, ErrBusy, firm.ErrUnlinked.
func (d *Desk) Again(ctx context.Context, c firm.Caller, place Place, p Proof) error {
	switch {
	case p.Passkey != "":
		return d.againByPasskey(ctx, c, p.Passkey)
	case p.Code != "":
		return d.againByCode(ctx, c, place, p.Code)
	case p.Password != "":
		return d.againByPassword(ctx, c, place, p.Password)
	}
	return ErrProof
}

func (d *Desk) againByPasskey(ctx context.Context, c firm.Caller, answer string) error {
	a, err := d.parse(answer)
	if err != nil {
		return err
	}
	if a.caller.Firm != c.Firm || a.caller.Person != c.Person {
		return ErrPasskey
	}
	return d.missed(ctx, a, d.proven(ctx, c, byPasskey, a.check))
}

func (d *Desk) againByCode(ctx context.Context, c firm.Caller, place Place, code string) error {
	if _, err := d.try(ctx, place, secondSubject(c)); err != nil {
		return err
	}
	err := d.proven(ctx, c, "code", func(ctx context.Context) ([]store.Op, error) { return d.spent(ctx, c, place, code) })
	if errors.Is(err, ErrCode) {
		return orElse(d.failed(ctx, c, "code"), err)
	}
	return err
}

func (d *Desk) againByPassword(ctx context.Context, c firm.Caller, place Place, password string) error {
	v := d.House.View(c)
	records, err := v.Get(ctx, loginKey(v, c.Person))
	if err != nil {
		return err
	}
	var l login
	if err := store.Decode(records[0], &l); err != nil || l.Account == "" {
		return orElse(err, ErrProof)
	}
	if who, _, err := d.password(ctx, place, l.Account, password); errors.Is(err, ErrSignIn) {
		return orElse(d.failed(ctx, c, byPassword), ErrProof)
	} else if err != nil || who.Firm != c.Firm || who.Person != c.Person {
		return orElse(err, ErrProof)
	}
	return d.proven(ctx, c, byPassword, func(ctx context.Context) ([]store.Op, error) { return d.forgive(ctx, place, l.Account) })
}

// proven writes that the caller proved who they are once more, with what was used for it.
func (d *Desk) proven(ctx context.Context, c firm.Caller, by string, ops func(context.Context) ([]store.Op, error)) error {
	key := d.House.NewID()
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "signin.again", Key: key})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		more, err := ops(ctx)
		if err != nil {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "person/" + c.Person, After: map[string]string{"by": by}}, more...)
	})
}

// Faults of codes and proofs.
var (
	ErrHalf  = fault.New(fault.Unauthenticated, "auth.half", "Signing in took too long. Please begin again with your password.")
	ErrProof = fault.New(fault.Unauthenticated, "auth.proof", "That was not right.")
)
