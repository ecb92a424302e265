package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// A backup taken while others write holds each commit whole or not at all, and opens like any store.
func TestABackupIsConsistent(t *testing.T) {
	dir := t.TempDir()
	b := mustOpen(t, filepath.Join(dir, "clerk.db"), time.Now)
	large := store.Op{Kind: store.Create, Key: store.Key{Partition: "p", Sort: "large"}, Value: make([]byte, store.MaxItem)}
	mustCommit(t, b, large, put("one", "n", "0"), put("two", "n", "0"))
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { countUp(t, b, stop) })
	for i := range 5 {
		path := filepath.Join(dir, fmt.Sprint(i, ".backup"))
		if err := b.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		copied := mustOpen(t, path, time.Now)
		one, two := value(t, copied, store.Key{Partition: "one", Sort: "n"}), value(t, copied, store.Key{Partition: "two", Sort: "n"})
		if one != two || one == "" {
			t.Errorf("backup %d holds %q and %q of one commit", i, one, two)
		}
	}
	close(stop)
	wait.Wait()
	left, err := filepath.Glob(filepath.Join(dir, ".backup-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// countUp keeps two records equal, in one commit each time.
func countUp(t *testing.T, b *Backend, stop chan struct{}) {
	for i := 1; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		records, err := b.Get(t.Context(), store.Key{Partition: "one", Sort: "n"}, store.Key{Partition: "two", Sort: "n"})
		if err == nil {
			err = b.Commit(t.Context(), store.ReplaceOp(records[0], i), store.ReplaceOp(records[1], i))
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

func TestABackupNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	b := mustOpen(t, filepath.Join(dir, "clerk.db"), time.Now)
	path := filepath.Join(dir, "precious")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a backup over a file: %v", err)
	}
	if kept, err := os.ReadFile(path); err != nil || string(kept) != "precious" {
		t.Errorf("the file now holds %s, %v", strconv.Quote(string(kept)), err)
	}
	if err := b.Backup(t.Context(), filepath.Join(dir, "none", "copy")); !errors.Is(err, store.ErrNoTable) {
		t.Errorf("a backup into a missing folder: %v", err)
	}
}
