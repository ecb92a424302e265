//go:build browser

package local

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/web/webtest"
)

// signing is Ada in a browser, at the address where passkeys work.
type signing struct {
	*webtest.Browser
	house *house
	url   string
}

func (s signing) in(password string) {
	s.Go(s.url + "/signin?next=/console/account")
	s.Type("#email", DemoEmail)
	s.Type("#password", password)
	s.Follow("form[action='/signin'] button")
}

func (s signing) out() {
	s.Follow("form[action='/signout'] button")
	s.Says("You are signed out.")
}

// authenticator makes the codes of a key as an app does, RFC 6238.
func authenticator(t *testing.T, clock *firmtest.Clock, key string) func() string {
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(key, err)
	}
	return func() string {
		clock.Advance(30 * time.Second) // each code counts once
		m := hmac.New(sha1.New, secret)
		_ = binary.Write(m, binary.BigEndian, clock.Now().Unix()/30)
		sum := m.Sum(nil)
		return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1_000_000)
	}
}

func TestALawyersOwnAccountInABrowser(t *testing.T) {
	clock := firmtest.NewClock()
	h := move(t, t.TempDir(), clock, nil)
	b := webtest.Open(t)
	s := signing{b, h, strings.Replace(h.URL, "127.0.0.1", "localhost", 1)}
	b.Authenticator()

	b.Go(h.URL + "/signin")
	b.Says("Passkeys need a name instead of a number")
	s.Go(s.url + "/signin")
	b.Shoot("signin")
	s.in("not her password")
	b.Says("That e-mail address and password don't match.")
	b.Shoot("signin-wrong")
	s.in(h.Demo.Password)
	b.Says("Your account", "You sign in with a password", "by password", "this one")

	// A passkey, then in with it alone.
	b.Type("#passkey-name", "Work phone")
	b.Follow("#new-passkey button")
	b.Says("The passkey is added.", "Work phone", "not used yet")
	s.out()
	b.Follow("#passkey button")
	if at, _ := url.Parse(b.At()); at.Path != "/console/" {
		t.Fatal("the passkey led to", b.At())
	}
	b.Go(s.url + "/console/account")
	b.Says("last used", "by passkey", "this one")

	// The second factor.
	b.Follow("#second form button")
	b.Shoot("second")
	code := authenticator(t, clock, b.Text(".key"))
	b.Type("#code", "12")
	b.Follow("form[action='/console/account/second'] button")
	b.Says("That is not the code")
	b.Type("#code", code())
	b.Follow("form[action='/console/account/second'] button")
	b.Says("The second factor is on.", "They are shown this once")
	b.Shoot("codes")
	recovery := strings.Fields(b.Text(".codes"))
	if len(recovery) != 10 {
		t.Fatal(recovery)
	}
	b.Follow("main a[href='/console/account']")
	b.Says("10 recovery codes left")
	s.out()
	s.in(h.Demo.Password)
	b.Says("Your account has a second factor")
	b.Shoot("code")
	b.Type("#code", "000000")
	b.Follow("form[action='/signin/code'] button")
	b.Says("That code is not right")
	b.Type("#code", code())
	b.Follow("form[action='/signin/code'] button")
	b.Says("Your account", "by password and code")
	s.out()
	s.in(h.Demo.Password)
	b.Type("#code", recovery[0])
	b.Follow("form[action='/signin/code'] button")
	b.Says("9 recovery codes left", "by password and recovery code")

	// Somewhere else too.
	other := signing{webtest.Open(t), h, s.url}
	other.in(h.Demo.Password)
	other.Type("#code", recovery[1])
	other.Follow("form[action='/signin/code'] button")
	other.Says("Your account")

	// The voice code asks who it is first, and then for the form again.
	clock.Advance(11 * time.Minute)
	s.setCode("471100")
	b.Says("Is it you?", "Nothing was changed yet.")
	b.Shoot("again")
	b.Type("#password", h.Demo.Password)
	b.Follow("form[action='/signin/again']:has(#password) button")
	b.Says("Your account")
	s.setCode("471100")
	b.Says("Your voice code is set.")
	ada := h.Demo.AdaLink
	ada.Request = app.NewID()
	if err := h.House.Prove(t.Context(), ada, "471100"); err != nil {
		t.Fatal("the code that was set is not the one that is asked for:", err)
	}

	clock.Advance(11 * time.Minute) // and by passkey
	s.setCode("815100")
	b.Follow("#passkey button")
	s.setCode("815100")
	b.Says("Your voice code is set.")

	b.Shoot("account")
	b.Follow("form[action='/console/account/sessions/end'] button")
	b.Says("You are signed out everywhere else.")
	other.Go(s.url + "/console/account")
	if !strings.Contains(other.At(), "/signin?") {
		t.Fatal("the ended session still opens", other.At())
	}
}

// setCode sends the form of the voice code.
func (s signing) setCode(digits string) {
	s.Click("#code summary")
	s.Type("#voice-code", digits)
	s.Type("#voice-code-again", digits)
	s.Follow("form[action='/console/account/code'] button")
}
