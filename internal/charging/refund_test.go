package charging

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
)

func TestARefundReversesThePostingsOnce(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	c := d.Ask(d.Admin)
	for range 2 { // the second is the same request again
		if a, err := d.Refund(t.Context(), c, r.Attempt); err != nil || a.State != Refunded {
			t.Fatalf("%+v %v", a, err)
		}
	}
	if b := d.bill(t, r.Invoice); b.State != billing.Issued || b.Refunded != dollars || d.taken(t).Minor != 0 || len(d.bank.refunds) != 1 {
		t.Errorf("%+v, %v in the books, %d refunds", b, d.taken(t), len(d.bank.refunds))
	}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); !errors.Is(err, ErrNoRefund) {
		t.Errorf("another request: %v", err)
	}
}

func TestWhatWasGivenBackIsNotPrintedAsPaid(t *testing.T) {
	d := newDesk(t)
	d.open(t, "Marlow Group", "", goodCard)
	r := d.confirm(t, d.worked(t))
	if list, err := d.PrintQueue(t.Context(), d.Ask(d.Admin)); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil {
		t.Fatal(err)
	}
	if list, err := d.PrintQueue(t.Context(), d.Ask(d.Admin)); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
}

func TestTheWorkerFinishesARefundUnderTheSameKey(t *testing.T) {
	for _, fault := range []bankFault{bankVanish, bankLoseReply} {
		d := newDesk(t)
		r := d.confirm(t, d.worked(t))
		d.faults = []bankFault{fault}
		same := d.Ask(d.Admin)
		a, err := d.Refund(t.Context(), same, r.Attempt)
		if err != nil || a.State != Refunding || d.taken(t) != dollars {
			t.Fatalf("%+v %v", a, err)
		}
		calls := len(d.calls)
		if again, err := d.Refund(t.Context(), same, r.Attempt); err != nil || again.State != Refunding || len(d.calls) != calls {
			t.Errorf("the same request again: %+v %v, calls %v", again, err, d.calls)
		}
		d.sweep(t, Lease)
		if a := d.got(t, r.Attempt); a.State != Refunded || len(d.bank.refunds) != 1 || d.taken(t).Minor != 0 {
			t.Errorf("after %s: %s, %d refunds", bankFaults[fault], a.State, len(d.bank.refunds))
		}
	}
}

func TestARefundIsHeardOfByAHint(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.faults = []bankFault{bankLoseReply}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil {
		t.Fatal(err)
	}
	if err := d.hint(t, "evt1"); err != nil {
		t.Fatal(err)
	}
	if a := d.got(t, r.Attempt); a.State != Refunded || len(a.Tasks) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestARefundThatTheProcessorRefusesIsAPersonsTask(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.faults = []bankFault{bankRefuse}
	a, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt)
	if err != nil || a.State != Charged || !a.needs(TaskRefund) || d.taken(t) != dollars {
		t.Fatalf("%+v %v", a, err)
	}
	if a, err = d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil || a.State != Refunded || len(a.Tasks) != 0 {
		t.Errorf("asked again: %+v %v", a, err)
	}
}

func TestWhatTookNothingIsNotRefunded(t *testing.T) {
	d, r := declined(t)
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); !errors.Is(err, ErrNoRefund) {
		t.Errorf("declined: %v", err)
	}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), "other"); !errors.Is(err, ErrNoAttempt) {
		t.Errorf("no attempt: %v", err)
	}
	if _, err := d.Refund(t.Context(), d.Hire(t, "Cid", firm.Timekeeper), r.Attempt); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("a paralegal: %v", err)
	}
}

func TestAnAuthorisationIsKeptAndRevoked(t *testing.T) {
	d := newDesk(t)
	a, err := d.ReadAuthorisation(t.Context(), d.Ask(d.Admin), d.client.ID)
	if err != nil || a.Method != goodCard || a.Given != d.Clock.Now() || a.Text != "May we?" {
		t.Errorf("%+v %v", a, err)
	}
	d.Clock.Advance(time.Hour)
	if err := d.Revoke(t.Context(), d.Ask(d.Admin), d.client.ID); err != nil {
		t.Fatal(err)
	}
	if a, err = d.ReadAuthorisation(t.Context(), d.Ask(d.Admin), d.client.ID); err != nil || a.Revoked != d.Clock.Now() {
		t.Errorf("%+v %v", a, err)
	}
	if err := d.Revoke(t.Context(), d.Ask(d.Admin), "other"); !errors.Is(err, ErrNoCard) {
		t.Errorf("no card: %v", err)
	}
	lawyer := d.Hire(t, "Ben", firm.Lawyer)
	if err := d.Authorise(t.Context(), lawyer, Authorisation{Client: d.client.ID, Customer: "c", Method: "m", Text: "t"}); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("by a lawyer: %v", err)
	}
	if err := d.Authorise(t.Context(), d.Ask(d.Admin), Authorisation{Client: d.client.ID, Customer: "c", Method: "m"}); !errors.Is(err, ErrAuthorisation) {
		t.Errorf("without a text: %v", err)
	}
}

func TestMoreThanIsOwedIsUnappliedAndAPersonsTask(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankVanish}
	r := d.confirm(t, o)
	more := Outcome{Result: Succeeded, Reference: "pay7", Amount: dollars}
	more.Amount.Minor++
	m := d.system(d.Admin.Firm, event{kind: evAnswered, at: d.Clock.Now(), window: promised, outcome: more})
	if _, _, err := d.take(t.Context(), d.got(t, r.Attempt), m, nil); err != nil {
		t.Fatal(err)
	}
	a := d.got(t, r.Attempt)
	if a.State != Charged || !a.Unapplied || !a.needs(TaskUnapplied) || a.Mail != "" || d.bill(t, r.Invoice).State != billing.Issued {
		t.Errorf("%+v", a)
	}
	d.sweep(t, time.Hour)
	if list, err := d.Attention(t.Context(), d.Ask(d.Admin)); err != nil || len(list) != 1 || len(d.mailed) != 0 {
		t.Errorf("attention %v %v, mailed %v", list, err, d.mailed)
	}
}

func TestARefundGivesBackWhatWasTakenAndNotWhatWasAsked(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankVanish}
	r := d.confirm(t, o)
	less := Outcome{Result: Succeeded, Reference: "pay7", Amount: dollars}
	less.Amount.Minor--
	m := d.system(d.Admin.Firm, event{kind: evAnswered, at: d.Clock.Now(), window: promised, outcome: less})
	if _, _, err := d.take(t.Context(), d.got(t, r.Attempt), m, nil); err != nil {
		t.Fatal(err)
	}
	if b := d.bill(t, r.Invoice); b.State != billing.PartPaid || b.Outstanding().Minor != 1 {
		t.Errorf("%+v", b)
	}
	a, _, err := d.take(t.Context(), d.got(t, r.Attempt), d.refund(d.Ask(d.Admin), d.got(t, r.Attempt)), nil)
	if err != nil || a.Refund.Request.Amount != less.Amount {
		t.Errorf("%+v %v", a.Refund, err)
	}
}

func TestARefundGivesBackWhatWasTakenWhenItIsAskedFor(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankLoseReply}
	r := d.confirm(t, o)
	c := d.Ask(d.Admin)
	m := d.refund(c, d.got(t, r.Attempt)) // read while nobody knew yet that the money was taken
	d.sweep(t, Lease)
	a, call, err := d.take(t.Context(), d.got(t, r.Attempt), m, nil)
	if err != nil || call != doRefund || a.Refund.Request.Payment != "pay0" || a.Refund.Request.Amount != dollars {
		t.Errorf("%+v %s %v", a.Refund, call, err)
	}
}
