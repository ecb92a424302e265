package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Handler carries out one kind of message. It must be safe to run again: at least once is the promise. Its context
// ends after HandlerTime. A returned Again puts the message back with a new payload; any other error is retried with
// backoff until MaxAttempts.
type Handler func(ctx context.Context, m Message) error

// Again is returned by a handler that wants to go on later: a job's next chunk, or a poll. It is no failure.
type Again struct {
	At      time.Time // zero or past: at once
	Payload any       // nil: unchanged
}

func (Again) Error() string { return "outbox: again later" }

// MaxAttempts is how many failures in a row make a message a dead letter. A worker's death while it delivers counts.
const MaxAttempts = 12

// LeaseTime is how long one delivery may take before another worker may try.
const LeaseTime = time.Minute

// HandlerTime is how long a handler may run: shorter than the lease by more than two workers' clocks differ.
const HandlerTime = 45 * time.Second

// Backoff is the shortest and longest pause before a failed message is tried again; it doubles between them.
const (
	FirstBackoff = 10 * time.Second
	MaxBackoff   = time.Hour
)

// Post delivers messages. Handlers are registered before the first delivery and not after.
type Post struct {
	Store    store.Backend
	Now      func() time.Time
	Jitter   func() float64 // in [0,1)
	Handlers map[string]Handler
	Workers  int // deliveries at once in one sweep; 0: four

	// Failed, if set, is told of each failed delivery, for the log: the message's ids and the error as it was.
	Failed func(ctx context.Context, m Message, err error)
}

// Sweep delivers everything that is due, across all firms, oldest first, until nothing is or ctx ends; it returns how
// many messages it delivered. Two sweeps at once never run one message at the same time. A handler's failure is
// recorded with its message and is no error of the sweep; errors are the store's, and end nothing but their message.
func (p *Post) Sweep(ctx context.Context) (delivered int, err error) {
	s := &sweep{post: p, failed: map[store.Key]bool{}}
	for {
		due, err := p.due(ctx)
		if err != nil {
			return s.delivered, errors.Join(append(s.errs, err)...)
		}
		if !s.round(ctx, due) || ctx.Err() != nil {
			return s.delivered, errors.Join(append(s.errs, ctx.Err())...)
		}
	}
}

// due reads a page of every shard in one trip: the pointers that are due, oldest first.
func (p *Post) due(ctx context.Context) ([]store.Record, error) {
	batch := store.System(p.Store, store.Due).Batch()
	pages := make([]*store.Page, shards)
	for i := range pages {
		pages[i] = batch.Query(store.Query{
			Partition: shardPartition(p.Store, i),
			To:        stamp(p.Now().Truncate(time.Millisecond).Add(time.Millisecond)),
		})
	}
	if err := batch.Run(ctx); err != nil {
		return nil, fmt.Errorf("outbox: read what is due: %w", err)
	}
	var due []store.Record
	for _, page := range pages {
		due = append(due, page.Records...)
	}
	slices.SortFunc(due, func(a, b store.Record) int { return strings.Compare(a.Sort, b.Sort) })
	return due, nil
}

// sweep is one run of Sweep. Pointers that failed are left alone for the rest of it.
type sweep struct {
	post *Post

	mu        sync.Mutex
	delivered int
	failed    map[store.Key]bool
	errs      []error
}

// round delivers the pointers with the post's workers and reports whether there was anything to do.
func (s *sweep) round(ctx context.Context, due []store.Record) bool {
	due = slices.DeleteFunc(due, func(r store.Record) bool { return s.failed[r.Key] })
	next := make(chan store.Record, len(due))
	for _, r := range due {
		next <- r
	}
	close(next)
	var wait sync.WaitGroup
	for range min(cmp.Or(s.post.Workers, 4), len(due)) {
		wait.Go(func() {
			for r := range next {
				s.one(ctx, r)
			}
		})
	}
	wait.Wait()
	return len(due) > 0
}

func (s *sweep) one(ctx context.Context, r store.Record) {
	if ctx.Err() != nil {
		return
	}
	ok, err := s.post.follow(ctx, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		s.delivered++
	}
	if err != nil {
		s.failed[r.Key] = true
	}
	if err != nil && !lost(err) {
		s.errs = append(s.errs, err)
	}
}

// follow delivers the message that a pointer names. A pointer that its message does not name is removed.
func (p *Post) follow(ctx context.Context, r store.Record) (delivered bool, err error) {
	var ptr pointer
	if err := store.Decode(r, &ptr); err != nil {
		return false, err
	}
	m, record, err := p.read(ctx, ptr.Firm, ptr.ID)
	if err != nil {
		return false, err
	}
	if !record.Exists() || pointerKey(p.Store, m) != r.Key {
		return false, p.commit(ctx, "remove a stale pointer", store.DeleteOp(r))
	}
	return p.attempt(ctx, m, record, r)
}

// Deliver delivers one message now if it is due and not leased; the stream's way in. A message that is not there any
// more, or not due, is no error, nor is a handler's failure, which is recorded with the message.
func (p *Post) Deliver(ctx context.Context, firmID, id string) error {
	m, record, err := p.read(ctx, firmID, id)
	if err != nil || !record.Exists() || m.Due.After(p.Now()) {
		return err
	}
	records, err := store.System(p.Store, store.Due).Get(ctx, pointerKey(p.Store, m))
	if err != nil {
		return fmt.Errorf("outbox: read a due pointer: %w", err)
	}
	if _, err = p.attempt(ctx, m, record, records[0]); lost(err) {
		return nil
	}
	return err
}

// NextDue returns when the next message is due, or the zero time when none is: how long a local worker may sleep.
func (p *Post) NextDue(ctx context.Context) (next time.Time, err error) {
	v := store.System(p.Store, store.Due)
	for i := range shards {
		first, err := firstOf(ctx, v, shardPartition(p.Store, i))
		if err != nil {
			return time.Time{}, fmt.Errorf("outbox: read what is due next: %w", err)
		}
		if next.IsZero() || !first.IsZero() && first.Before(next) {
			next = first
		}
	}
	return next, nil
}

// firstOf reads pages until one holds a record: a page may be empty and still have a next.
func firstOf(ctx context.Context, v store.View, partition string) (time.Time, error) {
	for q := (store.Query{Partition: partition, Limit: 1}); ; {
		page, err := v.Query(ctx, q)
		if err != nil {
			return time.Time{}, err
		}
		if len(page.Records) > 0 {
			var ptr pointer
			err := store.Decode(page.Records[0], &ptr)
			return ptr.Due, err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return time.Time{}, nil
		}
	}
}

// DeadLetters lists a firm's dead letters, oldest first, a page at a time.
func DeadLetters(ctx context.Context, v store.View, cursor string) (letters []Message, next string, err error) {
	page, err := v.Query(ctx, store.Query{Partition: v.Partition("dead"), Cursor: cursor})
	if err != nil {
		return nil, "", fmt.Errorf("outbox: dead letters: %w", err)
	}
	letters = make([]Message, len(page.Records))
	for i, r := range page.Records {
		if err := store.Decode(r, &letters[i]); err != nil {
			return nil, "", err
		}
	}
	return letters, page.Next, nil
}
