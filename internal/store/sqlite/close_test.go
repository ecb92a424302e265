package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// fill commits a few records.
func fill(t *testing.T, b *Backend) {
	t.Helper()
	for _, sort := range []string{"a", "b", "c"} {
		if err := b.Commit(t.Context(), store.CreateOp(store.Key{Partition: "p", Sort: sort}, sort)); err != nil {
			t.Fatal(err)
		}
	}
}

// left is how many bytes of the log a closed store left beside its file; none when there is no log.
func left(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestAClosedStoreIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	b, err := Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, b)
	if left(t, path) == 0 {
		t.Fatal("there was no log to begin with")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if n := left(t, path); n != 0 {
		t.Errorf("%d bytes are still in the log", n)
	}
	whole(t, path)
}

// TestAStoreIsWholeInItsFileThoughAnotherProcessLooksAtIt: who copies the file after the server has stopped has everything,
// also when a command that only reads was running meanwhile and so the log could not go.
func TestAStoreIsWholeInItsFileThoughAnotherProcessLooksAtIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	b, err := Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(path, time.Now) // as `attention` opens it
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	fill(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, path)
	if err := b.Close(); err != nil {
		t.Error("a second Close", err)
	}
}

// whole copies the file alone, and finds everything in it.
func whole(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(alone, data, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(alone, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	page, err := c.Query(t.Context(), store.Query{Partition: "p"})
	if err != nil || len(page.Records) != 3 {
		t.Errorf("%d of 3 records are in the file, %v", len(page.Records), err)
	}
}
