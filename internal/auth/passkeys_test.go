package auth_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// audited lists what the firm's audit holds, the newest first.
func audited(t *testing.T, o *firmtest.Office) (actions []string) {
	t.Helper()
	page, _, err := o.House.Audit(t.Context(), o.Admin, "2026-11", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range page {
		actions = append(actions, a.Action+" "+string(a.After))
	}
	return actions
}

func own(t *testing.T, d *auth.Desk, c firm.Caller) auth.Own {
	t.Helper()
	own, err := d.Own(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func TestAPasskeySignsItsPersonInAlone(t *testing.T) {
	o, d, key := keyed(t)
	if log := audited(t, o); log[0] != `passkey.add "Work phone"` {
		t.Fatal(log)
	}
	on(t, o, d) // a code is not asked for: the passkey checked the person
	o.Clock.Advance(time.Minute)
	c, err := d.Enter(t.Context(), home, key.get(challenge(t, d)))
	if err != nil || c.Firm != o.Firm.ID || c.Person != o.Admin.Person {
		t.Fatal(c, err)
	}
	mine := own(t, d, c)
	if k := mine.Passkeys[0]; k.Name != "Work phone" || !k.Used.Equal(o.Clock.Now()) || !k.Added.Before(k.Used) {
		t.Error(k)
	}
	if s := mine.Sessions[0]; s.By != "passkey" || s.Agent != "Firefox on Linux" || !s.Here {
		t.Error(s)
	}
}

func TestAChallengeIsAnsweredOnce(t *testing.T) {
	_, d, key := keyed(t)
	key.synced = true // so that no counter tells a second answer from the first
	answer := key.get(challenge(t, d))
	var wait sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 8 {
		wait.Go(func() {
			_, err := d.Enter(t.Context(), home, answer)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				in++
			} else if !errors.Is(err, auth.ErrPasskey) && !errors.Is(err, firm.ErrRace) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if in != 1 {
		t.Fatalf("%d got in", in)
	}
}

func TestAWrongAnswerOpensNothingAndIsAudited(t *testing.T) {
	o, d, key := keyed(t)
	ben := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole)
	stranger := newDevice(t)
	if _, err := d.Enter(t.Context(), home, key.get(challenge(t, d))); err != nil { // the counter is known from now on
		t.Fatal(err)
	}
	for name, answer := range map[string]func(device) string{
		"a person not checked":  func(k device) string { k.flags = present; return k.get(challenge(t, d)) },
		"another site":          func(k device) string { k.origin = "https://evil.test"; return k.get(challenge(t, d)) },
		"another site's key":    func(k device) string { k.host = "evil.test"; return k.get(challenge(t, d)) },
		"another key":           func(k device) string { k.key = stranger.key; return k.get(challenge(t, d)) },
		"a counter gone back":   func(k device) string { k.count = 0; return k.get(challenge(t, d)) },
		"a challenge of nobody": func(k device) string { return k.sign(text(make([]byte, 32))) },
		"a challenge too old": func(k device) string {
			options := challenge(t, d)
			o.Clock.Advance(5 * time.Minute)
			return k.get(options)
		},
		"a challenge for adding": func(k device) string {
			options, err := d.NewPasskey(t.Context(), o.Ask(ben), home)
			if err != nil {
				t.Fatal(err)
			}
			return k.get(options)
		},
		"somebody else's name": func(k device) string {
			k.handle = append(append([]byte{}, k.handle[:16]...), make([]byte, 16)...)
			return k.get(challenge(t, d))
		},
		"nobody's name": func(k device) string { k.handle = nil; return k.get(challenge(t, d)) },
		"nothing":       func(device) string { return "" },
		"too much":      func(device) string { return strings.Repeat("{", 20<<10) },
	} {
		if _, err := d.Enter(t.Context(), home, answer(*key)); !errors.Is(err, auth.ErrPasskey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	failed := 0
	for _, line := range audited(t, o) {
		if line == `signin.failed {"by":"passkey"}` {
			failed++
		}
	}
	if failed < 4 {
		t.Errorf("%d failures in the audit", failed)
	}
}

func TestAWrongAnswerUsesTheChallengeUp(t *testing.T) {
	_, d, key := keyed(t)
	options := challenge(t, d)
	bent := *key
	bent.flags = present
	_, err := d.Enter(t.Context(), home, bent.get(options))
	wants(t, err, auth.ErrPasskey)
	_, err = d.Enter(t.Context(), home, key.get(options))
	wants(t, err, auth.ErrPasskey)
}

func TestAPasskeyIsAddedOnlyBySessionThatAsked(t *testing.T) {
	o, d, _ := keyed(t)
	options, err := d.NewPasskey(t.Context(), o.Ask(o.Admin), home)
	if err != nil {
		t.Fatal(err)
	}
	session, err := d.SignIn(t.Context(), other, email, password)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, d.AddPasskey(t.Context(), o.Ask(session), other, "", newDevice(t).create(options)), auth.ErrPasskey)
	_, err = d.NewPasskey(t.Context(), firmtest.On(o.Admin, firm.ByVoice), home)
	wants(t, err, firm.ErrForbidden)
	careless := newDevice(t)
	careless.flags = present
	options, _ = d.NewPasskey(t.Context(), o.Ask(session), home)
	wants(t, d.AddPasskey(t.Context(), o.Ask(session), home, "", careless.create(options)), auth.ErrPasskey)
}

func TestSendingTheSamePasskeyTwiceAddsItOnce(t *testing.T) {
	o, d, _ := keyed(t)
	c := o.Ask(o.Admin)
	options, err := d.NewPasskey(t.Context(), c, home)
	if err != nil {
		t.Fatal(err)
	}
	answer := newDevice(t).create(options)
	for range 2 {
		if err := d.AddPasskey(t.Context(), c, home, "", answer); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, d.AddPasskey(t.Context(), o.Ask(c), home, "", answer), auth.ErrPasskey) // another request: the challenge is used
	keys := own(t, d, o.Admin).Passkeys
	if len(keys) != 2 || keys[1].Name != "Firefox on Linux" {
		t.Fatal(keys)
	}
}

func TestPasskeysAreNamedAndRemovedByTheirPerson(t *testing.T) {
	o, d, key := keyed(t)
	ben := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole)
	id := own(t, d, o.Admin).Passkeys[0].ID
	wants(t, d.RenamePasskey(t.Context(), o.Ask(ben), id, "Mine"), auth.ErrNoPasskey)
	wants(t, d.RemovePasskey(t.Context(), o.Ask(ben), id), auth.ErrNoPasskey)
	wants(t, d.RenamePasskey(t.Context(), o.Ask(o.Admin), id, "  "), auth.ErrPasskeyName)
	wants(t, d.RenamePasskey(t.Context(), o.Ask(o.Admin), id, strings.Repeat("x", 61)), auth.ErrPasskeyName)
	if err := d.RenamePasskey(t.Context(), o.Ask(o.Admin), id, "Old phone"); err != nil || own(t, d, o.Admin).Passkeys[0].Name != "Old phone" {
		t.Fatal(err)
	}
	if err := d.RemovePasskey(t.Context(), o.Ask(o.Admin), id); err != nil {
		t.Fatal(err)
	}
	if log := audited(t, o); !strings.HasPrefix(log[0], "passkey.remove") {
		t.Error(log[0])
	}
	_, err := d.Enter(t.Context(), home, key.get(challenge(t, d)))
	wants(t, err, auth.ErrPasskey)
}

func TestTenPasskeysAreTheMost(t *testing.T) {
	o, d, _ := keyed(t)
	for range 9 {
		give(t, o, d, o.Admin, newDevice(t))
	}
	_, err := d.NewPasskey(t.Context(), o.Ask(o.Admin), home)
	wants(t, err, auth.ErrTooMany)
}

func TestOneNetworkGetsAsManyChallengesAsAnOfficeNeeds(t *testing.T) {
	o, d, _ := keyed(t) // which took one
	for range 299 {
		challenge(t, d)
	}
	_, err := d.PasskeyChallenge(t.Context(), home)
	wants(t, err, auth.ErrWait)
	if _, err := d.PasskeyChallenge(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(time.Hour)
	challenge(t, d)
}

func TestAPersonWhoLeftDoesNotEnter(t *testing.T) {
	o, d, _ := keyed(t)
	ben, key := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole), newDevice(t)
	give(t, o, d, ben, key)
	people, err := o.House.People(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.ID == ben.Person {
			p.Active = false
			if _, err := o.House.ChangePerson(t.Context(), o.Ask(o.Admin), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err = d.Enter(t.Context(), home, key.get(challenge(t, d)))
	wants(t, err, auth.ErrPasskey)
}

func TestPasskeysBelongToANameAndALaptopsIsLocalhost(t *testing.T) {
	for base, want := range map[string]string{
		"https://clerk.test": "https://clerk.test", "https://clerk.test:8443": "https://clerk.test:8443",
		"http://127.0.0.1:8080": "http://localhost:8080", "http://[::1]:8080": "http://localhost:8080",
		"http://localhost:8080": "http://localhost:8080", "http://192.0.2.7:8080": "",
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := auth.PasskeyOrigin(u); got != want {
			t.Errorf("%s: %q, want %q", base, got, want)
		}
	}
	_, d := staffed(t)
	_, err := d.PasskeyChallenge(t.Context(), home)
	wants(t, err, auth.ErrNoPasskeys)
}
