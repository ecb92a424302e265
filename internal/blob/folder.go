package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// Folder keeps each blob as a file. Nothing outside the folder is reached, not even through a symbolic link.
type Folder struct{ root *os.Root }

// partial begins the name of a file that is being written, which no key can name.
const partial = ".partial-"

// OpenFolder opens a folder, and creates it for its owner only if it does not exist. Files that a crash left half
// written by an earlier process are removed; so a folder has one process at a time.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob: folder: %w", classify(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: folder: %w", classify(err))
	}
	f := &Folder{root}
	if err := f.tidy(); err != nil {
		return nil, errors.Join(fmt.Errorf("blob: folder: %w", classify(err)), root.Close())
	}
	return f, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

func (f *Folder) tidy() error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partial) {
			if err := f.root.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Put implements Store. The file gets its name only when it is whole and on the disk.
func (f *Folder) Put(ctx context.Context, key string, content []byte) error {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return err
	}
	err := f.put(key, content)
	if errors.Is(err, fs.ErrExist) {
		return same(ctx, f, key, content)
	}
	if err != nil {
		return fmt.Errorf("blob: put: %w", classify(err))
	}
	return nil
}

func (f *Folder) put(key string, content []byte) (err error) {
	if err := f.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return err
	}
	temp := partial + rand.Text()
	defer func() {
		if gone := f.root.Remove(temp); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if err := f.write(temp, content); err != nil {
		return err
	}
	if err := f.root.Link(temp, key); err != nil { // unlike a rename, never replaces a file
		return err
	}
	return f.force(path.Dir(key))
}

func (f *Folder) write(name string, content []byte) error {
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// force writes the entries of a folder, and of those above it, through to the disk.
func (f *Folder) force(dir string) error {
	file, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil || dir == "." {
		return err
	}
	return f.force(path.Dir(dir))
}

// Get implements Store.
func (f *Folder) Get(ctx context.Context, key string) ([]byte, error) {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return nil, err
	}
	content, err := f.root.ReadFile(key)
	if absent(err) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("blob: get: %w", err)
	}
	return content, nil
}

// Delete implements Store.
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := errors.Join(Check(key), ctx.Err()); err != nil {
		return err
	}
	err := f.root.Remove(key)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("blob: delete: %w", classify(err))
	}
	return f.force(path.Dir(key))
}

// absent covers a key whose parent is a blob itself.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

func classify(err error) error {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, fs.ErrPermission} {
		if errors.Is(err, full) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return err
}
