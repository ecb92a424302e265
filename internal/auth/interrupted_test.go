package auth_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

const fresh = "staple orbit lantern nine"

// interrupted is a store on which something happens between what a deed read and its commit, once: before the first commit
// that writes a record of a family.
type interrupted struct {
	store.Backend
	family string
	do     func()
}

func (i *interrupted) Commit(ctx context.Context, ops ...store.Op) error {
	writes := func(op store.Op) bool {
		return (strings.Contains(op.Key.Partition, "/"+i.family) || op.Key.Sort == i.family) && op.Kind != store.Check
	}
	if do := i.do; do != nil && slices.ContainsFunc(ops, writes) {
		i.do = nil
		do()
	}
	return i.Backend.Commit(ctx, ops...)
}

// interrupt lets f happen just before the next commit that writes a record of a family.
func interrupt(o *firmtest.Office, family string, f func()) {
	o.House.Store = &interrupted{Backend: o.House.Store, family: family, do: f}
}

func change(t *testing.T, o *firmtest.Office, d *auth.Desk) {
	t.Helper()
	if err := d.SetPassword(t.Context(), o.Ask(o.Admin), o.Admin.Person, email, fresh); err != nil {
		t.Error(err)
	}
}

func TestAPasswordThatChangesWhileSomebodySignsInByItLetsThemNotIn(t *testing.T) {
	o, d := staffed(t)
	interrupt(o, "grants", func() { change(t, o, d) })
	_, err := d.SignIn(t.Context(), home, email, password)
	wants(t, err, auth.ErrSignIn)
	if all := own(t, d, o.Admin).Sessions; len(all) > 0 {
		t.Fatal("a session of the old password:", all)
	}
}

func TestWhoSignsInWhileThePasswordChangesIsOutWithTheOthers(t *testing.T) {
	o, d := staffed(t)
	var in firm.Caller
	interrupt(o, "account", func() {
		var err error
		if in, err = d.SignIn(t.Context(), home, email, password); err != nil {
			t.Error(err)
		}
	})
	change(t, o, d)
	_, err := d.Own(t.Context(), in)
	wants(t, err, firm.ErrUnlinked)
}

func TestASignInThatWaitsForItsCodeEndsWithThePassword(t *testing.T) {
	o, d := staffed(t)
	a, codes := on(t, o, d)
	h := half(t, d, home)
	change(t, o, d)
	_, err := d.Second(t.Context(), home, h, a.code(0))
	wants(t, err, auth.ErrHalf)
	_, err = d.Second(t.Context(), home, h, codes[0])
	wants(t, err, auth.ErrHalf)
	if left := own(t, d, o.Admin).Recovery; left != len(codes) {
		t.Error("a recovery code was used up:", left)
	}
}

// More sessions, living and over, than one commit can name: none of the living ones is forgotten.
func TestEverySessionEndsHoweverManyThereWere(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *firmtest.Office, *auth.Desk){
		"with a new password": change,
		"with the others": func(t *testing.T, o *firmtest.Office, d *auth.Desk) {
			wants(t, d.EndOthers(t.Context(), o.Ask(o.Admin)), nil)
		},
		"with the factors": func(t *testing.T, o *firmtest.Office, d *auth.Desk) {
			wants(t, d.ClearFactors(t.Context(), o.Ask(o.Admin), o.Admin.Person), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, d := staffed(t)
			first, err := d.SignIn(t.Context(), home, email, password)
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				o.Grant(t, o.Admin.Person)
			}
			o.Clock.Advance(time.Second)
			end(t, o, d)
			_, err = d.Own(t.Context(), first)
			wants(t, err, firm.ErrUnlinked)
			if mine := own(t, d, o.Admin); len(mine.Sessions) > 0 {
				t.Error("shown as living:", mine.Sessions)
			}
		})
	}
}

func TestWhoEndsTheOtherSessionsKeepsTheirOwn(t *testing.T) {
	o, d := staffed(t)
	mine, err := d.SignIn(t.Context(), home, email, password)
	if err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(time.Minute)
	wants(t, d.EndOthers(t.Context(), o.Ask(mine)), nil)
	o.Clock.Advance(time.Minute)
	wants(t, d.SetPassword(t.Context(), o.Ask(mine), mine.Person, email, fresh), nil)
	if all := own(t, d, mine).Sessions; len(all) != 1 || !all[0].Here {
		t.Fatal(all)
	}
}
