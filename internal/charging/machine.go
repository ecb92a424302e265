package charging

import (
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
)

// The machine. step is the whole of what charging knows about outcomes: no clock, no randomness, no goroutine, no
// store. What happened comes in as an event, what is to be done goes out as effects. It is monotone: what was learnt
// is never unlearnt, so answers that come late, twice or in another order lead to the same state.

// machine is the type of step, so that a test may hand in a broken one and see the simulation find it.
type machine func(Attempt, event) (Attempt, []effect)

// eventKind says what happened.
type eventKind string

// Events.
const (
	evAsked         eventKind = "asked"          // somebody wants it sent
	evAnswered      eventKind = "answered"       // the processor told how the payment stands: at once, when asked again, or after a hint
	evLost          eventKind = "lost"           // a call failed: it may have happened
	evRejected      eventKind = "rejected"       // a send failed with ErrRefused: the processor certainly did nothing
	evOpened        eventKind = "opened"         // the processor's page is open
	evTick          eventKind = "tick"           // time passed
	evCancel        eventKind = "cancel"         // another attempt wants the invoice: end this one if it waits for the payer
	evSaidPaid      eventKind = "said-paid"      // a person's word
	evSaidNever     eventKind = "said-never"     // a person's word
	evRefund        eventKind = "refund"         // somebody wants it given back
	evRefundAnswer  eventKind = "refund-answer"  // the processor told how the refund stands
	evRefundLost    eventKind = "refund-lost"    // a call about the refund failed
	evRefundRefused eventKind = "refund-refused" // sending the refund failed with ErrRefused
	evElsewhere     eventKind = "elsewhere"      // the processor told how a refund stands that was not asked for here
	evDisputed      eventKind = "disputed"       // the processor told how a dispute stands
	evDone          eventKind = "done"           // a person has seen to a task
)

// event is something that happened to an attempt.
type event struct {
	kind    eventKind
	at      time.Time
	window  time.Duration // how long the processor remembers a key
	outcome Outcome       // evAnswered, evSaidPaid, evRefundAnswer, evElsewhere
	dispute Dispute       // evDisputed
	page    Page          // evOpened
	refund  *Refund       // evRefund
	task    Task          // evDone
}

// effect is something to be done because of an event. Calls to the processor come after the commit of the new state,
// at most one for a step; everything else is part of that commit.
type effect struct {
	kind      effectKind
	task      Task
	amount    money.Amount // of what left, came back, or was kept as a fee
	reference string       // the processor's, of what moved it
}

// effectKind says what is to be done.
type effectKind string

// Effects.
const (
	doSend       effectKind = "send"        // the stored request, unchanged
	doOpen       effectKind = "open"        // the processor's page
	doLookUp     effectKind = "look-up"     // by our key
	doFetch      effectKind = "fetch"       // by the processor's reference
	doExpire     effectKind = "expire"      // at the processor
	doRefund     effectKind = "send-refund" // the stored request, unchanged
	doFindRefund effectKind = "find-refund"

	doSettle    effectKind = "settle"         // the invoice, with what was taken
	doUnapplied effectKind = "post-unapplied" // a receipt for no open invoice
	doFree      effectKind = "free"           // the invoice, no money having moved
	doReverse   effectKind = "reverse"        // the postings, money having left again
	doRestore   effectKind = "restore"        // the postings, money having come back that left
	doDispute   effectKind = "dispute"        // the invoice is shown as disputed, or no longer; no money moved
	doFee       effectKind = "fee"            // the processor kept it for a dispute
	doMail      effectKind = "mail"           // invoice and receipt go out, or to the print queue
	doArm       effectKind = "arm-resume"     // the worker comes when the lease ends
	doDrop      effectKind = "drop-resume"    // nothing is left for the worker
	doRaise     effectKind = "raise"          // a person is needed
	doClear     effectKind = "clear"          // a person is needed no longer
)

// isCall reports whether the effect is a call to the processor.
func (k effectKind) isCall() bool {
	switch k {
	case doSend, doOpen, doLookUp, doFetch, doExpire, doRefund, doFindRefund:
		return true
	}
	return false
}

// How long the worker goes on by itself.
const (
	// lookFor is how long an attempt is looked up after the processor forgot its key: a search lags by an hour.
	lookFor = 24 * time.Hour
	// patience is how long a payment waits for its payer before it is cancelled and the invoice is free again.
	patience = 72 * time.Hour
	// pageGrace is how long after its end a page may still say that it is open.
	pageGrace = time.Hour
)

// step returns the attempt after an event, and what is to be done. An event that does not apply changes nothing.
func step(a Attempt, e event) (Attempt, []effect) {
	a = a.clone()
	switch e.kind {
	case evAsked:
		return begin(a)
	case evAnswered:
		return learn(a, e)
	case evLost:
		return doubt(a, e)
	case evRejected:
		return reject(a, e)
	case evOpened:
		return opened(a, e)
	case evTick:
		return wake(a, e)
	case evCancel:
		return cancel(a)
	case evSaidPaid, evSaidNever:
		return believe(a, e)
	case evRefund, evRefundAnswer, evRefundLost, evRefundRefused:
		return stepRefund(a, e)
	case evElsewhere:
		return elsewhere(a, e)
	case evDisputed:
		return disputed(a, e.dispute)
	case evDone:
		return clearTask(a, e.task)
	}
	return a, nil
}

func begin(a Attempt) (Attempt, []effect) {
	if a.State != Created {
		return a, nil
	}
	a.State, a.Sent = Submitted, 1
	if a.Page != nil {
		return a, []effect{{kind: doArm}, {kind: doOpen}}
	}
	return a, []effect{{kind: doArm}, {kind: doSend}}
}

// learn applies what the processor says of the payment.
func learn(a Attempt, e event) (Attempt, []effect) {
	o := e.outcome
	switch o.Result {
	case Succeeded:
		return capture(a, o)
	case Declined:
		if a.Page != nil { // on a page the payer may try another card
			a.Reason = o.Reason
			return await(a, Outcome{})
		}
		return end(a, Refused, o)
	case Expired:
		return end(a, Lapsed, o)
	case NeedsPayer:
		return await(a, o)
	case Pending:
		a.Reference = first(a.Reference, o.Reference)
	}
	return doubt(a, e)
}

// capture notes that the money was taken: once, and whatever was believed before.
func capture(a Attempt, o Outcome) (Attempt, []effect) {
	payment := first(o.Payment, o.Reference)
	if a.took() && payment != a.Payment && payment != a.Reference {
		return raise(a, TaskContrary) // two payments for one attempt, or a person gave another's reference
	}
	a.Reference, a.Payment = first(a.Reference, o.Reference), first(a.Payment, payment)
	if a.took() {
		return a, nil
	}
	late := a.ended()
	a.State, a.Captured, a.Reason = Charged, o.Amount, ""
	effects := []effect{{kind: doSettle}, {kind: doMail}, {kind: doDrop}}
	if late {
		a.Unapplied = true
		effects = []effect{{kind: doUnapplied}, {kind: doDrop}}
		a, effects = join(a, effects, raise, TaskUnapplied)
	}
	return join(a, effects, clearTask, TaskUnknown)
}

// end notes that no money moved nor will. After money moved, or was promised by a person, it changes nothing: an
// old answer may come late.
func end(a Attempt, s State, o Outcome) (Attempt, []effect) {
	switch {
	case a.took() && a.Word:
		return raise(a, TaskContrary)
	case a.took():
		return a, nil
	case a.ended():
		if s == Refused { // both may be told of one payment: the reason is worth more
			a.State, a.Reason = Refused, first(a.Reason, o.Reason)
		}
		return a, nil
	}
	a.State, a.Reason, a.Reference = s, o.Reason, first(a.Reference, o.Reference)
	return join(a, []effect{{kind: doFree}, {kind: doDrop}}, clearTask, TaskUnknown)
}

func await(a Attempt, o Outcome) (Attempt, []effect) {
	a.Reference = first(a.Reference, o.Reference)
	if a.State == Submitted || a.State == Uncertain {
		a.State = AwaitingPayer
		return clearTask(a, TaskUnknown)
	}
	return a, nil
}

// doubt notes that nothing final is known. What the processor has not told long after it forgot the key is left to a
// person; not found is never failure.
func doubt(a Attempt, e event) (Attempt, []effect) {
	until := a.Request.Created.Add(e.window + lookFor)
	switch {
	case a.State == AwaitingPayer:
		until = a.waitsUntil().Add(lookFor)
	case a.Page != nil, a.State != Submitted && a.State != Uncertain: // a page that nobody was sent to: retry ends it
		return a, nil
	default:
		a.State = Uncertain
	}
	if e.at.Before(until) {
		return a, nil
	}
	return raise(a, TaskUnknown)
}

// reject notes a send that certainly did nothing. Only when that is true of every send is it true of the attempt.
func reject(a Attempt, e event) (Attempt, []effect) {
	a.Rejected++
	if a.Rejected >= a.Sent && (a.State == Submitted || a.State == Uncertain) {
		return end(a, Refused, Outcome{Reason: ReasonRefused})
	}
	return doubt(a, e)
}

// opened notes the processor's page. A page that comes too late is closed again before anybody sees it.
func opened(a Attempt, e event) (Attempt, []effect) {
	a.Reference = first(a.Reference, e.page.Reference)
	if a.ended() {
		return a, []effect{{kind: doExpire}}
	}
	if a.State == Submitted {
		a.State, a.PageURL, a.PageEnds = AwaitingPayer, e.page.URL, e.page.Expires
	}
	return a, nil
}

// wake goes on with what is left when time has passed.
func wake(a Attempt, e event) (Attempt, []effect) {
	switch a.State {
	case Created:
		return begin(a)
	case Submitted, Uncertain:
		return retry(a, e)
	case AwaitingPayer:
		if !e.at.Before(a.waitsUntil()) {
			return a, []effect{{kind: doExpire}}
		}
		return a, []effect{{kind: doFetch}}
	case Refunding:
		return retryRefund(a, e)
	}
	return a, nil
}

// waitsUntil is when a payment stops waiting for its payer.
func (a Attempt) waitsUntil() time.Time {
	if a.Page != nil {
		return a.PageEnds.Add(pageGrace)
	}
	return a.Request.Created.Add(patience)
}

// retry asks for the outcome: by reference if the processor gave one, by sending the identical request again while it
// certainly remembers the key, else by looking it up.
func retry(a Attempt, e event) (Attempt, []effect) {
	switch {
	case a.Reference != "":
		return a, []effect{{kind: doFetch}}
	case a.Page != nil: // the answer was lost, so nobody was ever sent to the page and nobody can have paid
		return end(a, Lapsed, Outcome{})
	case e.at.Before(a.Request.Created.Add(e.window)):
		a.State = Uncertain
		a.Sent++
		return a, []effect{{kind: doSend}}
	}
	a.State = Uncertain
	return a, []effect{{kind: doLookUp}}
}

// cancel ends, at the processor, what waits for the payer. The answer tells whether it was too late.
func cancel(a Attempt) (Attempt, []effect) {
	if a.State != AwaitingPayer {
		return a, nil
	}
	return a, []effect{{kind: doExpire}}
}

// believe takes a person's word on an attempt that nothing more can be learnt of.
func believe(a Attempt, e event) (Attempt, []effect) {
	if !a.needs(TaskUnknown) {
		return a, nil
	}
	a.Word = true
	if e.kind == evSaidPaid {
		return capture(a, e.outcome)
	}
	return end(a, Lapsed, Outcome{})
}

func raise(a Attempt, t Task) (Attempt, []effect) {
	if a.needs(t) {
		return a, nil
	}
	a.Tasks = append(a.Tasks, t)
	return a, []effect{{kind: doRaise, task: t}}
}

func clearTask(a Attempt, t Task) (Attempt, []effect) {
	if !a.needs(t) {
		return a, nil
	}
	a.Tasks = slices.DeleteFunc(a.Tasks, func(have Task) bool { return have == t })
	return a, []effect{{kind: doClear, task: t}}
}

// join adds the effects of one more change of tasks.
func join(a Attempt, effects []effect, change func(Attempt, Task) (Attempt, []effect), t Task) (Attempt, []effect) {
	a, more := change(a, t)
	return a, append(effects, more...)
}

// first returns the first that is not empty: what was learnt first stays.
func first[T ~string](values ...T) T {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
