package firm

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
	case !plainName(p.Name) && (p.Invited.ID == "" || p.Name != ""):
		return ErrPersonName
	case err != nil || address.Address != p.Email || len(p.Email) > 254:
		return ErrPersonEmail
	case !p.Role.Valid():
		return ErrPersonRole
	case !p.ownValid():
		return ErrPermissions
	case p.Zone != "" && !zoneLoads(p.Zone):
		return ErrZone
	case !amountIn(p.Rate, f.Currency), !amountIn(p.Limit, f.Currency):
		return ErrAmount
	}
	return nil
}

// plainName reports whether a name can be shown, spoken and put into a mail's header.
func plainName(name string) bool {
	return strings.TrimSpace(name) != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// amountIn reports whether an amount is nothing, or positive and in the firm's currency.
func amountIn(a money.Amount, currency string) bool {
	return a == money.Amount{} || a.Minor >= 0 && a.Currency == currency
}

// plainID tells an id from what could not be one, before it becomes part of a key.
func plainID(id string) bool { return id != "" && len(id) <= 64 && !strings.Contains(id, "/") }

// People lists the firm's people, in the order they were added; without their rates for who may not see rates. Needs
// See.
func (h *House) People(ctx context.Context, c Caller) ([]Person, error) {
	act := h.Begin(c, Action{})
	page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(See); err != nil {
		return nil, err
	}
	people, err := decodeAll[Person](page.Records)
	for i := range people {
		if act.May(SeeRates) != nil {
			people[i].Rate = money.Amount{}
		}
	}
	return people, err
}

// Member is a person with the state of their voice code.
type Member struct {
	Person
	HasCode, Locked bool
}

// Members lists the firm's people with the state of their codes, in the order they were added. One trip. Needs Manage.
func (h *House) Members(ctx context.Context, c Caller) ([]Member, error) {
	act := h.Begin(c, Action{})
	people := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
	codes := act.Batch.Query(store.Query{Partition: h.View(c).Partition("codes"), Limit: store.MaxPage})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(Manage); err != nil {
		return nil, err
	}
	locked, err := lockedIn(codes.Records)
	if err != nil {
		return nil, err
	}
	all, err := decodeAll[Person](people.Records)
	list := make([]Member, len(all))
	for i, p := range all {
		_, has := locked[p.ID]
		list[i] = Member{p, has, locked[p.ID]}
	}
	return list, err
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

// PeopleRead is the read of all the firm's people, part of a batch.
type PeopleRead struct{ page *store.Page }

// ReadPeople adds the read of the firm's people to a batch.
func ReadPeople(b *store.Batch) *PeopleRead {
	return &PeopleRead{b.Query(store.Query{Partition: b.View().Partition("people"), Limit: MaxPeople})}
}

// ByID returns the people by their ids, after the batch ran.
func (r *PeopleRead) ByID() (map[string]Person, error) {
	list, err := decodeAll[Person](r.page.Records)
	people := make(map[string]Person, len(list))
	for _, p := range list {
		people[p.ID] = p
	}
	return people, err
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

// ChangePerson changes a person, who must be as they were read: same Revision. Deactivating somebody ends every session
// and link of theirs in the same commit, and none of them comes back when they are made active again. Their invitation
// stays what it is. Needs Manage. Errors: ErrNoPerson, ErrStale, ErrLastAdmin, ErrNotJoined, and those of AddPerson.
func (h *House) ChangePerson(ctx context.Context, c Caller, p Person) (Person, error) {
	input := p
	err := h.Retry(ctx, func() error {
		p = input
		act := h.Begin(c, Action{Name: "person.change", Input: input})
		page := act.Batch.Query(store.Query{Partition: h.View(c).Partition("people"), Limit: MaxPeople})
		grants := act.readGrants(p)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&p); done {
			return err
		}
		if err := act.May(Manage); err != nil {
			return err
		}
		return act.changePerson(ctx, &p, page.Records, grants)
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// readGrants reads what ends with a person who is deactivated.
func (a *Act) readGrants(p Person) *GrantsRead {
	if p.Active || !plainID(p.ID) {
		return &GrantsRead{&store.Page{}}
	}
	return ReadGrants(a.Batch, p.ID)
}

func (a *Act) changePerson(ctx context.Context, p *Person, records []store.Record, grants *GrantsRead) error {
	people, err := decodeAll[Person](records)
	if err != nil {
		return err
	}
	all := staff{records, people}
	at, err := all.at(p.ID)
	if err != nil {
		return err
	}
	before := people[at]
	if p.Revision != before.Revision {
		return ErrStale
	}
	p.Invited, p.Ended, p.Since, p.Kept = before.Invited, before.Ended, before.Since, before.Kept
	if p.Active && p.Invited.ID != "" {
		return ErrNotJoined
	}
	if err := p.validate(a.Firm); err != nil {
		return err
	}
	p.Revision++
	var ops []store.Op
	if before.Active && !p.Active {
		p.Ended = a.Now
		for _, kind := range []GrantKind{SessionGrant, LinkGrant} {
			ended, err := grants.End(a, kind)
			if err != nil {
				return err
			}
			ops = append(ops, ended...)
		}
	}
	keeps, err := all.keepAdmin(before, *p)
	if err != nil {
		return err
	}
	ops = append(append(ops, keeps...), store.ReplaceOp(records[at], p))
	return a.Commit(ctx, p, Entry{Subject: "person/" + p.ID, Before: before, After: p}, ops...)
}

// keepAdmin refuses that the last admin leaves. Whoever remains must still be there when this is written: two admins
// may leave at once.
func (s staff) keepAdmin(before, after Person) ([]store.Op, error) {
	if !before.administers() || after.administers() {
		return nil, nil
	}
	other := slices.IndexFunc(s.people, func(o Person) bool { return o.ID != after.ID && o.administers() })
	if other < 0 {
		return nil, ErrLastAdmin
	}
	return []store.Op{store.CheckOp(s.records[other])}, nil
}

func (p Person) administers() bool { return p.Active && p.Role == Admin }

// Faults of people.
var (
	ErrNoPerson    = fault.New(fault.Missing, "person.missing", "There is no such person in the firm.")
	ErrPersonName  = fault.New(fault.Invalid, "person.name", "A person needs a name of at most 200 characters.")
	ErrPersonEmail = fault.New(fault.Invalid, "person.email", "A person needs a plain e-mail address.")
	ErrPersonRole  = fault.New(fault.Invalid, "person.role", "A role is admin, lawyer, timekeeper, bookkeeper or read-only.")
	ErrPermissions = fault.New(fault.Invalid, "person.permissions", "That person can't have those permissions. Who may only read can be given no more than to see rates.")
	ErrAmount      = fault.New(fault.Invalid, "firm.amount", "An amount must be in the firm's currency and not below zero.")
	ErrNotJoined   = fault.New(fault.State, "person.not-joined", "That person has not accepted their invitation yet.")
	ErrLastAdmin   = fault.New(fault.State, "person.last-admin", "The firm needs at least one active admin.")
	ErrTooMany     = fault.New(fault.State, "person.too-many", "The firm has as many people as it can have.")
	ErrStale       = fault.New(fault.Conflict, "firm.stale", "Somebody else changed that since you opened it. Look at it again first.")
)
