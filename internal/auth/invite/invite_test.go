package invite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

const (
	password = "seven quiet otters rowing"
	another  = "nine green lamps humming"
)

// reception is a firm, its links, and the mails that were sent.
type reception struct {
	*firmtest.Office
	desk *invite.Desk
	mu   sync.Mutex
	sent []invite.Letter
}

func open(t *testing.T) *reception {
	t.Helper()
	return openIn(t, firmtest.Open(t))
}

func openIn(t *testing.T, o *firmtest.Office) *reception {
	t.Helper()
	tokens := &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: o.Clock.Now}
	r := &reception{Office: o, desk: &invite.Desk{House: o.House, Auth: &auth.Desk{House: o.House}, Tokens: tokens, Base: "https://clerk.test"}}
	if err := r.desk.Auth.SetPassword(t.Context(), r.console(), o.Admin.Person, "ada@demo.test", password); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *reception) console() firm.Caller { return firmtest.On(r.Ask(r.Admin), firm.ByConsole) }

func (r *reception) request() string { return "form-" + r.House.NewID() }

// mail delivers what waits and returns the new letters.
func (r *reception) mail(t *testing.T) []invite.Letter {
	t.Helper()
	r.sent = nil
	handlers := map[string]outbox.Handler{}
	for _, kind := range invite.Kinds() {
		handlers[kind] = func(ctx context.Context, m outbox.Message) error {
			if bytes.Contains(m.Payload, []byte("@")) || bytes.Contains(m.Payload, []byte("bcm1")) {
				t.Errorf("a message holds %s", m.Payload)
			}
			l, ok, err := r.desk.Letter(ctx, m)
			if again, _, _ := r.desk.Letter(ctx, m); again != l {
				t.Error("a letter written again is another one")
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if ok {
				r.sent = append(r.sent, l)
			}
			return err
		}
	}
	post := outbox.Post{Store: r.House.Store, Now: r.Clock.Now, Jitter: r.House.Jitter, Handlers: handlers, Workers: 1,
		Failed: func(_ context.Context, _ outbox.Message, err error) { t.Error(err) }}
	if _, err := post.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.sent
}

var address = regexp.MustCompile(`https://clerk\.test/welcome/(\S+)`)

// link returns the token of the only letter with a link.
func (r *reception) link(t *testing.T, to string) string {
	t.Helper()
	var found []string
	for _, l := range r.mail(t) {
		if m := address.FindStringSubmatch(l.Text); m != nil && l.To == to {
			found = append(found, m[1])
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d links to %s", len(found), to)
	}
	return found[0]
}

func (r *reception) invited(t *testing.T, email string) (firm.Person, string) {
	t.Helper()
	p, err := r.House.Invite(t.Context(), r.console(), firm.Person{Email: email, Role: firm.Lawyer})
	if err != nil {
		t.Fatal(err)
	}
	return p, r.link(t, email)
}

func (r *reception) signIn(t *testing.T, email, password string) error {
	t.Helper()
	r.Clock.Advance(time.Hour) // whatever waits for an earlier failure is over
	_, err := r.desk.Auth.SignIn(t.Context(), auth.Place{Addr: netip.MustParseAddr("192.0.2.1")}, email, password)
	return err
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v; want %v", err, want)
	}
}

func TestAnInvitedPersonChoosesNameAndPasswordAndSignsIn(t *testing.T) {
	r := open(t)
	p, link := r.invited(t, "cleo@demo.test")
	w, err := r.desk.View(t.Context(), link)
	if err != nil || w != (invite.Welcome{For: invite.ForInvitation, Firm: "Demo and Partners", Email: "cleo@demo.test"}) {
		t.Fatal(w, err)
	}
	email, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo Clark", password)
	if err != nil || email != "cleo@demo.test" {
		t.Fatal(email, err)
	}
	if err := r.signIn(t, email, password); err != nil {
		t.Fatal(err)
	}
	_, err = r.desk.Accept(t.Context(), link, r.request(), "Mallory", another)
	wants(t, err, invite.ErrLink)
	_, err = r.desk.View(t.Context(), link)
	wants(t, err, invite.ErrLink)
	log, _, err := r.House.Audit(t.Context(), r.Admin, "2026-11", "")
	if err != nil || log[1].Action != "person.accept" || log[1].Subject != "person/"+p.ID || log[1].Channel != firm.BySetup {
		t.Fatal(log[1], err)
	}
}

func TestWhatIsWrongWithAnAcceptanceLeavesTheLinkAsItWas(t *testing.T) {
	r := open(t)
	_, link := r.invited(t, "cleo@demo.test")
	for name, c := range map[string]struct {
		name, password string
		want           error
	}{
		"a short password": {"Cleo", "short", auth.ErrPassword}, "a common one": {"Cleo", "password1234", auth.ErrCommon},
		"one of her own words": {"Cleo Clark", "cleo@demo.test", auth.ErrOwn}, "no name": {"", password, firm.ErrPersonName},
	} {
		if _, err := r.desk.Accept(t.Context(), link, r.request(), c.name, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", password); err != nil {
		t.Error(err)
	}
}

func TestAnAddressOfAnotherFirmsAccountIsNotTakenOver(t *testing.T) {
	r := open(t)
	other := firmtest.In(t, r.House, r.Clock)
	if _, err := r.House.Invite(t.Context(), firmtest.On(other.Ask(other.Admin), firm.ByConsole), firm.Person{Email: "ADA@demo.test", Role: firm.Admin}); !errors.Is(err, firm.ErrSameEmail) {
		t.Fatal(err) // the other firm's own first admin has it
	}
	if _, err := r.House.Invite(t.Context(), firmtest.On(other.Ask(other.Admin), firm.ByConsole), firm.Person{Email: "cleo@demo.test", Role: firm.Admin}); err != nil {
		t.Fatal(err)
	}
	theirs := r.link(t, "cleo@demo.test")
	_, ours := r.invited(t, "cleo@demo.test")
	if _, err := r.desk.Accept(t.Context(), ours, r.request(), "Cleo", password); err != nil {
		t.Fatal(err)
	}
	_, err := r.desk.Accept(t.Context(), theirs, r.request(), "Cleo", another)
	wants(t, err, auth.ErrTaken)
	if err := r.signIn(t, "cleo@demo.test", password); err != nil {
		t.Error(err)
	}
}

func TestALetterWhoseLinkIsOverIsNotSent(t *testing.T) {
	r := open(t)
	p, err := r.House.Invite(t.Context(), r.console(), firm.Person{Email: "cleo@demo.test", Role: firm.Lawyer})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.House.Withdraw(t.Context(), r.console(), p.ID); err != nil {
		t.Fatal(err)
	}
	if sent := r.mail(t); len(sent) != 0 {
		t.Error(sent)
	}
}

func TestAResetWorksOnceAndEndsSessions(t *testing.T) {
	r := open(t)
	session, err := r.desk.Auth.SignIn(t.Context(), auth.Place{}, "ada@demo.test", password)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() string {
		if err := r.desk.AskReset(t.Context(), " ADA@demo.test"); err != nil {
			t.Fatal(err)
		}
		return r.link(t, "ada@demo.test")
	}
	first, second := ask(), ask()
	wants(t, r.desk.Reset(t.Context(), first, r.request(), "short"), auth.ErrPassword)
	if err := r.desk.Reset(t.Context(), second, r.request(), another); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{first, second} {
		wants(t, r.desk.Reset(t.Context(), link, r.request(), password), invite.ErrLink)
	}
	_, err = r.House.Get(t.Context(), session)
	wants(t, err, firm.ErrUnlinked)
	wants(t, r.signIn(t, "ada@demo.test", password), auth.ErrSignIn)
	if err := r.signIn(t, "ada@demo.test", another); err != nil {
		t.Fatal(err)
	}
}

func TestAResetIsOverAfterHalfAnHourAndForWhoLeft(t *testing.T) {
	r := open(t)
	ask := func(email string) string {
		if err := r.desk.AskReset(t.Context(), email); err != nil {
			t.Fatal(err)
		}
		return r.link(t, email)
	}
	link := ask("ada@demo.test")
	r.Clock.Advance(invite.ResetTime - time.Second)
	if _, err := r.desk.View(t.Context(), link); err != nil {
		t.Error("just before", err)
	}
	r.Clock.Advance(time.Second)
	wants(t, r.desk.Reset(t.Context(), link, r.request(), another), invite.ErrLink)

	_, invitation := r.invited(t, "cleo@demo.test")
	if _, err := r.desk.Accept(t.Context(), invitation, r.request(), "Cleo", password); err != nil {
		t.Fatal(err)
	}
	link = ask("cleo@demo.test")
	r.change(t, "cleo@demo.test", func(p *firm.Person) { p.Active = false })
	wants(t, r.desk.Reset(t.Context(), link, r.request(), another), invite.ErrLink)
	if err := r.desk.AskReset(t.Context(), "cleo@demo.test"); err != nil || len(r.mail(t)) != 0 {
		t.Error("who left can ask for nothing", err)
	}
}

func (r *reception) change(t *testing.T, email string, f func(*firm.Person)) {
	t.Helper()
	p := r.person(t, email)
	f(&p)
	if _, err := r.House.ChangePerson(t.Context(), r.console(), p); err != nil {
		t.Fatal(err)
	}
}

func (r *reception) person(t *testing.T, email string) firm.Person {
	t.Helper()
	people, err := r.House.People(t.Context(), r.Admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Email == email {
			return p
		}
	}
	t.Fatal("nobody has that address")
	return firm.Person{}
}

// TestAskingTellsNothing: the same answer after the same trips, for somebody's address and for nobody's, also when
// it was asked too often.
func TestAskingForAResetTellsNothing(t *testing.T) {
	r := open(t)
	cost := func(email string) (string, int) {
		ctx, trips := store.CountTrips(t.Context())
		err := r.desk.AskReset(ctx, email)
		return fmt.Sprint(err, trips()), len(r.mail(t))
	}
	for i := range auth.MaxAsked + 1 {
		known, sent := cost("ada@demo.test")
		nobody, none := cost("eve@demo.test")
		if known != nobody || none != 0 || (sent == 1) != (i < auth.MaxAsked) {
			t.Errorf("%d: %s and %s, %d and %d mails", i, known, nobody, sent, none)
		}
	}
	r.Clock.Advance(time.Hour)
	if known, sent := cost("ada@demo.test"); sent != 1 {
		t.Error("an hour later", known, sent)
	}
}

func TestAnAddressChangesOnceItIsConfirmed(t *testing.T) {
	r := open(t)
	if err := r.desk.AskReset(t.Context(), "ada@demo.test"); err != nil {
		t.Fatal(err)
	}
	reset := r.link(t, "ada@demo.test")
	if err := r.desk.AskAddress(t.Context(), r.console(), r.Admin.Person, " ada@elsewhere.test "); err != nil {
		t.Fatal(err)
	}
	sent := r.mail(t)
	if len(sent) != 2 {
		t.Fatal(sent)
	}
	var link string
	for _, l := range sent {
		m := address.FindStringSubmatch(l.Text)
		if (l.To == "ada@elsewhere.test") != (m != nil) || l.To != "ada@elsewhere.test" && l.To != "ada@demo.test" {
			t.Errorf("to %s: %s", l.To, l.Text)
		}
		if m != nil {
			link = m[1]
		}
	}
	if err := r.signIn(t, "ada@demo.test", password); err != nil {
		t.Fatal("until it is confirmed the old one signs in", err)
	}
	if err := r.desk.ConfirmAddress(t.Context(), link, r.request()); err != nil {
		t.Fatal(err)
	}
	wants(t, r.desk.ConfirmAddress(t.Context(), link, r.request()), invite.ErrLink)
	wants(t, r.desk.Reset(t.Context(), reset, r.request(), another), invite.ErrLink)
	wants(t, r.signIn(t, "ada@demo.test", password), auth.ErrSignIn)
	if err := r.signIn(t, "ada@elsewhere.test", password); err != nil || r.person(t, "ada@elsewhere.test").ID != r.Admin.Person {
		t.Fatal(err)
	}
}

func TestAnAddressThatCannotBeTaken(t *testing.T) {
	r := open(t)
	_, link := r.invited(t, "cleo@demo.test")
	if _, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", password); err != nil {
		t.Fatal(err)
	}
	ben := r.Hire(t, "Ben", firm.Lawyer)
	other := firmtest.In(t, r.House, r.Clock)
	for name, c := range map[string]struct{ err, want error }{
		"by voice":                           {r.desk.AskAddress(t.Context(), r.Admin, r.Admin.Person, "a@demo.test"), firm.ErrForbidden},
		"a colleague's":                      {r.desk.AskAddress(t.Context(), firmtest.On(r.Ask(ben), firm.ByConsole), r.Admin.Person, "a@demo.test"), firm.ErrForbidden},
		"another firm's":                     {r.desk.AskAddress(t.Context(), firmtest.On(other.Ask(other.Admin), firm.ByConsole), r.Admin.Person, "a@demo.test"), firm.ErrNoPerson},
		"no address":                         {r.desk.AskAddress(t.Context(), r.console(), r.Admin.Person, "x\r\nBcc: y@demo.test"), firm.ErrPersonEmail},
		"the same":                           {r.desk.AskAddress(t.Context(), r.console(), r.Admin.Person, "Ada@demo.test"), firm.ErrSameEmail},
		"somebody else's, which is not told": {r.desk.AskAddress(t.Context(), r.console(), r.Admin.Person, "cleo@demo.test"), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	wants(t, r.desk.ConfirmAddress(t.Context(), r.link(t, "cleo@demo.test"), r.request()), auth.ErrTaken)
	if err := r.signIn(t, "cleo@demo.test", password); err != nil {
		t.Error(err)
	}
}

func TestALinkIsGoodForWhatItWasMadeFor(t *testing.T) {
	r := open(t)
	_, invitation := r.invited(t, "cleo@demo.test")
	if err := r.desk.AskReset(t.Context(), "ada@demo.test"); err != nil {
		t.Fatal(err)
	}
	reset := r.link(t, "ada@demo.test")
	pay := r.desk.Tokens.Pay(r.Firm.ID, "invoice")
	for name, err := range map[string]error{
		"reset by an invitation":     r.desk.Reset(t.Context(), invitation, r.request(), another),
		"confirm by a reset":         r.desk.ConfirmAddress(t.Context(), reset, r.request()),
		"accept by a reset":          second(r.desk.Accept(t.Context(), reset, r.request(), "Eve", another)),
		"a payer's link":             second2(r.desk.View(t.Context(), pay)),
		"nothing":                    second2(r.desk.View(t.Context(), "")),
		"a forged one":               second2(r.desk.View(t.Context(), reset[:len(reset)-4]+"AAAA")),
		"one of a firm that is gone": second2(r.desk.View(t.Context(), r.desk.Tokens.Mail(token.Mailed{Kind: "reset", Firm: "gone", Person: "p", ID: "i"}))),
		"of an unknown kind":         second2(r.desk.View(t.Context(), r.desk.Tokens.Mail(token.Mailed{Kind: "other", Firm: r.Firm.ID, Person: r.Admin.Person, ID: "i"}))),
	} {
		if !errors.Is(err, invite.ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ string, err error) error          { return err }
func second2(_ invite.Welcome, err error) error { return err }

func TestSigningUpOpensAFirmForWhoHasTheAddress(t *testing.T) {
	r := open(t)
	f := firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}
	for range auth.MaxAsked + 1 {
		if err := r.desk.SignUp(t.Context(), f, "Eve", "eve@marsh.test"); err != nil {
			t.Fatal(err)
		}
	}
	letters := r.mail(t)
	ids, err := r.House.Firms(t.Context())
	if err != nil || len(ids) != 1+auth.MaxAsked || len(letters) != auth.MaxAsked || letters[0].Firm != "Marsh and Vale" {
		t.Fatal(ids, letters, err)
	}
	link := address.FindStringSubmatch(letters[0].Text)[1]
	if _, err := r.desk.Accept(t.Context(), link, r.request(), "Eve Vale", password); err != nil {
		t.Fatal(err)
	}
	if err := r.signIn(t, "eve@marsh.test", password); err != nil {
		t.Error(err)
	}
	wants(t, r.desk.SignUp(t.Context(), firm.Firm{Name: "X", Zone: "Mars/Olympus", Currency: "GBP"}, "E", "e@x.test"), firm.ErrZone)
}

func TestLettersAreShortAndPlain(t *testing.T) {
	r := open(t)
	r.invited(t, "cleo@demo.test")
	for _, l := range r.sent {
		if len(l.Text) > 700 || !strings.Contains(l.Text, "Demo and Partners") || strings.Contains(l.Text, "<") || !strings.Contains(l.Text, "November 30, 2026") {
			t.Errorf("%s", l.Text)
		}
	}
}
