package firm

import (
	"context"
	"encoding/json"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Entry is the audit's view of an act: ids and states, before and after. It may hold names and narratives, since it
// stays in the firm's own records; it is never logged.
type Entry struct {
	Subject string `json:"subject"` // what it is about: "client/<id>", "invoice/<id>"
	Before  any    `json:"before,omitempty"`
	After   any    `json:"after,omitempty"`
}

// Audited is one write as the audit keeps it, for good.
type Audited struct {
	ID      string          `json:"id"`
	At      time.Time       `json:"at"` // UTC
	Person  string          `json:"person,omitempty"`
	Grant   string          `json:"grant,omitempty"`
	Channel Channel         `json:"channel"`
	Action  string          `json:"action"`
	Request string          `json:"request"`
	Subject string          `json:"subject"`
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
}

// auditing is an Audited that is written: with the states themselves.
type auditing struct {
	Audited
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

func (a *Act) audited(id string, e Entry) auditing {
	return auditing{Audited{
		ID: id, At: a.Now, Person: a.Caller.Person, Grant: a.Caller.Grant, Channel: a.Caller.Channel,
		Action: a.action.Name, Request: a.action.key(a.Caller), Subject: e.Subject,
	}, e.Before, e.After}
}

// Audit lists a month's ("2026-11", UTC) writes, newest first, a page at a time. Needs Manage. Errors: ErrMonth, ErrCursor.
func (h *House) Audit(ctx context.Context, c Caller, month, cursor string) (page []Audited, next string, err error) {
	if _, err := time.Parse("2006-01", month); err != nil {
		return nil, "", ErrMonth
	}
	act := h.Begin(c, Action{})
	read := act.Batch.Query(store.Query{Partition: h.View(c).Partition("audit", month), Desc: true, Cursor: cursor})
	if err := act.Run(ctx); err != nil {
		return nil, "", err
	}
	if err := act.May(Manage); err != nil {
		return nil, "", err
	}
	page, err = decodeAll[Audited](read.Records)
	return page, read.Next, err
}

func decodeAll[T any](records []store.Record) ([]T, error) {
	all := make([]T, len(records))
	for i, r := range records {
		if err := store.Decode(r, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Faults of the audit's reader.
var (
	ErrMonth  = fault.New(fault.Invalid, "audit.month", "Give the month as year and month, like 2026-11.")
	ErrCursor = fault.New(fault.Invalid, "page.cursor", "That page is no longer there. Start from the first.")
)
