package invite_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/racetest"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// field is a reception on some ground.
type field struct {
	*reception
	ground *racetest.Ground
}

func on(t *testing.T, open racetest.Open) *field {
	t.Helper()
	clock := firmtest.NewClock()
	g := open(clock.Now)
	house := firmtest.House(g, clock)
	house.Sleep = nil // races are lost in a burst: no waiting between tries
	return &field{openIn(t, firmtest.In(t, house, clock)), g}
}

func everywhere(t *testing.T, f func(t *testing.T, r *field)) {
	racetest.Everywhere(t, func(t *testing.T, open racetest.Open) { f(t, on(t, open)) })
}

// word is somebody's of a crowd.
func word(i int) string { return fmt.Sprintf("%s number %d", password, i) }

// one wants a link that a crowd uses at once, each with a password of their own, to set one password, and to be over then.
// It returns how many of the passwords sign in.
func (r *field) one(t *testing.T, email string, use func(i int) error) {
	t.Helper()
	var errs []error
	r.ground.Shaken(7, func() { errs = racetest.Rush(racetest.Crowd, use) })
	in := 0
	for i, err := range errs {
		if err != nil && !errors.Is(err, invite.ErrLink) && !racetest.AsksAgain(err) {
			t.Error(err)
		}
		if errors.Is(err, auth.ErrBusy) || errors.Is(err, invite.ErrLink) {
			continue // nothing of theirs was written: checking each costs a hash
		}
		works := r.signIn(t, email, word(i)) == nil
		if works {
			in++
		}
		if err == nil && !works {
			t.Error("what was said to be set does not sign in")
		}
	}
	if in > 1 || in == 0 && r.ground.Calm() {
		t.Fatalf("%d passwords sign in", in)
	}
	if err := use(racetest.Crowd); in == 1 && !errors.Is(err, invite.ErrLink) {
		t.Fatalf("the link is used again: %v", err)
	}
}

func TestAnInvitationThatManyAcceptAtOnceMakesOneAccount(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		p, link := r.invited(t, "cleo@demo.test")
		r.one(t, p.Email, func(i int) error {
			_, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", word(i))
			return err
		})
	})
}

func TestAResetThatManyUseAtOnceSetsOnePassword(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		if err := r.desk.AskReset(t.Context(), "ada@demo.test"); err != nil {
			t.Fatal(err)
		}
		link := r.link(t, "ada@demo.test")
		r.one(t, "ada@demo.test", func(i int) error { return r.desk.Reset(t.Context(), link, r.request(), word(i)) })
	})
}

func TestAnAddressThatManyConfirmAtOnceChangesOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		if err := r.desk.AskAddress(t.Context(), r.console(), r.Admin.Person, "ada@elsewhere.test"); err != nil {
			t.Fatal(err)
		}
		link := r.link(t, "ada@elsewhere.test")
		r.ground.Shaken(3, func() {
			for _, err := range racetest.Rush(racetest.Crowd, func(int) error { return r.desk.ConfirmAddress(t.Context(), link, r.request()) }) {
				if err != nil && !errors.Is(err, invite.ErrLink) && !racetest.AsksAgain(err) {
					t.Error(err)
				}
			}
		})
		_ = r.desk.ConfirmAddress(t.Context(), link, r.request()) // should nobody have come through
		wants(t, r.signIn(t, "ada@demo.test", password), auth.ErrSignIn)
		wants(t, r.signIn(t, "ada@elsewhere.test", password), nil)
		wants(t, r.desk.ConfirmAddress(t.Context(), link, r.request()), invite.ErrLink)
	})
}

// Two people want one address at once: one gets it, and the other keeps what they had.
func TestTwoWhoWantOneAddressAtOnceDoNotShareIt(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		cleo, link := r.invited(t, "cleo@demo.test")
		if _, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", word(0)); err != nil {
			t.Fatal(err)
		}
		wanted := map[string]string{r.Admin.Person: "ada@demo.test", cleo.ID: cleo.Email}
		var links []string
		for person := range wanted {
			if err := r.desk.AskAddress(t.Context(), r.console(), person, "desk@demo.test"); err != nil {
				t.Fatal(err)
			}
			links = append(links, r.link(t, "desk@demo.test"))
		}
		racetest.Rush(racetest.Crowd, func(i int) error { return r.desk.ConfirmAddress(t.Context(), links[i%2], r.request()) })
		for _, l := range links {
			_ = r.desk.ConfirmAddress(t.Context(), l, r.request())
		}
		moved := 0
		for email, word := range map[string]string{"ada@demo.test": password, cleo.Email: word(0)} {
			before, after := r.signIn(t, email, word), r.signIn(t, "desk@demo.test", word)
			if (before == nil) == (after == nil) {
				t.Errorf("%s signs in with the old address: %v, with the new one: %v", email, before, after)
			}
			if after == nil {
				moved++
			}
		}
		if moved != 1 {
			t.Errorf("%d have the address", moved)
		}
	})
}

func TestMailsThatManyAskForAtOnceAreFew(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		f := firm.Firm{Name: "Marsh and Vale", Zone: "Europe/London", Currency: "GBP"}
		r.ground.Shaken(5, func() {
			for _, err := range racetest.Rush(racetest.Crowd, func(i int) error {
				if i%2 == 0 {
					return r.desk.SignUp(t.Context(), f, "Eve", "eve@marsh.test")
				}
				return r.desk.AskReset(t.Context(), "ada@demo.test")
			}) {
				if err != nil && !racetest.AsksAgain(err) {
					t.Error(err)
				}
			}
		})
		firms, err := r.House.Firms(t.Context())
		to := map[string]int{}
		for _, l := range r.mail(t) {
			to[l.To]++
		}
		if err != nil || len(firms) > 1+auth.MaxAsked || to["eve@marsh.test"] > auth.MaxAsked || to["ada@demo.test"] > auth.MaxAsked {
			t.Fatal(len(firms), to, err)
		}
		if r.ground.Calm() && len(to) != 2 {
			t.Fatal("nobody got a mail", to)
		}
	})
}

// On a function each has an instance of its own, and none knows of the others.
func TestAFirstFirmThatManyOpenAtOnceIsOne(t *testing.T) {
	racetest.Everywhere(t, func(t *testing.T, open racetest.Open) {
		clock := firmtest.NewClock()
		g := open(clock.Now)
		s := bareOn(firmtest.House(g, clock), clock)
		try := func(i int) error {
			set := s.setup(t)
			set.Used = nil
			return s.open(t, set, theSecret, "Eve", word(i))
		}
		g.Shaken(9, func() {
			for _, err := range racetest.Rush(8, try) { // as many as may be hashed
				if err != nil && !errors.Is(err, invite.ErrLink) && !errors.Is(err, invite.ErrSecret) && !racetest.AsksAgain(err) {
					t.Error(err)
				}
			}
		})
		if err := try(8); err != nil {
			wants(t, err, invite.ErrSecret)
		}
		in := 0
		for i := range 9 {
			if s.signsIn(t, word(i)) {
				in++
			}
		}
		ids, err := s.desk.House.Firms(t.Context())
		if err != nil || len(ids) != 1 || in != 1 {
			t.Fatal(len(ids), in, err)
		}
		if people, err := s.desk.House.People(t.Context(), firm.System(ids[0], "")); err != nil || len(people) != 1 {
			t.Fatal(len(people), err)
		}
	})
}

// Whoever leaves the firm while a crowd uses what they hold: it is over at once, whatever it was.
func TestWhoLeavesAmongManyActsCanDoNothingAfter(t *testing.T) {
	everywhere(t, func(t *testing.T, r *field) {
		cleo, link := r.invited(t, "cleo@demo.test")
		if _, err := r.desk.Accept(t.Context(), link, r.request(), "Cleo", word(0)); err != nil {
			t.Fatal(err)
		}
		session, err := r.desk.Auth.SignIn(t.Context(), auth.Place{}, cleo.Email, word(0))
		if err != nil {
			t.Fatal(err)
		}
		voice := r.Grant(t, cleo.ID)
		if err := r.desk.AskReset(t.Context(), cleo.Email); err != nil {
			t.Fatal(err)
		}
		reset := r.link(t, cleo.Email)
		gone := r.person(t, cleo.Email)
		gone.Active = false
		leave := func() error { _, err := r.House.ChangePerson(t.Context(), r.console(), gone); return err }
		var left error
		r.ground.Shaken(2, func() {
			for _, err := range racetest.Rush(racetest.Crowd, func(i int) error {
				switch i {
				case 10:
					left = leave()
					return nil
				case 20:
					return r.desk.Reset(t.Context(), reset, r.request(), word(1))
				}
				return r.desk.Auth.BeginSecond(t.Context(), r.Ask(session))
			}) {
				if err != nil && !errors.Is(err, firm.ErrUnlinked) && !errors.Is(err, invite.ErrLink) && !racetest.AsksAgain(err) {
					t.Error(err)
				}
			}
		})
		if left != nil && leave() != nil {
			wants(t, r.leaves(t, cleo.Email), nil)
		}
		for name, err := range map[string]error{
			"the session": r.desk.Auth.BeginSecond(t.Context(), r.Ask(session)), "the link": errorOf(r.House.Get(t.Context(), voice)),
		} {
			if !errors.Is(err, firm.ErrUnlinked) {
				t.Errorf("%s: %v", name, err)
			}
		}
		wants(t, r.desk.Reset(t.Context(), reset, r.request(), word(2)), invite.ErrLink)
		for i := range 3 {
			wants(t, r.signIn(t, cleo.Email, word(i)), auth.ErrSignIn)
		}
	})
}

func errorOf[T any](_ T, err error) error { return err }

// leaves deactivates somebody as they are now.
func (r *field) leaves(t *testing.T, email string) error {
	t.Helper()
	p := r.person(t, email)
	p.Active = false
	return errorOf(r.House.ChangePerson(t.Context(), r.console(), p))
}

// Each fault of the first commits of what a link is for: who sends the form again has it done, once.
func TestWhatALinkIsForSurvivesEveryFault(t *testing.T) {
	over := func(err error) bool { return errors.Is(err, invite.ErrLink) } // done, and its answer was lost
	for name, c := range map[string]struct {
		email string
		use   func(*testing.T, *field) func() error
	}{
		"an invitation": {"cleo@demo.test", func(t *testing.T, r *field) func() error {
			_, link := r.invited(t, "cleo@demo.test")
			form := r.request()
			return func() error { return second(r.desk.Accept(t.Context(), link, form, "Cleo", word(1))) }
		}},
		"a reset": {"ada@demo.test", func(t *testing.T, r *field) func() error {
			wants(t, r.desk.AskReset(t.Context(), "ada@demo.test"), nil)
			link, form := r.link(t, "ada@demo.test"), r.request()
			return func() error { return r.desk.Reset(t.Context(), link, form, word(1)) }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			racetest.EachFault(t, 2, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
				r := on(t, open)
				use := c.use(t, r)
				r.ground.Insist(t, faults, use, over)
				wants(t, r.signIn(t, c.email, word(1)), nil)
				if len(r.mail(t)) > 0 {
					t.Error("a mail too many")
				}
			})
		})
	}
}

func TestOpeningTheFirstFirmSurvivesEveryFault(t *testing.T) {
	racetest.EachFault(t, 3, func(t *testing.T, open racetest.Open, faults ...storetest.Fault) {
		clock := firmtest.NewClock()
		g := open(clock.Now)
		s := bareOn(firmtest.House(g, clock), clock)
		set, form := s.setup(t), "form-"+s.desk.House.NewID()
		g.Insist(t, faults, func() error {
			return set.Open(t.Context(), form, theSecret, marsh, "Eve", "eve@marsh.test", password)
		}, func(err error) bool { return errors.Is(err, invite.ErrSecret) || errors.Is(err, invite.ErrLink) })
		if ids, err := s.desk.House.Firms(t.Context()); err != nil || len(ids) != 1 || !s.signsIn(t, password) {
			t.Fatal(ids, err)
		}
		s.waits(t, false)
	})
}
