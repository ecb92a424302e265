package invite

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// SignUp opens a firm whose first admin is invited by mail: whoever has not the address gets nothing by it. It answers
// the same whether or not the address signs in somewhere; and the same when it was asked too often, which opens
// nothing. Errors: what is wrong with the firm or the address; auth.ErrPlace.
func (d *Desk) SignUp(ctx context.Context, f firm.Firm, name, email string) error {
	err := d.House.Retry(ctx, func() error {
		counted, err := d.Auth.Count(ctx, "signup", email)
		if err != nil {
			return err
		}
		fresh := firm.Firm{Name: strings.TrimSpace(f.Name), Zone: f.Zone, Currency: f.Currency, Voice: firm.VoiceSettings{ClientWord: "client", Discretion: true}, Mail: firm.MailSettings{Hold: defaultHold}}
		first := firm.Person{Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
		_, _, err = d.House.OpenInvited(ctx, fresh, first, true, counted.Ops()...)
		if errors.Is(err, firm.ErrOpened) {
			err = store.ErrConflict // the ids are new, so it was the count that changed meanwhile
		}
		return err
	})
	if errors.Is(err, auth.ErrWait) {
		return nil
	}
	return err
}

// defaultHold is how long a new firm holds an invoice back, so that "don't send it" works.
const defaultHold = 2 * time.Minute

// Setup opens the first firm of a new installation, for who holds its secret: the one that it printed, or that was laid down
// for it. Once there is a firm, the secret is worth nothing.
type Setup struct {
	Desk *Desk
	// Secret returns the secret; empty: there is none, and no firm can be opened by it.
	Secret       func(ctx context.Context) (string, error)
	Firm, Person string       // their ids, settled before anything is made of them
	Used         func() error // forgets the secret; nil: whoever laid it down does

	over atomic.Bool
}

// minSecret is the fewest characters of a secret: it may be guessed at by anybody.
const minSecret = 20

// FirstIDs are the ids of the first firm and its first person, the same for every instance of a function that has the
// house's pepper: however many of them are asked at once, they open one firm.
func FirstIDs(h *firm.House) (firmID, person string, err error) {
	ids := make([]string, 2)
	for i, what := range []string{"firm", "person"} {
		sum, err := h.Hash("setup", what)
		if err != nil {
			return "", "", err
		}
		id := uuid.UUID(sum[:16])
		id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, RFC 9562
		ids[i] = id.String()
	}
	return ids[0], ids[1], nil
}

// Waiting reports whether the first firm is yet to be opened, or to be finished after it broke off. A nil Setup waits for
// nothing.
func (s *Setup) Waiting(ctx context.Context) (bool, error) {
	if s == nil || s.over.Load() {
		return false, nil
	}
	if secret, err := s.Secret(ctx); err != nil || secret == "" {
		return false, err
	}
	_, err := s.first(ctx)
	if errors.Is(err, ErrSecret) {
		return false, nil
	}
	return err == nil, err
}

// first returns the first person as far as they are: none, or invited. Errors: ErrSecret when the set-up is over, since
// they have joined, or some other firm is there.
func (s *Setup) first(ctx context.Context) (firm.Person, error) {
	firms, err := s.Desk.House.FirstFirms(ctx, 2)
	if err != nil || len(firms) == 0 {
		return firm.Person{}, err
	}
	for _, id := range firms {
		if id != s.Firm {
			s.over.Store(true) // no firm ever goes away
			return firm.Person{}, ErrSecret
		}
	}
	people, err := s.Desk.House.Members(ctx, setup(s.Firm, ""))
	if err != nil {
		return firm.Person{}, err
	}
	for _, p := range people {
		if p.ID == s.Person && p.Invited.ID != "" {
			return p.Person, nil
		}
	}
	s.over.Store(true)
	return firm.Person{}, ErrSecret
}

// allow compares the secret. Errors: ErrSecret, ErrShort.
func (s *Setup) allow(ctx context.Context, given string) error {
	secret, err := s.Secret(ctx)
	switch {
	case err != nil:
		return err
	case secret == "":
		return ErrSecret
	case len(secret) < minSecret:
		return ErrShort
	}
	hash, want := sha256.Sum256([]byte(strings.TrimSpace(given))), sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(hash[:], want[:]) != 1 {
		return ErrSecret
	}
	return nil
}

// Open opens the firm with its first admin, who may sign in then. One that broke off goes on where it was. Errors:
// ErrSecret, also when it is over; ErrShort; ErrLink when it was done meanwhile; what is wrong with what was given.
func (s *Setup) Open(ctx context.Context, request, secret string, f firm.Firm, name, email, password string) error {
	if err := s.allow(ctx, secret); err != nil {
		return err
	}
	if _, err := s.first(ctx); err != nil {
		return err
	}
	if err := s.Desk.Auth.Check(password, email, name, f.Name); err != nil {
		return err // before there is a firm
	}
	fresh := firm.Firm{ID: s.Firm, Name: strings.TrimSpace(f.Name), Zone: f.Zone, Currency: f.Currency, Voice: firm.VoiceSettings{ClientWord: "client", Discretion: true}, Mail: firm.MailSettings{Hold: defaultHold}}
	first := firm.Person{ID: s.Person, Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
	_, _, err := s.Desk.House.OpenInvited(ctx, fresh, first, false)
	if err != nil && !errors.Is(err, firm.ErrOpened) {
		return err
	}
	p, err := s.first(ctx)
	if err != nil {
		return err
	}
	who := firm.Invited{Person: p.ID, Invitation: p.Invited.ID}
	if _, err := s.Desk.join(ctx, setup(s.Firm, request), who, name, password, email, f.Name); err != nil {
		return err
	}
	s.over.Store(true)
	if s.Used == nil {
		return nil
	}
	return s.Used()
}

// Faults of the set-up.
var (
	ErrSecret = fault.New(fault.Invalid, "setup.secret", "That is not the set-up secret. Whoever installed this has it: it was printed at the first start, or laid down in the parameter store.")
	ErrShort  = fault.New(fault.State, "setup.short", "The set-up secret that was laid down is too short to be safe. Lay down one of at least 20 characters.")
)
