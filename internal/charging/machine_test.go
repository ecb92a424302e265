package charging

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
)

var (
	noon     = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	dollars  = money.Of(12000, "USD")
	promised = 23 * time.Hour
)

// sent is an attempt that was sent once and not answered.
func sent() Attempt {
	a := Attempt{ID: "a", State: Created, Request: ChargeRequest{Key: "a", Amount: dollars, Created: noon}}
	a, _ = step(a, event{kind: evAsked, at: noon})
	return a
}

func openPage() Attempt {
	a := Attempt{ID: "a", State: Created, Request: ChargeRequest{Key: "a", Amount: dollars, Created: noon}, Page: &PageRequest{Key: "a"}}
	a, _ = step(a, event{kind: evAsked, at: noon})
	a, _ = step(a, event{kind: evOpened, at: noon, page: Page{Reference: "page", URL: "https://pay", Expires: noon.Add(time.Hour)}})
	return a
}

func refundAsked() Attempt {
	a, _ := step(sent(), told(Succeeded))
	a, _ = step(a, event{kind: evRefund, at: noon, refund: &Refund{Request: RefundRequest{Key: "r", Amount: dollars}, Asked: noon}})
	return a
}

// told is an answer of the processor within the minute.
func told(r Result) event {
	return event{kind: evAnswered, at: noon.Add(time.Minute), window: promised, outcome: Outcome{Result: r, Reference: "pay", Amount: dollars}}
}

func happened(k eventKind, after time.Duration) event {
	return event{kind: k, at: noon.Add(after), window: promised}
}

func refundTold(r Result) event {
	return event{kind: evRefundAnswer, at: noon.Add(time.Minute), window: promised, outcome: Outcome{Result: r, Reference: "re", Amount: dollars}}
}

// elsewhereTold is what the processor tells of a refund of a third, made on its own pages.
func elsewhereTold(r Result) event {
	return event{kind: evElsewhere, at: noon.Add(time.Minute), outcome: Outcome{Result: r, Reference: "other", Amount: money.Of(4000, "USD")}}
}

func disputeTold(s DisputeStatus) event {
	d := Dispute{Reference: "du", Payment: "pay", Status: s, Amount: dollars, Fee: money.Of(1500, "USD")}
	if s == DisputeInquiry {
		d.Amount.Minor, d.Fee.Minor = 0, 0
	}
	return event{kind: evDisputed, at: noon.Add(time.Minute), dispute: d}
}

// facts are what may be learnt, in any order.
func facts() []event {
	var all []event
	for _, r := range []Result{Succeeded, Declined, Expired, NeedsPayer, Pending, Missing} {
		all = append(all, told(r))
	}
	return append(all, happened(evLost, time.Minute))
}

// everything is every event that may happen to an attempt, early and late.
func everything() []event {
	all := facts()
	for _, k := range []eventKind{evAsked, evLost, evRejected, evTick, evCancel, evSaidNever} {
		all = append(all, happened(k, time.Minute), happened(k, 72*time.Hour))
	}
	said := happened(evSaidPaid, 72*time.Hour)
	said.outcome = Outcome{Result: Succeeded, Reference: "said", Amount: dollars}
	refund := happened(evRefund, time.Minute)
	refund.refund = &Refund{Request: RefundRequest{Key: "r", Amount: dollars}, Asked: noon}
	return append(all, said, refund, refundTold(Succeeded), refundTold(Declined), happened(evRefundLost, time.Minute), happened(evRefundRefused, time.Minute),
		elsewhereTold(Succeeded), elsewhereTold(Declined), disputeTold(DisputeInquiry), disputeTold(DisputeWithdrawn), disputeTold(DisputeLost), disputeTold(DisputeWon))
}

// sequences calls f with every sequence of n events.
func sequences(events []event, n int, f func([]int)) {
	indexes := make([]int, n)
	for {
		f(indexes)
		i := n - 1
		for ; i >= 0; i-- {
			if indexes[i]++; indexes[i] < len(events) {
				break
			}
			indexes[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

func run(a Attempt, events []event, order []int) (Attempt, []effect) {
	var all []effect
	for _, i := range order {
		var some []effect
		a, some = step(a, events[i])
		all = append(all, some...)
	}
	return a, all
}

func count(effects []effect, kinds ...effectKind) (n int) {
	for _, e := range effects {
		if slices.Contains(kinds, e.kind) {
			n++
		}
	}
	return n
}

// booked is what the postings come to: what left less what came back, and the fees.
func booked(effects []effect) (away, fees int64) {
	for _, e := range effects {
		switch e.kind {
		case doReverse:
			away += e.amount.Minor
		case doRestore:
			away -= e.amount.Minor
		case doFee:
			fees += e.amount.Minor
		}
	}
	return away, fees
}

func TestEveryOrderOfUpToFiveFactsComesToTheSame(t *testing.T) {
	refunds := []event{refundTold(Succeeded), refundTold(Declined), refundTold(Pending), refundTold(Missing), happened(evRefundLost, time.Minute)}
	taken, _ := step(sent(), told(Succeeded))
	outflows := []event{elsewhereTold(Succeeded), elsewhereTold(Declined), disputeTold(DisputeInquiry), disputeTold(DisputeWithdrawn), disputeTold(DisputeWon)}
	lost := []event{elsewhereTold(Succeeded), disputeTold(DisputeInquiry), disputeTold(DisputeWithdrawn), disputeTold(DisputeLost)}
	for _, c := range []struct {
		name  string
		start Attempt
		facts []event
	}{{"charge", sent(), facts()}, {"page", openPage(), facts()}, {"refund", refundAsked(), refunds}, {"outflows", taken, outflows}, {"lost", taken, lost}} {
		t.Run(c.name, func(t *testing.T) {
			orders := 0
			for n := 1; n <= 5; n++ {
				reached := map[string]string{}
				sequences(c.facts, n, func(order []int) {
					orders++
					a, effects := run(c.start, c.facts, order)
					sorted := slices.Sorted(slices.Values(order))
					away, fees := booked(effects)
					come := fmt.Sprint(a.State, a.Captured, count(effects, doSettle, doUnapplied), away, fees, a.left(), a.needs(TaskUnknown))
					if was, ok := reached[fmt.Sprint(sorted)]; ok && was != come {
						t.Fatalf("%v came to %s, another order of it to %s", order, come, was)
					}
					reached[fmt.Sprint(sorted)] = come
				})
			}
			t.Logf("%d orders", orders)
		})
	}
}

// breaches says which law a run of events breaks.
func breaches(start Attempt, events []event, order []int) string {
	a, all := start, []effect(nil)
	succeeded := false
	for _, i := range order {
		before := a
		var effects []effect
		a, effects = step(a, events[i])
		all = append(all, effects...)
		succeeded = succeeded || events[i].kind == evAnswered && events[i].outcome.Result == Succeeded
		calls := 0
		for _, e := range effects {
			if e.kind.isCall() {
				calls++
			}
		}
		switch {
		case before.took() && !a.took():
			return "money that was taken was forgotten"
		case before.ended() && !a.ended() && !a.took():
			return "an end was taken back"
		case succeeded && !a.took():
			return "a success was not believed"
		case calls > 1:
			return "two calls in one step"
		case count(effects, doSend) > 0 && !before.resting() && before.State != Created && events[i].at.Sub(noon) >= promised:
			return "sent when the key may be forgotten"
		case count(effects, doFree) > 0 && events[i].kind == evAnswered && events[i].outcome.Result == Missing:
			return "not found was taken for failure"
		case a.took() && a.Captured != dollars:
			return "what was taken is not noted"
		case !a.resting() && len(effects) > 0 && count(effects, doDrop) > 0:
			return "the worker was sent away too soon"
		}
	}
	settled, freed := count(all, doSettle, doUnapplied), count(all, doFree)
	away, _ := booked(all)
	if start.took() {
		settled++
	}
	switch {
	case settled > 1:
		return "booked twice"
	case freed > 1:
		return "freed twice"
	case a.took() != (settled == 1):
		return "taken and not booked, or booked and not taken"
	case a.took() && a.out().Minor != away:
		return "what is away is not what was booked"
	case (a.State == Refunded) != (a.took() && a.dispute() == "" && away >= a.Captured.Minor) && a.State != Refunding:
		return "refunded and not all given back, or the other way about"
	case count(all, doMail) > 0 && count(all, doSettle) == 0:
		return "mailed and not settled"
	case a.ended() && freed == 0:
		return "ended and still held"
	}
	return ""
}

func TestNoSequenceOfUpToFourEventsBreaksALaw(t *testing.T) {
	events := everything()
	for _, start := range []Attempt{sent(), openPage(), refundAsked()} {
		runs := 0
		for n := 1; n <= 4; n++ {
			sequences(events, n, func(order []int) {
				runs++
				if breach := breaches(start, events, order); breach != "" {
					var names []string
					for _, i := range order {
						names = append(names, fmt.Sprint(events[i].kind, " ", events[i].outcome.Result, " ", events[i].at.Sub(noon)))
					}
					t.Fatalf("%s: from %s: %s", breach, start.State, strings.Join(names, ", "))
				}
			})
		}
		t.Logf("from %s: %d sequences of %d events", start.State, runs, len(events))
	}
}

func TestStepLeavesItsArgumentAlone(t *testing.T) {
	for _, e := range everything() {
		for _, a := range []Attempt{sent(), openPage(), refundAsked()} {
			a.Tasks = append(make([]Task, 0, 8), TaskElsewhere)
			before := fmt.Sprintf("%+v %+v %+v", a, a.Refund, a.Page)
			step(a, e)
			if after := fmt.Sprintf("%+v %+v %+v", a, a.Refund, a.Page); after != before {
				t.Errorf("%s changed its argument:\n%s\n%s", e.kind, before, after)
			}
		}
	}
}

func TestTheWorkerAsksInTheRightWay(t *testing.T) {
	lost, _ := step(sent(), happened(evLost, time.Minute))
	pending, _ := step(sent(), told(Pending))
	needs, _ := step(sent(), told(NeedsPayer))
	page := openPage()
	page.State, page.Reference = Submitted, "" // its opening was not answered
	for _, c := range []struct {
		name  string
		start Attempt
		after time.Duration
		want  effectKind
	}{
		{"never sent", Attempt{State: Created}, time.Minute, doSend},
		{"not answered: the same again", sent(), time.Minute, doSend},
		{"lost, while the key is remembered", lost, promised - 1, doSend},
		{"lost, when it is not", lost, promised, doLookUp},
		{"known at the processor", pending, 30 * time.Hour, doFetch},
		{"waits for the payer", needs, time.Hour, doFetch},
		{"waited long enough", needs, patience, doExpire},
		{"a page that is open", openPage(), time.Hour, doFetch},
		{"a page long after its end", openPage(), 2 * time.Hour, doExpire},
		{"a page that nobody was sent to", page, time.Minute, doFree},
		{"a refund", refundAsked(), time.Hour, doRefund},
		{"an old refund", refundAsked(), 24 * time.Hour, doFindRefund},
	} {
		if _, effects := step(c.start, happened(evTick, c.after)); count(effects, c.want) != 1 {
			t.Errorf("%s: got %v, want %s", c.name, effects, c.want)
		}
	}
}

func TestAProcessorWithoutKeysIsNeverSentToTwice(t *testing.T) {
	a := sent()
	for range 5 {
		var effects []effect
		if a, effects = step(a, event{kind: evTick, at: noon.Add(time.Minute)}); count(effects, doSend) > 0 || a.Sent != 1 {
			t.Fatalf("sent again: %v", effects)
		}
		a, _ = step(a, event{kind: evAnswered, at: noon.Add(time.Minute), outcome: Outcome{Result: Missing}})
	}
	if a.State != Uncertain {
		t.Errorf("not found made it %s", a.State)
	}
}

func TestARefusalCountsOnlyWhenEverySendWasRefused(t *testing.T) {
	once, _ := step(sent(), happened(evRejected, 0))
	if once.State != Refused || once.Reason != ReasonRefused {
		t.Errorf("the only send was refused: %s", once.State)
	}
	again, _ := step(sent(), happened(evTick, time.Minute))
	again, _ = step(again, happened(evRejected, time.Minute))
	if again.State != Uncertain {
		t.Errorf("one of two sends was refused: %s", again.State)
	}
	if again, _ = step(again, happened(evRejected, time.Minute)); again.State != Refused {
		t.Errorf("both sends were refused: %s", again.State)
	}
}

func TestMoneyThatComesTooLateIsUnappliedAndAPersonsTask(t *testing.T) {
	for _, ending := range []event{told(Expired), told(Declined), happened(evRejected, 0)} {
		a, _ := step(sent(), ending)
		a, effects := step(a, told(Succeeded))
		if a.State != Charged || !a.Unapplied || !a.needs(TaskUnapplied) || count(effects, doUnapplied) != 1 || count(effects, doMail) != 0 {
			t.Errorf("after %s %s: %+v, %v", ending.kind, ending.outcome.Result, a, effects)
		}
	}
}

func TestWhatNobodyCanTellIsLeftToAPerson(t *testing.T) {
	a, _ := step(sent(), happened(evLost, time.Minute))
	late := told(Missing)
	late.at = noon.Add(promised + lookFor)
	almost := late
	almost.at = late.at.Add(-1)
	if b, _ := step(a, almost); len(b.Tasks) != 0 {
		t.Errorf("given up too early")
	}
	a, effects := step(a, late)
	if !a.needs(TaskUnknown) || !a.resting() || a.State != Uncertain || count(effects, doRaise) != 1 {
		t.Errorf("%+v %v", a, effects)
	}
	if b, effects := step(a, happened(evSaidNever, 80*time.Hour)); b.State != Lapsed || len(b.Tasks) != 0 || count(effects, doFree) != 1 {
		t.Errorf("said never: %+v %v", b, effects)
	}
	said := happened(evSaidPaid, 80*time.Hour)
	said.outcome = Outcome{Reference: "seen", Amount: dollars}
	b, effects := step(a, said)
	if b.State != Charged || b.Payment != "seen" || count(effects, doSettle) != 1 {
		t.Errorf("said paid: %+v %v", b, effects)
	}
	if b, _ = step(b, told(Declined)); b.State != Charged || !b.needs(TaskContrary) {
		t.Errorf("contradicted: %+v", b)
	}
	if b, _ := step(sent(), said); b.State != Submitted {
		t.Errorf("a word on what is still under way made it %s", b.State)
	}
}

func TestAPageThatOpensTooLateIsClosedAndNeverHandedOut(t *testing.T) {
	a := Attempt{State: Created, Request: ChargeRequest{Created: noon}, Page: &PageRequest{}}
	a, _ = step(a, happened(evAsked, 0))
	a, _ = step(a, happened(evTick, time.Minute))
	if a.State != Lapsed {
		t.Fatalf("a page that nobody was sent to is %s", a.State)
	}
	a, effects := step(a, event{kind: evOpened, at: noon, page: Page{Reference: "page", URL: "https://pay"}})
	if a.PageURL != "" || count(effects, doExpire) != 1 {
		t.Errorf("%+v %v", a, effects)
	}
}

func TestADeclinedCardLeavesThePageOpen(t *testing.T) {
	a, effects := step(openPage(), told(Declined))
	if a.State != AwaitingPayer || len(effects) != 0 {
		t.Errorf("%s %v", a.State, effects)
	}
}

func TestAFailedRefundKeepsTheMoneyAndAsksForAPerson(t *testing.T) {
	a, effects := step(refundAsked(), refundTold(Declined))
	if a.State != Charged || !a.needs(TaskRefund) || count(effects, doReverse) != 0 {
		t.Errorf("%+v %v", a, effects)
	}
	again := happened(evRefund, time.Hour)
	again.refund = &Refund{Request: RefundRequest{Key: "r2"}, Asked: noon.Add(time.Hour)}
	if a, effects = step(a, again); a.State != Refunding || len(a.Tasks) != 0 || count(effects, doRefund) != 1 {
		t.Errorf("asked again: %+v %v", a, effects)
	}
}

func TestARefundThatFailsAfterItWentWellIsBookedBackAndAPersonsTask(t *testing.T) {
	a, _ := step(refundAsked(), refundTold(Succeeded))
	if a.State != Refunded {
		t.Fatal(a.State)
	}
	for range 2 { // told twice, booked once
		var effects []effect
		before := a
		a, effects = step(a, refundTold(Declined))
		if a.State != Charged || !a.needs(TaskRefund) || count(effects, doRestore) != 1 && before.State == Refunded {
			t.Errorf("%s %v %v", a.State, a.Tasks, effects)
		}
	}
	if a, effects := step(a, refundTold(Succeeded)); a.State != Charged || len(effects) != 0 {
		t.Errorf("an old answer came late: %s %v", a.State, effects)
	}
}

func TestARefundIsOfWhatIsLeft(t *testing.T) {
	a, _ := step(sent(), told(Succeeded))
	a, effects := step(a, elsewhereTold(Succeeded))
	if a.State != Charged || !a.needs(TaskElsewhere) || a.left().Minor != 8000 || count(effects, doReverse) != 1 {
		t.Fatalf("%s %v %v", a.State, a.left(), effects)
	}
	asked := happened(evRefund, time.Minute)
	asked.refund = &Refund{Request: RefundRequest{Key: "r"}, Asked: noon}
	if a, _ = step(a, asked); a.Refund.Request.Amount.Minor != 8000 {
		t.Errorf("asked for %v", a.Refund.Request.Amount)
	}
	rest := refundTold(Succeeded)
	if a, _ = step(a, rest); a.State != Refunded || a.left().Minor != 0 {
		t.Errorf("%s with %v", a.State, a.left())
	}
}

func TestADisputeTakesTheMoneyAndGivesItBackWhenItIsWon(t *testing.T) {
	a, _ := step(sent(), told(Succeeded))
	for _, c := range []struct {
		status    DisputeStatus
		state     State
		away, fee int64
	}{{DisputeInquiry, Disputed, 0, 0}, {DisputeWithdrawn, Disputed, 12000, 1500}, {DisputeWithdrawn, Disputed, 0, 0}, {DisputeWon, Charged, -12000, 0}, {DisputeWithdrawn, Charged, 0, 0}} {
		var effects []effect
		a, effects = step(a, disputeTold(c.status))
		if away, fee := booked(effects); a.State != c.state || away != c.away || fee != c.fee || !a.needs(TaskDispute) {
			t.Errorf("%s: %s, %d away and %d kept, %v", c.status, a.State, away, fee, a.Tasks)
		}
	}
	a, _ = step(a, event{kind: evDone, task: TaskDispute})
	asked := happened(evRefund, time.Minute)
	asked.refund = &Refund{Request: RefundRequest{Key: "r"}, Asked: noon}
	if b, _ := step(a, asked); b.State != Refunding {
		t.Errorf("won, and it can't be refunded: %s", b.State)
	}
}

func TestASecondPaymentOfOneAttemptIsAPersonsTask(t *testing.T) {
	a, _ := step(sent(), told(Succeeded))
	if a, _ = step(a, told(Succeeded)); len(a.Tasks) != 0 {
		t.Fatalf("the same again: %v", a.Tasks)
	}
	other := told(Succeeded)
	other.outcome.Reference = "pay9"
	a, effects := step(a, other)
	if a.State != Charged || !a.needs(TaskContrary) || count(effects, doSettle) != 0 || a.Payment == "pay9" {
		t.Errorf("%s %v %v", a.State, a.Tasks, effects)
	}
}
