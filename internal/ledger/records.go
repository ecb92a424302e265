package ledger

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Records:
//
//	journal/<YYYY-MM>   <instant>/<id>   Transaction, created and never touched again
//	trust/<matter>      balance          held, so that it can be a condition of a commit
const sortable = "2006-01-02T15:04:05.000000000Z"

// held is what is in trust for one matter.
type held struct {
	Balance money.Amount `json:"balance"`
}

func journalKey(v store.View, at time.Time, id string) store.Key {
	return v.Key(at.UTC().Format(sortable)+"/"+id, "journal", month(at))
}

func journalQuery(v store.View, first, from, to time.Time) store.Query {
	return store.Query{
		Partition: v.Partition("journal", month(first)),
		From:      from.UTC().Format(sortable),
		To:        to.UTC().Format(sortable),
		Limit:     store.MaxPage,
	}
}

func trustKey(v store.View, matter string) store.Key { return v.Key("balance", "trust", matter) }

func month(t time.Time) string { return t.UTC().Format("2006-01") }

func firstOfMonth(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
