// Package sqlite keeps records in one SQLite file, with full durability: a commit that returned nil survives
// kill -9 and a power cut (write-ahead log, synchronous=FULL). It is the embedded default; nothing but Go is needed.
//
// One goroutine writes. Commits that wait for it at the same moment share one transaction, and so one fsync; a
// commit whose condition fails does not disturb the others of its group. Reads go through a pool beside it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/billingclerk/billingclerk/internal/store"
)

// The file says whose it is and how it is laid out, in the header fields that SQLite keeps for that.
const (
	application = 0x434c524b // "CLRK"
	version     = 1
)

// Keys are blobs, so that they are ordered bytewise and may hold anything. An expiry of 0 is none.
const schema = `
CREATE TABLE record (
	pk  BLOB    NOT NULL,
	sk  BLOB    NOT NULL,
	v   BLOB    NOT NULL,
	ver TEXT    NOT NULL,
	exp INTEGER NOT NULL,
	PRIMARY KEY (pk, sk)
) STRICT, WITHOUT ROWID;
CREATE INDEX expiring ON record (exp) WHERE exp > 0;
`

var errClosed = errors.New("sqlite: closed")

// Backend is a store.Backend in a file.
type Backend struct {
	path  string
	now   func() time.Time
	reads *reader
	write *writer
}

// Open opens the file at path and creates it, readable by its owner only, if it does not exist; its folder must.
// Records expire by now. ErrNewer if a newer version of the program wrote the file, ErrNoTable if it is something
// else or cannot be opened, ErrFull if it cannot be written.
func Open(path string, now func() time.Time) (*Backend, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := create(path); err != nil {
		return nil, err
	}
	write, err := openWriter(path, now)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, classify(err))
	}
	reads, err := openReader(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, classify(err)), write.close())
	}
	return &Backend{path: path, now: now, reads: reads, write: write}, nil
}

// Close waits for the commits that have begun, then closes the file. A second Close does nothing.
func (b *Backend) Close() error { return errors.Join(b.reads.close(), b.write.close()) }

// create makes the file before SQLite would, with no rights for others. It does not touch one that exists: closing
// a descriptor of an open database would drop its locks.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sqlite: create %s: %w", path, classify(err))
	}
	return f.Close()
}

// database opens a pool on the file. Every connection waits up to five seconds for another process's lock.
func database(path string, pragmas ...string) (*sql.DB, error) {
	values := url.Values{"mode": {"rw"}, "_busy_timeout": {"5000"}, "_pragma": pragmas}
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: values.Encode()}).String())
}

// prepare makes sure that the file is ours and of our version, laying out an empty one. Nothing is written to a
// file that is not ours.
func prepare(ctx context.Context, c *sql.Conn) error {
	fresh, err := inspect(ctx, c)
	if err != nil {
		return err
	}
	var mode string
	if err := c.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil || mode != "wal" {
		return fmt.Errorf("no write-ahead log (mode %q): %w", mode, err)
	}
	if !fresh {
		return nil
	}
	return layOut(ctx, c)
}

// inspect reports whether the file is empty.
func inspect(ctx context.Context, c *sql.Conn) (fresh bool, err error) {
	var app, user, objects int
	err = c.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&app, &user, &objects)
	switch {
	case err != nil:
		return false, err
	case app == 0 && user == 0 && objects == 0:
		return true, nil
	case app != application:
		return false, fmt.Errorf("%w: it is another program's database", store.ErrNoTable)
	case user > version:
		return false, fmt.Errorf("%w: its layout is %d, this program knows %d: use the program that wrote it, or a newer one", store.ErrNewer, user, version)
	}
	return false, nil
}

// layOut creates the table in one transaction, unless another process was first.
func layOut(ctx context.Context, c *sql.Conn) (err error) {
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, rollback := c.ExecContext(ctx, "ROLLBACK")
			err = errors.Join(err, rollback)
		}
	}()
	fresh, err := inspect(ctx, c)
	if err != nil {
		return err
	}
	if fresh {
		layout := fmt.Sprintf("%s; PRAGMA application_id=%d; PRAGMA user_version=%d", schema, application, version)
		if _, err := c.ExecContext(ctx, layout); err != nil {
			return err
		}
	}
	_, err = c.ExecContext(ctx, "COMMIT")
	return err
}

// readers is how many reads run at once; more wait.
func readers() int { return max(4, runtime.GOMAXPROCS(0)) }
