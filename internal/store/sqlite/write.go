package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/billingclerk/billingclerk/internal/store"
)

const (
	selectVersion = `SELECT ver, exp FROM record WHERE pk = ?1 AND sk = ?2`
	upsert        = `INSERT OR REPLACE INTO record (pk, sk, v, ver, exp) VALUES (?1, ?2, ?3, ?4, ?5)`
	remove        = `DELETE FROM record WHERE pk = ?1 AND sk = ?2`
	// Expired records are removed a few at a time, in a transaction that is made anyway.
	sweep = `DELETE FROM record WHERE (pk, sk) IN (SELECT pk, sk FROM record WHERE exp > 0 AND exp <= ?1 LIMIT 100)`
)

const (
	maxGroup   = 64  // commits in one transaction
	sweepEvery = 256 // transactions
)

// writer owns the one connection that writes. Its fields below the queue belong to its goroutine.
type writer struct {
	queue     chan *commit
	quit      chan struct{}
	stop      sync.Once
	stopped   chan struct{}
	closeErr  error
	now       func() time.Time
	db        *sql.DB
	conn      *sql.Conn
	begin     *sql.Stmt
	end       *sql.Stmt
	undo      *sql.Stmt
	version   *sql.Stmt
	put       *sql.Stmt
	del       *sql.Stmt
	sweep     *sql.Stmt
	committed int
}

// commit is one caller's operations on their way through the writer.
type commit struct {
	ops  []store.Op
	err  error
	done chan struct{}
}

func openWriter(path string, now func() time.Time) (_ *writer, err error) {
	w := &writer{queue: make(chan *commit), quit: make(chan struct{}), stopped: make(chan struct{}), now: now}
	if w.db, err = database(path, "synchronous=FULL"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.release())
		}
	}()
	ctx := context.Background()
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err = prepare(ctx, w.conn); err != nil {
		return nil, err
	}
	if err = w.prepare(ctx); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

func (w *writer) prepare(ctx context.Context) (err error) {
	for text, stmt := range map[string]**sql.Stmt{
		"BEGIN IMMEDIATE": &w.begin, "COMMIT": &w.end, "ROLLBACK": &w.undo,
		selectVersion: &w.version, upsert: &w.put, remove: &w.del, sweep: &w.sweep,
	} {
		if *stmt, err = w.conn.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Commit implements store.Backend. Once the writer has taken the operations it is not interrupted, so the outcome
// is known whatever becomes of ctx; it is ErrUnknown only if the disk fails while the log is being forced to it.
func (b *Backend) Commit(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckOps(ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || len(ops) == 0 {
		return err
	}
	c := &commit{ops: ops, done: make(chan struct{})}
	select {
	case b.write.queue <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.write.quit:
		return errClosed
	}
	<-c.done
	return c.err
}

func (w *writer) close() error {
	w.stop.Do(func() { close(w.quit) })
	<-w.stopped
	return w.closeErr
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case c := <-w.queue:
			w.write(w.gather(c))
		case <-w.quit:
			w.closeErr = w.release()
			return
		}
	}
}

// release brings the log into the file, so that a closed store is that one file, and closes the connection. A statement
// that stays open would keep the connection, and with it the log, behind its back.
func (w *writer) release() (err error) {
	if w.conn != nil {
		err = errors.Join(w.checkpoint(), closeAll(w.begin, w.end, w.undo, w.version, w.put, w.del, w.sweep), w.conn.Close())
	}
	return errors.Join(err, w.db.Close())
}

// checkpoint copies the log into the file, and waits for nobody: a command that closes the store must not hold the server
// up. What another process reads at this moment stays in the log, and whoever closes the store last takes it.
func (w *writer) checkpoint() error {
	if w.sweep == nil {
		return nil // it was never open
	}
	_, err := w.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	return classify(err)
}

// closeAll closes prepared statements; those that were never made are nil.
func closeAll(statements ...*sql.Stmt) error {
	var errs []error
	for _, s := range statements {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// gather takes the commits that wait at this moment.
func (w *writer) gather(first *commit) []*commit {
	group := []*commit{first}
	for len(group) < maxGroup {
		select {
		case c := <-w.queue:
			group = append(group, c)
		default:
			return group
		}
	}
	return group
}

// write makes one transaction of a group and answers every commit of it.
func (w *writer) write(group []*commit) {
	if err := w.transact(group); err != nil {
		for _, c := range group {
			if c.err == nil {
				c.err = fmt.Errorf("sqlite: commit: %w", err)
			}
		}
	}
	for _, c := range group {
		close(c.done)
	}
}

func (w *writer) transact(group []*commit) error {
	if _, err := w.begin.Exec(); err != nil {
		return classify(err)
	}
	wrote, err := w.applyAll(group)
	if err != nil || !wrote {
		_, undoErr := w.undo.Exec()
		return errors.Join(classify(err), undoErr)
	}
	if w.committed++; w.committed%sweepEvery == 0 {
		if _, err := w.sweep.Exec(w.now().Unix()); err != nil {
			_, undoErr := w.undo.Exec()
			return errors.Join(classify(err), undoErr)
		}
	}
	return w.finish()
}

// finish commits. After a failure SQLite may still be inside the transaction; if it is not, the rollback only says so.
func (w *writer) finish() error {
	_, err := w.end.Exec()
	if err == nil {
		return nil
	}
	_, _ = w.undo.Exec()
	return outcome(err)
}

// applyAll applies each commit whose conditions hold, in order, and reports whether any wrote something.
func (w *writer) applyAll(group []*commit) (wrote bool, err error) {
	now := w.now()
	for _, c := range group {
		if c.err, err = w.check(c.ops, now); err != nil {
			return false, err
		}
		if c.err != nil {
			continue
		}
		if err := w.apply(c.ops); err != nil {
			return false, err
		}
		wrote = true
	}
	return wrote, nil
}

// check reads the versions of a commit's records before anything of it is written; so a refused commit needs no undoing.
func (w *writer) check(ops []store.Op, now time.Time) (refused, err error) {
	for i, op := range ops {
		var version string
		var expires int64
		err := w.version.QueryRow([]byte(op.Key.Partition), []byte(op.Key.Sort)).Scan(&version, &expires)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		exists := err == nil && !store.Expired(expires, now)
		if !holds(op, exists, version) {
			return fmt.Errorf("sqlite: operation %d of %d: %w", i+1, len(ops), store.ErrPrecondition), nil
		}
	}
	return nil, nil
}

func holds(op store.Op, exists bool, version string) bool {
	if op.Kind == store.Create || op.Kind == store.CheckAbsent {
		return !exists
	}
	return exists && version == op.Version
}

func (w *writer) apply(ops []store.Op) (err error) {
	version := uuid.NewString()
	for _, op := range ops {
		pk, sk := []byte(op.Key.Partition), []byte(op.Key.Sort)
		switch op.Kind {
		case store.Create, store.Replace:
			value := op.Value
			if value == nil {
				value = []byte{}
			}
			_, err = w.put.Exec(pk, sk, value, version, store.Seconds(op.Expires))
		case store.Delete:
			_, err = w.del.Exec(pk, sk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
