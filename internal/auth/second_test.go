package auth_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

// app is an authenticator app: it knows the key and the time, and nothing of our code.
type app struct {
	clock *firmtest.Clock
	key   []byte
}

func (a app) code(later time.Duration) string {
	m := hmac.New(sha1.New, a.key)
	_ = binary.Write(m, binary.BigEndian, uint64(a.clock.Now().Add(later).Unix()/30))
	sum := m.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff)%1000000)
}

// on turns Ada's second factor on, and returns her app, and her recovery codes.
func on(t *testing.T, o *firmtest.Office, d *auth.Desk) (app, []string) {
	t.Helper()
	if err := d.BeginSecond(t.Context(), o.Ask(o.Admin)); err != nil {
		t.Fatal(err)
	}
	setup, err := d.PendingSecond(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	a := appOf(t, o, setup)
	codes, err := d.ConfirmSecond(t.Context(), o.Ask(o.Admin), a.code(0))
	if err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(30 * time.Second) // the code that turned it on is used
	return a, codes
}

// appOf is the app that was told a key.
func appOf(t *testing.T, o *firmtest.Office, setup auth.Setup) app {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(setup.Key, " ", ""))
	if err != nil || len(key) != 20 {
		t.Fatal(setup.Key, err)
	}
	return app{o.Clock, key}
}

// half signs in with the password, and wants to be asked for a code.
func half(t *testing.T, d *auth.Desk, place auth.Place) *auth.Half {
	t.Helper()
	c, err := d.SignIn(t.Context(), place, email, password)
	var h *auth.Half
	if !errors.As(err, &h) || c != (firm.Caller{}) {
		t.Fatal(c, err)
	}
	return h
}

func TestACodeFollowsThePasswordOnceItIsTurnedOn(t *testing.T) {
	o, d := staffed(t)
	a, _ := on(t, o, d)
	c, err := d.Second(t.Context(), home, half(t, d, home), a.code(0)[:3]+" "+a.code(0)[3:])
	if err != nil || c.Person != o.Admin.Person {
		t.Fatal(c, err)
	}
	if s := own(t, d, c).Sessions[0]; s.By != "password and code" {
		t.Error(s.By)
	}
	_, err = d.Second(t.Context(), home, half(t, d, home), a.code(0))
	wants(t, err, auth.ErrCode) // it was used
	o.Clock.Advance(30 * time.Second)
	_, err = d.Second(t.Context(), home, half(t, d, home), a.code(-time.Minute))
	wants(t, err, auth.ErrCode)
	if _, err = d.Second(t.Context(), home, half(t, d, home), a.code(30*time.Second)); err != nil {
		t.Fatal("the app's clock may be half a minute ahead:", err)
	}
	_, err = d.Second(t.Context(), home, half(t, d, home), a.code(0))
	wants(t, err, auth.ErrCode) // an older one than was used
	if log := audited(t, o); log[0] != `signin.failed {"by":"password and code"}` {
		t.Error(log[0])
	}
}

func TestNothingIsTurnedOnBeforeTheAppShowsTheRightCode(t *testing.T) {
	o, d := staffed(t)
	_, err := d.ConfirmSecond(t.Context(), o.Ask(o.Admin), "123456")
	wants(t, err, auth.ErrNoSetup)
	if err := d.BeginSecond(t.Context(), o.Ask(o.Admin)); err != nil {
		t.Fatal(err)
	}
	_, err = d.ConfirmSecond(t.Context(), o.Ask(o.Admin), "not a code")
	wants(t, err, auth.ErrFirstCode)
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(30 * time.Minute)
	_, err = d.PendingSecond(t.Context(), o.Admin)
	wants(t, err, auth.ErrNoSetup)
	wants(t, d.BeginSecond(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByVoice)), firm.ErrForbidden)
}

func TestARecoveryCodeSignsInOnce(t *testing.T) {
	o, d := staffed(t)
	_, codes := on(t, o, d)
	if len(codes) != 10 || len(codes[0]) != 11 {
		t.Fatal(codes)
	}
	c, err := d.Second(t.Context(), home, half(t, d, home), " "+strings.ToUpper(codes[3]))
	if err != nil {
		t.Fatal(err)
	}
	if mine := own(t, d, c); mine.Recovery != 9 || mine.Sessions[0].By != "password and recovery code" {
		t.Error(mine.Recovery, mine.Sessions[0].By)
	}
	_, err = d.Second(t.Context(), home, half(t, d, home), codes[3])
	wants(t, err, auth.ErrCode)
	if _, err = d.Second(t.Context(), home, half(t, d, home), codes[4]); err != nil {
		t.Fatal(err)
	}
}

func TestNewRecoveryCodesEndTheOldAndAreShownOnce(t *testing.T) {
	o, d := staffed(t)
	_, err := d.NewRecoveryCodes(t.Context(), o.Ask(o.Admin))
	wants(t, err, auth.ErrNoSecond)
	_, old := on(t, o, d)
	ask := o.Ask(o.Admin)
	codes, err := d.NewRecoveryCodes(t.Context(), ask)
	if err != nil || len(codes) != 10 {
		t.Fatal(codes, err)
	}
	_, err = d.NewRecoveryCodes(t.Context(), ask)
	wants(t, err, auth.ErrShown)
	_, err = d.Second(t.Context(), home, half(t, d, home), old[0])
	wants(t, err, auth.ErrCode)
	if _, err = d.Second(t.Context(), home, half(t, d, home), codes[0]); err != nil {
		t.Fatal(err)
	}
}

func TestTheStoreTellsNoCodeAndNoKey(t *testing.T) {
	o, d := staffed(t)
	a, codes := on(t, o, d)
	key := base32.StdEncoding.EncodeToString(a.key)
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		value := string(r.Value)
		for _, secret := range []string{codes[0], strings.ReplaceAll(codes[0], "-", ""), key, string(a.key)} {
			if strings.Contains(value, secret) {
				t.Errorf("in %s", r.Partition)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.House.Pepper = []byte(strings.Repeat("q", 32)) // a copy of the database under another pepper
	_, err = d.Second(t.Context(), home, &auth.Half{Firm: o.Firm.ID, Person: o.Admin.Person, Until: o.Clock.Now().Add(time.Minute)}, a.code(0))
	if err == nil {
		t.Error("the key opened under another pepper")
	}
}

func TestGuessesAtACodeWaitLongerAndLongerButNotForEver(t *testing.T) {
	o, d := staffed(t)
	a, _ := on(t, o, d)
	h := half(t, d, other)
	for range 5 {
		_, err := d.Second(t.Context(), other, h, "wrong-codes")
		wants(t, err, auth.ErrCode)
	}
	_, err := d.Second(t.Context(), other, h, a.code(0))
	wants(t, err, auth.ErrWait)
	if _, err := d.Second(t.Context(), home, half(t, d, home), a.code(0)); err != nil {
		t.Fatal("another place is kept out:", err)
	}
	o.Clock.Advance(15 * time.Minute)
	if _, err := d.Second(t.Context(), other, half(t, d, other), a.code(0)); err != nil {
		t.Fatal("locked out for longer than the longest wait:", err)
	}
	for range 5 { // forgiven
		_, err := d.Second(t.Context(), other, half(t, d, other), "wrong-codes")
		wants(t, err, auth.ErrCode)
	}
}

func TestAnUnfinishedSignInEnds(t *testing.T) {
	o, d := staffed(t)
	a, _ := on(t, o, d)
	h := half(t, d, home)
	o.Clock.Advance(10 * time.Minute)
	_, err := d.Second(t.Context(), home, h, a.code(0))
	wants(t, err, auth.ErrHalf)
}

func TestThePasswordAloneIsNotForgivenTheCodeIs(t *testing.T) {
	o, d := staffed(t)
	on(t, o, d)
	for range 5 {
		half(t, d, other)
	}
	_, err := d.SignIn(t.Context(), other, email, password)
	wants(t, err, auth.ErrWait) // who knows the password alone gets no further tries by it
}

func TestTurnedOffThePasswordIsEnoughAgain(t *testing.T) {
	o, d, key := keyed(t)
	on(t, o, d)
	if err := d.DropSecond(t.Context(), o.Ask(o.Admin)); err != nil {
		t.Fatal(err)
	}
	c, err := d.SignIn(t.Context(), home, email, password)
	if err != nil {
		t.Fatal(err)
	}
	if mine := own(t, d, c); mine.Recovery != 0 || mine.Ways != (auth.Ways{Password: true, Passkey: true}) || !mine.Since.IsZero() {
		t.Error(mine)
	}
	if _, err := d.Enter(t.Context(), home, key.get(challenge(t, d))); err != nil {
		t.Fatal("the passkey ended with it:", err)
	}
}

func TestAnAdminClearsWhatSomebodyLost(t *testing.T) {
	o, d, key := keyed(t)
	on(t, o, d)
	in, err := d.Enter(t.Context(), home, key.get(challenge(t, d)))
	if err != nil {
		t.Fatal(err)
	}
	ben := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole)
	wants(t, d.ClearFactors(t.Context(), o.Ask(ben), o.Admin.Person), firm.ErrForbidden)
	wants(t, d.ClearFactors(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByVoice), o.Admin.Person), firm.ErrForbidden)
	wants(t, d.ClearFactors(t.Context(), o.Ask(o.Admin), "nobody"), firm.ErrNoPerson)
	if err := d.ClearFactors(t.Context(), o.Ask(o.Admin), o.Admin.Person); err != nil {
		t.Fatal(err)
	}
	_, err = o.House.Get(t.Context(), in)
	wants(t, err, firm.ErrUnlinked)
	if _, err := d.SignIn(t.Context(), home, email, password); err != nil {
		t.Fatal(err)
	}
}
