package clients_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

// office is a firm with its directory.
type office struct {
	*firmtest.Office
	dir *clients.Directory
}

func open(t testing.TB) *office {
	t.Helper()
	o := firmtest.Open(t)
	return &office{o, &clients.Directory{House: o.House}}
}

// demo opens the demo firm's clients.
func demo(t testing.TB) *office {
	t.Helper()
	o := open(t)
	for _, name := range []string{"Acme Corporation", "Beta Industries", "O'Brien & Sons", "Nguyen Family Trust", "Hughes Medical",
		"Schmidt Holdings", "Schmitt Logistics"} {
		o.client(t, name, "lease")
	}
	o.client(t, "Marlow Group", "lease", "merger", "tax appeal")
	return o
}

// client opens a client with matters; the number is made from what is there.
func (o *office) client(t testing.TB, name string, matters ...string) clients.Client {
	t.Helper()
	var list []clients.Matter
	for _, m := range matters {
		list = append(list, clients.Matter{Name: m})
	}
	number := "c-" + o.House.NewID()[30:]
	c, _, err := o.dir.Open(t.Context(), o.Ask(o.Admin), clients.Client{Name: name, Number: number}, list...)
	if err != nil {
		t.Fatalf("open %q: %v", name, err)
	}
	return c
}

func (o *office) change(t testing.TB, c clients.Client) {
	t.Helper()
	if err := o.dir.Change(t.Context(), o.Ask(o.Admin), c); err != nil {
		t.Fatal(err)
	}
}

func (o *office) changeMatter(t testing.TB, m clients.Matter) {
	t.Helper()
	if err := o.dir.ChangeMatter(t.Context(), o.Ask(o.Admin), m); err != nil {
		t.Fatal(err)
	}
}

func (o *office) matters(t testing.TB, c clients.Client) []clients.Matter {
	t.Helper()
	list, err := o.dir.Matters(t.Context(), o.Ask(o.Admin), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (o *office) lookup(ctx context.Context, s clients.Spoken) (*clients.Lookup, error) {
	a := o.House.Begin(o.Ask(o.Admin), firm.Action{})
	l := o.dir.Find(a, s)
	return l, a.Run(ctx)
}

// find says what a look-up came to, as a reader would: "Acme Corporation: lease", "? Schmidt Holdings | Schmitt
// Logistics", "which: lease | merger", or the fault's code.
func (o *office) find(t testing.TB, s clients.Spoken) string {
	t.Helper()
	l, err := o.lookup(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return told(l.Answer())
}

func (o *office) hear(t testing.TB, heard string) string {
	t.Helper()
	return o.find(t, clients.Spoken{Heard: heard})
}

func told(r clients.Ref, err error) string {
	var ask *clients.Ask
	switch {
	case errors.As(err, &ask) && ask.Clients != nil:
		return "? " + strings.Join(each(ask.Clients, func(r clients.Ref) string { return r.ClientName }), " | ")
	case errors.As(err, &ask):
		return "which: " + strings.Join(each(ask.Matters, func(r clients.Ref) string { return r.MatterName }), " | ")
	case err != nil:
		code, _, _ := strings.Cut(err.Error(), ":")
		return code
	}
	return r.ClientName + ": " + r.MatterName
}

func each(list []clients.Ref, f func(clients.Ref) string) (out []string) {
	for _, r := range list {
		out = append(out, f(r))
	}
	return out
}
