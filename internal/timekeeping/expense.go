package timekeeping

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Cost is money laid out for a client. It makes an entry an expense: no time worked, noted at Stop, billed at what it
// cost and no more (ABA Formal Opinion 93-379), unless it is not billable.
type Cost struct {
	Amount  money.Amount `json:"amount"`            // what was paid
	Code    string       `json:"code"`              // UTBMS, E101 to E124
	Receipt string       `json:"receipt,omitempty"` // where the receipt is, or its number; empty: none was noted
}

// Spent is what noting an expense did.
type Spent struct {
	Ref   clients.Ref `json:"ref"`
	Entry Entry       `json:"entry"` // with its Cost
}

// OtherExpense is the code of what no other code fits.
const OtherExpense = "E124"

// expenses are the American Bar Association's codes of expenses (UTBMS litigation code set), by their numbers.
var expenses = map[string]string{
	"E101": "Copying", "E102": "Outside printing", "E103": "Word processing", "E104": "Facsimile", "E105": "Telephone",
	"E106": "Online research", "E107": "Delivery services/messengers", "E108": "Postage", "E109": "Local travel",
	"E110": "Out-of-town travel", "E111": "Meals", "E112": "Court fees", "E113": "Subpoena fees", "E114": "Witness fees",
	"E115": "Deposition transcripts", "E116": "Trial transcripts", "E117": "Trial exhibits", "E118": "Litigation support vendors",
	"E119": "Experts", "E120": "Private investigators", "E121": "Arbitrators/mediators", "E122": "Local counsel",
	"E123": "Other professionals", OtherExpense: "Other",
}

// ExpenseName is what a code stands for, empty for one that there is not.
func ExpenseName(code string) string { return expenses[code] }

// maxCost is the most that one expense may be, in minor units: what LEDES 1998B's fields hold.
const maxCost = 999_999_999_00

// Spend notes an expense: e gives Cost (its currency the firm's when it names none, its code OtherExpense), and may give
// Day (else today), Narrative and Billable. in are the currencies that were meant, when that was said only roughly: the
// firm's must be one of them. Two trips. Needs TrackTime. Errors: a look-up's; ErrCost, ErrExpense, ErrDay,
// ErrNote.
func (ts *Timesheets) Spend(ctx context.Context, c firm.Caller, s clients.Spoken, e Entry, in ...string) (done Spent, err error) {
	type input struct {
		Spoken clients.Spoken
		Entry  Entry
		In     []string
	}
	if s == (clients.Spoken{}) {
		return done, clients.ErrNoName
	}
	w := wish{Action: firm.Action{Name: "expense.log", Input: input{s, e, in}}, name: s}
	err = ts.act(ctx, c, w, &done, func(t *turn) ([]store.Op, error) {
		if len(in) > 0 && !slices.Contains(in, t.Firm.Currency) {
			return nil, ErrCost
		}
		spent, err := t.spent(e)
		if err != nil {
			return nil, err
		}
		done = Spent{spent.Ref, spent}
		last := made{homeOf(spent), spent.Day, nil}
		t.sheet.Last, t.sheet.LastAt = []made{last}, t.now()
		t.deed.Name, t.deed.Ref, t.deed.Entries = spendDeed, spent.Ref, []altered{{Is: &last}}
		used, err := t.used(spent.Ref)
		return slices.Concat(createOps(t.view, spent), used), err
	})
	return done, err
}

// spent completes an expense that was told.
func (t *turn) spent(e Entry) (Entry, error) {
	ref, err := t.lookup.Answer()
	if err != nil {
		return e, t.lastUsedFirst(err)
	}
	cost, err := e.Cost.completed(t.Firm.Currency)
	if err != nil {
		return e, err
	}
	at, day, err := t.onDay(e.Day)
	if err != nil {
		return e, err
	}
	note := tidy(e.Narrative)
	if utf8.RuneCountInString(note) > maxNote {
		return e, ErrNote
	}
	return Entry{ID: t.house.NewID(), Person: t.Caller.Person, Ref: ref, Start: at, Stop: at, Day: day, Zone: t.zone().String(),
		Narrative: note, Billable: e.Billable, Cost: &cost}, nil
}

// completed is the cost as it is kept. Errors: ErrCost, ErrExpense, ErrNote for a receipt.
func (c *Cost) completed(currency string) (Cost, error) {
	if c == nil {
		return Cost{}, ErrCost
	}
	kept := *c
	if kept.Amount.Currency == "" {
		kept.Amount.Currency = currency
	}
	if kept.Code == "" {
		kept.Code = OtherExpense
	}
	kept.Receipt = tidy(kept.Receipt)
	switch {
	case kept.Amount.Minor <= 0, kept.Amount.Minor > maxCost, kept.Amount.Currency != currency:
		return kept, ErrCost
	case expenses[kept.Code] == "":
		return kept, ErrExpense
	case utf8.RuneCountInString(kept.Receipt) > maxNote:
		return kept, ErrNote
	}
	return kept, nil
}

// Faults of expenses.
var (
	ErrCost    = fault.New(fault.Invalid, "expense.amount", "An expense is more than nothing, in the firm's currency.")
	ErrExpense = fault.New(fault.Invalid, "expense.code", "An expense's code is one from E101 to E124.")
)
