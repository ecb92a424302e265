package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// A record lives while its expiry is 0 or after the time bound to the last parameter. Above every UTF-8 sort key
// is the byte 0xff, which stands for a missing upper bound.
const (
	selectOne  = `SELECT v, ver, exp FROM record WHERE pk = ?1 AND sk = ?2 AND (exp = 0 OR exp > ?3)`
	selectUp   = `SELECT sk, v, ver, exp FROM record WHERE pk = ?1 AND sk >= ?2 AND sk < ?3 AND (exp = 0 OR exp > ?4) ORDER BY sk LIMIT ?5`
	selectDown = `SELECT sk, v, ver, exp FROM record WHERE pk = ?1 AND sk >= ?2 AND sk < ?3 AND (exp = 0 OR exp > ?4) ORDER BY sk DESC LIMIT ?5`
	selectWalk = `SELECT pk, sk, v, ver, exp FROM record WHERE (pk, sk) > (?1, ?2) AND (exp = 0 OR exp > ?3) ORDER BY pk, sk LIMIT 100`
)

var noBound = []byte{0xff}

// reader is the pool of read connections, which cannot write.
type reader struct {
	db                  *sql.DB
	one, up, down, walk *sql.Stmt
}

func openReader(path string) (_ *reader, err error) {
	r := &reader{}
	if r.db, err = database(path, "query_only=1"); err != nil {
		return nil, err
	}
	r.db.SetMaxOpenConns(readers())
	r.db.SetMaxIdleConns(readers())
	for text, stmt := range map[string]**sql.Stmt{selectOne: &r.one, selectUp: &r.up, selectDown: &r.down, selectWalk: &r.walk} {
		if *stmt, err = r.db.Prepare(text); err != nil {
			return nil, errors.Join(err, r.db.Close())
		}
	}
	return r, nil
}

func (r *reader) close() error {
	return errors.Join(closeAll(r.one, r.up, r.down, r.walk), r.db.Close())
}

// Get implements store.Backend.
func (b *Backend) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := b.now()
	records := make([]store.Record, len(keys))
	for i, k := range keys {
		r, err := b.reads.get(ctx, k, now)
		if err != nil {
			return nil, fmt.Errorf("sqlite: get key %d of %d: %w", i+1, len(keys), classify(err))
		}
		records[i] = r
	}
	return records, nil
}

func (r *reader) get(ctx context.Context, k store.Key, now time.Time) (store.Record, error) {
	record := store.Record{Key: k}
	var expires int64
	err := r.one.QueryRowContext(ctx, []byte(k.Partition), []byte(k.Sort), now.Unix()).Scan(&record.Value, &record.Version, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{Key: k}, nil
	}
	record.Expires = store.Instant(expires)
	return record, err
}

// Query implements store.Backend.
func (b *Backend) Query(ctx context.Context, q store.Query) (store.Page, error) {
	r, err := q.Resolve()
	if err != nil {
		return store.Page{}, err
	}
	if err := ctx.Err(); err != nil || r.Empty() {
		return store.Page{}, err
	}
	records, err := b.reads.query(ctx, r, b.now())
	if err != nil {
		return store.Page{}, fmt.Errorf("sqlite: query: %w", classify(err))
	}
	page := store.Page{Records: records}
	if len(records) > r.Limit {
		page.Records = records[:r.Limit]
		page.Next = q.After(page.Records[r.Limit-1].Sort)
	}
	return page, nil
}

// query reads one record more than the limit, to know whether there is another page.
func (r *reader) query(ctx context.Context, q store.Query, now time.Time) (records []store.Record, err error) {
	stmt, to := r.up, noBound
	if q.Desc {
		stmt = r.down
	}
	if q.To != "" {
		to = []byte(q.To)
	}
	rows, err := stmt.QueryContext(ctx, []byte(q.Partition), []byte(q.From), to, now.Unix(), q.Limit+1)
	if err != nil {
		return nil, err
	}
	return scan(rows, func(record *store.Record, expires *int64) error {
		record.Partition = q.Partition
		return rows.Scan(&record.Sort, &record.Value, &record.Version, expires)
	})
}

// Walk implements store.Backend. It reads in chunks, and holds nothing while f runs.
func (b *Backend) Walk(ctx context.Context, f func(store.Record) error) error {
	var last store.Key
	for {
		records, err := b.reads.after(ctx, last, b.now())
		if err != nil {
			return fmt.Errorf("sqlite: walk: %w", classify(err))
		}
		for _, r := range records {
			if err := f(r); err != nil {
				return err
			}
			last = r.Key
		}
		if len(records) == 0 {
			return nil
		}
	}
}

func (r *reader) after(ctx context.Context, last store.Key, now time.Time) ([]store.Record, error) {
	rows, err := r.walk.QueryContext(ctx, []byte(last.Partition), []byte(last.Sort), now.Unix())
	if err != nil {
		return nil, err
	}
	return scan(rows, func(record *store.Record, expires *int64) error {
		return rows.Scan(&record.Partition, &record.Sort, &record.Value, &record.Version, expires)
	})
}

// scan reads all rows and closes them.
func scan(rows *sql.Rows, row func(*store.Record, *int64) error) (records []store.Record, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var record store.Record
		var expires int64
		if err := row(&record, &expires); err != nil {
			return nil, err
		}
		record.Expires = store.Instant(expires)
		records = append(records, record)
	}
	return records, rows.Err()
}
