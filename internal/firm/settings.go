package firm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the same zones on every machine: an image without them would move entries to another day

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

const maxName = 200 // bytes of a firm's or a person's name

// MaxHold is the longest a firm may hold an invoice back before it is sent.
const MaxHold = 24 * time.Hour

// Location returns the firm's zone, UTC if it does not load (no firm is opened with one that does not).
func (f Firm) Location() *time.Location { return location(f.Zone) }

// zones keeps what was loaded: every act asks, and loading reads a database.
var zones sync.Map // name -> *time.Location

func location(name string) *time.Location {
	if found, ok := zones.Load(name); ok {
		return found.(*time.Location)
	}
	loaded, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loaded)
	return loaded
}

// zoneLoads reports whether name is an IANA zone; "Local" is none, it is another one on every machine.
func zoneLoads(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// validate says what is wrong with a firm's settings, as a fault.
func (f Firm) validate() error {
	switch {
	case !plainName(f.Name):
		return ErrFirmName
	case !zoneLoads(f.Zone):
		return ErrZone
	case !money.Valid(f.Currency):
		return ErrCurrency
	case !amountIn(f.Rate, f.Currency):
		return ErrAmount
	case f.Tax.PPM < 0 || f.Tax.PPM > 1_000_000 || f.Tax.PPM > 0 && f.Tax.Name == "":
		return ErrTax
	case f.Voice.Forgotten != 0 && (f.Voice.Forgotten < 3600 || f.Voice.Forgotten > 24*3600):
		return ErrForgotten
	case !f.Voice.phrasesValid():
		return ErrPhrases
	case f.Mail.Hold < 0 || f.Mail.Hold > MaxHold:
		return ErrHold
	}
	return f.Rounding.validate()
}

// Bounds of what may be said for notes. The firm is read with every act, so they stay few.
const (
	maxPhrases = 50
	maxPhrase  = 80 // bytes
)

func (v VoiceSettings) phrasesValid() bool {
	for _, p := range v.Phrases {
		if len(p) > maxPhrase || !plainName(p) {
			return false
		}
	}
	return len(v.Phrases) <= maxPhrases
}

// validate wants increments that divide an hour, so that an hour stays an hour.
func (r Rounding) validate() error {
	switch r.Mode {
	case RoundNone:
		return nil
	case RoundNearest, RoundUp, RoundDown:
		if r.Increment >= 60 && r.Increment <= 3600 && 3600%r.Increment == 0 {
			return nil
		}
	}
	return ErrRounding
}

// OpenFirm opens a firm with its first person, who becomes an active admin, in one commit. Ids that are empty are
// made, rounding that is empty is to the nearest six minutes; with ids given, a repeat is ErrOpened. The caller has
// decided that the firm may be opened: there is nobody in it yet who could. Errors: what is wrong with the firm or the
// person; ErrOpened; ErrUnknown.
func (h *House) OpenFirm(ctx context.Context, f Firm, first Person) (Firm, Person, error) {
	f, first = h.opened(f, first)
	first.Active, first.Invited = true, Invitation{}
	return h.open(ctx, f, first)
}

// OpenInvited opens a firm like OpenFirm, but its first admin is invited and becomes active by Accept. The invitation is
// mailed unless it is handed over otherwise; also joins the commit.
func (h *House) OpenInvited(ctx context.Context, f Firm, first Person, mailed bool, also ...store.Op) (Firm, Person, error) {
	f, first = h.opened(f, first)
	if !plainID(f.ID) {
		return f, first, ErrFirmName
	}
	first.Active = false
	c := Caller{Firm: f.ID, Channel: BySetup}
	if message := h.invite(h.View(c), c, &first, f.Opened); mailed {
		also = append(also, message...)
	}
	return h.open(ctx, f, first, also...)
}

// opened fills in what a new firm and its first person have in any case.
func (h *House) opened(f Firm, first Person) (Firm, Person) {
	if f.ID == "" {
		f.ID = h.NewID()
	}
	if first.ID == "" {
		first.ID = h.NewID()
	}
	if f.Rounding == (Rounding{}) {
		f.Rounding = Rounding{Mode: RoundNearest, Increment: 360}
	}
	f.Opened, f.Revision = h.Now().UTC(), 1
	first.Role, first.Own, first.Revision = Admin, nil, 1
	return f, first
}

func (h *House) open(ctx context.Context, f Firm, first Person, also ...store.Op) (Firm, Person, error) {
	if !plainID(f.ID) || !plainID(first.ID) {
		return Firm{}, Person{}, ErrFirmName
	}
	if err := errors.Join(f.validate(), first.validate(f)); err != nil {
		return Firm{}, Person{}, err
	}
	c := Caller{Firm: f.ID, Channel: BySetup, Request: f.ID}
	v, id := h.View(c), h.NewID()
	act := &Act{Caller: c, Now: f.Opened, action: Action{Name: "firm.open"}}
	err := v.Commit(ctx, append(also,
		store.CreateOp(listed(h.Store, f.ID), struct {
			Opened time.Time `json:"opened"`
		}{f.Opened}),
		store.CreateOp(firmKey(v), f),
		store.CreateOp(personKey(v, first.ID), first),
		store.CreateOp(auditKey(v, f.Opened, id), act.audited(id, Entry{Subject: "firm/" + f.ID, After: f})))...)
	if errors.Is(err, store.ErrPrecondition) {
		return Firm{}, Person{}, ErrOpened
	}
	if err != nil {
		return Firm{}, Person{}, outcome(fmt.Errorf("firm: open: %w", err))
	}
	return f, first, nil
}

// Firms lists the ids of all firms, for workers: every page of the system's list.
func (h *House) Firms(ctx context.Context) (ids []string, err error) {
	return h.firms(ctx, 0)
}

// FirstFirms lists the ids of at most n firms, whichever they are.
func (h *House) FirstFirms(ctx context.Context, n int) (ids []string, err error) {
	return h.firms(ctx, n)
}

// firms lists at most n firms, or all of them when n is 0.
func (h *House) firms(ctx context.Context, n int) (ids []string, err error) {
	v, limit := store.System(h.Store, store.Firms), store.MaxPage
	if n > 0 {
		limit = n
	}
	for q := (store.Query{Partition: v.Partition("list"), Limit: limit}); ; {
		page, err := v.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("firm: list of firms: %w", err)
		}
		for _, r := range page.Records {
			ids = append(ids, r.Sort)
		}
		if q.Cursor = page.Next; q.Cursor == "" || n > 0 && len(ids) >= n {
			return ids, nil
		}
	}
}

// Get returns the firm and its settings, without its rate for who may not see rates. Needs See.
func (h *House) Get(ctx context.Context, c Caller) (Firm, error) {
	act := h.Begin(c, Action{})
	if err := act.Run(ctx); err != nil {
		return Firm{}, err
	}
	if act.May(SeeRates) != nil {
		act.Firm.Rate = money.Amount{}
	}
	return act.Firm, act.May(See)
}

// ChangeFirm changes the settings, which must be as they were read: same Revision. The id, the currency, the day it
// was opened and whether it is a demo stay what they are. Needs Manage. Errors: ErrStale, ErrCurrencyFixed, and what is
// wrong with the settings.
func (h *House) ChangeFirm(ctx context.Context, c Caller, f Firm) (Firm, error) {
	var changed Firm
	err := h.Retry(ctx, func() error {
		act := h.Begin(c, Action{Name: "firm.change", Input: f})
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(&changed); done {
			return err
		}
		if err := act.May(Manage); err != nil {
			return err
		}
		var err error
		if changed, err = act.Firm.changed(f); err != nil {
			return err
		}
		op := store.ReplaceOp(*act.records.firm, changed)
		return act.Commit(ctx, changed, Entry{Subject: "firm/" + changed.ID, Before: act.Firm, After: changed}, op)
	})
	if err != nil {
		return Firm{}, err
	}
	return changed, nil
}

// changed returns the settings after the change to f.
func (f Firm) changed(to Firm) (Firm, error) {
	switch {
	case to.Revision != f.Revision:
		return f, ErrStale
	case to.Currency != f.Currency:
		return f, ErrCurrencyFixed
	}
	to.ID, to.Opened, to.Demo, to.Revision = f.ID, f.Opened, f.Demo, f.Revision+1
	return to, to.validate()
}

// Faults of settings.
var (
	ErrOpened        = fault.New(fault.State, "firm.opened", "That firm is already there.")
	ErrFirmName      = fault.New(fault.Invalid, "firm.name", "A firm needs a name of at most 200 characters.")
	ErrZone          = fault.New(fault.Invalid, "firm.zone", "Give the time zone by its IANA name, like America/New_York.")
	ErrCurrency      = fault.New(fault.Invalid, "firm.currency", "Give the currency by its ISO code, like USD.")
	ErrCurrencyFixed = fault.New(fault.State, "firm.currency-fixed", "A firm's currency can't change once it is open.")
	ErrTax           = fault.New(fault.Invalid, "firm.tax", "A tax needs a name and a rate from 0 to 100 percent.")
	ErrHold          = fault.New(fault.Invalid, "firm.hold", "Invoices can be held back for at most a day.")
	ErrForgotten     = fault.New(fault.Invalid, "firm.forgotten", "A clock is asked about after 1 to 24 hours.")
	ErrPhrases       = fault.New(fault.Invalid, "firm.phrases", "There can be at most 50 phrases of at most 80 characters.")
	ErrRounding      = fault.New(fault.Invalid, "firm.rounding", "Round nearest, up or down to a part of an hour, like 6, 10 or 15 minutes, or not at all.")
)
