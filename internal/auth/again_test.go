package auth_test

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

func TestEachOfThreeProofsProvesThePersonAgain(t *testing.T) {
	o, d, key := keyed(t)
	a, codes := on(t, o, d)
	for by, p := range map[string]auth.Proof{
		"password": {Password: password}, "code": {Code: a.code(0)}, "recovery": {Code: codes[0]}, "passkey": {Passkey: key.get(challenge(t, d))},
	} {
		if err := d.Again(t.Context(), o.Admin, home, p); err != nil {
			t.Errorf("%s: %v", by, err)
		}
	}
	if log := audited(t, o); log[0] == "" || log[3][:12] != "signin.again" {
		t.Error(log[:4])
	}
}

func TestAProofThatFailsProvesNothing(t *testing.T) {
	o, d, _ := keyed(t)
	a, _ := on(t, o, d)
	ben, bens := firmtest.On(o.Hire(t, "Ben", firm.Lawyer), firm.ByConsole), newDevice(t)
	give(t, o, d, ben, bens)
	used := auth.Proof{Code: a.code(0)}
	if err := d.Again(t.Context(), o.Admin, home, used); err != nil {
		t.Fatal(err)
	}
	gone := o.Admin
	gone.Grant = "revoked"
	for name, c := range map[string]struct {
		who   firm.Caller
		proof auth.Proof
		want  error
	}{
		"nothing":                {o.Admin, auth.Proof{}, auth.ErrProof},
		"a wrong password":       {o.Admin, auth.Proof{Password: "wrong horse battery"}, auth.ErrProof},
		"a used code":            {o.Admin, used, auth.ErrCode},
		"another's passkey":      {o.Admin, auth.Proof{Passkey: bens.get(challenge(t, d))}, auth.ErrPasskey},
		"who has no password":    {ben, auth.Proof{Password: password}, auth.ErrProof},
		"who has no app":         {ben, auth.Proof{Code: a.code(30 * time.Second)}, auth.ErrCode},
		"a session that is over": {gone, auth.Proof{Password: password}, firm.ErrUnlinked},
	} {
		if err := d.Again(t.Context(), c.who, home, c.proof); err == nil {
			t.Errorf("%s proved somebody", name)
		} else {
			wants(t, err, c.want)
		}
	}
}

func TestGuessesAtAProofCountAsThoseAtSigningIn(t *testing.T) {
	o, d := staffed(t)
	for range 5 {
		wants(t, d.Again(t.Context(), o.Admin, other, auth.Proof{Password: "wrong horse battery"}), auth.ErrProof)
	}
	wants(t, d.Again(t.Context(), o.Admin, other, auth.Proof{Password: password}), auth.ErrWait)
	_, err := d.SignIn(t.Context(), other, email, password)
	wants(t, err, auth.ErrWait)
}

func TestAFailureCostsAsManyTripsWhoeverIsTried(t *testing.T) {
	o, d := staffed(t)
	trips := func(address string) store.Trips {
		ctx, count := store.CountTrips(t.Context())
		_, err := d.SignIn(ctx, home, address, "wrong horse battery")
		wants(t, err, auth.ErrSignIn)
		return count()
	}
	if known, nobody := trips(email), trips("nobody@demo.test"); known != nobody {
		t.Errorf("%v for an account, %v for none", known, nobody)
	}
	if log := audited(t, o); log[0] != `signin.failed {"by":"password"}` {
		t.Error(log[0])
	}
}

func TestSessionsAreListedWithTheirLastUseAndLeftOutWhenIdle(t *testing.T) {
	o, d := staffed(t)
	b := enter(t, o, d)
	b.get(inPath, 200)
	mine, err := d.SignIn(t.Context(), home, email, password)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // the browser goes on, the other does nothing
		o.Clock.Advance(10 * time.Minute)
		b.get("/who", 200)
	}
	list := own(t, d, o.Admin).Sessions
	if len(list) != 1 || !list[0].Used.Equal(o.Clock.Now()) || list[0].Agent != "An unknown device" || list[0].By != "password" {
		t.Fatal(list)
	}
	if list = own(t, d, mine).Sessions; len(list) != 2 || !list[0].Here && !list[1].Here {
		t.Fatal("the session that asks is always in the list:", list)
	}
	if len(own(t, d, mine).Links) != 1 {
		t.Error("the link is not in its own list")
	}
}

func TestEndingTheOthersLeavesTheOneThatAsksAndTheLinks(t *testing.T) {
	o, d := staffed(t)
	here, err := d.SignIn(t.Context(), home, email, password)
	if err != nil {
		t.Fatal(err)
	}
	there, err := d.SignIn(t.Context(), other, email, password)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.EndOthers(t.Context(), o.Ask(here)); err != nil {
		t.Fatal(err)
	}
	_, err = o.House.Get(t.Context(), there)
	wants(t, err, firm.ErrUnlinked)
	for _, c := range []firm.Caller{here, o.Admin} {
		if _, err := o.House.Get(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	if log := audited(t, o); log[0] != `sessions.end {"ended":1}` {
		t.Error(log[0])
	}
}
