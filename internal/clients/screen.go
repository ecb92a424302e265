package clients

import (
	"context"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// A screened matter does not exist for the people it is screened from: an ethical wall (ABA Model Rule 1.10(a)(2)). Each
// person has one record that names what they are screened from. Whatever finds or lists matters reads it in the wave in
// which it reads anyway, so that a look-up costs no further trip.

// Bounds of screens.
const (
	maxScreened = 40   // people screened from one matter: all their records change in one commit
	maxScreens  = 2000 // matters screened from one person: they are read with every look-up of theirs
)

// screens is what one person is screened from.
type screens struct {
	Matters map[string]string `json:"matters"` // matter -> its client
}

// Screens is the read of what the caller is screened from, part of an act's batch.
type Screens struct {
	record  *store.Record
	decoded bool
	screens screens
}

// ReadScreens adds the read of the caller's screens to the act's batch: one key, the same for everything that asks. The
// system and a payer are screened from nothing.
func ReadScreens(a *firm.Act) *Screens {
	if a.Caller.Person == "" {
		return &Screens{record: &store.Record{}}
	}
	return &Screens{record: a.Batch.Get(screensKey(a.Batch.View(), a.Caller.Person))}
}

// Hide reports whether a matter does not exist for the caller, after the batch ran.
func (s *Screens) Hide(matter string) (bool, error) {
	known, err := s.get()
	_, hidden := known.Matters[matter]
	return hidden, err
}

func (s *Screens) get() (screens, error) {
	if s.decoded {
		return s.screens, nil
	}
	err := store.Decode(*s.record, &s.screens)
	s.decoded = err == nil
	return s.screens, err
}

func (s screens) hide(matter string) bool { _, hidden := s.Matters[matter]; return hidden }

// open returns the open matters that the person may know of.
func (s screens) open(all []brief) []brief {
	if len(s.Matters) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(b brief) bool { return s.hide(b.ID) })
}

// client reports whether a client exists for the person: not when they are screened from some matter of it and see no
// open one. seen are the open matters they may know of.
func (s screens) client(id string, seen []brief) bool {
	if len(seen) > 0 {
		return true
	}
	for _, client := range s.Matters {
		if client == id {
			return false
		}
	}
	return true
}

// see takes off a client's record what the person is screened from. Errors: ErrNone.
func (s *Screens) see(c *clientRecord) error {
	known, err := s.get()
	if err != nil {
		return err
	}
	c.Open = known.open(c.Open)
	if !known.client(c.ID, c.Open) {
		return ErrNone
	}
	return nil
}

// name takes off a name record what the person is screened from, and reports whether there is anything left of it. v is
// what was heard.
func (s screens) name(n *name, b bucket, v variant) bool {
	seen := s.open(n.Matters)
	hidden := len(n.Matters) - len(seen)
	n.Open, n.Matters = n.Open-hidden, seen
	if !s.client(n.Client, seen) {
		return false
	}
	if !b.matters() || hidden == 0 {
		return true
	}
	if n.Matter != "" {
		return !s.hide(n.Matter)
	}
	// Several matters of this name: those that are left decide what it leads to.
	var left []string
	for _, m := range seen {
		if v.like(strings.Join(stripped(words(m.Name)), " "), 1) >= sure {
			left = append(left, m.ID)
		}
	}
	if len(left) == 1 {
		n.Matter = left[0]
	}
	return len(left) > 0
}

// Screen sets the people who are screened from a matter, at most 40, in place of those who were. From this commit on it
// does not exist for them, and whatever of theirs is under way with it fails. Needs Manage, and never by voice; who is screened
// from a matter can't lift that. Errors: ErrNone, firm.ErrNoPerson, ErrTooManyScreens.
func (d *Directory) Screen(ctx context.Context, c firm.Caller, client, matter string, people []string) error {
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	action := firm.Action{Name: "matter.screen", Input: []any{client, matter, people}}
	return d.write(ctx, c, action, nil, func(a *firm.Act) (change, error) {
		ch, record, m, err := d.loadMatter(ctx, a, client, matter)
		if err != nil {
			return ch, err
		}
		if len(people) > maxScreened {
			return ch, ErrTooManyScreens
		}
		before := m
		m.Screened = people
		ops, err := d.rescreen(ctx, a, before, m)
		ops = append(ops, store.ReplaceOp(record, m))
		ch.ops = ops
		ch.entry = &firm.Entry{Subject: "matter/" + m.ID, Before: before.Screened, After: m.Screened}
		return ch, err
	})
}

// rescreen returns the operations that bring people's records after a matter's list. Who stays on it or off it is not
// written.
func (d *Directory) rescreen(ctx context.Context, a *firm.Act, before, after Matter) ([]store.Op, error) {
	v := d.House.View(a.Caller)
	records, known := map[string]*store.Record{}, []*firm.PersonRead(nil)
	for _, person := range before.Screened {
		if !slices.Contains(after.Screened, person) {
			records[person] = a.Batch.Get(screensKey(v, person))
		}
	}
	for _, person := range after.Screened {
		if slices.Contains(before.Screened, person) {
			continue
		}
		if !goodID(person) {
			return nil, firm.ErrNoPerson
		}
		records[person] = a.Batch.Get(screensKey(v, person))
		known = append(known, firm.ReadPerson(a.Batch, person))
	}
	if len(records) > maxScreened {
		return nil, ErrTooManyScreens
	}
	if err := a.Run(ctx); err != nil {
		return nil, err
	}
	for _, p := range known {
		if _, err := p.Person(); err != nil {
			return nil, err
		}
	}
	var ops []store.Op
	for person, record := range records {
		op, err := after.screen(*record, slices.Contains(after.Screened, person))
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// screen returns the operation that puts the matter on a person's record, or takes it off.
func (m Matter) screen(record store.Record, hide bool) (op store.Op, err error) {
	s := screens{}
	if err := store.Decode(record, &s); err != nil {
		return op, err
	}
	if s.Matters == nil {
		s.Matters = map[string]string{}
	}
	if hide {
		s.Matters[m.ID] = m.Client
	} else {
		delete(s.Matters, m.ID)
	}
	if len(s.Matters) > maxScreens {
		return op, ErrTooManyScreens
	}
	return store.PutOp(record, s), nil
}

// ErrTooManyScreens means a list of screened people, or of a person's screens, that is longer than can be kept.
var ErrTooManyScreens = fault.New(fault.Invalid, "matter.screens", "That is more people than can be screened from one matter, or more matters than one person can be screened from.")
