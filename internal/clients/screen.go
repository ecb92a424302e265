package clients

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	maxWhy      = 500  // runes of a reason
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

// Any reports whether the caller is screened from anything, after the batch ran.
func (s *Screens) Any() (bool, error) {
	known, err := s.get()
	return len(known.Matters) > 0, err
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

// Screening is a change of who is screened from a matter, and why: the audit keeps the reason, and the matter does while
// anybody is screened.
type Screening struct {
	Add    []string `json:"add,omitempty"`  // people
	Lift   []string `json:"lift,omitempty"` // people
	Reason string   `json:"reason"`         // at most 500 characters
}

// apply returns the matter after the screening by somebody.
func (s Screening) apply(m Matter, by string) (Matter, error) {
	m.Why = tidy(s.Reason)
	switch {
	case m.Why == "" || !utf8.ValidString(m.Why) || utf8.RuneCountInString(m.Why) > maxWhy || strings.ContainsFunc(m.Why, unicode.IsControl):
		return m, ErrScreenReason
	case by != "" && slices.Contains(s.Add, by):
		return m, ErrScreenSelf
	}
	people := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(m.Screened), s.Add...))))
	m.Screened = slices.DeleteFunc(people, func(p string) bool { return slices.Contains(s.Lift, p) })
	if len(m.Screened) > maxScreened {
		return m, ErrTooManyScreens
	}
	if len(m.Screened) == 0 {
		m.Why = ""
	}
	return m, nil
}

// Screen changes who is screened from a matter; at most 40 people are. From this commit on it does not exist for those who
// are added, and whatever of theirs is under way with it fails. Needs Manage, and never by voice. Nobody screens themselves,
// so somebody who may lift it always sees the matter; who is screened from it can't.
// Errors: ErrNone, firm.ErrNoPerson, ErrScreenReason, ErrScreenSelf, ErrTooManyScreens.
func (d *Directory) Screen(ctx context.Context, c firm.Caller, client, matter string, s Screening) error {
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	action := firm.Action{Name: "matter.screen", Input: []any{client, matter, s}}
	return d.write(ctx, c, action, nil, func(a *firm.Act) (change, error) {
		ch, record, before, err := d.loadMatter(ctx, a, client, matter)
		if err != nil {
			return ch, err
		}
		after, err := s.apply(before, c.Person)
		if err != nil {
			return ch, err
		}
		ops, err := d.rescreen(ctx, a, before, after)
		ch.ops = slices.Concat(ops, []store.Op{store.ReplaceOp(record, after)})
		ch.entry = &firm.Entry{
			Subject: "matter/" + after.ID, Before: screened{before.Screened, before.Why}, After: screened{after.Screened, tidy(s.Reason)},
		}
		return ch, err
	})
}

// screened is what the audit keeps of a matter's screen.
type screened struct {
	People []string `json:"people"`
	Why    string   `json:"why,omitempty"`
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

// Faults of screens.
var (
	ErrScreenReason = fault.New(fault.Invalid, "matter.screen-reason", "Say why, in at most 500 characters.")
	ErrScreenSelf   = fault.New(fault.Invalid, "matter.screen-self", "You can't screen yourself. Another admin does that, and looks after the matter from then on.")
	// ErrTooManyScreens means a list of screened people, or of a person's screens, that is longer than can be kept.
	ErrTooManyScreens = fault.New(fault.Invalid, "matter.screens", "That is more people than can be screened from one matter, or more matters than one person can be screened from.")
)
