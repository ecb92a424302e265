package charging

import (
	"context"
	"errors"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
)

func atConsole(c firm.Caller) firm.Caller { return firmtest.On(c, firm.ByConsole) }

// with hires somebody whose permissions are their own.
func (d *desk) with(t *testing.T, role firm.Role, own ...firm.Permission) firm.Caller {
	t.Helper()
	c := d.Hire(t, "Lee", role)
	people, err := d.Charges.House.People(t.Context(), d.Ask(d.Admin))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.ID == c.Person {
			p.Own = append([]firm.Permission{}, own...)
			if _, err := d.Charges.House.ChangePerson(t.Context(), atConsole(d.Ask(d.Admin)), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d.Ask(c)
}

func TestRefundingIsAPermissionOfItsOwn(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	if _, err := d.Refund(t.Context(), d.with(t, firm.Lawyer, firm.Charge, firm.Disburse), r.Attempt); !errors.Is(err, firm.ErrForbidden) {
		t.Error("who may only charge:", err)
	}
	if len(d.bank.refunds) != 0 {
		t.Fatal("it was asked for")
	}
	if a, err := d.Refund(t.Context(), d.with(t, firm.Timekeeper, firm.Refund), r.Attempt); err != nil || a.State != Refunded {
		t.Error("who may only refund:", a.State, err)
	}
}

// TestAScreenedMattersChargesAreNotThere: what needs a person is hidden from whom the matter is screened from, and each act
// on it answers as for an id that nobody has.
func TestAScreenedMattersChargesAreNotThere(t *testing.T) {
	d, r := unknown(t, bankVanish)
	ref := r.Ref
	ctx := t.Context()
	ben := atConsole(d.Hire(t, "Ben", firm.Admin))
	if err := d.Directory.Screen(ctx, atConsole(d.Ask(d.Admin)), ref.Client, ref.Matter, clients.Screening{Add: []string{ben.Person}, Reason: "their brother works there"}); err != nil {
		t.Fatal(err)
	}
	seen := func(c firm.Caller) (n int) {
		waiting, err := d.Attention(ctx, d.Ask(c))
		attempts, err2 := d.Attempts(ctx, d.Ask(c), r.Invoice)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return len(waiting) + len(attempts)
	}
	if mine, all := seen(ben), seen(d.Admin); mine != 0 || all != 2 {
		t.Errorf("Ben sees %d of Ada's %d", mine, all)
	}
	calls := len(d.calls)
	for name, c := range map[string]struct {
		do   func(context.Context, firm.Caller) error
		want error
	}{
		"resolve": {func(ctx context.Context, c firm.Caller) error { return d.Resolve(ctx, c, r.Attempt, false, "") }, ErrNoAttempt},
		"task":    {func(ctx context.Context, c firm.Caller) error { return d.Done(ctx, c, r.Attempt, TaskDispute) }, ErrNoAttempt},
		"refund":  {func(ctx context.Context, c firm.Caller) error { _, err := d.Refund(ctx, c, r.Attempt); return err }, ErrNoAttempt},
		"a page": {func(ctx context.Context, c firm.Caller) error {
			_, err := d.OpenPage(ctx, c, r.Invoice, "b")
			return err
		}, billing.ErrNoBill},
		"the card": {func(ctx context.Context, c firm.Caller) error {
			_, err := d.ReadAuthorisation(ctx, c, ref.Client)
			return err
		}, ErrNoCard},
		"authorise": {func(ctx context.Context, c firm.Caller) error {
			return d.Authorise(ctx, c, Authorisation{Client: ref.Client, Customer: "c", Method: "m", Text: "t"})
		}, ErrNoCard},
		"revoke": {func(ctx context.Context, c firm.Caller) error { return d.Revoke(ctx, c, ref.Client) }, ErrNoCard},
	} {
		if err := c.do(ctx, d.Ask(ben)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
	if len(d.calls) != calls {
		t.Errorf("the processor was asked: %v", d.calls[calls:])
	}
	if err := d.Resolve(ctx, atConsole(d.Ask(d.Admin)), r.Attempt, false, ""); err != nil {
		t.Error("Ada, whom it is not screened from:", err)
	}
}

func TestAScreenedMattersInvoicesAreNotPrintedNorCounted(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Beta Industries", "", goodCard)
	r := d.confirm(t, d.worked(t))
	ctx := t.Context()
	ben := atConsole(d.Hire(t, "Ben", firm.Bookkeeper))
	if err := d.Directory.Screen(ctx, atConsole(d.Ask(d.Admin)), r.Ref.Client, r.Ref.Matter, clients.Screening{Add: []string{ben.Person}, Reason: "their brother works there"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Printed(ctx, d.Ask(ben), r.Invoice); err != nil {
		t.Error("as for one that is not there:", err)
	}
	books := ledger.Books{House: d.Charges.House}
	for who, want := range map[string]struct {
		caller firm.Caller
		prints int
		sums   bool
	}{"Ada": {d.Admin, 1, true}, "Ben": {ben, 0, false}} {
		queue, err := d.PrintQueue(ctx, d.Ask(want.caller))
		sums, err2 := books.Balances(ctx, d.Ask(want.caller))
		if err != nil || err2 != nil || len(queue) != want.prints || (len(sums) > 0) != want.sums {
			t.Errorf("%s: %d to print, %v; %v, %v", who, len(queue), err, sums, err2)
		}
	}
}

func TestACardIsOfAClientThatIsThere(t *testing.T) {
	d := newDesk(t)
	for _, id := range []string{"nobody", "", "a/b"} {
		if err := d.Authorise(t.Context(), d.Ask(d.Admin), Authorisation{Client: id, Customer: "c", Method: "m", Text: "t"}); err == nil {
			t.Errorf("a card was recorded for the client %q", id)
		}
	}
}
