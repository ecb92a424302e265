package invite

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// SignUp opens a firm whose first admin is invited by mail: whoever has not the address gets nothing by it. It answers
// the same whether or not the address signs in somewhere; and the same when it was asked too often, which opens
// nothing. Errors: what is wrong with the firm or the address.
func (d *Desk) SignUp(ctx context.Context, f firm.Firm, name, email string) error {
	err := d.House.Retry(ctx, func() error {
		counted, err := d.Auth.Count(ctx, "signup", email)
		if err != nil {
			return err
		}
		fresh := firm.Firm{Name: strings.TrimSpace(f.Name), Zone: f.Zone, Currency: f.Currency, Voice: firm.VoiceSettings{ClientWord: "client", Discretion: true}, Mail: firm.MailSettings{Hold: defaultHold}}
		first := firm.Person{Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
		_, _, err = d.House.OpenInvited(ctx, fresh, first, true, counted.Op())
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

// Setup opens the first firm of a new installation, for who holds the secret that it printed.
type Setup struct {
	Desk         *Desk
	Secret       string
	Firm, Person string       // their ids, written down before anything is made of them
	Used         func() error // the secret is worth nothing from now on

	over atomic.Bool
}

// Waiting reports whether the first firm is yet to be opened. A nil Setup waits for nothing.
func (s *Setup) Waiting() bool { return s != nil && !s.over.Load() }

// Open opens the firm with its first admin, who may sign in then. One that broke off goes on where it was. Errors:
// ErrSecret; ErrLink when it was done meanwhile; what is wrong with what was given.
func (s *Setup) Open(ctx context.Context, request, secret string, f firm.Firm, name, email, password string) error {
	given, want := sha256.Sum256([]byte(strings.TrimSpace(secret))), sha256.Sum256([]byte(s.Secret))
	if !s.Waiting() || s.Secret == "" || subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return ErrSecret
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
	people, err := s.Desk.House.Members(ctx, setup(s.Firm, ""))
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.ID == s.Person && p.Invited.ID != "" {
			who := firm.Invited{Person: p.ID, Invitation: p.Invited.ID}
			if _, err := s.Desk.join(ctx, setup(s.Firm, request), who, name, password, email, f.Name); err != nil {
				return err
			}
		}
	}
	s.over.Store(true)
	return s.Used()
}

// ErrSecret means that the secret is not the one that was printed.
var ErrSecret = fault.New(fault.Invalid, "setup.secret", "That is not the set-up secret. It is printed where the server was started, and kept in its secrets folder.")
