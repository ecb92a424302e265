package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

const (
	maxPasskeys    = 10
	maxPasskeyName = 60              // characters
	maxAnswer      = 16 << 10        // bytes of what a browser answers
	challengeTime  = 5 * time.Minute // a person looks for the key meanwhile
)

// PasskeyOrigin is the one address at which passkeys work: a passkey belongs to a domain, and an IP address is none.
// A laptop's is reached as localhost. Empty: they work nowhere here.
func PasskeyOrigin(base *url.URL) string {
	if base == nil {
		return ""
	}
	host, port := base.Hostname(), base.Port()
	if addr, err := netip.ParseAddr(host); err == nil {
		if !addr.IsLoopback() {
			return ""
		}
		host = "localhost"
	}
	if port != "" {
		host += ":" + port
	}
	return base.Scheme + "://" + host
}

// relyingParty is the library set to our rules: keys that name their person (discoverable), and a check of the person,
// by touch, face or PIN, each time. No maker's attestation is asked for: it says nothing that we would act on.
func (d *Desk) relyingParty() (*webauthn.WebAuthn, error) {
	origin := PasskeyOrigin(d.Base)
	u, err := url.Parse(origin)
	if err != nil || origin == "" {
		return nil, ErrNoPasskeys
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: issuer, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
}

// holder is a person as the library sees them.
type holder struct {
	caller firm.Caller
	person firm.Person
	keys   []passkey
}

// WebAuthnID is the user handle: the ids of firm and person, which lead from a passkey to its record.
func (h holder) WebAuthnID() []byte {
	f, err := uuid.Parse(h.caller.Firm)
	p, err2 := uuid.Parse(h.caller.Person)
	if errors.Join(err, err2) != nil {
		return nil
	}
	return append(f[:], p[:]...)
}

func callerOf(handle []byte) (firm.Caller, bool) {
	if len(handle) != 32 {
		return firm.Caller{}, false
	}
	f, p := uuid.UUID(handle[:16]), uuid.UUID(handle[16:])
	return firm.Caller{Firm: f.String(), Person: p.String(), Channel: firm.ByConsole}, true
}

func (h holder) WebAuthnName() string        { return h.person.Email }
func (h holder) WebAuthnDisplayName() string { return h.person.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		all[i] = k.Credential
	}
	return all
}

// challenge is one that was given out, under the hash of it. It is gone with its first answer.
type challenge struct {
	Grant string               `json:"grant,omitempty"` // of the session that adds a key; empty: it is to be signed in or proven anew
	Data  webauthn.SessionData `json:"data"`
}

// asked counts the challenges given out to one place, so that nobody fills the store with them.
type asked struct {
	Count int `json:"count"`
}

// maxAsked is how many challenges one network gets in an hour: an office shares one.
const (
	maxAsked  = 300
	askedTime = time.Hour
)

func challengeKey(h *firm.House, text string) store.Key {
	sum := sha256.Sum256([]byte(text))
	return store.System(h.Store, store.SignIn).Key("challenge", hex.EncodeToString(sum[:]))
}

// give keeps a challenge for its answer. Errors: ErrWait.
func (d *Desk) give(ctx context.Context, place Place, c challenge) error {
	v := store.System(d.House.Store, store.SignIn)
	counter, err := triesKey(d.House, "challenges", network(place.Addr))
	if err != nil {
		return err
	}
	return d.House.Retry(ctx, func() error {
		records, err := v.Get(ctx, counter)
		if err != nil {
			return err
		}
		var n asked
		if err := store.Decode(records[0], &n); err != nil {
			return err
		}
		if n.Count >= maxAsked {
			return ErrWait
		}
		n.Count++
		count, now := store.PutOp(records[0], n), d.House.Now()
		if !records[0].Exists() {
			count = count.Until(now.Add(askedTime)) // kept by the later ones: the hour begins with the first
		}
		return v.Commit(ctx, count, store.CreateOp(challengeKey(d.House, c.Data.Challenge), c).Until(now.Add(challengeTime)))
	})
}

// take reads a challenge and returns the operation that uses it up. Errors: ErrPasskey when it was never given, is too
// old, or was answered.
func (d *Desk) take(ctx context.Context, text string) (c challenge, used store.Op, err error) {
	records, err := store.System(d.House.Store, store.SignIn).Get(ctx, challengeKey(d.House, text))
	if err != nil {
		return c, used, err
	}
	if !records[0].Exists() {
		return c, used, ErrPasskey
	}
	return c, store.DeleteOp(records[0]), store.Decode(records[0], &c)
}

// burn uses a challenge up whose answer was wrong. When that fails, the challenge ends by itself.
func (d *Desk) burn(ctx context.Context, used store.Op) {
	_ = store.System(d.House.Store, store.SignIn).Commit(ctx, used)
}

// NewPasskey returns what the browser needs to make a passkey for the caller, as JSON. Errors: ErrNoPasskeys,
// ErrTooMany, ErrWait, firm.ErrForbidden.
func (d *Desk) NewPasskey(ctx context.Context, c firm.Caller, place Place) ([]byte, error) {
	if c.Channel != firm.ByConsole {
		return nil, firm.ErrForbidden
	}
	party, err := d.relyingParty()
	if err != nil {
		return nil, err
	}
	act := d.House.Begin(c, firm.Action{})
	record := act.Batch.Get(factorsKey(d.House.View(c), c.Person))
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	var f factors
	if err := store.Decode(*record, &f); err != nil {
		return nil, err
	}
	if len(f.Passkeys) >= maxPasskeys {
		return nil, ErrTooMany
	}
	who := holder{c, act.Person, f.Passkeys}
	options, data, err := party.BeginRegistration(who, webauthn.WithExclusions(webauthn.Credentials(who.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	if err := d.give(ctx, place, challenge{c.Grant, *data}); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// AddPasskey keeps the passkey that the browser made. name is the person's own for it; empty: that of the device.
// Errors: ErrPasskey when the answer is not one to a challenge of the caller's, ErrPasskeyName, ErrTooMany.
func (d *Desk) AddPasskey(ctx context.Context, c firm.Caller, place Place, name, answer string) error {
	party, err := d.relyingParty()
	if err != nil {
		return err
	}
	if name, err = passkeyName(name, place); err != nil {
		return err
	}
	if len(answer) > maxAnswer {
		return ErrPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return ErrPasskey.Because(err)
	}
	id := d.House.NewID()
	return once(d.factorAct(ctx, c, firm.Action{Name: "passkey.add", Input: []string{name, answer}}, func(act *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		given, used, err := d.take(ctx, parsed.Response.CollectedClientData.Challenge)
		if err != nil {
			return firm.Entry{}, nil, err
		}
		who := holder{c, act.Person, f.Passkeys}
		credential, err := party.CreateCredential(who, given.Data, parsed)
		if err == nil && given.Grant != c.Grant {
			err = errors.New("a challenge of another session")
		}
		if err != nil {
			d.burn(ctx, used)
			return firm.Entry{}, nil, ErrPasskey.Because(err)
		}
		if len(f.Passkeys) >= maxPasskeys {
			return firm.Entry{}, nil, ErrTooMany
		}
		credential.Attestation = webauthn.CredentialAttestation{} // not asked for, and never looked at
		f.Passkeys = append(f.Passkeys, passkey{ID: id, Name: name, Added: act.Now, Credential: *credential})
		return firm.Entry{Subject: "passkey/" + id, After: name}, []store.Op{used}, nil
	}))
}

func passkeyName(name string, place Place) (string, error) {
	if name = strings.TrimSpace(name); name == "" {
		name = family(place.Agent)
	}
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxPasskeyName {
		return "", ErrPasskeyName
	}
	return name, nil
}

// RenamePasskey gives one of the caller's passkeys another name. Errors: ErrNoPasskey, ErrPasskeyName.
func (d *Desk) RenamePasskey(ctx context.Context, c firm.Caller, id, name string) error {
	if strings.TrimSpace(name) == "" {
		return ErrPasskeyName
	}
	name, err := passkeyName(name, Place{})
	if err != nil {
		return err
	}
	return d.changePasskey(ctx, c, firm.Action{Name: "passkey.rename", Input: []string{id, name}}, id, func(f *factors, at int) any {
		f.Passkeys[at].Name = name
		return name
	})
}

// RemovePasskey ends one of the caller's passkeys. Errors: ErrNoPasskey.
func (d *Desk) RemovePasskey(ctx context.Context, c firm.Caller, id string) error {
	return d.changePasskey(ctx, c, firm.Action{Name: "passkey.remove", Input: id}, id, func(f *factors, at int) any {
		f.Passkeys = slices.Delete(f.Passkeys, at, at+1)
		return nil
	})
}

func (d *Desk) changePasskey(ctx context.Context, c firm.Caller, a firm.Action, id string, change func(f *factors, at int) (after any)) error {
	return once(d.factorAct(ctx, c, a, func(_ *firm.Act, f *factors) (firm.Entry, []store.Op, error) {
		at := slices.IndexFunc(f.Passkeys, func(k passkey) bool { return k.ID == id })
		if at < 0 {
			return firm.Entry{}, nil, ErrNoPasskey
		}
		before := f.Passkeys[at].Name
		return firm.Entry{Subject: "passkey/" + id, Before: before, After: change(f, at)}, nil, nil
	}))
}

// Faults of passkeys.
var (
	ErrPasskey     = fault.New(fault.Invalid, "passkey.wrong", "That passkey could not be checked. Please try again.")
	ErrNoPasskey   = fault.New(fault.Missing, "passkey.missing", "There is no such passkey.")
	ErrNoPasskeys  = fault.New(fault.State, "passkey.host", "Passkeys need the site to be reached by a name, not by a number.")
	ErrPasskeyName = fault.New(fault.Invalid, "passkey.name", "A passkey's name is one to 60 characters.")
	ErrTooMany     = fault.New(fault.State, "passkey.too-many", "Ten passkeys are the most. Remove one that is not used any more.")
)
