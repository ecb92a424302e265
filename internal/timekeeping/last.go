package timekeeping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// The names of deeds, as Undone tells them.
const (
	startDeed   = "start"
	pauseDeed   = "pause"
	stopDeed    = "stop"
	logDeed     = "log"
	spendDeed   = "spend"
	correctDeed = "correct"
	discardDeed = "discard"
)

// Share is what entries of one matter come to.
type Share struct {
	Ref     clients.Ref `json:"ref"`
	Seconds int64       `json:"seconds"` // raw
	Billed  int64       `json:"billed"`  // as the policy would bill each entry by itself, for speaking
}

// Corrected is what a correction left of the person's last entries.
type Corrected struct {
	Shares  []Share `json:"shares"`
	Entries []Entry `json:"entries"`
}

// placed is an entry as it was read, with the records that it is in.
type placed struct {
	Entry
	record, pointer store.Record
	rounding        *firm.Rounding
}

// correct carries out a correction of the caller's own last entries, made within the last 15 minutes. moves says that they
// may change their matter or their seconds, or go. to returns them as they shall be. Three trips. Errors: ErrNoEntry,
// ErrBilled, ErrMany, and to's.
func (ts *Timesheets) correct(ctx context.Context, c firm.Caller, w wish, moves bool, to func(*turn, []placed) ([]placed, error)) (done Corrected, err error) {
	err = ts.act(ctx, c, w, &done, func(t *turn) ([]store.Op, error) {
		switch err := t.recent(); {
		case err != nil:
			return nil, err
		case moves && len(t.sheet.Last) > maxMoved:
			return nil, ErrMany
		}
		was, err := t.places(ctx, t.sheet.Last, moves)
		if err != nil {
			return nil, err
		}
		is, err := to(t, slices.Clone(was))
		if err != nil {
			return nil, err
		}
		t.deed.Name = correctDeed
		ops, err := t.alter(was, is)
		if err != nil {
			return nil, err
		}
		t.sheet.Last, done = t.left(is)
		return append(ops, t.checks()...), nil
	})
	return done, err
}

// checks are the operations that commit only if those who were named stay as they were read.
func (t *turn) checks() (ops []store.Op) {
	for _, l := range []*clients.Lookup{t.lookup, t.second} {
		if l == nil {
			continue
		}
		for _, op := range l.Check() {
			if !slices.ContainsFunc(ops, func(have store.Op) bool { return have.Key == op.Key }) {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// places reads entries, and where they may move also what leads to them and their days' sums. Errors: ErrBilled, ErrMany.
func (t *turn) places(ctx context.Context, all []made, moves bool) (list []placed, err error) {
	if moves && len(all) > 2*maxMoved { // a split made two of each
		return nil, ErrMany
	}
	reads, pointers := make([]stored, len(all)), make([]*store.Record, len(all))
	for i, m := range all {
		reads[i], pointers[i] = readEntry(t.Batch, m.home), &store.Record{}
		if moves {
			_, id := m.parts()
			pointers[i] = t.Batch.Get(pointerKey(t.view, id))
			t.day(m.Day)
		}
	}
	if err := t.Run(ctx); err != nil {
		return nil, err
	}
	for i, r := range reads {
		e, record, err := r.entry()
		switch {
		case errors.Is(err, ErrNoEntry): // it was moved since the sheet was read
			return nil, fmt.Errorf("timekeeping: the last entry is elsewhere: %w", store.ErrConflict)
		case err != nil:
			return nil, err
		case e.Bill != "":
			return nil, ErrBilled
		}
		list = append(list, placed{e, record, *pointers[i], all[i].Rounding})
	}
	return list, nil
}

// alter returns the operations that turn entries as they were read into others, known by their ids, with their days' sums,
// and notes the change for the audit and for Undo.
func (t *turn) alter(was, is []placed) (ops []store.Op, err error) {
	sums := map[string]worked{}
	for _, old := range was {
		next := find(is, old.ID)
		if next != nil && reflect.DeepEqual(next.Entry, old.Entry) {
			continue
		}
		ops = append(ops, t.replace(old, next)...)
		if err := t.resum(sums, &old, next); err != nil {
			return nil, err
		}
	}
	for _, p := range is {
		if find(was, p.ID) != nil {
			continue
		}
		t.sheet.recall(p.Entry)
		t.deed.Entries = append(t.deed.Entries, altered{Is: p.made()})
		ops = append(ops, createOps(t.view, p.Entry)...)
		if err := t.resum(sums, nil, &p); err != nil {
			return nil, err
		}
	}
	for day, w := range sums {
		ops = append(ops, store.PutOp(*t.day(day), w))
	}
	t.before, t.after = entriesOf(was), entriesOf(is)
	return ops, nil
}

func find(list []placed, id string) *placed {
	if i := slices.IndexFunc(list, func(p placed) bool { return p.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

// replace makes an entry another, or nothing.
func (t *turn) replace(old placed, next *placed) []store.Op {
	a := altered{Was: encoded(old.Entry)}
	if next != nil {
		a.Is = next.made()
	}
	t.deed.Entries = append(t.deed.Entries, a)
	if next != nil {
		return old.to(t.view, next.Entry)
	}
	t.sheet.forget(old.ID)
	return []store.Op{store.DeleteOp(old.record), store.DeleteOp(old.pointer)}
}

// resum takes what an entry was off its day and adds what it is, where that differs.
func (t *turn) resum(sums map[string]worked, was, is *placed) error {
	if was != nil && is != nil && is.Ref == was.Ref && is.Seconds == was.Seconds {
		return nil
	}
	if was != nil {
		if err := t.sum(sums, was.Entry, -was.Seconds); err != nil {
			return err
		}
	}
	if is != nil {
		return t.sum(sums, is.Entry, is.Seconds)
	}
	return nil
}

// to returns the operations that make another state of the entry. What moves takes its pointer along.
func (p placed) to(v store.View, e Entry) []store.Op {
	if homeOf(e) == homeOf(p.Entry) {
		return changeOps(v, p.record, e)
	}
	h := homeOf(e)
	return []store.Op{store.DeleteOp(p.record), store.CreateOp(h.key(v, e.family()), e), store.ReplaceOp(p.pointer, h)}
}

func (p placed) made() *made { return &made{homeOf(p.Entry), p.Day, p.rounding} }

func encoded(e Entry) json.RawMessage {
	b, err := json.Marshal(e)
	if err != nil {
		panic("timekeeping: an entry must encode as JSON: " + err.Error())
	}
	return b
}

func entriesOf(list []placed) []Entry {
	entries := make([]Entry, len(list))
	for i, p := range list {
		entries[i] = p.Entry
	}
	return entries
}

// left is what is remembered and told of the entries that a correction leaves.
func (t *turn) left(list []placed) (last []made, done Corrected) {
	for _, p := range list {
		last = append(last, *p.made())
		policy := t.Firm.Rounding
		if p.rounding != nil {
			policy = *p.rounding
		}
		i := slices.IndexFunc(done.Shares, func(s Share) bool { return s.Ref.Matter == p.Ref.Matter })
		if i < 0 {
			i, done.Shares = len(done.Shares), append(done.Shares, Share{Ref: p.Ref})
		}
		done.Shares[i].Seconds += p.Seconds
		done.Shares[i].Billed += Round(p.Seconds, policy)
	}
	if done.Entries = entriesOf(list); len(list) > 0 {
		t.deed.Ref = list[0].Ref
	}
	return last, done
}
