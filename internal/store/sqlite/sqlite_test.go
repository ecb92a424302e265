package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Backend {
		return mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), now)
	})
}

func mustOpen(t testing.TB, path string, now func() time.Time) *Backend {
	t.Helper()
	b, err := Open(path, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, b) })
	return b
}

func mustClose(t testing.TB, b *Backend) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func put(partition, sort, value string) store.Op {
	return store.Op{Kind: store.Create, Key: store.Key{Partition: partition, Sort: sort}, Value: []byte(value)}
}

func mustCommit(t testing.TB, b *Backend, ops ...store.Op) {
	t.Helper()
	if err := b.Commit(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func value(t testing.TB, b *Backend, k store.Key) string {
	t.Helper()
	records, err := b.Get(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return string(records[0].Value)
}

func TestRecordsSurviveAReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space ? % #.db")
	clock := storetest.NewClock()
	first := mustOpen(t, path, clock.Now)
	op := put("p", "s", "there").Until(clock.Now().Add(time.Hour))
	mustCommit(t, first, op)
	before, err := first.Get(t.Context(), op.Key)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, first)
	second := mustOpen(t, path, clock.Now)
	after, err := second.Get(t.Context(), op.Key)
	if err != nil || after[0].Version != before[0].Version || !after[0].Expires.Equal(op.Expires) || string(after[0].Value) != "there" {
		t.Errorf("after a reopen: %+v, %v; before: %+v", after, err, before)
	}
	if err := first.Commit(t.Context(), put("p", "t", "v")); !errors.Is(err, errClosed) {
		t.Errorf("a commit after Close: %v", err)
	}
	mustClose(t, first)
}

func TestTheFileIsItsOwnersOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	b := mustOpen(t, path, time.Now)
	mustCommit(t, b, put("p", "s", "v"))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(name), info.Mode(), err)
		}
	}
}

func TestTheWriterIsFullyDurable(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), time.Now)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "application_id": "1129075275", "user_version": "1"} {
		var got string
		if err := b.write.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestOpenRefusesWhatItMustNotTouch(t *testing.T) {
	dir := t.TempDir()
	cases := map[string]struct {
		prepare func(path string) error
		want    error
		says    string
	}{
		"a newer version":            {change("PRAGMA user_version=2"), store.ErrNewer, "newer"},
		"another program's database": {change("PRAGMA application_id=7"), store.ErrNoTable, "another program"},
		"a database without a name":  {change("PRAGMA application_id=0"), store.ErrNoTable, "another program"},
		"a text file": {func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("Dear Sir, ", 1000)), 0o600)
		}, store.ErrNoTable, "not a database"},
		"a folder":         {func(path string) error { return os.Mkdir(path, 0o700) }, store.ErrNoTable, "open"},
		"a missing folder": {func(string) error { return nil }, store.ErrNoTable, "no such file"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			if name == "a missing folder" {
				path = filepath.Join(path, "clerk.db")
			}
			if err := c.prepare(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			b, err := Open(path, time.Now)
			if err == nil {
				mustClose(t, b)
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("open: %v; want %v, saying %q and the path", err, c.want, c.says)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

// change makes a store and then alters it by a statement.
func change(statement string) func(path string) error {
	return func(path string) error {
		b, err := Open(path, time.Now)
		if err != nil {
			return err
		}
		_, err = b.write.conn.ExecContext(context.Background(), statement)
		return errors.Join(err, b.Close())
	}
}

// An empty file is what a kill between the file's creation and its layout leaves behind.
func TestAnEmptyFileIsLaidOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := mustOpen(t, path, time.Now)
	mustCommit(t, b, put("p", "s", "v"))
}

// A full disk is refused as such, everything before it is kept, and commits go on when there is room again.
func TestAFullDisk(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), time.Now)
	mustCommit(t, b, put("p", "before", "there"))
	pragma(t, b, "max_page_count=10")
	large := strings.Repeat("v", 200<<10)
	if err := b.Commit(t.Context(), put("p", "small", "v"), put("p", "large", large)); !errors.Is(err, store.ErrFull) {
		t.Errorf("a commit on a full disk: %v", err)
	}
	if got := value(t, b, store.Key{Partition: "p", Sort: "small"}); got != "" {
		t.Errorf("half of a refused commit is there: %q", got)
	}
	pragma(t, b, "max_page_count=100000")
	mustCommit(t, b, put("p", "small", "v"), put("p", "large", large))
	if got := value(t, b, store.Key{Partition: "p", Sort: "before"}); got != "there" {
		t.Errorf("what was there before holds %q", got)
	}
}

func TestAReadOnlyDisk(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), time.Now)
	pragma(t, b, "query_only=1")
	if err := b.Commit(t.Context(), put("p", "s", "v")); !errors.Is(err, store.ErrFull) {
		t.Errorf("a commit on a read-only disk: %v", err)
	}
	pragma(t, b, "query_only=0")
	mustCommit(t, b, put("p", "s", "v"))
}

func pragma(t *testing.T, b *Backend, text string) {
	t.Helper()
	if _, err := b.write.conn.ExecContext(t.Context(), "PRAGMA "+text); err != nil {
		t.Fatal(err)
	}
}

// Another process that holds the write lock past the patience of ours is a throttle: nothing was written.
func TestABusyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	b, other := mustOpen(t, path, time.Now), mustOpen(t, path, time.Now)
	pragma(t, b, "busy_timeout=0")
	if _, err := other.write.begin.Exec(); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(t.Context(), put("p", "s", "v")); !errors.Is(err, store.ErrThrottled) {
		t.Errorf("a commit while another process writes: %v", err)
	}
	if _, err := other.write.undo.Exec(); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, b, put("p", "s", "v"))
	if got := value(t, other, store.Key{Partition: "p", Sort: "s"}); got != "v" {
		t.Errorf("the other process reads %q", got)
	}
}

// Commits that wait together share a transaction, and one that is refused does not disturb its neighbours.
func TestAGroupIsOneTransactionOfIndependentCommits(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), time.Now)
	mustCommit(t, b, put("p", "taken", "first"))
	group := []*commit{
		{ops: []store.Op{put("p", "one", "1")}, done: make(chan struct{})},
		{ops: []store.Op{put("p", "beside", "x"), put("p", "taken", "second")}, done: make(chan struct{})},
		{ops: []store.Op{put("p", "one", "again")}, done: make(chan struct{})},
		{ops: []store.Op{put("p", "two", "2")}, done: make(chan struct{})},
	}
	b.write.write(group)
	for i, refused := range []bool{false, true, true, false} {
		if errors.Is(group[i].err, store.ErrPrecondition) != refused {
			t.Errorf("commit %d: %v", i, group[i].err)
		}
	}
	for sort, want := range map[string]string{"one": "1", "beside": "", "taken": "first", "two": "2"} {
		if got := value(t, b, store.Key{Partition: "p", Sort: sort}); got != want {
			t.Errorf("%s holds %q, want %q", sort, got, want)
		}
	}
}

// A commit that was taken is carried out even if its context ends meanwhile, and says so.
func TestACommitIsNeverInterruptedHalfway(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), time.Now)
	var wait sync.WaitGroup
	var done [200]atomic.Bool
	for i := range done {
		ctx, cancel := context.WithCancel(t.Context())
		wait.Go(func() {
			err := b.Commit(ctx, put("p", string(rune('A'+i)), "v"))
			done[i].Store(err == nil)
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		wait.Go(cancel)
	}
	wait.Wait()
	for i := range done {
		if there := value(t, b, store.Key{Partition: "p", Sort: string(rune('A' + i))}) == "v"; there != done[i].Load() {
			t.Errorf("commit %d said done: %t, and is there: %t", i, done[i].Load(), there)
		}
	}
}

// Expired records do not stay in the file for ever.
func TestExpiredRecordsAreSweptAway(t *testing.T) {
	clock := storetest.NewClock()
	b := mustOpen(t, filepath.Join(t.TempDir(), "clerk.db"), clock.Now)
	mustCommit(t, b, put("p", "gone", "v").Until(clock.Now().Add(time.Second)), put("p", "later", "v").Until(clock.Now().Add(time.Hour)), put("p", "kept", "v"))
	clock.Advance(time.Minute)
	b.write.committed = sweepEvery - 1
	mustCommit(t, b, put("p", "another", "v"))
	var rows int
	if err := b.write.conn.QueryRowContext(t.Context(), "SELECT count(*) FROM record").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("%d rows, %v; want 3", rows, err)
	}
}
