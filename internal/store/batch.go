package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// Batch collects reads that several modules need at the same moment and runs them as one trip: one Get for all
// keys, and all queries beside it. The pointers it returns are filled by Run.
type Batch struct {
	view    View
	keys    []Key
	records pieces[Record]
	queries pieces[asked]
}

// asked is a query with its answer.
type asked struct {
	query Query
	page  Page
	err   error
}

// pieces is a list that grows by blocks: what was handed out stays where it is.
type pieces[T any] struct {
	all   []*T
	block []T // what is left of the last block
}

// blockSize is about what one wave of an intent reads.
const blockSize = 16

func (p *pieces[T]) add(value T) *T {
	if len(p.block) == 0 {
		p.block = make([]T, blockSize)
	}
	if p.all == nil {
		p.all = make([]*T, 0, blockSize)
	}
	at := &p.block[0]
	p.block, p.all, *at = p.block[1:], append(p.all, at), value
	return at
}

// View returns the view that the batch reads.
func (b *Batch) View() View { return b.view }

// Get adds a key. The same key added twice is read once.
func (b *Batch) Get(k Key) *Record {
	b.view.own(k)
	for i, have := range b.keys {
		if have == k {
			return b.records.all[i]
		}
	}
	if b.keys == nil {
		b.keys = make([]Key, 0, blockSize)
	}
	b.keys = append(b.keys, k)
	return b.records.add(Record{Key: k})
}

// Query adds a query.
func (b *Batch) Query(q Query) *Page {
	b.view.own(Key{Partition: q.Partition})
	return &b.queries.add(asked{query: q}).page
}

// Run reads everything added since the last Run and fills the records and pages handed out. A batch to which
// nothing was added costs no trip.
func (b *Batch) Run(ctx context.Context) error {
	if len(b.keys) == 0 && len(b.queries.all) == 0 {
		return nil
	}
	count(ctx, &Trips{Reads: 1})
	var wait sync.WaitGroup
	var next atomic.Int32
	one := func() {
		defer wait.Done()
		q := b.queries.all[next.Add(1)-1]
		q.page, q.err = b.view.backend.Query(ctx, q.query)
	}
	wait.Add(len(b.queries.all))
	for range b.queries.all {
		go one()
	}
	err := b.get(ctx)
	wait.Wait()
	for _, q := range b.queries.all {
		err = errors.Join(err, q.err)
	}
	b.keys, b.records.all, b.queries.all = b.keys[:0], b.records.all[:0], b.queries.all[:0]
	return err
}

func (b *Batch) get(ctx context.Context) error {
	if len(b.keys) == 0 {
		return nil
	}
	records, err := b.view.backend.Get(ctx, b.keys...)
	if err != nil {
		return err
	}
	for i, r := range records {
		*b.records.all[i] = r
	}
	return nil
}

// Trips counts waves of calls to the store: calls that are made in parallel count once.
type Trips struct{ Reads, Commits int }

// Total is the number of sequential trips.
func (t Trips) Total() int { return t.Reads + t.Commits }

type tripsKey struct{}

type counter struct {
	mu    sync.Mutex
	trips Trips
}

// CountTrips returns a context under which every trip of a view or a batch is counted, and the count so far.
func CountTrips(ctx context.Context) (context.Context, func() Trips) {
	c := &counter{}
	return context.WithValue(ctx, tripsKey{}, c), func() Trips {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.trips
	}
}

func count(ctx context.Context, t *Trips) {
	c, ok := ctx.Value(tripsKey{}).(*counter)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trips.Reads += t.Reads
	c.trips.Commits += t.Commits
}
