package firm

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// MaxPeople is how many people one firm may have: they are read in one page.
const MaxPeople = store.MaxPage

// Location returns the person's home zone, the firm's when the person has none.
func (p Person) Location(f Firm) *time.Location {
	if p.Zone == "" {
		return f.Location()
	}
	return location(p.Zone)
}

// validate says what is wrong with a person of firm f, as a fault.
func (p Person) validate(f Firm) error {
	address, err := mail.ParseAddress(p.Email)
	switch {
	case strings.TrimSpace(p.Name) == "" || len(p.Name) > maxName:
		return ErrPersonName
	case err != nil || address.Address != p.Email || len(p.Email) > 254:
		return ErrPersonEmail
	case !p.Role.Valid():
		return ErrPersonRole
	case p.Zone != "" && !zoneLoads(p.Zone):
		return ErrZone
	case !amountIn(p.Rate, f.Currency), !amountIn(p.Limit, f.Currency):
		return ErrAmount
	}
	return nil
}

// amountIn reports whether an amount is nothing, or positive and in the firm's currency.
func amountIn(a money.Amount, currency string) bool {
	return a == money.Amount{} || a.Minor >= 0 && a.Currency == currency
}

// plainID tells an id from what could not be one, before it becomes part of a key.
func plainID(id string) bool { return id != "" && len(id) <= 64 && !strings.Contains(id, "/") }

// People lists the firm's people, in the order they were added. Needs See.
func (h *House) People(ctx context.Context, c Caller) ([]Person, error) {
	act := h.Begin(c, Action{})
	page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(See); err != nil {
		return nil, err
	}
	return decodeAll[Person](page.Records)
}

// PersonRead is the read of a person, part of a batch.
type PersonRead struct{ record *store.Record }

// ReadPerson adds the read of a person to a batch. An id that could not be one reads nothing.
func ReadPerson(b *store.Batch, person string) *PersonRead {
	if !plainID(person) {
		return &PersonRead{&store.Record{}}
	}
	return &PersonRead{b.Get(personKey(b.View(), person))}
}

// Person returns the person, after the batch ran. Errors: ErrNoPerson.
func (r *PersonRead) Person() (p Person, err error) {
	if !r.record.Exists() {
		return p, ErrNoPerson
	}
	return p, store.Decode(*r.record, &p)
}

// AddPerson adds an active person and returns them with their id. Needs Manage. Errors: ErrPerson…, ErrZone,
// ErrAmount, ErrTooMany.
func (h *House) AddPerson(ctx context.Context, c Caller, p Person) (Person, error) {
	p.Active, p.Revision = true, 1
	input, id := p, h.NewID()
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "person.add", Input: input})
		page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&p); done {
			return err
		}
		if err := act.May(Manage); err != nil {
			return err
		}
		if len(page.Records) >= MaxPeople {
			return ErrTooMany
		}
		p.ID = id
		if err := p.validate(act.Firm); err != nil {
			return err
		}
		op := store.CreateOp(personKey(h.View(c), p.ID), p)
		return act.Commit(ctx, p, Entry{Subject: "person/" + p.ID, After: p}, op)
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// ChangePerson changes a person, who must be as they were read: same Revision. Deactivating somebody ends what they
// may do with the next commit. Needs Manage. Errors: ErrNoPerson, ErrStale, ErrLastAdmin, and those of AddPerson.
func (h *House) ChangePerson(ctx context.Context, c Caller, p Person) (Person, error) {
	input := p
	err := h.Retry(ctx, func() error {
		p = input
		act := h.Begin(c, Action{Name: "person.change", Input: input})
		page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&p); done {
			return err
		}
		if err := act.May(Manage); err != nil {
			return err
		}
		return act.changePerson(ctx, &p, page.Records)
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

func (a *Act) changePerson(ctx context.Context, p *Person, records []store.Record) error {
	people, err := decodeAll[Person](records)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(people, func(other Person) bool { return other.ID == p.ID })
	if at < 0 {
		return ErrNoPerson
	}
	before := people[at]
	if p.Revision != before.Revision {
		return ErrStale
	}
	if err := p.validate(a.Firm); err != nil {
		return err
	}
	p.Revision++
	ops := []store.Op{store.ReplaceOp(records[at], p)}
	if before.administers() && !p.administers() {
		other := slices.IndexFunc(people, func(o Person) bool { return o.ID != p.ID && o.administers() })
		if other < 0 {
			return ErrLastAdmin
		}
		// Whoever remains must still be there when this is written: two admins may leave at once.
		ops = append(ops, store.CheckOp(records[other]))
	}
	return a.Commit(ctx, p, Entry{Subject: "person/" + p.ID, Before: before, After: p}, ops...)
}

func (p Person) administers() bool { return p.Active && p.Role == Admin }

// Faults of people.
var (
	ErrNoPerson    = fault.New(fault.Missing, "person.missing", "There is no such person in the firm.")
	ErrPersonName  = fault.New(fault.Invalid, "person.name", "A person needs a name of at most 200 characters.")
	ErrPersonEmail = fault.New(fault.Invalid, "person.email", "A person needs a plain e-mail address.")
	ErrPersonRole  = fault.New(fault.Invalid, "person.role", "A role is admin, lawyer, timekeeper, bookkeeper or read-only.")
	ErrAmount      = fault.New(fault.Invalid, "firm.amount", "An amount must be in the firm's currency and not below zero.")
	ErrLastAdmin   = fault.New(fault.State, "person.last-admin", "The firm needs at least one active admin.")
	ErrTooMany     = fault.New(fault.State, "person.too-many", "The firm has as many people as it can have.")
	ErrStale       = fault.New(fault.Conflict, "firm.stale", "Somebody else changed that since you opened it. Look at it again first.")
)
