package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/billingclerk/billingclerk/internal/store"
)

// classify turns what SQLite or the file system says into the store's kinds. Nothing was written.
func classify(err error) error {
	kind := kindOf(err)
	if kind == nil {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// outcome classifies the failure of a COMMIT. A log that could not be forced to the disk may yet be there after a
// crash, so an input/output error leaves the outcome unknown; a full disk does not: the last frame is missing.
func outcome(err error) error {
	var e *driver.Error
	if errors.As(err, &e) && e.Code()&0xff == codes.SQLITE_IOERR {
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return classify(err)
}

func kindOf(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOSPC):
		return store.ErrFull
	case errors.Is(err, fs.ErrNotExist):
		return store.ErrNoTable
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_FULL, codes.SQLITE_READONLY, codes.SQLITE_PERM:
		return store.ErrFull
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return store.ErrThrottled
	case codes.SQLITE_NOTADB, codes.SQLITE_CANTOPEN:
		return store.ErrNoTable
	}
	return nil
}
