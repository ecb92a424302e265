package token_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func tokens(clock *firmtest.Clock, keys ...[]byte) *token.Signer {
	return &token.Signer{Keys: keys, Now: clock.Now}
}

var caller = firm.Caller{Firm: "f-1", Person: "p-1", Grant: "g-1", Channel: firm.ByVoice}

func TestAnAccessTokenCarriesItsCallerUntilItExpires(t *testing.T) {
	clock := firmtest.NewClock()
	ts := tokens(clock, key('a'))
	text := ts.Access(caller, time.Hour)
	if c, err := ts.Open(text); err != nil || c != caller {
		t.Fatal(c, err)
	}
	clock.Advance(time.Hour - time.Second)
	if _, err := ts.Open(text); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Second)
	if _, err := ts.Open(text); !errors.Is(err, token.ErrToken) {
		t.Fatal(err)
	}
}

func TestAPayTokenOpensItsInvoiceForEver(t *testing.T) {
	clock := firmtest.NewClock()
	ts := tokens(clock, key('a'))
	text := ts.Pay("f-1", "i-1")
	clock.Advance(10 * 365 * 24 * time.Hour)
	if f, i, err := ts.OpenPay(text); err != nil || f != "f-1" || i != "i-1" {
		t.Fatal(f, i, err)
	}
	if text != ts.Pay("f-1", "i-1") {
		t.Fatal("two links for one invoice")
	}
}

func TestATokenForAnotherPurposeIsRefused(t *testing.T) {
	ts := tokens(firmtest.NewClock(), key('a'))
	if _, err := ts.Open(ts.Pay("f-1", "i-1")); !errors.Is(err, token.ErrToken) {
		t.Fatal(err)
	}
	if _, _, err := ts.OpenPay(ts.Access(caller, time.Hour)); !errors.Is(err, token.ErrToken) {
		t.Fatal(err)
	}
	// Nor does it help to write another purpose on it.
	if _, _, err := ts.OpenPay(strings.Replace(ts.Access(caller, time.Hour), "bca1", "bcp1", 1)); !errors.Is(err, token.ErrToken) {
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
	if _, err := tokens(clock, key('b')).Open(old); !errors.Is(err, token.ErrToken) {
		t.Fatal("a key that is gone opens", err)
	}
}

func TestAShortKeyNeitherSignsNorOpens(t *testing.T) {
	ts := tokens(firmtest.NewClock(), []byte("short"))
	if _, err := ts.Open("bca1.x.x.x"); !errors.Is(err, token.ErrToken) {
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
	text := ts.Access(caller, time.Hour)
	for i := range len(text) {
		for bit := range 8 {
			b := []byte(text)
			b[i] ^= 1 << bit
			if _, err := ts.Open(string(b)); !errors.Is(err, token.ErrToken) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
		if _, err := ts.Open(text[:i]); !errors.Is(err, token.ErrToken) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func TestASignedTokenWithoutAWholeCallerIsRefused(t *testing.T) {
	ts := tokens(firmtest.NewClock(), key('a'))
	for _, c := range []firm.Caller{
		{}, {Firm: "f", Person: "p"}, {Firm: "f", Grant: "g"}, {Person: "p", Grant: "g"}, {Firm: "a/b", Person: "p", Grant: "g"},
	} {
		if got, err := ts.Open(ts.Access(c, time.Hour)); !errors.Is(err, token.ErrToken) || got != (firm.Caller{}) {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	if _, _, err := ts.OpenPay(ts.Pay("f/x", "i")); !errors.Is(err, token.ErrToken) {
		t.Error(err)
	}
}

// A text that names another firm than its person's proves nothing there.
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
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ts.Open(text); (err == nil) != (text == good) || err != nil && c != (firm.Caller{}) {
			t.Fatalf("%q opens as %+v, %v", text, c, err)
		}
		if firmID, invoice, err := ts.OpenPay(text); (err == nil) != (text == link) || err != nil && firmID+invoice != "" {
			t.Fatalf("%q opens as %s %s, %v", text, firmID, invoice, err)
		}
	})
}
