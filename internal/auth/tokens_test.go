package auth_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func tokens(clock *firmtest.Clock, keys ...[]byte) *auth.Tokens {
	return &auth.Tokens{Keys: keys, Now: clock.Now}
}

var caller = firm.Caller{Firm: "f-1", Person: "p-1", Grant: "g-1", Channel: firm.ByVoice}

func TestAnAccessTokenCarriesItsCallerUntilItExpires(t *testing.T) {
	clock := firmtest.NewClock()
	ts := tokens(clock, key('a'))
	token := ts.Access(caller, time.Hour)
	if c, err := ts.Open(token); err != nil || c != caller {
		t.Fatal(c, err)
	}
	clock.Advance(time.Hour - time.Second)
	if _, err := ts.Open(token); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Second)
	if _, err := ts.Open(token); !errors.Is(err, auth.ErrToken) {
		t.Fatal(err)
	}
}

func TestAPayTokenOpensItsInvoiceForEver(t *testing.T) {
	clock := firmtest.NewClock()
	ts := tokens(clock, key('a'))
	token := ts.Pay("f-1", "i-1")
	clock.Advance(10 * 365 * 24 * time.Hour)
	if f, i, err := ts.OpenPay(token); err != nil || f != "f-1" || i != "i-1" {
		t.Fatal(f, i, err)
	}
	if token != ts.Pay("f-1", "i-1") {
		t.Fatal("two links for one invoice")
	}
}

func TestATokenForAnotherPurposeIsRefused(t *testing.T) {
	ts := tokens(firmtest.NewClock(), key('a'))
	if _, err := ts.Open(ts.Pay("f-1", "i-1")); !errors.Is(err, auth.ErrToken) {
		t.Fatal(err)
	}
	if _, _, err := ts.OpenPay(ts.Access(caller, time.Hour)); !errors.Is(err, auth.ErrToken) {
		t.Fatal(err)
	}
	// Nor does it help to write another purpose on it.
	if _, _, err := ts.OpenPay(strings.Replace(ts.Access(caller, time.Hour), "bca1", "bcp1", 1)); !errors.Is(err, auth.ErrToken) {
		t.Fatal(err)
	}
}

func TestKeysAreReplacedOneByOne(t *testing.T) {
	clock := firmtest.NewClock()
	old := tokens(clock, key('a')).Access(caller, time.Hour)
	both := tokens(clock, key('b'), key('a'))
	if _, err := both.Open(old); err != nil {
		t.Fatal("the old key does not open any more", err)
	}
	fresh := both.Access(caller, time.Hour)
	if _, err := tokens(clock, key('b')).Open(fresh); err != nil {
		t.Fatal("the first key does not sign", err)
	}
	if _, err := tokens(clock, key('b')).Open(old); !errors.Is(err, auth.ErrToken) {
		t.Fatal("a key that is gone opens", err)
	}
}

func TestAShortKeyNeitherSignsNorOpens(t *testing.T) {
	ts := tokens(firmtest.NewClock(), []byte("short"))
	if _, err := ts.Open("bca1.x.x.x"); !errors.Is(err, auth.ErrToken) {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Fatal("signed")
		}
	}()
	ts.Access(caller, time.Hour)
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	ts := tokens(firmtest.NewClock(), key('a'))
	token := ts.Access(caller, time.Hour)
	for i := range len(token) {
		for bit := range 8 {
			b := []byte(token)
			b[i] ^= 1 << bit
			if _, err := ts.Open(string(b)); !errors.Is(err, auth.ErrToken) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
		if _, err := ts.Open(token[:i]); !errors.Is(err, auth.ErrToken) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func TestASignedTokenWithoutAWholeCallerIsRefused(t *testing.T) {
	ts := tokens(firmtest.NewClock(), key('a'))
	for _, c := range []firm.Caller{
		{}, {Firm: "f", Person: "p"}, {Firm: "f", Grant: "g"}, {Person: "p", Grant: "g"}, {Firm: "a/b", Person: "p", Grant: "g"},
	} {
		if got, err := ts.Open(ts.Access(c, time.Hour)); !errors.Is(err, auth.ErrToken) || got != (firm.Caller{}) {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	if _, _, err := ts.OpenPay(ts.Pay("f/x", "i")); !errors.Is(err, auth.ErrToken) {
		t.Error(err)
	}
}

// A token that names another firm than its person's proves nothing there.
func TestATokenOfOneFirmIsWorthNothingInAnother(t *testing.T) {
	o := firmtest.Open(t)
	other := firmtest.In(t, o.House, o.Clock)
	ts := tokens(o.Clock, key('a'))
	crossed := o.Admin
	crossed.Firm = other.Firm.ID
	c, err := ts.Open(ts.Access(crossed, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.House.Get(t.Context(), c); !errors.Is(err, firm.ErrUnlinked) {
		t.Fatal(err)
	}
}

func FuzzOpen(f *testing.F) {
	clock := firmtest.NewClock()
	ts := tokens(clock, key('a'))
	good := ts.Access(caller, time.Hour)
	link := ts.Pay("f-1", "i-1")
	for _, seed := range []string{"", ".", "...", "bca1...", good, link, good + ".", "bca1." + good, strings.ToUpper(good)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := ts.Open(token); (err == nil) != (token == good) || err != nil && c != (firm.Caller{}) {
			t.Fatalf("%q opens as %+v, %v", token, c, err)
		}
		if firmID, invoice, err := ts.OpenPay(token); (err == nil) != (token == link) || err != nil && firmID+invoice != "" {
			t.Fatalf("%q opens as %s %s, %v", token, firmID, invoice, err)
		}
	})
}
