package charging

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
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

func TestADisputeIsAPersonsTaskAlsoBeforeTheCaptureWasHeardOf(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankLoseReply}
	r := d.confirm(t, o)
	d.bank.event(EventDispute, "", "pay0")
	d.bank.event(EventDispute, r.Attempt, "pay0")
	for _, id := range []string{"evt1", "evt2"} { // the first can't be told whose it is before the capture is known
		if err := d.hint(t, id); err != nil {
			t.Fatal(err)
		}
	}
	a := d.got(t, r.Attempt)
	if a.State != Disputed || !a.needs(TaskDispute) || d.taken(t) != dollars {
		t.Errorf("%+v", a)
	}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); !errors.Is(err, ErrNoRefund) {
		t.Errorf("a refund of what is in dispute: %v", err)
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

func TestARefundMadeElsewhereIsAPersonsTask(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.bank.events = append(d.bank.events, Event{ID: "evt1", Kind: EventRefund, Reference: "re0", Payment: "pay0"})
	if err := d.hint(t, "evt1"); err != nil {
		t.Fatal(err)
	}
	if a := d.got(t, r.Attempt); !a.needs(TaskElsewhere) || a.State != Charged {
		t.Errorf("%+v", a)
	}
}

func TestARefundMadeElsewhereBesideOneOfOursIsAPersonsTask(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	d.faults = []bankFault{bankRefuse}
	if _, err := d.Refund(t.Context(), d.Ask(d.Admin), r.Attempt); err != nil {
		t.Fatal(err)
	}
	d.bank.events = append(d.bank.events, Event{ID: "evt1", Kind: EventRefund, Reference: "re0", Payment: "pay0"})
	if err := d.hint(t, "evt1"); err != nil {
		t.Fatal(err)
	}
	if a := d.got(t, r.Attempt); !a.needs(TaskElsewhere) {
		t.Errorf("%+v", a)
	}
}
