package charging

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
)

func (d *desk) hint(t *testing.T, event string) error {
	t.Helper()
	return d.Hint(t.Context(), d.Admin.Firm, "end", []byte(event), "signed")
}

func TestAHintIsFetchedAndAppliedOnce(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankLoseReply}
	r := d.confirm(t, o)
	d.faults = []bankFault{bankVanish}
	if err := d.hint(t, "evt0"); !errors.Is(err, ErrLater) {
		t.Fatalf("what could not be fetched: %v", err)
	}
	for range 2 {
		if err := d.hint(t, "evt0"); err != nil {
			t.Fatal(err)
		}
	}
	if a := d.got(t, r.Attempt); a.State != Charged || d.sends() != 1 || d.taken(t) != dollars {
		t.Errorf("%+v", a)
	}
	fetched := 0
	for _, c := range d.calls {
		if c == "fetch pay0" {
			fetched++
		}
	}
	if fetched != 2 {
		t.Errorf("fetched %d times: %v", fetched, d.calls)
	}
	d.sweep(t, time.Hour)
	if d.sends() != 1 || len(d.mailed) != 1 {
		t.Errorf("%d sends, mailed %v", d.sends(), d.mailed)
	}
}

func TestAForgedHintIsRefusedAndAStrangeOneIgnored(t *testing.T) {
	d := newDesk(t)
	d.bank.event(EventPayment, "somebody-elses", "pay9")
	d.bank.event(EventOther, "", "")
	d.bank.event(EventRefund, "a/b", "c/d")
	for _, id := range []string{"evt0", "evt1", "evt2", "evt2"} {
		if err := d.hint(t, id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if len(d.calls) != 0 {
		t.Errorf("asked about what is not ours: %v", d.calls)
	}
	if err := d.Hint(t.Context(), d.Admin.Firm, "end", []byte("evt0"), "forged"); !errors.Is(err, ErrEvent) {
		t.Errorf("forged: %v", err)
	}
	if err := d.Hint(t.Context(), d.Admin.Firm, "a/b", []byte("evt0"), "signed"); !errors.Is(err, ErrEvent) {
		t.Errorf("a strange endpoint: %v", err)
	}
}

// away is what left of what was captured, by the books, and the fees.
func (d *desk) away(t *testing.T, invoice string) (refunded, fees int64) {
	t.Helper()
	all := d.books(t)
	if all[ledger.Clearing].Minor+all[ledger.ProcessorFees].Minor != 12000-d.bill(t, invoice).Refunded.Minor {
		t.Errorf("%v in the books, %v refunded", all[ledger.Clearing], d.bill(t, invoice).Refunded)
	}
	return d.bill(t, invoice).Refunded.Minor, all[ledger.ProcessorFees].Minor
}

// heard lets every event of the bank's arrive.
func (d *desk) heard(t *testing.T) {
	t.Helper()
	for _, e := range d.bank.events {
		if err := d.hint(t, e.ID); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
	}
}

func TestADisputeIsBookedAlsoBeforeTheCaptureWasHeardOf(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankLoseReply}
	r := d.confirm(t, o)
	d.bank.dispute(d.bank.payments[0], false)
	if err := d.hint(t, "evt2"); err != nil { // of the withdrawal: it tells the payment, of which we never heard
		t.Fatal(err)
	}
	a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
	if a.State != Disputed || !a.needs(TaskDispute) || !b.Disputed || b.State != billing.Issued {
		t.Fatalf("%+v\n%+v", a, b)
	}
	if away, fees := d.away(t, r.Invoice); away != 12000 || fees != 1500 {
		t.Errorf("%d away, %d of fees", away, fees)
	}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); !errors.Is(err, ErrNoRefund) {
		t.Errorf("a refund of what is in dispute: %v", err)
	}
	if _, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{}); !errors.Is(err, billing.ErrDisputed) {
		t.Errorf("a charge of what is in dispute: %v", err)
	}
	if _, err := d.OpenPage(t.Context(), firm.Payer(d.Admin.Firm, "again"), r.Invoice, "https://clerk.test"); !errors.Is(err, ErrNoPayment) {
		t.Errorf("paying what is in dispute: %v", err)
	}
	operator := firmtest.On(d.Ask(d.Admin), firm.ByConsole)
	for range 2 {
		if err := d.Done(t.Context(), operator, r.Attempt, TaskDispute); err != nil && !errors.Is(err, ErrNoTask) {
			t.Error(err)
		}
	}
	if a := d.got(t, r.Attempt); len(a.Tasks) != 0 {
		t.Errorf("%+v", a.Tasks)
	}
}

func TestADisputeThatEndsGivesTheMoneyBackOrLeavesItOwed(t *testing.T) {
	for status, want := range map[DisputeStatus]struct {
		attempt State
		invoice billing.State
		away    int64
	}{DisputeWon: {Charged, billing.Paid, 0}, DisputeLost: {Disputed, billing.Issued, 12000}} {
		d := newDesk(t)
		r := d.confirm(t, d.worked(t))
		d.bank.dispute(d.bank.payments[0], false)
		d.heard(t)
		d.bank.advance(d.bank.disputes[0], status)
		d.heard(t)
		d.heard(t) // again
		a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
		if a.State != want.attempt || b.State != want.invoice || b.Disputed || !a.needs(TaskDispute) {
			t.Errorf("%s: %s, %s, in dispute %v, %v", status, a.State, b.State, b.Disputed, a.Tasks)
		}
		if away, fees := d.away(t, r.Invoice); away != want.away || fees != 1500 {
			t.Errorf("%s: %d away, %d of fees", status, away, fees)
		}
	}
}

func TestAnInquiryMovesNothingAndHoldsTheInvoice(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.bank.dispute(d.bank.payments[0], true)
	d.heard(t)
	if a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice); a.State != Disputed || !b.Disputed || b.State != billing.Paid {
		t.Errorf("%s, %+v", a.State, b)
	}
	d.bank.advance(d.bank.disputes[0], DisputeWon)
	d.heard(t)
	if a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice); a.State != Charged || b.Disputed || d.taken(t) != dollars {
		t.Errorf("%s, %+v", a.State, b)
	}
}

func TestARefundMadeElsewhereIsBookedAndAPersonsTask(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.bank.giveBack(d.bank.payments[0], 5000, "")
	d.heard(t)
	d.heard(t)
	a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
	if !a.needs(TaskElsewhere) || a.State != Charged || b.State != billing.PartPaid || b.Outstanding().Minor != 5000 {
		t.Fatalf("%+v\n%+v", a, b)
	}
	if a, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil || a.State != Refunded || a.Refund.Request.Amount.Minor != 7000 {
		t.Errorf("the rest: %+v %v", a, err)
	}
	if away, _ := d.away(t, r.Invoice); away != 12000 {
		t.Errorf("%d away", away)
	}
}

func TestTheAuditOfAMovementSaysWhatWasAwayAndWhatIs(t *testing.T) {
	d := newDesk(t)
	d.confirm(t, d.worked(t))
	d.bank.giveBack(d.bank.payments[0], 5000, "")
	d.heard(t)
	page, _, err := d.Office.House.Audit(t.Context(), d.Ask(d.Admin), d.Clock.Now().Format("2006-01"), "")
	if err != nil || len(page) == 0 {
		t.Fatal(err)
	}
	if before, after := string(page[0].Before), string(page[0].After); strings.Contains(before, "re0") || !strings.Contains(after, `"reference":"re0","amount":{"minor":5000`) {
		t.Errorf("%s\n%s", before, after)
	}
}

func TestARefundThatFailsLateIsBookedBackAndAPersonsTask(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	if a, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil || a.State != Refunded {
		t.Fatal(a.State, err)
	}
	d.bank.returned(d.bank.refunds[0])
	d.heard(t)
	d.heard(t)
	a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
	if a.State != Charged || !a.needs(TaskRefund) || b.State != billing.Paid || d.taken(t) != dollars {
		t.Errorf("%+v\n%+v, %v in the books", a, b, d.taken(t))
	}
}

// What comes back when the invoice was paid again meanwhile is nobody's until a person decides.
func TestARefundThatFailsAfterTheInvoiceWasPaidAgainIsUnapplied(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil {
		t.Fatal(err)
	}
	again := d.confirm(t, d.offer(t))
	d.bank.returned(d.bank.refunds[0])
	d.heard(t)
	a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
	if again.State != Charged || !a.Unapplied || !a.needs(TaskUnapplied) || !a.needs(TaskRefund) || b.State != billing.Paid || b.Outstanding().Minor != 0 {
		t.Errorf("%+v\n%+v", a, b)
	}
	if all := d.books(t); all[ledger.Clearing].Minor != 24000 || all[ledger.Unapplied].Minor != -12000 {
		t.Error(all)
	}
	if a, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil || a.State != Refunded {
		t.Errorf("given back once more: %s %v", a.State, err)
	}
	if all := d.books(t); all[ledger.Unapplied].Minor != 0 || all[ledger.Clearing].Minor != 12000 {
		t.Error(all)
	}
}
