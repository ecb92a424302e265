package skill

import (
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// turn is something said, with its budget of sequential trips to the store (architecture.md, Budgets).
type turn struct {
	say, answer string
	trips       int
	processor   bool // the turn also asks the card processor, and reads beside it what the outcome changes
}

var turns = []turn{
	{say: "start clock with customer acme", answer: "Started Acme", trips: 2},
	{say: "what's running", answer: "Acme Corporation is running", trips: 1},
	{say: "stop clock with customer acme", answer: "Stopped Acme", trips: 2},
	{say: "tell billing clerk to add last transaction from customer acme to bill", answer: "Added", trips: 3},
	{say: "tell billing clerk to charge customer acme credit card and send invoice", answer: "charge without it?", trips: 3},
	{say: "yes", answer: "will charge Acme", trips: 3},
	{say: "yes", answer: "code"},
	{say: "1234", answer: "Paid", trips: 3, processor: true},
}

// cost is what a turn took from the store: in sequence, and in all.
type cost struct {
	trips store.Trips
	calls storetest.Calls
}

func (o *office) cost(t *testing.T) (costs []cost) {
	t.Helper()
	device := o.device(t)
	for _, turn := range turns {
		o.Clock.Advance(10 * time.Minute)
		before, asked := o.store.Calls(), o.calls.Load()
		ctx, trips := store.CountTrips(t.Context())
		x, err := device.Say(ctx, turn.say)
		if err != nil || !strings.Contains(x.Speech, turn.answer) {
			t.Fatalf("%q: %q, %v", turn.say, x.Speech, err)
		}
		if (o.calls.Load() > asked) != turn.processor {
			t.Errorf("%q asked the processor %d times", turn.say, o.calls.Load()-asked)
		}
		costs = append(costs, cost{trips(), less(o.store.Calls(), before)})
	}
	return costs
}

func less(a, b storetest.Calls) storetest.Calls {
	return storetest.Calls{Gets: a.Gets - b.Gets, Queries: a.Queries - b.Queries, Walks: a.Walks - b.Walks, Commits: a.Commits - b.Commits,
		Keys: a.Keys - b.Keys, Records: a.Records - b.Records, Ops: a.Ops - b.Ops}
}

// A turn takes no more trips than its budget, and neither more trips nor more records in a firm of any size.
func TestATurnCostsTheSameInASmallAndALargeFirm(t *testing.T) {
	small, large := opened(t), opened(t)
	small.crowd(t, 10)
	large.crowd(t, 100_000)
	small.work(t, "Acme Corporation", 10)
	large.work(t, "Acme Corporation", 10_000)
	little, much := small.cost(t), large.cost(t)
	for i, turn := range turns {
		most := turn.trips
		if turn.processor {
			most++
		}
		if little[i].trips.Total() > most {
			t.Errorf("%q took %+v, at most %d", turn.say, little[i].trips, most)
		}
		if little[i] != much[i] {
			t.Errorf("%q took in a small firm %+v\nin a large one %+v", turn.say, little[i], much[i])
		}
		t.Logf("%-75s %+v %+v", turn.say, little[i].trips, little[i].calls)
	}
}
