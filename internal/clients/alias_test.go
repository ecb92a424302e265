package clients_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

func TestWhatWasHeardIsKeptAsAnotherNameWhenAPersonSaysSo(t *testing.T) {
	o := demo(t)
	ada := o.Hire(t, "Ada", firm.Lawyer)
	c := o.client(t, "Quigley Works", "advice")
	if got := o.hear(t, "the widget people"); got != "client.none" {
		t.Fatalf("before: %s", got)
	}
	for range 2 { // said again, nothing more is kept
		if err := o.dir.AlsoCalled(t.Context(), o.Ask(firmtest.On(ada, firm.ByVoice)), c.ID, "the <b>Widget</b> people's matter"); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.hear(t, "widget people"); got != "Quigley Works: advice" {
		t.Errorf("after: %s", got)
	}
	kept, err := o.dir.Get(t.Context(), o.Ask(o.Admin), c.ID)
	if err != nil || strings.Join(kept.Aliases, "|") != "widget people" {
		t.Errorf("kept %q, %v", kept.Aliases, err)
	}
}

func TestAnotherNameMustBeFreeAndSaySomething(t *testing.T) {
	o := demo(t)
	c := o.client(t, "Quigley Works", "advice")
	closed := o.client(t, "Zeppelin", "advice")
	closed.Closed = true
	o.change(t, closed)
	reader, keeper := o.Hire(t, "Rita", firm.ReadOnly), o.Hire(t, "Tom", firm.Timekeeper)
	tests := []struct {
		name          string
		who           firm.Caller
		client, heard string
		want          string
	}{
		{"another client's name", keeper, c.ID, "acme", "client.called"},
		{"one that two others share", keeper, c.ID, "schmidt", "client.called"},
		{"nothing", keeper, c.ID, " ? ", "client.alias"},
		{"a closed client", keeper, closed.ID, "airship", "client.closed"},
		{"a closed client's name", keeper, c.ID, "zeppelin", "<nil>"},
		{"no client", keeper, "../x", "airship", "client.none"},
		{"who may only read", reader, c.ID, "airship", "firm.forbidden"},
	}
	for _, tt := range tests {
		if err := o.dir.AlsoCalled(t.Context(), o.Ask(tt.who), tt.client, tt.heard); code(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	full := []string{"one a", "one b", "one c", "one d", "one e", "one f", "one g", "one h", "one i"}
	var last error
	for _, heard := range full {
		if last = o.dir.AlsoCalled(t.Context(), o.Ask(keeper), c.ID, heard); last != nil {
			break
		}
	}
	if got := code(last); got != "client.alias" && got != "client.names" {
		t.Errorf("more names than are kept: %v", last)
	}
}

func TestTheNameOfAScreenedClientIsNotGivenAway(t *testing.T) {
	o := demo(t)
	tom := o.Hire(t, "Tom", firm.Timekeeper)
	hidden, c := o.client(t, "Quagmire", "advice"), o.client(t, "Quigley Works", "advice")
	if err := o.dir.Screen(t.Context(), o.Ask(firmtest.On(o.Admin, firm.ByConsole)), hidden.ID, o.matters(t, hidden)[0].ID, clients.Screening{Add: []string{tom.Person}, Reason: "a former client of theirs"}); err != nil {
		t.Fatal(err)
	}
	if err := o.dir.AlsoCalled(t.Context(), o.Ask(tom), hidden.ID, "swamp"); code(err) != "client.none" {
		t.Errorf("naming a client that does not exist for them: %v", err)
	}
	if err := o.dir.AlsoCalled(t.Context(), o.Ask(tom), c.ID, "quagmire"); err != nil {
		t.Errorf("a refusal tells that there is one: %v", err)
	}
}

// use notes that somebody used a matter, as whatever uses it does in its commit.
func (o *office) use(t *testing.T, who firm.Caller, s clients.Spoken) {
	t.Helper()
	err := o.House.Retry(t.Context(), func() error {
		a := o.House.Begin(o.Ask(who), firm.Action{Name: "test.use"})
		l := o.dir.Find(a, s)
		if err := a.Run(t.Context()); err != nil {
			return err
		}
		ref, err := l.Answer()
		if err != nil {
			return err
		}
		ops, err := l.Used(ref)
		if err != nil {
			return err
		}
		return a.Commit(t.Context(), nil, firm.Entry{Subject: "test"}, append(l.Check(), ops...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// asked returns the question that a name leads to for somebody.
func (o *office) asked(t *testing.T, who firm.Caller, s clients.Spoken) clients.Answer {
	t.Helper()
	a := o.House.Begin(o.Ask(who), firm.Action{})
	l := o.dir.Find(a, s)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ask *clients.Ask
	if _, err := l.Answer(); !errors.As(err, &ask) {
		t.Fatalf("%+v: %v", s, err)
	}
	return ask.Answer
}

func TestTheMatterUsedLastIsNamedFirstToThePersonWhoUsedIt(t *testing.T) {
	o := demo(t)
	ada, ben := o.Hire(t, "Ada", firm.Lawyer), o.Hire(t, "Ben", firm.Lawyer)
	first := o.asked(t, ada, clients.Spoken{Heard: "marlow"})
	if first.Before != nil || first.Matters[0].MatterName != "tax appeal" {
		t.Errorf("before any was used: %+v", first)
	}
	o.use(t, ada, clients.Spoken{Heard: "marlow lease"})
	o.use(t, ada, clients.Spoken{Heard: "marlow merger"})
	o.use(t, ada, clients.Spoken{Heard: "acme"})
	for _, s := range []clients.Spoken{{Heard: "marlow"}, {Client: first.Matters[0].Client}} {
		got := o.asked(t, ada, s)
		if names := told(clients.Ref{}, &clients.Ask{Answer: got}); names != "which: merger | lease | tax appeal" || got.Before == nil || got.Before.MatterName != "merger" {
			t.Errorf("%+v: %s, before %+v", s, names, got.Before)
		}
	}
	if got := o.asked(t, ben, clients.Spoken{Heard: "marlow"}); got.Before != nil || got.Matters[0].MatterName != "tax appeal" {
		t.Errorf("another person: %+v", got)
	}
}

func TestOfClientsEquallyAlikeTheOneUsedLastIsNamedFirst(t *testing.T) {
	o := open(t)
	for _, name := range []string{"Garcia Bakery", "Garcia Dental", "Garcia Motors", "Garcia Studios"} {
		o.client(t, name, "advice")
	}
	if got := o.asked(t, o.Admin, clients.Spoken{Heard: "garcia"}); got.Clients[0].ClientName != "Garcia Bakery" || len(got.Clients) != 3 || !got.More {
		t.Errorf("none used: %+v", got)
	}
	o.use(t, o.Admin, clients.Spoken{Heard: "garcia studios"})
	if got := o.asked(t, o.Admin, clients.Spoken{Heard: "garcia"}); got.Clients[0].ClientName != "Garcia Studios" {
		t.Errorf("one used: %+v", got)
	}
}

func TestAPersonsLastMattersAreBounded(t *testing.T) {
	o := open(t)
	var ids []clients.Spoken
	for range 35 {
		c := o.client(t, "Client "+o.House.NewID()[24:], "advice", "appeal")
		m := o.matters(t, c)
		ids = append(ids, clients.Spoken{Client: c.ID, Matter: m[0].ID})
	}
	for _, s := range ids {
		o.use(t, o.Admin, s)
	}
	for i, s := range ids {
		got := o.asked(t, o.Admin, clients.Spoken{Client: s.Client})
		if known := got.Before != nil; known != (i >= 5) {
			t.Errorf("matter %d of 35 remembered: %v", i, known)
		}
	}
}
