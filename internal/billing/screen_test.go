package billing

import (
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
)

func TestTheInvoicesOfAScreenedMatterAreNotThere(t *testing.T) {
	p, ctx := open(t), t.Context()
	directory := &clients.Directory{House: p.House}
	console := func(c firm.Caller) firm.Caller { return firmtest.On(p.Ask(c), firm.ByConsole) }
	_, matters, err := directory.Open(ctx, console(p.Admin), clients.Client{Name: "Acme Corporation", Number: "1"}, clients.Matter{Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	m := matters[0]
	b := p.issued(t, m.ID)
	p.issued(t, "other")
	ben := p.Hire(t, "Ben", firm.Bookkeeper)
	if err := directory.Screen(ctx, console(p.Admin), m.Client, m.ID, clients.Screening{Add: []string{ben.Person}, Reason: "their brother works there"}); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]struct {
		caller firm.Caller
		list   int
		err    error
	}{"Ada": {p.Admin, 2, nil}, "Ben": {ben, 1, ErrNoBill}, "the worker": {firm.System(p.Firm.ID, "r"), 2, nil}} {
		list, _, err := p.desk.List(ctx, p.Ask(want.caller), b.Dated[:7], "")
		_, get := p.desk.Get(ctx, p.Ask(want.caller), b.ID)
		_, lines := p.desk.Lines(ctx, p.Ask(want.caller), b.ID)
		if err != nil || len(list) != want.list || !errors.Is(get, want.err) || !errors.Is(lines, want.err) {
			t.Errorf("%s: %d of 2, %v; one: %v; its lines: %v", who, len(list), err, get, lines)
		}
		of, _, err := p.desk.OfClient(ctx, p.Ask(want.caller), b.Ref.Client, "")
		if err != nil || len(of) != want.list-1 {
			t.Errorf("%s: of the client %d, %v", who, len(of), err)
		}
	}
}

func TestApprovingIsAPermissionOfItsOwn(t *testing.T) {
	p, ctx := open(t), t.Context()
	if err := p.draft(ctx, "m", nil, 100); err != nil {
		t.Fatal(err)
	}
	draft, _, _ := p.openOf(t, "m")
	lee := p.Hire(t, "Lee", firm.Lawyer)
	people, err := p.House.People(ctx, p.Admin)
	if err != nil {
		t.Fatal(err)
	}
	people[1].Own = []firm.Permission{firm.Approve}
	if _, err := p.House.ChangePerson(ctx, p.Ask(p.Admin), people[1]); err != nil {
		t.Fatal(err)
	}
	if b, err := p.desk.Approve(ctx, p.Ask(lee), "m", draft.ID, 1, draft.Total); err != nil || !b.Approved {
		t.Error(b.Approved, err)
	}
}
