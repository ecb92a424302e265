package charging

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

func TestTheWorkerFinishesWhatTheVoiceCouldNot(t *testing.T) {
	for _, fault := range []bankFault{bankVanish, bankLoseReply} {
		d := newDesk(t)
		o := d.worked(t)
		d.faults = []bankFault{fault}
		r := d.confirm(t, o)
		d.sweep(t, Lease-time.Second)
		if d.sends() != 1 {
			t.Fatalf("the worker came before the lease ended: %v", d.calls)
		}
		d.sweep(t, time.Second)
		if a := d.got(t, r.Attempt); a.State != Charged || d.sends() != 2 || d.taken(t) != dollars || len(d.mailed) != 1 {
			t.Errorf("after %s: %s, %d sends, %v taken, mailed %v", bankFaults[fault], a.State, d.sends(), d.taken(t), d.mailed)
		}
	}
}

func TestTheWorkerAsksEverMoreSeldomAndAtLastAPerson(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankVanish}
	r := d.confirm(t, o)
	var asked []time.Duration
	begun := d.Clock.Now()
	d.Processor = func(context.Context, string) (Processor, error) {
		return &teller{bank: d.bank, window: promised, meet: func(string) bankFault {
			asked = append(asked, d.Clock.Now().Sub(begun))
			return bankVanish
		}}, nil
	}
	for range 200 {
		next, err := d.post.NextDue(t.Context())
		if err != nil || next.IsZero() {
			break
		}
		d.Clock.Set(next)
		d.sweep(t, 0)
	}
	if len(asked) < 40 || len(asked) > 100 || asked[0] != Lease || asked[1]-asked[0] != 10*time.Second || asked[len(asked)-1]-asked[len(asked)-2] != time.Hour {
		t.Errorf("asked %d times: %v", len(asked), asked)
	}
	a := d.got(t, r.Attempt)
	if a.State != Uncertain || !a.needs(TaskUnknown) || asked[len(asked)-1] < promised+lookFor {
		t.Errorf("%+v", a)
	}
	list, err := d.Attention(t.Context(), d.Ask(d.Admin))
	if err != nil || len(list) != 1 || list[0].ID != r.Attempt {
		t.Errorf("attention: %v %v", list, err)
	}
}

func TestAFirmWithoutAProcessorAnyMoreKeepsWhatIsUnknown(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{bankLoseReply}
	r := d.confirm(t, o)
	d.Processor = func(context.Context, string) (Processor, error) { return nil, ErrNoProcessor }
	if err := d.Resume(t.Context(), d.Admin.Firm, r.Attempt); !errors.As(err, new(outbox.Again)) {
		t.Errorf("got %v", err)
	}
	if a := d.got(t, r.Attempt); a.State != Uncertain {
		t.Errorf("it is %s", a.State)
	}
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, ErrNoProcessor) {
		t.Errorf("confirm: %v", err)
	}
}

func TestResumingWhatIsNotThereOrDoneDoesNothing(t *testing.T) {
	d := newDesk(t)
	r := d.confirm(t, d.worked(t))
	for _, id := range []string{r.Attempt, "no-such-attempt", "", "a/b"} {
		if err := d.Resume(t.Context(), d.Admin.Firm, id); err != nil || d.sends() != 1 {
			t.Errorf("%q: %v, %v", id, err, d.calls)
		}
	}
	if err := d.Deliver(t.Context(), outbox.Message{Firm: d.Admin.Firm, Payload: []byte("{")}); err == nil {
		t.Error("a broken payload is no error")
	}
}

// unknown is an attempt that only a person can resolve; truth is what really happened at the bank.
func unknown(t *testing.T, fault bankFault) (*desk, Receipt) {
	t.Helper()
	d := newDesk(t)
	o := d.worked(t)
	d.faults = []bankFault{fault}
	r := d.confirm(t, o)
	away := &teller{bank: d.bank, window: promised, meet: func(string) bankFault { return bankVanish }}
	there := d.Processor
	d.Processor = func(context.Context, string) (Processor, error) { return away, nil }
	d.sweep(t, promised+lookFor)
	d.Processor = there
	if a := d.got(t, r.Attempt); !a.needs(TaskUnknown) {
		t.Fatalf("%+v", a)
	}
	return d, r
}

func TestAPersonsWordCountsUnlessTheProcessorKnowsBetter(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault bankFault
		paid  bool
		err   error
		state State
	}{
		{"never, and it never was", bankVanish, false, nil, Lapsed},
		{"paid, and nothing is found: the person has seen it", bankVanish, true, nil, Charged},
		{"paid, and it was", bankLoseReply, true, nil, Charged},
		{"never, and it was", bankLoseReply, false, ErrContrary, Charged},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, r := unknown(t, c.fault)
			operator := firmtest.On(d.Ask(d.Admin), firm.ByConsole)
			for range 2 { // a repeated request says the same
				if err := d.Resolve(t.Context(), operator, r.Attempt, c.paid, "pay0"); !errors.Is(err, c.err) {
					t.Fatalf("got %v, want %v", err, c.err)
				}
			}
			a, b := d.got(t, r.Attempt), d.bill(t, r.Invoice)
			if a.State != c.state || len(a.Tasks) != 0 || b.Hold != "" || (b.State == billing.Paid) != a.took() {
				t.Errorf("%+v\n%+v", a, b)
			}
			if list, err := d.Attention(t.Context(), d.Ask(d.Admin)); err != nil || len(list) != 0 {
				t.Errorf("attention: %v %v", list, err)
			}
		})
	}
}

func TestWhoMayResolveAndWhat(t *testing.T) {
	d, r := unknown(t, bankVanish)
	onConsole := func(c firm.Caller) firm.Caller { return firmtest.On(d.Ask(c), firm.ByConsole) }
	lawyer := d.Hire(t, "Ben", firm.Lawyer)
	for name, c := range map[string]struct {
		caller    firm.Caller
		attempt   string
		paid      bool
		reference string
		want      error
	}{
		"by voice":        {d.Ask(d.Admin), r.Attempt, false, "", firm.ErrForbidden},
		"a lawyer":        {onConsole(lawyer), r.Attempt, false, "", firm.ErrForbidden},
		"no such attempt": {onConsole(d.Admin), "other", false, "", ErrNoAttempt},
		"no reference":    {onConsole(d.Admin), r.Attempt, true, "", ErrReference},
	} {
		if err := d.Resolve(t.Context(), c.caller, c.attempt, c.paid, c.reference); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := d.Attention(t.Context(), d.Ask(lawyer)); !errors.Is(err, firm.ErrForbidden) {
		t.Errorf("attention for a lawyer: %v", err)
	}
	if err := d.Done(t.Context(), onConsole(d.Admin), r.Attempt, TaskUnknown); !errors.Is(err, ErrNoTask) {
		t.Errorf("an unknown attempt was waved away: %v", err)
	}
}

func TestAReferenceOfAnotherPaymentIsRefused(t *testing.T) {
	d, r := unknown(t, bankVanish)
	d.open(t, "Beta Industries", "office@beta.test", goodCard)
	other := d.confirm(t, d.worked(t))
	taken := d.got(t, other.Attempt).Payment
	if err := d.Resolve(t.Context(), firmtest.On(d.Ask(d.Admin), firm.ByConsole), r.Attempt, true, taken); !errors.Is(err, ErrReference) {
		t.Errorf("got %v", err)
	}
}
