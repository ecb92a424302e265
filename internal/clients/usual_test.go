package clients_test

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
)

// found is what a name leads to for somebody, and whether its matter was assumed.
func (o *office) found(t *testing.T, who firm.Caller, s clients.Spoken) (clients.Ref, bool, error) {
	t.Helper()
	a := o.House.Begin(o.Ask(who), firm.Action{})
	l := o.dir.Find(a, s)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	ref, err := l.Answer()
	return ref, l.Assumed(), err
}

func TestAPersonsUsualMatterIsMeantWhenNoneIsNamed(t *testing.T) {
	o := demo(t)
	ada, ben := o.Hire(t, "Ada", firm.Lawyer), o.Hire(t, "Ben", firm.Lawyer)
	if _, err := o.dir.Prefer(t.Context(), o.Ask(ada), true); !errors.Is(err, clients.ErrNoneUsed) {
		t.Error("before any was used:", err)
	}
	o.use(t, ada, clients.Spoken{Heard: "marlow merger"})
	usual, err := o.dir.Prefer(t.Context(), o.Ask(ada), true)
	if err != nil || usual.ClientName != "Marlow Group" || usual.MatterName != "merger" {
		t.Fatal(usual, err)
	}
	o.use(t, ada, clients.Spoken{Heard: "marlow lease"})
	for _, s := range []clients.Spoken{{Heard: "marlow"}, {Client: usual.Client}} {
		if ref, assumed, err := o.found(t, ada, s); err != nil || ref.MatterName != "merger" || !assumed {
			t.Errorf("%+v: %+v, %v, %v", s, ref, assumed, err)
		}
	}
	if ref, assumed, err := o.found(t, ada, clients.Spoken{Heard: "marlow lease"}); err != nil || ref.MatterName != "lease" || assumed {
		t.Errorf("another one was named: %+v, %v, %v", ref, assumed, err)
	}
	if ref, assumed, err := o.found(t, ada, clients.Spoken{Heard: "acme"}); err != nil || ref.MatterName != "lease" || assumed {
		t.Errorf("another client: %+v, %v, %v", ref, assumed, err)
	}
	o.asked(t, ben, clients.Spoken{Heard: "marlow"}) // it is Ada's alone
	o.use(t, ada, clients.Spoken{Heard: "marlow"})
	if _, err := o.dir.Prefer(t.Context(), o.Ask(ada), false); err != nil {
		t.Fatal(err)
	}
	o.asked(t, ada, clients.Spoken{Heard: "marlow"})
}

func TestAUsualMatterThatIsClosedOrScreenedIsAskedAboutAgain(t *testing.T) {
	o := demo(t)
	ada := o.Hire(t, "Ada", firm.Lawyer)
	usual := func() clients.Ref {
		o.use(t, ada, clients.Spoken{Heard: "marlow merger"})
		ref, err := o.dir.Prefer(t.Context(), o.Ask(ada), true)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	ref := usual()
	console := firmtest.On(o.Ask(o.Admin), firm.ByConsole)
	if err := o.dir.Screen(t.Context(), console, ref.Client, ref.Matter, clients.Screening{Add: []string{ada.Person}, Reason: "a relative"}); err != nil {
		t.Fatal(err)
	}
	if got := o.asked(t, ada, clients.Spoken{Heard: "marlow"}); len(got.Matters) != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := o.dir.Prefer(t.Context(), o.Ask(ada), true); !errors.Is(err, clients.ErrNone) {
		t.Error("a matter that does not exist for them:", err)
	}
	if err := o.dir.Screen(t.Context(), firmtest.On(o.Ask(o.Admin), firm.ByConsole), ref.Client, ref.Matter, clients.Screening{Lift: []string{ada.Person}, Reason: "settled"}); err != nil {
		t.Fatal(err)
	}
	if _, assumed, err := o.found(t, ada, clients.Spoken{Heard: "marlow"}); err != nil || !assumed {
		t.Error("it is there again", err)
	}
	list, err := o.dir.Matters(t.Context(), o.Admin, ref.Client)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.ID == ref.Matter {
			m.Closed = true
			o.changeMatter(t, m)
		}
	}
	if got := o.asked(t, ada, clients.Spoken{Heard: "marlow"}); len(got.Matters) != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := o.dir.Prefer(t.Context(), o.Ask(ada), true); !errors.Is(err, clients.ErrClosed) {
		t.Error(err)
	}
}

func TestAUsualMatterIsKeptOnceAndInThreeTrips(t *testing.T) {
	o := demo(t)
	o.use(t, o.Admin, clients.Spoken{Heard: "marlow merger"})
	c := o.Ask(o.Admin)
	for range 2 {
		ctx, trips := store.CountTrips(t.Context())
		if _, err := o.dir.Prefer(ctx, c, true); err != nil || trips().Total() > 3 {
			t.Error(trips(), err)
		}
	}
	for _, who := range []firm.Caller{o.Hire(t, "Eve", firm.Bookkeeper), firm.System(o.Firm.ID, "r")} {
		if _, err := o.dir.Prefer(t.Context(), o.Ask(who), true); err == nil {
			t.Errorf("%+v", who)
		}
	}
}
