package timekeeping

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

func sixMinutes(mode firm.RoundingMode) firm.Rounding {
	return firm.Rounding{Mode: mode, Increment: 360}
}

func TestRoundFollowsThePolicy(t *testing.T) {
	tests := []struct {
		mode          firm.RoundingMode
		seconds, want int64
	}{
		{firm.RoundUp, 0, 0}, {firm.RoundUp, 1, 360}, {firm.RoundUp, 360, 360}, {firm.RoundUp, 361, 720},
		{firm.RoundDown, 359, 0}, {firm.RoundDown, 360, 360}, {firm.RoundDown, 719, 360},
		{firm.RoundNearest, 180, 0}, {firm.RoundNearest, 181, 360}, {firm.RoundNearest, 540, 360}, {firm.RoundNearest, 541, 720},
		{firm.RoundNone, 1, 1}, {firm.RoundNone, 12345, 12345},
		{firm.RoundUp, -5, 0}, {firm.RoundNone, -5, 0},
	}
	for _, tt := range tests {
		if got := Round(tt.seconds, sixMinutes(tt.mode)); got != tt.want {
			t.Errorf("%d s %s: %d, want %d", tt.seconds, tt.mode, got, tt.want)
		}
	}
	if got := Round(100, firm.Rounding{Mode: firm.RoundUp}); got != 100 {
		t.Errorf("without an increment: %d", got)
	}
}

func TestTheNearestPolicyAndRateApply(t *testing.T) {
	up, down, none := sixMinutes(firm.RoundUp), sixMinutes(firm.RoundDown), sixMinutes(firm.RoundNone)
	f := firm.Firm{Rounding: up, Rate: money.Of(1, "USD")}
	p := firm.Person{ID: "p", Rate: money.Of(2, "USD")}
	c := clients.Client{Rounding: &down, Rate: money.Of(3, "USD")}
	m := clients.Matter{Rounding: &none, Rate: money.Of(4, "USD"), Rates: map[string]money.Amount{"p": money.Of(5, "USD")}}
	rounding := []firm.Rounding{Rounding(f, c, m), Rounding(f, c, clients.Matter{}), Rounding(f, clients.Client{}, clients.Matter{})}
	if rounding[0] != none || rounding[1] != down || rounding[2] != up {
		t.Error(rounding)
	}
	plain := m
	plain.Rates = nil
	rates := []money.Amount{
		Rate(f, c, m, p), Rate(f, c, plain, p), Rate(f, c, clients.Matter{}, p), Rate(f, clients.Client{}, clients.Matter{}, p),
		Rate(f, clients.Client{}, clients.Matter{}, firm.Person{}),
	}
	for i, want := range []int64{5, 4, 3, 2, 1} {
		if rates[i] != money.Of(want, "USD") {
			t.Errorf("rate %d is %v", i, rates[i])
		}
	}
}

var ten = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// call is an entry of some seconds, begun some seconds after ten.
func call(after, seconds int64) Entry {
	start := ten.Add(time.Duration(after) * time.Second)
	return Entry{Start: start, Stop: start.Add(time.Duration(seconds) * time.Second), Seconds: seconds}
}

func TestTwoShortCallsInOneIncrementCountOnce(t *testing.T) {
	quarter := firm.Rounding{Mode: firm.RoundUp, Increment: 900}
	first, w := Window{}.Add(call(0, 300), quarter)
	second, w := w.Add(call(480, 300), quarter)
	third, w := w.Add(call(3600, 60), quarter)
	if first != 900 || second != 0 || third != 900 || len(w.Groups) != 2 {
		t.Error(first, second, third, w)
	}
	if fourth, _ := w.Add(call(800, 301), quarter); fourth != 900 {
		t.Error("what goes past the increment is billed", fourth)
	}
}

func TestAddDoesNotChangeTheWindowItIsAskedOf(t *testing.T) {
	_, w := Window{}.Add(call(0, 60), sixMinutes(firm.RoundUp))
	before := w.Groups[0]
	w.Add(call(10, 600), sixMinutes(firm.RoundUp))
	if len(w.Groups) != 1 || w.Groups[0] != before {
		t.Error(w)
	}
}

func TestAnEntryBetweenTwoBilledOnesIsNeverNegative(t *testing.T) {
	_, w := Window{}.Add(call(0, 60), sixMinutes(firm.RoundUp))
	_, w = w.Add(call(400, 60), sixMinutes(firm.RoundUp))
	billed, w := w.Add(call(350, 20), sixMinutes(firm.RoundUp))
	if billed != 0 || len(w.Groups) != 1 || w.Groups[0].Billed != 720 || w.Groups[0].Raw != 140 {
		t.Error(billed, w)
	}
}

// calls draws entries of one day.
func calls(t *rapid.T) []Entry {
	var list []Entry
	for range rapid.IntRange(1, 12).Draw(t, "calls") {
		list = append(list, call(rapid.Int64Range(0, 8000).Draw(t, "after"), rapid.Int64Range(1, 2000).Draw(t, "seconds")))
	}
	return list
}

// addAll adds entries in their order.
func addAll(t *rapid.T, list []Entry, r firm.Rounding) (total int64, w Window) {
	for _, e := range list {
		var billed int64
		if billed, w = w.Add(e, r); billed < 0 {
			t.Fatalf("%d s taken back", billed)
		}
		total += billed
	}
	return total, w
}

func TestWindowsLaws(t *testing.T) {
	modes := []firm.RoundingMode{firm.RoundUp, firm.RoundNearest, firm.RoundDown, firm.RoundNone}
	rapid.Check(t, func(t *rapid.T) {
		r := firm.Rounding{Mode: rapid.SampledFrom(modes).Draw(t, "mode"), Increment: rapid.SampledFrom([]int{360, 600, 900}).Draw(t, "increment")}
		list := calls(t)
		total, w := addAll(t, list, r)
		var raw, separately int64
		for _, e := range list {
			raw, separately = raw+e.Seconds, separately+Round(e.Seconds, r)
		}
		checkGroups(t, w, r, raw, total)
		if r.Mode == firm.RoundUp && (total > separately || total < raw) {
			t.Fatalf("%d s billed, %d separately, %d worked", total, separately, raw)
		}
		if r.Mode == firm.RoundNone && total != raw {
			t.Fatalf("%d s billed of %d", total, raw)
		}
		other := rapid.Permutation(list).Draw(t, "order")
		_, again := addAll(t, other, r)
		sameGroups(t, w, again)
	})
}

// checkGroups demands that groups are apart, hold all that was worked and billed, and are billed as Round says of
// each, or more only by what was billed before they met.
func checkGroups(t *rapid.T, w Window, r firm.Rounding, raw, total int64) {
	for i, g := range w.Groups {
		raw, total = raw-g.Raw, total-g.Billed
		if g.Billed < Round(g.Raw, r) {
			t.Fatalf("a group of %d s is billed %d", g.Raw, g.Billed)
		}
		if i > 0 && !w.Groups[i-1].Stop.Before(g.Start) {
			t.Fatalf("groups touch: %v", w.Groups)
		}
	}
	if raw != 0 || total != 0 {
		t.Fatalf("%d s worked and %d s billed are in no group", raw, total)
	}
}

// sameGroups demands that another order makes the same groups of the same work.
func sameGroups(t *rapid.T, a, b Window) {
	if len(a.Groups) != len(b.Groups) {
		t.Fatalf("%v\n%v", a, b)
	}
	for i := range a.Groups {
		x, y := a.Groups[i], b.Groups[i]
		x.Billed, y.Billed = 0, 0
		if x != y {
			t.Fatalf("%v\n%v", x, y)
		}
	}
}

func TestWorkAddedInOrderIsBilledAsItsGroupsRound(t *testing.T) {
	modes := []firm.RoundingMode{firm.RoundUp, firm.RoundNearest, firm.RoundNone, firm.RoundDown}
	rapid.Check(t, func(t *rapid.T) {
		r := sixMinutes(rapid.SampledFrom(modes).Draw(t, "mode"))
		list := calls(t)
		for i := range list { // in the order of time, so that no group is joined to another by a later entry
			list[i] = call(int64(i)*rapid.Int64Range(60, 900).Draw(t, "step"), list[i].Seconds)
			if i > 0 && list[i].Start.Before(list[i-1].Start) {
				list[i].Start = list[i-1].Start
			}
		}
		_, w := addAll(t, list, r)
		for _, g := range w.Groups {
			if g.Billed != Round(g.Raw, r) {
				t.Fatalf("%d s are billed %d, want %d", g.Raw, g.Billed, Round(g.Raw, r))
			}
		}
	})
}
