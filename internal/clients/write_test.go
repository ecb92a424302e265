package clients_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

func code(err error) string {
	if f := fault.As(err); f != nil {
		return f.Code
	}
	return fmt.Sprint(err)
}

func TestAChangeOfNameMovesEveryNameRecord(t *testing.T) {
	o := open(t)
	c := o.client(t, "Nguyen Family Trust", "lease", "probate")
	before := o.records(t)
	c.Name = "Quigley Works"
	o.change(t, c)
	for heard, want := range map[string]string{
		"nguyen": "client.none", "win family trust": "client.none", "quigley": "which: probate | lease", "quigley lease": "Quigley Works: lease",
		"the probate": "Quigley Works: probate",
	} {
		if got := o.hear(t, heard); got != want {
			t.Errorf("%q: %s, want %s", heard, got, want)
		}
	}
	c.Name = "Nguyen Family Trust"
	o.change(t, c)
	if after := o.records(t); !slices.Equal(before, after) {
		t.Errorf("records before and after\n%v\n%v", before, after)
	}
}

// records lists the keys of all name records.
func (o *office) records(t *testing.T) (keys []string) {
	t.Helper()
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		for _, family := range []string{"/name/", "/sound/", "/rough/", "/matter-name/", "/matter-sound/"} {
			if strings.Contains(r.Partition, family) {
				keys = append(keys, r.Partition+" "+r.Sort)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

func TestWhatIsWrongWithAClientIsSaid(t *testing.T) {
	o := open(t)
	o.client(t, "Acme Corporation")
	taken, _, err := o.dir.List(t.Context(), o.Ask(o.Admin), "")
	if err != nil {
		t.Fatal(err)
	}
	good := func(f func(*clients.Client)) clients.Client {
		c := clients.Client{Name: "Beta Industries", Number: "2"}
		f(&c)
		return c
	}
	tests := []struct {
		client clients.Client
		want   string
	}{
		{good(func(c *clients.Client) { c.Name = " " }), "client.name"},
		{good(func(c *clients.Client) { c.Name = "?!" }), "client.name"},
		{good(func(c *clients.Client) { c.Name = strings.Repeat("x", 121) }), "client.name"},
		{good(func(c *clients.Client) { c.Name = "A\x00cme" }), "client.name"},
		{good(func(c *clients.Client) { c.Number = "" }), "client.numeral"},
		{good(func(c *clients.Client) { c.Number = "1/2" }), "client.numeral"},
		{good(func(c *clients.Client) { c.Number = strings.Repeat("1", 21) }), "client.numeral"},
		{good(func(c *clients.Client) { c.Number = taken[0].Number }), "client.number"},
		{good(func(c *clients.Client) { c.Aliases = []string{"?"} }), "client.alias"},
		{good(func(c *clients.Client) { c.Aliases = strings.Split(strings.Repeat("a ", 9), " ")[:9] }), "client.alias"},
		{good(func(c *clients.Client) { c.Email = "nobody" }), "client.email"},
		{good(func(c *clients.Client) { c.Email = "a@b.test\r\nBcc: c@d.test" }), "client.email"},
		{good(func(c *clients.Client) { c.Email = "Eve <a@b.test>" }), "client.email"},
		{good(func(c *clients.Client) { c.Address = make([]string, 9) }), "client.address"},
		{good(func(c *clients.Client) { c.Rate = money.Of(-1, "USD") }), "client.rate"},
		{good(func(c *clients.Client) { c.Rate = money.Of(1, "EUR") }), "client.rate"},
		{good(func(c *clients.Client) { c.Rounding = &firm.Rounding{Mode: "sideways", Increment: 360} }), "client.rounding"},
		{good(func(c *clients.Client) { c.Rounding = &firm.Rounding{Mode: firm.RoundUp} }), "client.rounding"},
	}
	for _, tt := range tests {
		if _, _, err := o.dir.Open(t.Context(), o.Ask(o.Admin), tt.client); code(err) != tt.want {
			t.Errorf("%+.60v: %v, want %s", tt.client, err, tt.want)
		}
	}
	matters := map[string]clients.Matter{
		"client.name": {Name: ""}, "client.numeral": {Name: "x", Number: "a/b"}, "client.rate": {Name: "x", Rate: money.Of(1, "EUR")},
		"client.rounding": {Name: "x", Rounding: &firm.Rounding{}},
	}
	for want, m := range matters {
		if _, _, err := o.dir.Open(t.Context(), o.Ask(o.Admin), good(func(*clients.Client) {}), m); code(err) != want {
			t.Errorf("matter: %v, want %s", err, want)
		}
	}
	two := []clients.Matter{{Name: "x", Number: "1"}, {Name: "y", Number: "1"}}
	if _, _, err := o.dir.Open(t.Context(), o.Ask(o.Admin), good(func(*clients.Client) {}), two...); code(err) != "client.number" {
		t.Errorf("two matters of one number: %v", err)
	}
	if list, _, _ := o.dir.List(t.Context(), o.Ask(o.Admin), ""); len(list) != 1 {
		t.Error("something was opened:", list)
	}
}

func TestTheLongestClientStillFitsACommit(t *testing.T) {
	o := open(t)
	c := o.client(t, "Nguyen Consolidated Manufacturing Incorporated", "alpha works", "beta works", "gamma works", "delta works", "epsilon works",
		"zeta works", "eta works", "theta works")
	for n := range 9 {
		c.Aliases = nil
		for i := range n {
			c.Aliases = append(c.Aliases, fmt.Sprintf("Charles Geoffrey Xavier number %d thing", i))
		}
		want := "<nil>"
		if n > 3 {
			want = "client.names"
		}
		if err := o.dir.Change(t.Context(), o.Ask(o.Admin), c); code(err) != want {
			t.Errorf("%d aliases: %v, want %s", n, err, want)
		}
	}
	for _, name := range []string{strings.Repeat("wa ", 40), strings.Repeat("x", 120), strings.Repeat("東", 120), strings.Repeat("1 ", 60)} {
		c.Name, c.Aliases = strings.TrimSpace(name), nil
		o.change(t, c)
	}
}

func TestMattersAreOpenedNumberedListedAndClosed(t *testing.T) {
	o := open(t)
	c := o.client(t, "Acme Corporation", "lease")
	for _, m := range []clients.Matter{{Name: "merger"}, {Name: "old", Number: "10"}, {Name: "third", Number: "A-1"}} {
		m.Client = c.ID
		if _, err := o.dir.OpenMatter(t.Context(), o.Ask(o.Admin), m); err != nil {
			t.Fatal(err)
		}
	}
	for want, m := range map[string]clients.Matter{
		"client.number": {Client: c.ID, Name: "x", Number: "10"}, "client.none": {Client: "unknown", Name: "x"}, "client.name": {Client: c.ID},
	} {
		if _, err := o.dir.OpenMatter(t.Context(), o.Ask(o.Admin), m); code(err) != want {
			t.Errorf("%v: %v", m, err)
		}
	}
	list := o.matters(t, c)
	list[1].Closed, list[1].Number = true, "99"
	o.changeMatter(t, list[1])
	var got []string
	for _, m := range o.matters(t, c) {
		got = append(got, m.Number+" "+m.Name)
	}
	if want := []string{"1 lease", "10 old", "A-1 third", "2 merger"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	c.Closed = true
	o.change(t, c)
	if _, err := o.dir.OpenMatter(t.Context(), o.Ask(o.Admin), clients.Matter{Client: c.ID, Name: "late"}); code(err) != "client.closed" {
		t.Error(err)
	}
	if err := o.dir.ChangeMatter(t.Context(), o.Ask(o.Admin), clients.Matter{ID: "unknown", Client: c.ID, Name: "x"}); code(err) != "client.none" {
		t.Error(err)
	}
}

func TestClientsAreListedInTheOrderOfTheirNumbers(t *testing.T) {
	o := open(t)
	var want []string
	for i := range 120 {
		number := fmt.Sprint(i*7 + 1)
		want = append(want, number)
	}
	shuffled := slices.Clone(want)
	slices.Reverse(shuffled)
	for _, n := range shuffled {
		if _, _, err := o.dir.Open(t.Context(), o.Ask(o.Admin), clients.Client{Name: "Client " + n, Number: n}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	pages, cursor := 0, ""
	for {
		list, next, err := o.dir.List(t.Context(), o.Ask(o.Admin), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			got = append(got, c.Number)
		}
		pages++
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages: %v", pages, got)
	}
}

func TestANumberThatWasGivenUpIsFree(t *testing.T) {
	o := open(t)
	a, b := o.client(t, "Acme Corporation"), o.client(t, "Beta Industries")
	old := a.Number
	a.Number = b.Number
	if err := o.dir.Change(t.Context(), o.Ask(o.Admin), a); code(err) != "client.number" {
		t.Error(err)
	}
	a.Number = "77"
	o.change(t, a)
	b.Number = old
	o.change(t, b)
}

func TestOnlyThoseWhoManageMayChangeClients(t *testing.T) {
	o := open(t)
	c := o.client(t, "Acme Corporation", "lease")
	m := o.matters(t, c)[0]
	for _, role := range []firm.Role{firm.Lawyer, firm.Timekeeper, firm.Bookkeeper, firm.ReadOnly} {
		p := o.Hire(t, "Eve", role)
		_, _, opening := o.dir.Open(t.Context(), o.Ask(p), clients.Client{Name: "X", Number: "9"})
		_, adding := o.dir.OpenMatter(t.Context(), o.Ask(p), clients.Matter{Client: c.ID, Name: "x"})
		for what, err := range map[string]error{"open": opening, "open matter": adding, "change": o.dir.Change(t.Context(), o.Ask(p), c),
			"change matter": o.dir.ChangeMatter(t.Context(), o.Ask(p), m)} {
			if code(err) != "firm.forbidden" {
				t.Errorf("%s: %s: %v", role, what, err)
			}
		}
		if _, err := o.dir.Get(t.Context(), o.Ask(p), c.ID); err != nil {
			t.Errorf("%s may see: %v", role, err)
		}
	}
}

func TestARepeatedOpeningOpensOnce(t *testing.T) {
	o := open(t)
	caller := o.Ask(o.Admin)
	client, matter := clients.Client{Name: "Acme", Number: "1"}, clients.Matter{Name: "lease"}
	first, _, err := o.dir.Open(t.Context(), caller, client, matter)
	if err != nil {
		t.Fatal(err)
	}
	again, matters, err := o.dir.Open(t.Context(), caller, client, matter)
	if err != nil || again.ID != first.ID || len(matters) != 1 || matters[0].Client != first.ID {
		t.Error(again, matters, err)
	}
}

func TestAnotherFirmsClientsAreNotThere(t *testing.T) {
	mine := open(t)
	mine.client(t, "Acme Corporation", "lease")
	theirs := &office{firmtest.In(t, mine.House, mine.Clock), mine.dir}
	c := theirs.client(t, "Zeppelin", "lease")
	if got := mine.hear(t, "zeppelin"); got != "client.none" {
		t.Error(got)
	}
	if got := mine.find(t, clients.Spoken{Client: c.ID}); got != "client.none" {
		t.Error(got)
	}
	if err := mine.dir.Change(t.Context(), mine.Ask(mine.Admin), c); code(err) != "client.none" {
		t.Error(err)
	}
	if list, err := mine.dir.Matters(t.Context(), mine.Ask(mine.Admin), c.ID); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := mine.dir.Get(t.Context(), mine.Ask(mine.Admin), c.ID); code(err) != "client.none" {
		t.Error(err)
	}
	a := mine.House.Begin(mine.Ask(mine.Admin), firm.Action{})
	pair := mine.dir.ReadPair(a, c.ID, theirs.matters(t, c)[0].ID)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := pair.Get(); code(err) != "client.none" {
		t.Error(err)
	}
}

func TestAPairIsReadById(t *testing.T) {
	o := open(t)
	c := o.client(t, "Acme Corporation", "lease")
	m := o.matters(t, c)[0]
	a := o.House.Begin(o.Ask(o.Admin), firm.Action{Name: "test"})
	pair, bad := o.dir.ReadPair(a, c.ID, m.ID), o.dir.ReadPair(a, "", "a/b")
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	gotClient, gotMatter, err := pair.Get()
	if err != nil || gotClient.Name != c.Name || gotMatter.Name != "lease" {
		t.Error(gotClient, gotMatter, err)
	}
	if _, _, err := bad.Get(); code(err) != "client.none" {
		t.Error(err)
	}
	c.Email = "ap@acme.test"
	o.change(t, c)
	if err := a.Commit(t.Context(), nil, firm.Entry{}, pair.Check()...); err == nil {
		t.Error("committed on a client that changed")
	}
}

func TestCheckFailsACommitWhenTheClientChangedMeanwhile(t *testing.T) {
	o := open(t)
	c := o.client(t, "Acme Corporation", "lease")
	m := o.matters(t, c)[0]
	for name, spoken := range map[string]clients.Spoken{"by name": {Heard: "acme"}, "by id": {Client: c.ID, Matter: m.ID}} {
		for _, change := range []bool{false, true} {
			a := o.House.Begin(o.Ask(o.Admin), firm.Action{Name: "test"})
			l := o.dir.Find(a, spoken)
			if err := a.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if change {
				closed := m
				closed.Closed = true
				o.changeMatter(t, closed)
				defer o.changeMatter(t, m)
			}
			if err := a.Commit(t.Context(), nil, firm.Entry{}, l.Check()...); (err != nil) != change {
				t.Errorf("%s, changed %v: %v", name, change, err)
			}
			o.changeMatter(t, m)
		}
	}
}
