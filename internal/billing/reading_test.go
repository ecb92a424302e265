package billing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
	"pgregory.net/rapid"
)

// practice is a firm with its billing and its books.
type practice struct {
	*firmtest.Office
	desk  *Desk
	books *ledger.Books
}

func open(t testing.TB) *practice {
	o := firmtest.Open(t)
	return &practice{o, &Desk{House: o.House}, &ledger.Books{House: o.House}}
}

// draft writes a matter's draft with one line for each amount, without the entries that AddLast would take.
func (p *practice) draft(ctx context.Context, matter string, change func(*Bill), amounts ...int64) error {
	b := emptyDraft()
	b.ID, b.Ref = p.House.NewID(), clients.Ref{Client: "client." + matter, ClientName: "Acme Corporation", Matter: matter}
	v := p.House.View(p.Admin)
	var ops []store.Op
	for i, minor := range amounts {
		l := Line{Seq: i + 1, Kind: Fee, Day: "2026-11-23", Amount: usd(minor), Narrative: "Reviewed the lease"}
		b, l, _ = b.with(l, p.Firm.Tax)
		ops = append(ops, store.CreateOp(lineKey(v, b.ID, l.Seq), l))
	}
	if change != nil {
		change(&b)
	}
	return v.Commit(ctx, append(ops, store.CreateOp(draftKey(v, matter), b))...)
}

// do carries out one act on a bill that read adds to the batch.
func (p *practice) do(ctx context.Context, read func(*firm.Act) *Reading, f func(*firm.Act, *Reading) (Bill, []store.Op, error)) (b Bill, err error) {
	caller := p.Ask(p.Admin)
	for { // a race that Retry gives up on is no outcome
		err = p.House.Retry(ctx, func() error {
			a := p.House.Begin(caller, firm.Action{Name: "test"})
			r := read(a)
			if err := a.Run(ctx); err != nil {
				return err
			}
			var ops []store.Op
			if b, ops, err = f(a, r); err != nil {
				return err
			}
			return a.Commit(ctx, b, firm.Entry{Subject: "test"}, ops...)
		})
		if !errors.Is(err, firm.ErrRace) {
			return b, err
		}
	}
}

func (p *practice) issue(ctx context.Context, matter, hold string) (Bill, error) {
	read := func(a *firm.Act) *Reading { return p.desk.ReadDraft(a, matter) }
	return p.do(ctx, read, func(a *firm.Act, r *Reading) (Bill, []store.Op, error) {
		client := clients.Client{ID: "client." + matter, Name: "Acme Corporation", Email: "acme@example.test", Address: []string{"1 Main Street"}}
		return r.Issue(a, client, hold)
	})
}

func (p *practice) on(ctx context.Context, b Bill, f func(*firm.Act, *Reading) (Bill, []store.Op, error)) (Bill, error) {
	return p.do(ctx, func(a *firm.Act) *Reading { return p.desk.ReadBill(a, b.Ref, b.ID) }, f)
}

func (p *practice) hold(ctx context.Context, b Bill, attempt string) (Bill, error) {
	return p.on(ctx, b, func(a *firm.Act, r *Reading) (Bill, []store.Op, error) { return r.Hold(a, attempt) })
}

func (p *practice) settle(ctx context.Context, b Bill, attempt string, amount money.Amount) (after Bill, unapplied bool, err error) {
	after, err = p.on(ctx, b, func(a *firm.Act, r *Reading) (bill Bill, ops []store.Op, err error) {
		bill, unapplied, ops, err = r.Settle(a, attempt, amount)
		return bill, ops, err
	})
	return after, unapplied, err
}

func (p *practice) free(ctx context.Context, b Bill, attempt string) (Bill, error) {
	return p.on(ctx, b, func(a *firm.Act, r *Reading) (Bill, []store.Op, error) { return r.Free(a, attempt) })
}

func (p *practice) refund(ctx context.Context, b Bill, attempt string, amount money.Amount) (Bill, error) {
	return p.on(ctx, b, func(a *firm.Act, r *Reading) (Bill, []store.Op, error) {
		b, _, ops, err := r.Move(a, attempt, Movement{Kind: ledger.RefundPaid, Out: amount})
		return b, ops, err
	})
}

func (p *practice) comeBack(ctx context.Context, b Bill, attempt string, amount money.Amount) (after Bill, unapplied bool, err error) {
	after, err = p.on(ctx, b, func(a *firm.Act, r *Reading) (bill Bill, ops []store.Op, err error) {
		bill, unapplied, ops, err = r.Move(a, attempt, Movement{Kind: ledger.RefundFailed, Back: amount})
		return bill, ops, err
	})
	return after, unapplied, err
}

// issued is an open invoice of 120.00.
func (p *practice) issued(t testing.TB, matter string) Bill {
	t.Helper()
	if err := p.draft(t.Context(), matter, nil, 12000); err != nil {
		t.Fatal(err)
	}
	b, err := p.issue(t.Context(), matter, "")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// openOf reads what could be charged for a matter.
func (p *practice) openOf(t testing.TB, matter string) (draft, oldest *Bill, count int) {
	t.Helper()
	a := p.House.Begin(p.Admin, firm.Action{})
	o := p.desk.ReadOpen(a, matter)
	if err := a.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	draft, err := o.Draft()
	if err != nil {
		t.Fatal(err)
	}
	if oldest, count, err = o.Oldest(); err != nil {
		t.Fatal(err)
	}
	return draft, oldest, count
}

func (p *practice) balances(t testing.TB) map[ledger.Account]money.Amount {
	t.Helper()
	sums, err := p.books.Balances(t.Context(), p.Admin)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func TestIssuingFreezesTheBillAndLeavesItsLines(t *testing.T) {
	p := open(t)
	p.Clock.Set(time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)) // still November in New York
	if err := p.draft(t.Context(), "m", nil, 9000, 3000); err != nil {
		t.Fatal(err)
	}
	draft, _, _ := p.openOf(t, "m")
	before, err := p.desk.Lines(t.Context(), p.Admin, draft.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.issue(t.Context(), "m", "attempt")
	if err != nil {
		t.Fatal(err)
	}
	if b.ID != draft.ID || b.Number != "1" || b.State != Issued || b.Total != usd(12000) || b.Hold != "attempt" || b.Attempts != 1 {
		t.Errorf("issued %+v", b)
	}
	if b.Dated != "2026-11-30" || b.Due != "2026-12-30" || !b.Issued.Equal(p.Clock.Now()) {
		t.Errorf("dated %s, due %s, issued %s", b.Dated, b.Due, b.Issued)
	}
	if b.Recipient.Email != "acme@example.test" || b.Recipient.Name != "Acme Corporation" || len(b.Recipient.Address) != 1 {
		t.Errorf("addressed to %+v", b.Recipient)
	}
	after, err := p.desk.Lines(t.Context(), p.Admin, b.ID)
	if err != nil || !slices.Equal(before, after) || len(after) != 2 {
		t.Errorf("lines were %v and are %v, %v", before, after, err)
	}
	if draft, oldest, count := p.openOf(t, "m"); draft != nil || oldest == nil || oldest.ID != b.ID || count != 1 {
		t.Errorf("left a draft %v; open: %v, %d", draft, oldest, count)
	}
	if sums := p.balances(t); sums[ledger.Receivable("client.m")] != b.Total || sums[ledger.Fees] != b.Net.Neg() {
		t.Errorf("posted %v", sums)
	}
	got, err := p.desk.Get(t.Context(), p.Admin, b.ID)
	if err != nil || got.Number != "1" || got.Hold != "attempt" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNumbersHaveNoGapAndNoSecondUseHoweverManyIssueAtOnce(t *testing.T) {
	p := open(t)
	const n = 12
	for i := range n {
		if err := p.draft(t.Context(), "m"+strconv.Itoa(i), nil, 100); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	numbers := make([]string, n)
	for i := range n {
		wait.Go(func() {
			b, err := p.issue(t.Context(), "m"+strconv.Itoa(i), "")
			if err != nil {
				t.Error(err)
			}
			numbers[i] = b.Number
		})
	}
	wait.Wait()
	slices.SortFunc(numbers, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	for i, number := range numbers {
		if number != strconv.Itoa(i+1) {
			t.Fatalf("numbers are %v", numbers)
		}
	}
}

func TestOneDraftIsIssuedOnceHoweverManyTry(t *testing.T) {
	p := open(t)
	if err := p.draft(t.Context(), "m", nil, 100); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wait.Go(func() { _, errs[i] = p.issue(t.Context(), "m", "") })
	}
	wait.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, ErrEmpty):
			t.Error(err)
		}
	}
	if _, _, count := p.openOf(t, "m"); done != 1 || count != 1 {
		t.Errorf("issued %d times, %d open", done, count)
	}
}

func TestWhatMayNotBeIssuedTakesNoNumber(t *testing.T) {
	p := open(t)
	for _, c := range []struct {
		name   string
		change func(*Bill)
		lines  []int64
		want   error
	}{
		{"nothing", nil, nil, ErrEmpty},
		{"all for nothing", nil, []int64{0, 0}, ErrEmpty},
		{"on hold", func(b *Bill) { b.OnHold = true }, []int64{100}, ErrOnHold},
	} {
		if err := p.draft(t.Context(), c.name, c.change, c.lines...); err != nil {
			t.Fatal(err)
		}
		if _, err := p.issue(t.Context(), c.name, ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
	if _, err := p.issue(t.Context(), "none at all", ""); !errors.Is(err, ErrEmpty) {
		t.Errorf("no draft: %v", err)
	}
	if b := p.issued(t, "m"); b.Number != "1" {
		t.Errorf("the first invoice is number %s", b.Number)
	}
}

func TestADraftIsTaxedAsTheFirmTaxesWhenItIsIssued(t *testing.T) {
	p := open(t)
	if err := p.draft(t.Context(), "m", nil, 10000); err != nil {
		t.Fatal(err)
	}
	f := p.Firm
	f.Tax = firm.Tax{Name: "VAT", PPM: 200_000}
	if _, err := p.House.ChangeFirm(t.Context(), p.Ask(firmtest.On(p.Admin, firm.ByConsole)), f); err != nil {
		t.Fatal(err)
	}
	draft, _, _ := p.openOf(t, "m")
	b, err := p.issue(t.Context(), "m", "")
	if err != nil || draft.Total != usd(12000) || b.Total != draft.Total || b.TaxName != "VAT" {
		t.Errorf("offered %v, issued %v, %v", draft.Total, b.Total, err)
	}
	if sums := p.balances(t); sums[ledger.TaxPayable] != usd(-2000) || sums[ledger.Receivable("client.m")] != usd(12000) {
		t.Errorf("posted %v", sums)
	}
}

func TestAnInvoiceIsHeldByOneAttempt(t *testing.T) {
	p, ctx := open(t), t.Context()
	b := p.issued(t, "m")
	if b, _ = p.hold(ctx, b, "a1"); b.Hold != "a1" || b.Attempts != 1 {
		t.Fatalf("held by %q, attempt %d", b.Hold, b.Attempts)
	}
	if _, err := p.hold(ctx, b, "a2"); !errors.Is(err, ErrHeld) {
		t.Errorf("a second attempt: %v", err)
	}
	if got, err := p.free(ctx, b, "a2"); err != nil || got.Hold != "a1" {
		t.Errorf("freed by a stranger: held by %q, %v", got.Hold, err)
	}
	if got, err := p.free(ctx, b, "a1"); err != nil || got.Hold != "" {
		t.Errorf("freed: held by %q, %v", got.Hold, err)
	}
	if got, err := p.hold(ctx, b, "a2"); err != nil || got.Attempts != 2 {
		t.Errorf("the next attempt is number %d, %v", got.Attempts, err)
	}
}

func TestACapturePaysTheInvoiceOnce(t *testing.T) {
	p, ctx := open(t), t.Context()
	b := p.issued(t, "m")
	b, _ = p.hold(ctx, b, "a1")
	for range 2 {
		got, unapplied, err := p.settle(ctx, b, "a1", b.Total)
		if err != nil || unapplied || got.State != Paid || got.Hold != "" || got.Outstanding() != usd(0) || len(got.Receipts) != 1 {
			t.Fatalf("settled: %+v, %v, %v", got, unapplied, err)
		}
	}
	if _, oldest, count := p.openOf(t, "m"); oldest != nil || count != 0 {
		t.Errorf("still open: %v", oldest)
	}
	if _, err := p.hold(ctx, b, "a2"); !errors.Is(err, ErrSettled) {
		t.Errorf("charging a paid invoice: %v", err)
	}
	if sums := p.balances(t); sums[ledger.Clearing] != b.Total || sums[ledger.Receivable("client.m")] != usd(0) {
		t.Errorf("posted %v", sums)
	}
	if got, err := p.desk.Get(ctx, p.Admin, b.ID); err != nil || got.State != Paid {
		t.Errorf("found %s, %v", got.State, err)
	}
}

func TestAPartOfItLeavesTheRestOpen(t *testing.T) {
	p, ctx := open(t), t.Context()
	b, _ := p.hold(ctx, p.issued(t, "m"), "a1")
	got, unapplied, err := p.settle(ctx, b, "a1", usd(5000))
	if err != nil || unapplied || got.State != PartPaid || got.Outstanding() != usd(7000) {
		t.Errorf("settled: %+v, %v, %v", got, unapplied, err)
	}
}

func TestMoneyThatDoesNotFitIsKeptAsUnapplied(t *testing.T) {
	for name, c := range map[string]struct {
		attempt string
		amount  int64
		held    string // afterwards
	}{
		"more than is owed":    {"a1", 12001, ""},
		"of a late attempt":    {"a0", 12000, "a1"},
		"part, of a late one":  {"a0", 1, "a1"},
		"of another's attempt": {"stranger", 12000, "a1"},
	} {
		p, ctx := open(t), t.Context()
		b, _ := p.hold(ctx, p.issued(t, "m"), "a1")
		for range 2 {
			got, unapplied, err := p.settle(ctx, b, c.attempt, usd(c.amount))
			if err != nil || !unapplied || got.Hold != c.held || got.Outstanding() != b.Total {
				t.Errorf("%s: %+v, %v, %v", name, got, unapplied, err)
			}
		}
		if sums := p.balances(t); sums[ledger.Unapplied] != usd(-c.amount) || sums[ledger.Clearing] != usd(c.amount) {
			t.Errorf("%s: posted %v", name, sums)
		}
		if _, err := p.refund(ctx, b, c.attempt, usd(c.amount)); err != nil {
			t.Errorf("%s: given back: %v", name, err)
		}
		if sums := p.balances(t); sums[ledger.Unapplied] != usd(0) || sums[ledger.Receivable("client.m")] != b.Total {
			t.Errorf("%s: after giving back %v", name, sums)
		}
	}
}

func TestARefundOpensTheInvoiceAgainAndNeverExceedsItsCapture(t *testing.T) {
	p, ctx := open(t), t.Context()
	b, _ := p.hold(ctx, p.issued(t, "m"), "a1")
	if _, _, err := p.settle(ctx, b, "a1", b.Total); err != nil {
		t.Fatal(err)
	}
	got, err := p.refund(ctx, b, "a1", usd(2000))
	if err != nil || got.State != PartPaid || got.Outstanding() != usd(2000) {
		t.Fatalf("refunded: %+v, %v", got, err)
	}
	if _, oldest, _ := p.openOf(t, "m"); oldest == nil || oldest.ID != b.ID {
		t.Error("not open again")
	}
	for _, amount := range []money.Amount{usd(10001), usd(0), usd(-1), money.Of(5, "EUR")} {
		if _, err := p.refund(ctx, b, "a1", amount); !errors.Is(err, ErrAmount) {
			t.Errorf("refunding %v gave %v", amount, err)
		}
	}
	if _, err := p.refund(ctx, b, "a9", usd(1)); !errors.Is(err, ErrAmount) {
		t.Errorf("refunding what was never captured gave %v", err)
	}
	if got, err = p.refund(ctx, b, "a1", usd(10000)); err != nil || got.State != Issued || got.Outstanding() != b.Total {
		t.Errorf("refunded whole: %+v, %v", got, err)
	}
}

func TestACaptureOfNoAmountIsADefect(t *testing.T) {
	p, ctx := open(t), t.Context()
	b, _ := p.hold(ctx, p.issued(t, "m"), "a1")
	for _, amount := range []money.Amount{usd(0), usd(-1), money.Of(5, "EUR")} {
		if _, _, err := p.settle(ctx, b, "a1", amount); !errors.Is(err, ErrAmount) {
			t.Errorf("settling %v gave %v", amount, err)
		}
	}
}

func TestThereIsNoSuchBill(t *testing.T) {
	p, ctx := open(t), t.Context()
	nobody := Bill{ID: "nobody", Ref: clients.Ref{Matter: "m"}}
	if _, err := p.hold(ctx, nobody, "a1"); !errors.Is(err, ErrNoBill) {
		t.Errorf("holding gave %v", err)
	}
	for _, bill := range []string{"nobody", "", "a/b"} {
		if _, err := p.desk.Get(ctx, p.Admin, bill); !errors.Is(err, ErrNoBill) {
			t.Errorf("reading %q gave %v", bill, err)
		}
	}
}

func TestOldestIsTheFirstIssuedAndCountingStopsAtTen(t *testing.T) {
	p := open(t)
	first := p.issued(t, "m")
	for range 11 {
		p.issued(t, "m")
	}
	if _, oldest, count := p.openOf(t, "m"); oldest.ID != first.ID || count != 10 {
		t.Errorf("oldest is number %s of %d", oldest.Number, count)
	}
}

func TestWhatComesBackPaysTheInvoiceIfItStillWaitsForIt(t *testing.T) {
	for _, c := range []struct {
		name      string
		between   func(p *practice, b Bill) error
		back      int64
		unapplied bool
		want      error
	}{
		{"it waits", func(*practice, Bill) error { return nil }, 12000, false, nil},
		{"a part", func(*practice, Bill) error { return nil }, 5000, false, nil},
		{"more than left", func(*practice, Bill) error { return nil }, 12001, false, ErrAmount},
		{"another payment is under way", func(p *practice, b Bill) error { _, err := p.hold(t.Context(), b, "a2"); return err }, 12000, true, nil},
	} {
		p, ctx := open(t), t.Context()
		b := p.issued(t, "m")
		if _, err := p.hold(ctx, b, "a1"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.settle(ctx, b, "a1", usd(12000)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.refund(ctx, b, "a1", usd(12000)); err != nil {
			t.Fatal(err)
		}
		if err := c.between(p, b); err != nil {
			t.Fatal(err)
		}
		after, unapplied, err := p.comeBack(ctx, b, "a1", usd(c.back))
		if !errors.Is(err, c.want) || unapplied != c.unapplied {
			t.Errorf("%s: unapplied %v, %v", c.name, unapplied, err)
		}
		if paid := after.Total.Minor - after.Outstanding().Minor; err == nil && paid != c.back && !c.unapplied {
			t.Errorf("%s: %d paid", c.name, paid)
		}
	}
}

// The law of the accounts: whatever happens to a client's invoices, the books sum to zero, the client's receivable is
// what their open invoices leave to be paid, and what is unapplied and at the processor is what their receipts leave.
func TestReceivableIsWhatOpenInvoicesLeaveToBePaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, ctx := open(t), t.Context()
		var bills []Bill
		amount := rapid.Int64Range(1, 30000)
		attempt := rapid.SampledFrom([]string{"a1", "a2", "a3"})
		pick := func(t *rapid.T) Bill {
			if len(bills) == 0 {
				t.Skip("no invoice yet")
			}
			return rapid.SampledFrom(bills).Draw(t, "bill")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"issue": func(t *rapid.T) {
				if err := p.draft(ctx, "m", nil, amount.Draw(t, "amount")); err != nil {
					t.Fatal(err)
				}
				b, err := p.issue(ctx, "m", rapid.SampledFrom([]string{"", "a1"}).Draw(t, "hold"))
				if err != nil {
					t.Fatal(err)
				}
				bills = append(bills, b)
			},
			"hold": func(t *rapid.T) { p.hold(ctx, pick(t), attempt.Draw(t, "attempt")) },
			"free": func(t *rapid.T) { p.free(ctx, pick(t), attempt.Draw(t, "attempt")) },
			"settle": func(t *rapid.T) {
				p.settle(ctx, pick(t), attempt.Draw(t, "attempt"), usd(amount.Draw(t, "amount")))
			},
			"refund": func(t *rapid.T) {
				p.refund(ctx, pick(t), attempt.Draw(t, "attempt"), usd(amount.Draw(t, "amount")))
			},
			"come back": func(t *rapid.T) {
				p.comeBack(ctx, pick(t), attempt.Draw(t, "attempt"), usd(amount.Draw(t, "amount")))
			},
			"": func(t *rapid.T) {
				owed, free, there := int64(0), int64(0), int64(0)
				for _, b := range bills {
					now, err := p.desk.Get(ctx, p.Admin, b.ID)
					if err != nil {
						t.Fatal(err)
					}
					owed += now.Outstanding().Minor
					if now.Outstanding().Minor < 0 || now.State != now.settled() {
						t.Fatalf("%s with %v owed", now.State, now.Outstanding())
					}
					for _, r := range now.Receipts {
						left := r.Amount.Minor - r.Refunded.Minor
						if there += left; r.Unapplied {
							free += left
						}
					}
				}
				sums, err := p.books.Balances(ctx, p.Admin)
				if err != nil {
					t.Fatal(err)
				}
				if got := sums[ledger.Receivable("client.m")].Minor; got != owed {
					t.Fatalf("receivable %d, but invoices leave %d", got, owed)
				}
				if sums[ledger.Unapplied].Minor != -free || sums[ledger.Clearing].Minor != there {
					t.Fatalf("%v unapplied and %v at the processor, but receipts leave %d of %d", sums[ledger.Unapplied], sums[ledger.Clearing], free, there)
				}
			},
		})
	})
}

func TestListsAreInTheOrderOfTheirDays(t *testing.T) {
	p, ctx := open(t), t.Context()
	const n = pageSize + 5
	for i := range n {
		p.issued(t, "m"+strconv.Itoa(i))
	}
	p.Clock.Advance(14 * 24 * time.Hour)
	december := p.issued(t, "m0")
	list, next, err := p.desk.List(ctx, p.Admin, "2026-11", "")
	if err != nil || len(list) != pageSize || next == "" || list[0].Number != fmt.Sprint(n) {
		t.Fatalf("first page: %d, %v", len(list), err)
	}
	rest, next, err := p.desk.List(ctx, p.Admin, "2026-11", next)
	if err != nil || len(rest) != 5 || next != "" || rest[4].Number != "1" {
		t.Errorf("second page: %d, more %v, %v", len(rest), next != "", err)
	}
	of, _, err := p.desk.OfClient(ctx, p.Admin, "client.m0", "")
	if err != nil || len(of) != 2 || of[0].ID != december.ID {
		t.Errorf("of the client: %d, %v", len(of), err)
	}
}

func TestReadingTakesTheSameTripsWithOneAndWithManyInvoices(t *testing.T) {
	p := open(t)
	b := p.issued(t, "m")
	for want := range 2 {
		ctx, trips := store.CountTrips(t.Context())
		if _, err := p.desk.Get(ctx, p.Admin, b.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.desk.List(ctx, p.Admin, "2026-11", ""); err != nil {
			t.Fatal(err)
		}
		if got := trips(); got.Total() != 4 {
			t.Errorf("round %d: %d trips; want two and two", want, got.Total())
		}
		for i := range 50 {
			p.issued(t, "n"+strconv.Itoa(i))
		}
	}
}

func TestAPayerReadsTheInvoiceOfThePageAndNoList(t *testing.T) {
	p := open(t)
	b := p.issued(t, "m")
	payer := firm.Caller{Firm: p.Firm.ID, Channel: firm.ByPayer}
	if got, err := p.desk.Get(t.Context(), payer, b.ID); err != nil || got.ID != b.ID {
		t.Errorf("read %v, %v", got.ID, err)
	}
	if _, _, err := p.desk.List(t.Context(), payer, "2026-11", ""); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("listing gave %v", err)
	}
	if _, err := p.desk.Lines(t.Context(), payer, b.ID); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("lines gave %v", err)
	}
}
