package invite_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/memory"
)

const theSecret = "abcde-fghij-klmno-pqrst"

var marsh = firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}

// site is a new installation, in which there is no firm.
type site struct {
	desk   *invite.Desk
	clock  *firmtest.Clock
	secret string
	used   int
}

func bare(t *testing.T) *site {
	t.Helper()
	clock := firmtest.NewClock()
	return bareOn(firmtest.House(memory.New(clock.Now), clock), clock)
}

func bareOn(house *firm.House, clock *firmtest.Clock) *site {
	tokens := &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: clock.Now}
	return &site{desk: &invite.Desk{House: house, Auth: &auth.Desk{House: house}, Tokens: tokens, Base: "https://clerk.test"}, clock: clock, secret: theSecret}
}

// setup is the set-up as one more instance of a function has it.
func (s *site) setup(t *testing.T) *invite.Setup {
	t.Helper()
	firmID, person, err := invite.FirstIDs(s.desk.House)
	if err != nil {
		t.Fatal(err)
	}
	return &invite.Setup{Desk: s.desk, Firm: firmID, Person: person, Used: func() error { s.used++; return nil },
		Secret: func(context.Context) (string, error) { return s.secret, nil }}
}

func (s *site) open(t *testing.T, set *invite.Setup, secret, name, password string) error {
	return set.Open(t.Context(), "form-"+s.desk.House.NewID(), secret, marsh, name, "eve@marsh.test", password)
}

func (s *site) waits(t *testing.T, want bool) {
	t.Helper()
	if got, err := s.setup(t).Waiting(t.Context()); err != nil || got != want {
		t.Errorf("waiting: %t, %v; want %t", got, err, want)
	}
}

func (s *site) signsIn(t *testing.T, password string) bool {
	t.Helper()
	s.clock.Advance(time.Hour)
	_, err := s.desk.Auth.SignIn(t.Context(), auth.Place{Addr: netip.MustParseAddr("192.0.2.1")}, "eve@marsh.test", password)
	return err == nil
}

func TestTheFirstFirmNeedsTheSecretAndIsOpenedOnce(t *testing.T) {
	s := bare(t)
	set := s.setup(t)
	s.waits(t, true)
	for _, guess := range []string{"", "abcde", theSecret + "x", theSecret[1:]} {
		wants(t, s.open(t, set, guess, "Eve", password), invite.ErrSecret)
	}
	wants(t, s.open(t, set, theSecret, "Eve", "short"), auth.ErrPassword)
	if ids, err := s.desk.House.Firms(t.Context()); err != nil || len(ids) != 0 {
		t.Fatal("what was refused opened a firm:", ids, err)
	}
	// It breaks off after the firm was opened, and goes on.
	f := marsh
	f.ID = set.Firm
	if _, _, err := s.desk.House.OpenInvited(t.Context(), f, firm.Person{ID: set.Person, Name: "Eve", Email: "eve@marsh.test"}, false); err != nil {
		t.Fatal(err)
	}
	s.waits(t, true)
	if err := s.open(t, set, " "+theSecret+" ", "Eve", password); err != nil || s.used != 1 || !s.signsIn(t, password) {
		t.Fatal(err, s.used)
	}
	s.waits(t, false)
	for _, again := range []*invite.Setup{set, s.setup(t)} { // the instance that did it, and one that never heard of it
		wants(t, s.open(t, again, theSecret, "Mallory", another), invite.ErrSecret)
	}
	if s.signsIn(t, another) {
		t.Error("the password was set once more")
	}
	if waits, err := (*invite.Setup)(nil).Waiting(t.Context()); waits || err != nil {
		t.Error("no set-up waits", err)
	}
}

func TestWithoutASecretOrWithAShortOneNothingIsSetUp(t *testing.T) {
	s := bare(t)
	s.secret = ""
	s.waits(t, false)
	wants(t, s.open(t, s.setup(t), "", "Eve", password), invite.ErrSecret)
	s.secret = "letmein"
	wants(t, s.open(t, s.setup(t), "letmein", "Eve", password), invite.ErrShort)
	broken := s.setup(t)
	broken.Secret = func(context.Context) (string, error) { return "", errors.New("the parameter store is away") }
	if _, err := broken.Waiting(t.Context()); err == nil {
		t.Error("a secret that can't be read is taken for none")
	}
}

func TestAFirmThatIsThereEndsTheSetUp(t *testing.T) {
	s := bare(t)
	firmtest.In(t, s.desk.House, s.clock)
	s.waits(t, false)
	wants(t, s.open(t, s.setup(t), theSecret, "Eve", password), invite.ErrSecret)
	if ids, err := s.desk.House.Firms(t.Context()); err != nil || len(ids) != 1 {
		t.Error(ids, err)
	}
}

func TestAFirmsIDIsAUUIDSinceItEndsItsWebhooksAddress(t *testing.T) {
	s := bare(t)
	wants(t, s.open(t, s.setup(t), theSecret, "Eve", password), nil)
	ids, err := s.desk.House.Firms(t.Context())
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	id, err := uuid.Parse(ids[0])
	if err != nil || id.String() != ids[0] || id.Version() != 8 {
		t.Error("no UUID:", ids[0], err)
	}
}
