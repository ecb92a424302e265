package auth_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/racetest"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// room is a staffed firm on some ground.
type room struct {
	*firmtest.Office
	desk   *auth.Desk
	ground *racetest.Ground
}

func roomOn(t *testing.T, open racetest.Open) *room {
	t.Helper()
	clock := firmtest.NewClock()
	g := open(clock.Now)
	r := &room{Office: firmtest.In(t, firmtest.House(g, clock), clock), ground: g}
	r.House.Sleep = nil // races are lost in a burst: no waiting between tries
	r.Admin.Channel = firm.ByConsole
	r.desk = &auth.Desk{House: r.House, Base: &url.URL{Scheme: "https", Host: "clerk.test"}}
	if err := r.desk.SetPassword(t.Context(), r.Admin, r.Admin.Person, email, password); err != nil {
		t.Fatal(err)
	}
	return r
}

func everywhere(t *testing.T, f func(t *testing.T, r *room)) {
	racetest.Everywhere(t, func(t *testing.T, open racetest.Open) { f(t, roomOn(t, open)) })
}

// once wants what is entered with to let one of a crowd in, and nobody after; the others are refused, or asked to try
// again. Where the store is in trouble it may let nobody in, when the answer that somebody is in was lost.
func (r *room) once(t *testing.T, seed uint64, refused error, enter func() error) {
	t.Helper()
	in := 0
	r.ground.Shaken(seed, func() {
		for _, err := range racetest.Rush(racetest.Crowd, func(int) error { return enter() }) {
			switch {
			case err == nil:
				in++
			case !errors.Is(err, refused) && !racetest.AsksAgain(err):
				t.Error(err)
			}
		}
	})
	r.Clock.Advance(16 * time.Minute) // longer than the longest wait for failures
	if enter() == nil {
		in++
	}
	r.Clock.Advance(16 * time.Minute)
	if in > 1 || in == 0 && r.ground.Calm() {
		t.Fatalf("seed %d: %d got in", seed, in)
	}
}

// waiting is a sign-in whose password was right, and that waits for its code as long as a test takes.
func (r *room) waiting(t *testing.T) *auth.Half {
	h := half(t, r.desk, home)
	h.Until = r.Clock.Now().Add(24 * time.Hour)
	return h
}

func TestARecoveryCodeThatManyUseAtOnceLetsOneIn(t *testing.T) {
	everywhere(t, func(t *testing.T, r *room) {
		_, codes := on(t, r.Office, r.desk)
		h := r.waiting(t)
		for seed := range uint64(5) {
			r.once(t, seed, auth.ErrCode, func() error { _, err := r.desk.Second(t.Context(), home, h, codes[seed]); return err })
		}
		if left := own(t, r.desk, r.Admin).Recovery; left != 5 && r.ground.Calm() || left < 5 {
			t.Fatalf("%d codes are left", left)
		}
	})
}

func TestACodeOfTheAppThatManyUseAtOnceLetsOneIn(t *testing.T) {
	everywhere(t, func(t *testing.T, r *room) {
		a, _ := on(t, r.Office, r.desk)
		h := r.waiting(t)
		for seed := range uint64(5) {
			code := a.code(0)
			r.once(t, seed, auth.ErrCode, func() error { _, err := r.desk.Second(t.Context(), home, h, code); return err })
		}
	})
}

func TestAPasskeysAnswerThatManySendAtOnceLetsOneIn(t *testing.T) {
	everywhere(t, func(t *testing.T, r *room) {
		key := newDevice(t)
		key.synced = true // so that no counter tells a second answer from the first
		give(t, r.Office, r.desk, r.Admin, key)
		for seed := range uint64(5) {
			answer := key.get(challenge(t, r.desk))
			r.once(t, seed, auth.ErrPasskey, func() error { _, err := r.desk.Enter(t.Context(), home, answer); return err })
		}
	})
}

// Whatever a crowd does at that moment: a session that was ended does nothing after.
func TestASessionThatEndsAmongManyActsDoesNothingAfter(t *testing.T) {
	everywhere(t, func(t *testing.T, r *room) {
		for seed := range uint64(3) {
			mine, err := r.desk.SignIn(t.Context(), home, email, password)
			if err != nil {
				t.Fatal(err)
			}
			other, err := r.desk.SignIn(t.Context(), other, email, password)
			if err != nil {
				t.Fatal(err)
			}
			var ended error
			r.ground.Shaken(seed, func() {
				for _, err := range racetest.Rush(racetest.Crowd, func(i int) error {
					if i == racetest.Crowd/2 {
						ended = r.desk.EndOthers(t.Context(), r.Ask(mine))
						return nil
					}
					return r.desk.BeginSecond(t.Context(), r.Ask(other))
				}) {
					if err != nil && !errors.Is(err, firm.ErrUnlinked) && !racetest.AsksAgain(err) {
						t.Error(err)
					}
				}
			})
			if ended != nil {
				ended = r.desk.EndOthers(t.Context(), r.Ask(mine))
			}
			wants(t, ended, nil)
			wants(t, r.desk.BeginSecond(t.Context(), r.Ask(other)), firm.ErrUnlinked)
			_, err = r.desk.Own(t.Context(), other)
			wants(t, err, firm.ErrUnlinked)
			wants(t, r.desk.BeginSecond(t.Context(), r.Ask(mine)), nil)
		}
	})
}

// A crowd of guesses from everywhere at once, again and again: each is counted before it is compared, and the owner gets
// in from where they were before at once, and from anywhere within the longest wait.
func TestACrowdOfGuessesKeepsNobodyOutForEver(t *testing.T) {
	everywhere(t, func(t *testing.T, r *room) {
		in := func(place auth.Place) error { _, err := r.desk.SignIn(t.Context(), place, email, password); return err }
		wants(t, in(home), nil)
		compared := 0
		for seed := range uint64(3) {
			r.ground.Shaken(seed, func() {
				for _, err := range racetest.Rush(racetest.Crowd, func(i int) error { return fail(t, r.desk, from(fmt.Sprintf("203.0.113.%d", i))) }) {
					if errors.Is(err, auth.ErrSignIn) {
						compared++
					} else if !racetest.AsksAgain(err) {
						t.Error(err)
					}
				}
			})
		}
		if compared > 50 { // as many as are free from everywhere
			t.Fatalf("%d guesses were compared", compared)
		}
		wants(t, in(home), nil)
		r.Clock.Advance(15 * time.Minute)
		wants(t, in(other), nil)
		r.Clock.Advance(time.Minute) // from elsewhere each waits for the one before, while strangers keep at it
		wants(t, in(from("203.0.113.1")), nil)
	})
}

// Each fault of the first commits of signing in: who tries again gets in, with one session for each time.
func TestSigningInSurvivesEveryFault(t *testing.T) {
	racetest.EachFault(t, 2, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
		r := roomOn(t, open)
		var c firm.Caller
		r.ground.Insist(t, faults, func() (err error) {
			r.Clock.Advance(16 * time.Minute)
			c, err = r.desk.SignIn(t.Context(), home, email, password)
			return err
		}, nil)
		if _, err := r.House.Get(t.Context(), c); err != nil {
			t.Fatal("in, and nobody:", err)
		}
	})
}

// The same for a new password: it is set, it alone signs in, and the sessions of the old one are over.
func TestSettingAPasswordSurvivesEveryFault(t *testing.T) {
	racetest.EachFault(t, 2, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
		r := roomOn(t, open)
		old, err := r.desk.SignIn(t.Context(), home, email, password)
		if err != nil {
			t.Fatal(err)
		}
		r.ground.Insist(t, faults, func() error {
			return r.desk.SetPassword(t.Context(), r.Ask(r.Admin), r.Admin.Person, email, fresh)
		}, nil)
		_, err = r.House.Get(t.Context(), old)
		wants(t, err, firm.ErrUnlinked)
		_, err = r.desk.SignIn(t.Context(), home, email, password)
		wants(t, err, auth.ErrSignIn)
		_, err = r.desk.SignIn(t.Context(), home, email, fresh)
		wants(t, err, nil)
	})
}

// The same for the second factor: whether its codes were shown or their answer was lost, it is on, and can be used.
func TestTheSecondFactorSurvivesEveryFault(t *testing.T) {
	racetest.EachFault(t, 2, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
		r := roomOn(t, open)
		wants(t, r.desk.BeginSecond(t.Context(), r.Ask(r.Admin)), nil)
		setup, err := r.desk.PendingSecond(t.Context(), r.Admin)
		if err != nil {
			t.Fatal(err)
		}
		a := appOf(t, r.Office, setup)
		form, code := r.Ask(r.Admin), a.code(0)
		r.ground.Insist(t, faults, func() error { _, err := r.desk.ConfirmSecond(t.Context(), form, code); return err },
			func(err error) bool { return errors.Is(err, auth.ErrShown) })
		r.Clock.Advance(30 * time.Second)
		_, err = r.desk.Second(t.Context(), home, half(t, r.desk, home), a.code(0))
		wants(t, err, nil)
		codes, err := r.desk.NewRecoveryCodes(t.Context(), r.Ask(r.Admin))
		if err != nil || len(codes) != 10 {
			t.Fatal(codes, err)
		}
	})
}
