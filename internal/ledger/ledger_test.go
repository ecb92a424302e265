package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// commit carries out one act of the office's admin with the operations that f returns.
func commit(ctx context.Context, o *firmtest.Office, c firm.Caller, f func(a *firm.Act) ([]store.Op, error), read ...func(*firm.Act)) error {
	return o.House.Retry(ctx, func() error {
		a := o.House.Begin(c, firm.Action{Name: "test"})
		for _, r := range read {
			r(a)
		}
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(nil); done {
			return err
		}
		ops, err := f(a)
		if err != nil {
			return err
		}
		return a.Commit(ctx, nil, firm.Entry{Subject: "test"}, ops...)
	})
}

func post(t *testing.T, o *firmtest.Office, tx ledger.Transaction) {
	t.Helper()
	err := commit(t.Context(), o, o.Ask(o.Admin), func(a *firm.Act) ([]store.Op, error) {
		tx.ID, tx.At = o.House.NewID(), a.Now
		op, err := ledger.Post(a.Batch.View(), tx)
		return []store.Op{op}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheJournalRunsInOrderAcrossMonthsAndPages(t *testing.T) {
	o := firmtest.Open(t)
	books := &ledger.Books{House: o.House}
	const months, each = 2, store.MaxPage + 50
	var want []time.Time
	v := o.House.View(o.Admin)
	for m := range months {
		o.Clock.Set(time.Date(2026, time.November+time.Month(m), 30, 23, 0, 0, 0, time.UTC))
		for i := range each {
			at := o.Clock.Now().Add(time.Duration(i) * time.Second)
			tx := ledger.Paying(ledger.Transaction{ID: o.House.NewID(), At: at, Client: "c"}, usd(int64(i+1)))
			op, err := ledger.Post(v, tx)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Commit(t.Context(), op); err != nil {
				t.Fatal(err)
			}
			want = append(want, at)
		}
	}
	o.Clock.Advance(24 * time.Hour)
	read := func(from, to time.Time) (got []time.Time) {
		t.Helper()
		err := books.Journal(t.Context(), o.Admin, from, to, func(tx ledger.Transaction) error {
			got = append(got, tx.At)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(time.Time{}, time.Time{}); !slices.Equal(got, want) {
		t.Errorf("read %d transactions; want %d in order", len(got), len(want))
	}
	from, to := want[each-1], want[each+1]
	if got := read(from, to); !slices.Equal(got, want[each-1:each+1]) {
		t.Errorf("[from, to) gave %v", got)
	}
}

func TestBalancesSumTheJournalAndCheckThatItIsZero(t *testing.T) {
	o := firmtest.Open(t)
	books := &ledger.Books{House: o.House}
	issued, err := ledger.Issuing(ledger.Transaction{Client: "c"}, usd(10000), usd(0), usd(800))
	if err != nil {
		t.Fatal(err)
	}
	post(t, o, issued)
	post(t, o, ledger.Paying(ledger.Transaction{Client: "c"}, usd(10000)))
	got, err := books.Balances(t.Context(), o.Admin)
	if err != nil {
		t.Fatal(err)
	}
	want := map[ledger.Account]int64{ledger.Receivable("c"): 800, ledger.Clearing: 10000, ledger.Fees: -10000, ledger.TaxPayable: -800}
	for account, minor := range want {
		if got[account] != usd(minor) {
			t.Errorf("%s is %v; want %d", account, got[account], minor)
		}
	}

	// A record written past Post, as no code of ours does, is found out.
	v := o.House.View(o.Admin)
	month := o.Clock.Now().Format("2006-01")
	bad := ledger.Transaction{ID: "bad", At: o.Clock.Now(), Lines: []ledger.Line{{Account: ledger.Fees, Amount: usd(-1)}}}
	key := v.Key(o.Clock.Now().Format("2006-01-02T15:04:05.000000000Z")+"/bad", "journal", month)
	if err := v.Commit(t.Context(), store.CreateOp(key, bad)); err != nil {
		t.Fatal(err)
	}
	if _, err := books.Balances(t.Context(), o.Admin); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("a broken journal gave %v", err)
	}
}

func TestATransactionIsNeverOverwritten(t *testing.T) {
	o := firmtest.Open(t)
	v := o.House.View(o.Admin)
	tx := ledger.Paying(ledger.Transaction{ID: "same", At: o.Clock.Now(), Client: "c"}, usd(5))
	op, err := ledger.Post(v, tx)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Commit(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	if err := v.Commit(t.Context(), op); !errors.Is(err, store.ErrPrecondition) {
		t.Errorf("posting again gave %v", err)
	}
}

// matters opens a client with so many matters.
func matters(t *testing.T, o *firmtest.Office, names ...string) (client string, ids []string) {
	t.Helper()
	var open []clients.Matter
	for i, name := range names {
		open = append(open, clients.Matter{Number: fmt.Sprint(i + 1), Name: name})
	}
	directory := &clients.Directory{House: o.House}
	c, made, err := directory.Open(t.Context(), o.Ask(o.Admin), clients.Client{Number: "1", Name: "Acme Corporation"}, open...)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made {
		ids = append(ids, m.ID)
	}
	return c.ID, ids
}

func TestOneMattersTrustIsNotAnothers(t *testing.T) {
	o := firmtest.Open(t)
	books := &ledger.Books{House: o.House}
	client, m := matters(t, o, "lease", "estate")
	if err := books.DepositTrust(t.Context(), o.Ask(o.Admin), client, m[1], usd(1000)); err != nil {
		t.Fatal(err)
	}
	for matter, want := range map[string]money.Amount{m[0]: {}, m[1]: usd(1000)} {
		if got, err := books.TrustBalance(t.Context(), o.Admin, matter); err != nil || got != want {
			t.Errorf("held for %s: %v, %v; want %v", matter, got, err, want)
		}
	}
}

func TestADepositIsTakenOnceForOneRequest(t *testing.T) {
	o := firmtest.Open(t)
	books := &ledger.Books{House: o.House}
	client, m := matters(t, o, "lease")
	request := o.Ask(o.Admin)
	for range 2 {
		if err := books.DepositTrust(t.Context(), request, client, m[0], usd(500)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := books.TrustBalance(t.Context(), o.Admin, m[0]); err != nil || got != usd(500) {
		t.Errorf("held %v, %v; want 5.00", got, err)
	}
}

func TestWhatIsNoDepositIsRefused(t *testing.T) {
	o := firmtest.Open(t)
	books := &ledger.Books{House: o.House}
	client, m := matters(t, o, "lease")
	for _, amount := range []money.Amount{usd(0), usd(-5), money.Of(5, "EUR"), {}} {
		if err := books.DepositTrust(t.Context(), o.Ask(o.Admin), client, m[0], amount); !errors.Is(err, ledger.ErrNotTaken) {
			t.Errorf("depositing %v gave %v", amount, err)
		}
	}
	reader := o.Hire(t, "Reader", firm.ReadOnly)
	if err := books.DepositTrust(t.Context(), reader, client, m[0], usd(5)); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("a reader's deposit gave %v", err)
	}
	keeper := o.Hire(t, "Bea", firm.Bookkeeper)
	if err := books.DepositTrust(t.Context(), keeper, client, m[0], usd(5)); err != nil {
		t.Errorf("a bookkeeper's deposit gave %v", err)
	}
	for _, matter := range []string{"nobody's", "", "a/b"} {
		if err := books.DepositTrust(t.Context(), o.Ask(o.Admin), client, matter, usd(5)); !errors.Is(err, clients.ErrNone) {
			t.Errorf("a deposit for matter %q gave %v", matter, err)
		}
	}
}

func TestAnotherFirmsBooksAreEmpty(t *testing.T) {
	o := firmtest.Open(t)
	other := firmtest.In(t, o.House, o.Clock)
	books := &ledger.Books{House: o.House}
	client, m := matters(t, o, "lease")
	if err := books.DepositTrust(t.Context(), o.Ask(o.Admin), client, m[0], usd(500)); err != nil {
		t.Fatal(err)
	}
	got, err := books.Balances(t.Context(), other.Admin)
	if err != nil || len(got) != 0 {
		t.Errorf("the other firm sees %v, %v", got, fmt.Sprint(err))
	}
}
