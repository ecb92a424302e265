package charging

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// changed returns a machine that hears some events as others.
func changed(hear func(Attempt, event) event) machine {
	return func(a Attempt, e event) (Attempt, []effect) { return step(a, hear(a, e)) }
}

func hearing(k eventKind, r Result, as Result) machine {
	return changed(func(_ Attempt, e event) event {
		if e.kind == k && (r == "" || e.outcome.Result == r) {
			e.kind, e.outcome = evAnswered, Outcome{Result: as, Reference: e.outcome.Reference, Amount: dollars}
		}
		return e
	})
}

// without returns a filter of commits that drops operations.
func without(drop func(store.Op) bool) func(*process, []store.Op) []store.Op {
	return func(_ *process, ops []store.Op) []store.Op {
		var kept []store.Op
		for _, op := range ops {
			if !drop(op) {
				kept = append(kept, op)
			}
		}
		return kept
	}
}

var anyHold = regexp.MustCompile(`"hold":"[^"]*",?`)

// mutations are the defences, each taken away.
var mutations = map[string]defences{
	"the same key for every send": {rekey: true},
	"a lost answer is no decline": {step: hearing(evLost, "", Declined)},
	"a lost answer is no success": {step: hearing(evLost, "", Succeeded)},
	"not found is no failure":     {step: hearing(evAnswered, Missing, Declined)},
	"pending is not paid":         {step: hearing(evAnswered, Pending, Succeeded)},
	"one refusal of two sends is no answer": {step: hearing(evRejected, "", Declined),
		shown: []int{0, int(bankLoseReply), 0, 0, 0, int(bankRefuse)}}, // sent, its outcome; the worker's lease, its step, sent again
	"no send after the key is forgotten": {window: 100 * 24 * time.Hour},
	"the worker's message, in the same commit": {commit: without(func(op store.Op) bool {
		return op.Kind == store.Create && bytes.Contains(op.Value, []byte(`"kind":"`+KindResume+`"`))
	})},
	"the attempt, recorded before it is sent": {commit: without(func(op store.Op) bool {
		return op.Kind == store.Create && (strings.HasSuffix(op.Key.Sort, "attempt") && bytes.Contains(op.Value, []byte(`"sent":1`)))
	})},
	"the postings": {commit: without(func(op store.Op) bool {
		return strings.Contains(op.Key.Partition, "/journal/") && bytes.Contains(op.Value, []byte(`"kind":"payment"`))
	})},
	"a commit on its way is not called off": {late: store.ErrPrecondition,
		shown: slices.Repeat([]int{commitLate}, 2*firm.MaxTries)}, // every try, and all again
	"what left is booked once": {step: func(a Attempt, e event) (Attempt, []effect) {
		if e.kind == evElsewhere || e.kind == evDisputed || e.kind == evRefundAnswer {
			a.Outflows = nil
		}
		return step(a, e)
	}},
	"what came back is booked": {step: func(a Attempt, e event) (Attempt, []effect) {
		a, effects := step(a, e)
		return a, slices.DeleteFunc(effects, func(e effect) bool { return e.kind == doRestore })
	}},
	"an older word of a dispute changes nothing": {step: changed(func(a Attempt, e event) event {
		if e.kind == evDisputed && a.dispute() == DisputeLost {
			e.dispute.Status, e.dispute.Reference = DisputeWithdrawn, e.dispute.Reference+"'"
		}
		return e
	})},
	"the fee of a dispute": {commit: without(func(op store.Op) bool {
		return strings.Contains(op.Key.Partition, "/journal/") && bytes.Contains(op.Value, []byte(`"kind":"fee"`))
	})},
	"a refund made elsewhere is booked": {step: changed(func(_ Attempt, e event) event {
		if e.kind == evElsewhere {
			e.outcome.Result = Pending
		}
		return e
	})},
	"the record of a request": {commit: without(func(op store.Op) bool { return strings.Contains(op.Key.Partition, "/done/") })},
	"the invoice's hold": {commit: func(_ *process, ops []store.Op) []store.Op {
		for i, op := range ops {
			if strings.Contains(op.Key.Partition, "/open/") {
				ops[i].Value = anyHold.ReplaceAll(op.Value, nil)
			}
		}
		return ops
	}},
	"the mail goes with the payment alone": {step: func(a Attempt, e event) (Attempt, []effect) {
		after, effects := step(a, e)
		if e.kind == evAnswered && e.outcome.Result == Declined && count(effects, doFree) > 0 {
			effects = append(effects, effect{kind: doMail})
		}
		return after, effects
	}},
}

func TestTheSimulationFindsEveryDefenceThatIsTakenAway(t *testing.T) {
	s := newScene(t)
	for name, taken := range mutations {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if taken.shown != nil {
					w := chargeAndSend(t, s, goodCard, taken.shown, taken)
					t.Logf("faults %v: %s", taken.shown, w.laws.broken)
					if w.laws.broken == "" {
						t.Error("this history does not show that it is needed")
					}
					return
				}
				for seed := uint64(0); seed < 9000; seed++ {
					if w := playSeed(t, s, seed, taken); w.laws.broken != "" {
						t.Logf("seed %d: %s", seed, w.laws.broken)
						return
					}
				}
				t.Error("no history shows that it is needed")
			})
		})
	}
}
