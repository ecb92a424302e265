package store

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Resolve returns the query as a backend runs it: the limit filled in, and the cursor, if any, turned into a
// narrower range From <= Sort < To. ErrLimit if it breaks a limit, ErrCursor if the cursor is of another query.
func (q Query) Resolve() (Query, error) {
	if err := q.check(); err != nil {
		return Query{}, err
	}
	r := q
	if r.Limit == 0 {
		r.Limit = DefaultPage
	}
	if q.Cursor == "" {
		return r, nil
	}
	last, err := q.position()
	if err != nil {
		return Query{}, err
	}
	r.Cursor = ""
	if q.Desc {
		if r.To == "" || last < r.To {
			r.To = last
		}
		return r, nil
	}
	r.From = max(r.From, last+"\x00")
	return r, nil
}

// Empty reports whether a resolved query can have no answer, so that nothing need be sent.
func (q Query) Empty() bool { return q.To != "" && q.From >= q.To }

// After returns the cursor of the page that follows the record with this Sort. The query is the one that was
// asked, before Resolve.
func (q Query) After(sort string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(q.mark() + sort))
}

func (q Query) check() error {
	if err := checkText(q.Partition, 1, MaxPartition); err != nil {
		return fmt.Errorf("partition %w", err)
	}
	for _, bound := range []string{q.From, q.To} {
		if err := checkText(bound, 0, MaxSort); err != nil {
			return fmt.Errorf("bound of a query %w", err)
		}
	}
	if q.Limit < 0 || q.Limit > MaxPage {
		return fmt.Errorf("%w: a page of %d records", ErrLimit, q.Limit)
	}
	return nil
}

// position reads the Sort of the last record seen out of the cursor.
func (q Query) position() (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	sort, ours := strings.CutPrefix(string(b), q.mark())
	if err != nil || !ours || checkText(sort, 1, MaxSort) != nil {
		return "", ErrCursor
	}
	return sort, nil
}

// mark binds a cursor to its query. The limit is left out: pages of one walk may differ in size. It is no secret;
// a forged cursor only moves within the range that the query itself names.
func (q Query) mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %t", q.Partition, q.From, q.To, q.Desc))
	return string(sum[:8])
}
