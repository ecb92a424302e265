package blob

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const childEnv = "CLERK_TEST_BLOB_CHILD"

// TestMain lets the test binary be the child that TestKill9LeavesNoHalfFile kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		fmt.Println(putForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func page(n int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%08d", n), 50_000) }

func putForever(dir string) error {
	f, err := OpenFolder(dir)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		key := fmt.Sprintf("%d/%d.pdf", os.Getpid(), n)
		if err := f.Put(context.Background(), key, page(n)); err != nil {
			return err
		}
		fmt.Println(key)
	}
}

// Whatever moment a kill comes at, each key holds all of its content, and what was acknowledged is there.
func TestKill9LeavesNoHalfFile(t *testing.T) {
	dir := t.TempDir()
	for round := range 5 {
		acknowledged := killAfter(t, dir, 1+round*5)
		f := folder(t, dir)
		for _, key := range acknowledged {
			if _, err := f.Get(t.Context(), key); err != nil {
				t.Errorf("round %d: the acknowledged %s: %v", round, key, err)
			}
		}
		whole(t, dir)
	}
}

// whole demands that every file is complete and that nothing else is left.
func whole(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var n int
		if _, err := fmt.Sscanf(d.Name(), "%d.pdf", &n); err != nil {
			return fmt.Errorf("left behind: %s", d.Name())
		}
		content, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(content, page(n)) {
			err = fmt.Errorf("%s holds %d bytes of something else", path, len(content))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func killAfter(t *testing.T, dir string, lines int) (keys []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
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
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, strings.TrimSuffix(line, "\n"))
		if len(keys) == lines {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return keys
}

// A half file of an earlier process has no key and goes away.
func TestPartialFilesAreTidied(t *testing.T) {
	dir := t.TempDir()
	put(t, folder(t, dir), "1.pdf", page(1))
	if err := os.WriteFile(filepath.Join(dir, partial+"left"), page(2)[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	holds(t, folder(t, dir), "1.pdf", page(1))
	whole(t, dir)
}

func TestASymbolicLinkIsNoWayOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	f := folder(t, dir)
	if got, err := f.Get(t.Context(), "link/secret"); err == nil {
		t.Errorf("read %q from outside", got)
	}
	if err := f.Put(t.Context(), "link/new", []byte("v")); err == nil {
		t.Error("wrote outside")
	}
	if err := f.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("deleted outside")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 1 {
		t.Errorf("outside: %v, %v", left, err)
	}
}

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	f := folder(t, dir)
	put(t, f, "a/1.pdf", page(1))
	for name, want := range map[string]fs.FileMode{"": 0o700, "a": 0o700, "a/1.pdf": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestAFolderThatIsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(path); err == nil {
		t.Error("opened a file as a folder")
	}
}

func TestAFullDiskSaysSo(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT} {
		if err := classify(&fs.PathError{Op: "write", Path: "1.pdf", Err: cause}); !errors.Is(err, ErrFull) || !errors.Is(err, cause) {
			t.Errorf("%v is reported as %v", cause, err)
		}
	}
}
