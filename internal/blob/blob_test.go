package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// backends are the two that keep the contract.
func backends(t *testing.T) map[string]Store {
	return map[string]Store{"folder": folder(t, t.TempDir()), "bucket": bucket(&fakeS3{t: t})}
}

func folder(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func bucket(s *fakeS3) *Bucket {
	return NewBucket("clerk", "us-east-1", credentials.NewStaticCredentialsProvider("id", "secret", ""), s.client())
}

func TestContract(t *testing.T) {
	rules := map[string]func(*testing.T, Store){
		"what was put is got":                     putGet,
		"a key is written once":                   writtenOnce,
		"what is absent says so":                  absence,
		"one of many puts wins, whole":            raced,
		"a reader sees the whole or nothing":      neverHalf,
		"keys cannot leave the store":             badKeys,
		"a cancelled context does nothing":        cancelled,
		"content belongs to the caller":           copies,
		"after a delete a key is as good as new":  deleted,
		"a key below a key does not hide content": nested,
	}
	for rule, check := range rules {
		for name, s := range backends(t) {
			t.Run(name+": "+rule, func(t *testing.T) { check(t, s) })
		}
	}
}

func put(t *testing.T, s Store, key string, content []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, content); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func holds(t *testing.T, s Store, key string, want []byte) {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s holds %d bytes, %v; want %d", key, len(got), err, len(want))
	}
}

func putGet(t *testing.T, s Store) {
	large := bytes.Repeat([]byte("\x00\xff%PDF"), 1<<18)
	for key, content := range map[string][]byte{
		"invoice.pdf": []byte("%PDF-1.7\n\x00"), "0190-aa/0190-bb/1.pdf": large, "0190-aa/0190-bb/1.txt": {}, "a/b/c/d/e": []byte("deep"),
	} {
		put(t, s, key, content)
		holds(t, s, key, content)
		put(t, s, key, content)
		holds(t, s, key, content)
	}
}

func writtenOnce(t *testing.T, s Store) {
	put(t, s, "f/1.pdf", []byte("as it was sent"))
	for _, other := range []string{"", "as it was sent!", "other"} {
		if err := s.Put(t.Context(), "f/1.pdf", []byte(other)); !errors.Is(err, ErrExists) {
			t.Errorf("other content: %v", err)
		}
	}
	holds(t, s, "f/1.pdf", []byte("as it was sent"))
}

func absence(t *testing.T, s Store) {
	put(t, s, "there", []byte("v"))
	for _, key := range []string{"none", "no/such/folder", "there/below"} {
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrAbsent) {
			t.Errorf("get %s: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
}

func raced(t *testing.T, s Store) {
	var winners atomic.Int32
	var won atomic.Value
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			content := bytes.Repeat([]byte{byte('a' + i)}, 200_000)
			switch err := s.Put(t.Context(), "raced/1.pdf", content); {
			case err == nil:
				winners.Add(1)
				won.Store(content)
			case !errors.Is(err, ErrExists):
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if winners.Load() != 1 {
		t.Fatalf("%d puts of different content succeeded", winners.Load())
	}
	holds(t, s, "raced/1.pdf", won.Load().([]byte))
}

// neverHalf reads again and again while large content is being put.
func neverHalf(t *testing.T, s Store) {
	content := bytes.Repeat([]byte("whole"), 1<<20)
	for n := range 5 {
		key := fmt.Sprintf("whole/%d.pdf", n)
		var wait sync.WaitGroup
		wait.Go(func() {
			for {
				got, err := s.Get(t.Context(), key)
				if errors.Is(err, ErrAbsent) {
					continue
				}
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("a reader saw %d of %d bytes, %v", len(got), len(content), err)
				}
				return
			}
		})
		if err := s.Put(t.Context(), key, content); err != nil {
			t.Error(err)
		}
		wait.Wait()
		if t.Failed() {
			return
		}
	}
}

func badKeys(t *testing.T, s Store) {
	for _, key := range []string{
		"", ".", "..", "/etc/passwd", "../up", "a/../../up", "a//b", "a/", "a/./b", ".hidden", "a/.hidden", "a b", "a\x00b", `a\b`, "é", "a:b",
		strings.Repeat("a", 129), strings.Repeat("a/", 256) + "a",
	} {
		_, getErr := s.Get(t.Context(), key)
		for what, err := range map[string]error{
			"put": s.Put(t.Context(), key, []byte("v")), "get": getErr, "delete": s.Delete(t.Context(), key),
		} {
			if !errors.Is(err, ErrKey) {
				t.Errorf("%s %q: %v", what, key, err)
			}
		}
	}
}

func cancelled(t *testing.T, s Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	put(t, s, "kept", []byte("v"))
	_, getErr := s.Get(ctx, "kept")
	for what, err := range map[string]error{"put": s.Put(ctx, "new", []byte("v")), "get": getErr, "delete": s.Delete(ctx, "kept")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	holds(t, s, "kept", []byte("v"))
	if _, err := s.Get(t.Context(), "new"); !errors.Is(err, ErrAbsent) {
		t.Errorf("a cancelled put was done: %v", err)
	}
}

func copies(t *testing.T, s Store) {
	content := []byte("content")
	put(t, s, "k", content)
	content[0] = 'X'
	got, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	got[1] = 'X'
	holds(t, s, "k", []byte("content"))
}

func deleted(t *testing.T, s Store) {
	put(t, s, "f/1", []byte("first"))
	for range 2 {
		if err := s.Delete(t.Context(), "f/1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(t.Context(), "f/1"); !errors.Is(err, ErrAbsent) {
		t.Fatalf("after a delete: %v", err)
	}
	put(t, s, "f/1", []byte("second"))
	holds(t, s, "f/1", []byte("second"))
}

// nested: S3 allows what a folder does not; neither may lose the content that was there.
func nested(t *testing.T, s Store) {
	put(t, s, "n/1", []byte("v"))
	_ = s.Put(t.Context(), "n/1/below", []byte("w"))
	_ = s.Put(t.Context(), "n", []byte("w"))
	holds(t, s, "n/1", []byte("v"))
}

func TestTypesFollowTheKey(t *testing.T) {
	for key, want := range map[string]string{
		"f/1.pdf": "application/pdf", "f/1.txt": "text/plain; charset=utf-8", "f/logo.png": "image/png", "f/1": "application/octet-stream", "f/1.html": "application/octet-stream",
	} {
		if got := Type(key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
}

func ExampleCheck() {
	fmt.Println(Check("0190f3a2/invoices/1.pdf"), Check("../secrets"))
	// Output: <nil> blob: bad key
}
