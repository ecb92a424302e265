package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

const childEnv = "CLERK_TEST_SQLITE_CHILD"

// TestMain lets the test binary be the child that TestKill9LosesNothing kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Println(commitForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// commitForever commits pairs of records from several goroutines, printing the id of each pair that was acknowledged.
func commitForever(path string) error {
	b, err := Open(path, time.Now)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	failed := make(chan error)
	for worker := range 4 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d.%d.%d", os.Getpid(), worker, i)
				if err := b.Commit(context.Background(), put("one", id, id), put("two", id, strings.Repeat(id, 100))); err != nil {
					failed <- err
				}
				mu.Lock()
				fmt.Println(id)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// A child that commits is killed again and again on one file. All that it said to be done is there, and each pair is
// whole. (A kill leaves the system's cache: that the log is forced to the disk too is TestTheWriterIsFullyDurable.)
func TestKill9LosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clerk.db")
	acknowledged := map[string]bool{}
	for round := range 6 {
		for _, id := range killAfter(t, path, 1+round*97) {
			acknowledged[id] = true
		}
		b, err := Open(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		halves := map[string]int{}
		err = b.Walk(t.Context(), func(r store.Record) error { halves[r.Sort]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, b)
		for id := range acknowledged {
			if halves[id] == 0 {
				t.Errorf("round %d: the acknowledged commit %s is lost", round, id)
			}
		}
		for id, n := range halves {
			if n != 2 {
				t.Errorf("round %d: %d of the 2 records of commit %s are there", round, n, id)
			}
		}
	}
	if len(acknowledged) < 6*97 {
		t.Errorf("only %d commits were acknowledged", len(acknowledged))
	}
}

// killAfter starts a child, kills it once it has acknowledged so many commits, and returns all that it acknowledged.
func killAfter(t *testing.T, path string, lines int) (ids []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF { // a last line without its end was not said
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, strings.TrimSuffix(line, "\n"))
		if len(ids) == lines {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child ended by itself: %v; it said %q", err, ids[max(0, len(ids)-1):])
	}
	return ids
}
