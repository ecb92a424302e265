package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"github.com/billingclerk/billingclerk/internal/store"
)

var raceRules = []rule{
	{"no increment is lost", increments},
	{"one of many creates wins", oneWins},
	{"a record is a linearizable register", linearizable},
	{"an unknown outcome is settled by reading", unknownOutcomes},
}

const goroutines = 8

// together runs f in several goroutines at once and waits for all.
func together(f func(worker int)) {
	var wait sync.WaitGroup
	for worker := range goroutines {
		wait.Go(func() { f(worker) })
	}
	wait.Wait()
}

// lost reports whether an error means that nothing was written because somebody else was first or there is no room.
func lost(err error) bool {
	return errors.Is(err, store.ErrPrecondition) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrThrottled)
}

// increments counts up two records in each commit, from many sides. Both must end at exactly the number of commits.
func increments(b *bench) {
	const each = 15
	one, two := key("p", "one"), key("q", "two")
	together(func(int) {
		for range each {
			for err := errors.New("not yet"); err != nil; {
				r, getErr := b.Get(b.ctx, one, two)
				if getErr != nil {
					b.Error(getErr)
					return
				}
				if err = b.Commit(b.ctx, add(r[0]), add(r[1])); err != nil && !lost(err) {
					b.Error(err)
					return
				}
			}
		}
	})
	b.holds(one, strconv.Itoa(goroutines*each))
	b.holds(two, strconv.Itoa(goroutines*each))
}

// add counts a record up, from zero if it is absent.
func add(r store.Record) store.Op {
	n, _ := strconv.Atoi(string(r.Value))
	if !r.Exists() {
		return create(r.Key, "1")
	}
	return replace(r, strconv.Itoa(n+1))
}

func oneWins(b *bench) {
	for round := range 10 {
		k := key("p", fmt.Sprint(round))
		var winners atomic.Int32
		together(func(worker int) {
			err := b.Commit(b.ctx, create(k, fmt.Sprint(worker)))
			switch {
			case err == nil:
				winners.Add(1)
			case !lost(err):
				b.Error(err)
			}
		})
		if n := winners.Load(); n != 1 {
			b.Errorf("%d creates of one key succeeded", n)
		}
	}
}

// register is one operation of the history: a read, or a change of what was read to something new. An absent record
// has the value "". Every written value is unique, so a value stands for its version.
type register struct {
	write bool
	from  string
	to    string
}

// outcome is what the operation gave: what was read, or how the change ended.
type outcome struct {
	value   string
	done    bool
	unknown bool
	raced   bool // refused without saying what the state was
}

var registerModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{""} },
	Step: func(state, input, output any) []any {
		in, out := input.(register), output.(outcome)
		same := in.from == state.(string)
		switch {
		case !in.write && out.value == state.(string), out.raced, out.unknown && !same:
			return []any{state}
		case in.write && out.unknown:
			return []any{state, in.to}
		case in.write && out.done && same:
			return []any{in.to}
		case in.write && !out.done && !same:
			return []any{state}
		}
		return nil
	},
}

// history records operations with the order of their calls and returns.
type history struct {
	tick atomic.Int64
	mu   sync.Mutex
	ops  []porcupine.Operation
}

func (h *history) record(worker int, in register, do func() outcome) {
	call := h.tick.Add(1)
	out := do()
	back := h.tick.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: worker, Input: in, Call: call, Output: out, Return: back})
}

// linearizable lets many workers read, create, replace and delete one record, with lost requests and replies, and
// asks porcupine whether some order of the operations explains every answer.
func linearizable(b *bench) {
	faulty := NewFaulty(b.Backend, Seeded(7, 100, LostReply, LostRequest, Conflict))
	var h history
	k := key("p", "register")
	together(func(worker int) {
		for i := range 12 {
			var seen store.Record
			h.record(worker, register{}, func() outcome {
				r, err := b.Get(b.ctx, k)
				if err != nil {
					b.Error(err)
					return outcome{}
				}
				seen = r[0]
				return outcome{value: string(seen.Value)}
			})
			op, to := change(seen, fmt.Sprintf("%d.%d", worker, i), i%5 == 4)
			h.record(worker, register{write: true, from: string(seen.Value), to: to}, func() outcome {
				return b.outcome(faulty.Commit(b.ctx, op))
			})
		}
	})
	if !porcupine.CheckOperations(registerModel.ToModel(), h.ops) {
		b.Errorf("no order explains these operations: %+v", h.ops)
	}
}

func change(seen store.Record, to string, remove bool) (store.Op, string) {
	switch {
	case !seen.Exists():
		return create(seen.Key, to), to
	case remove:
		return store.DeleteOp(seen), ""
	}
	return replace(seen, to), to
}

func (b *bench) outcome(err error) outcome {
	switch {
	case err == nil:
		return outcome{done: true}
	case errors.Is(err, store.ErrUnknown):
		return outcome{unknown: true}
	case errors.Is(err, store.ErrPrecondition):
		return outcome{}
	case !lost(err):
		b.Error(err)
	}
	return outcome{raced: true}
}

// unknownOutcomes counts up under lost requests and replies. Each increment leaves a record of its own, and a worker
// that does not know reads it before it tries again; so the count is exact.
func unknownOutcomes(b *bench) {
	const each = 10
	faulty := NewFaulty(b.Backend, Seeded(11, 400, LostReply, LostRequest))
	counter := key("p", "counter")
	together(func(worker int) {
		for i := range each {
			mine := key("done", fmt.Sprintf("%d.%d", worker, i))
			for {
				r, err := b.Get(b.ctx, counter, mine)
				if err != nil {
					b.Error(err)
					return
				}
				if r[1].Exists() {
					break
				}
				err = faulty.Commit(b.ctx, add(r[0]), create(mine, "done"))
				if err != nil && !lost(err) && !errors.Is(err, store.ErrUnknown) {
					b.Error(err)
					return
				}
			}
		}
	})
	b.holds(counter, strconv.Itoa(goroutines*each))
}
