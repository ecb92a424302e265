package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// claim keeps files of a data folder for one process: two servers would each deliver the same mail, and write over each
// other's journal. The operating system holds it, and lets go however the process ends; the file stays, and what is
// written in it is for people.
type claim struct{ file *os.File }

// What is kept, by the name of its file.
const (
	serverLock  = "server.lock"
	sandboxLock = "sandbox.lock"
)

var errHeld = errors.New("another process holds the lock")

// take takes a lock of a data folder for who is at an address, or says who has it.
func take(dir, name, what, address string) (*claim, error) {
	path := filepath.Join(dir, name)
	file, err := openHeld(path)
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("another %s (%s) uses the data in %s: stop it, or set CLERK_DATA to another folder", what, holder(path), dir)
	}
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be kept for one %s: %w", dir, what, err)
	}
	l := &claim{file}
	if err := errors.Join(file.Truncate(0), write(file, fmt.Sprintf("process %d at %s\n", os.Getpid(), address))); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

func write(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// holder is who a lock's file says has it.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if who := strings.TrimSpace(string(text)); err == nil && who != "" && len(who) < 200 {
		return who
	}
	return "of which no more is known"
}

// release lets go. A nil claim was never taken.
func (l *claim) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
