package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the store, as of one moment, to a new file at path while others read and
// write. The copy is complete and forced to disk before it gets its name, so a file of that name is a good backup.
// An existing file is never overwritten. Open reads a backup like any store.
func (b *Backend) Backup(ctx context.Context, path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sqlite: backup to %s: %w", path, classify(err))
		}
	}()
	temp, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	if err := temp.Close(); err != nil {
		return err
	}
	if err := b.copyTo(ctx, temp.Name()); err != nil {
		return err
	}
	if err := force(temp.Name()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil {
		return err
	}
	return force(filepath.Dir(path))
}

// copyTo uses a connection of its own: the readers' cannot write, not even to another file.
func (b *Backend) copyTo(ctx context.Context, path string) (err error) {
	db, err := database(b.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// force writes a file or a folder through to the disk.
func force(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}
