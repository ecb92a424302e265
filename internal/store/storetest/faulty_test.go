package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
)

func faulty(t *testing.T, source Source) (*Faulty, *bench) {
	clock := NewClock()
	f := NewFaulty(memory.New(clock.Now), source)
	return f, &bench{T: t, ctx: t.Context(), clock: clock, Backend: f}
}

// Each fault gives its error, and writes or does not write as it says.
func TestFaultsOfCommits(t *testing.T) {
	written := map[Fault]bool{LostReply: true, CrashAfter: true}
	kinds := map[Fault]error{
		Conflict: store.ErrConflict, Throttle: store.ErrThrottled, LostRequest: store.ErrUnknown, LostReply: store.ErrUnknown,
		CrashBefore: ErrCrash, CrashAfter: ErrCrash, Unreachable: ErrUnreachable,
	}
	for _, fault := range Faults() {
		t.Run(fault.String(), func(t *testing.T) {
			f, b := faulty(t, Script(None, fault))
			b.commit(create(key("p", "before"), "there"))
			b.refuse(kinds[fault], create(key("p", "s"), "written"))
			f.Restart()
			b.holds(key("p", "s"), map[bool]string{true: "written"}[written[fault]])
			b.commit(create(key("p", "after"), "there"))
		})
	}
}

func TestFaultsOfReads(t *testing.T) {
	for _, fault := range Faults() {
		f, b := faulty(t, ReadScript(fault))
		want := map[Fault]error{Throttle: store.ErrThrottled, CrashBefore: ErrCrash, CrashAfter: ErrCrash}[fault]
		if want == nil {
			want = ErrUnreachable
		}
		b.commit(create(key("p", "s"), "there"))
		if _, err := f.Get(b.ctx, key("p", "s")); !errors.Is(err, want) {
			t.Errorf("a read that meets %s: %v", fault, err)
		}
		f.Restart()
		b.holds(key("p", "s"), "there")
	}
}

// After a crash nothing goes through, reads included, and the script does not move on.
func TestACrashRefusesEverythingUntilRestart(t *testing.T) {
	f, b := faulty(t, Script(CrashAfter))
	b.refuse(ErrCrash, create(key("p", "s"), "written"))
	_, getErr := f.Get(b.ctx, key("p", "s"))
	_, queryErr := f.Query(b.ctx, store.Query{Partition: "p"})
	walkErr := f.Walk(b.ctx, func(store.Record) error { return nil })
	commitErr := f.Commit(b.ctx, create(key("p", "t"), "written"))
	for _, err := range []error{getErr, queryErr, walkErr, commitErr} {
		if !errors.Is(err, ErrCrash) {
			t.Errorf("after a crash: %v", err)
		}
	}
	if !f.Crashed() {
		t.Error("not crashed")
	}
	f.Restart()
	b.holds(key("p", "s"), "written")
	b.holds(key("p", "t"), "")
	f.Crash()
	b.refuse(ErrCrash, create(key("p", "t"), "written"))
}

// A commit that would have failed anyway keeps its own error: a lost reply cannot turn it into a maybe that happened.
func TestALostReplyOfARefusedCommit(t *testing.T) {
	_, b := faulty(t, Script(None, LostReply, CrashAfter))
	b.commit(create(key("p", "s"), "there"))
	b.refuse(store.ErrPrecondition, create(key("p", "s"), "again"))
	b.refuse(ErrCrash, create(key("p", "s"), "again"))
}

func TestSeededFaultsRepeat(t *testing.T) {
	draw := func(seed uint64) (faults []Fault) {
		source := Seeded(seed, 300, Faults()...)
		for n := range 500 {
			faults = append(faults, source(Call{N: n}))
		}
		return faults
	}
	first := draw(1)
	if !slices.Equal(first, draw(1)) {
		t.Error("the same seed gave other faults")
	}
	if slices.Equal(first, draw(2)) {
		t.Error("another seed gave the same faults")
	}
	n := 0
	for _, f := range first {
		if f != None {
			n++
		}
	}
	if n < 100 || n > 200 {
		t.Errorf("%d faults in 500 calls at 300 in a thousand", n)
	}
}

func TestJoinTakesTheFirstFault(t *testing.T) {
	source := Join(Script(None, Throttle), ReadScript(Unreachable), Script(Conflict, Conflict))
	got := []Fault{source(Call{N: 0}), source(Call{N: 1}), source(Call{Read: true, N: 0}), source(Call{N: 2})}
	if want := []Fault{Conflict, Throttle, Unreachable, None}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCalls(t *testing.T) {
	f, b := faulty(t, nil)
	b.fill("p", "1", "2", "3")
	b.gets(key("p", "1"), key("p", "2"))
	b.page(store.Query{Partition: "p"})
	if err := f.Walk(context.Background(), func(store.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	want := Calls{Gets: 1, Queries: 1, Walks: 1, Commits: 1, Keys: 2, Records: 3, Ops: 3}
	if got := f.Calls(); got != want || got.Reads() != 3 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The model that judges the backends refuses what a broken one would do.
func TestTheRegisterModelIsStrict(t *testing.T) {
	step := func(state string, in register, out outcome) int { return len(registerModel.Step(state, in, out)) }
	cases := map[string]struct {
		state string
		in    register
		out   outcome
		next  int
	}{
		"a stale read":                {"b", register{}, outcome{value: "a"}, 0},
		"a stale write that succeeds": {"b", register{true, "a", "c"}, outcome{done: true}, 0},
		"a good write refused":        {"a", register{true, "a", "c"}, outcome{}, 0},
		"a good write":                {"a", register{true, "a", "c"}, outcome{done: true}, 1},
		"an unknown write":            {"a", register{true, "a", "c"}, outcome{unknown: true}, 2},
		"an unknown stale write":      {"b", register{true, "a", "c"}, outcome{unknown: true}, 1},
		"a conflict":                  {"b", register{true, "a", "c"}, outcome{raced: true}, 1},
	}
	for name, c := range cases {
		if got := step(c.state, c.in, c.out); got != c.next {
			t.Errorf("%s: %d next states, want %d", name, got, c.next)
		}
	}
}
