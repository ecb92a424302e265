package invite_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// TestWhoLostEverythingIsLetInAgain, also when the pepper is another: then no address leads to its account, and
// asking for a link mails none.
func TestWhoLostEverythingIsLetInAgain(t *testing.T) {
	for _, pepperLost := range []bool{false, true} {
		r := open(t)
		session, err := r.desk.Auth.SignIn(t.Context(), auth.Place{}, "ada@demo.test", password)
		if err != nil {
			t.Fatal(err)
		}
		if pepperLost {
			r.House.Pepper = bytes.Repeat([]byte("q"), 32)
			wants(t, r.signIn(t, "ada@demo.test", password), auth.ErrSignIn)
			if err := r.desk.AskReset(t.Context(), "ada@demo.test"); err != nil || len(r.mail(t)) != 0 {
				t.Fatal("a mail found its way without the pepper:", err)
			}
		}
		links, err := r.desk.Rescue(t.Context(), " Ada@demo.test")
		if err != nil || len(links) != 1 {
			t.Fatal(links, err)
		}
		link, ok := strings.CutPrefix(links[0], "https://clerk.test/welcome/")
		if !ok {
			t.Fatal(links)
		}
		_, err = r.House.Get(t.Context(), session)
		wants(t, err, firm.ErrUnlinked)
		if err := r.desk.Reset(t.Context(), link, r.request(), another); err != nil {
			t.Fatal(err)
		}
		wants(t, r.desk.Reset(t.Context(), link, r.request(), password), invite.ErrLink)
		if err := r.signIn(t, "ada@demo.test", another); err != nil {
			t.Error(pepperLost, err)
		}
		wants(t, r.signIn(t, "ada@demo.test", password), auth.ErrSignIn)
		log, _, err := r.House.Audit(t.Context(), r.Admin, "2026-11", "")
		if err != nil || !strings.Contains(actions(log), "password.rescue factors.clear") {
			t.Error(actions(log), err)
		}
	}
}

func actions(log []firm.Audited) string {
	var all []string
	for _, a := range log {
		all = append(all, a.Action)
	}
	return strings.Join(all, " ")
}

func TestARescueIsForWhoIsThereAndSoonOver(t *testing.T) {
	r := open(t)
	_, link := r.invited(t, "cleo@demo.test")
	if _, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", password); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"nobody@demo.test", ""} {
		_, err := r.desk.Rescue(t.Context(), email)
		wants(t, err, invite.ErrNobody)
	}
	r.change(t, "cleo@demo.test", func(p *firm.Person) { p.Active = false })
	_, err := r.desk.Rescue(t.Context(), "cleo@demo.test")
	wants(t, err, invite.ErrNobody)
	links, err := r.desk.Rescue(t.Context(), "ada@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(invite.ResetTime + time.Second)
	wants(t, r.desk.Reset(t.Context(), strings.TrimPrefix(links[0], "https://clerk.test/welcome/"), r.request(), another), invite.ErrLink)
}
