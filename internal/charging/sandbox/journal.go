package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// entry is one line of the journal: everything that one call changed.
type entry struct {
	At        int64
	Objects   []object
	Reply     *reply
	Delivered []string // events that were acknowledged
}

func (e entry) empty() bool { return len(e.Objects) == 0 && e.Reply == nil && len(e.Delivered) == 0 }

// line is an entry as it is written. An object tells its own kind in "object", as on the wire.
type line struct {
	At        int64             `json:"at"`
	Objects   []json.RawMessage `json:"objects,omitempty"`
	Reply     *reply            `json:"reply,omitempty"`
	Delivered []string          `json:"delivered,omitempty"`
}

// MarshalJSON writes the objects whole, with what the wire does not show.
func (e entry) MarshalJSON() ([]byte, error) {
	l := line{At: e.At, Reply: e.Reply, Delivered: e.Delivered}
	for _, o := range e.Objects {
		raw, err := json.Marshal(o)
		if err != nil {
			return nil, err
		}
		l.Objects = append(l.Objects, raw)
	}
	return json.Marshal(l)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *entry) UnmarshalJSON(data []byte) error {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return err
	}
	*e = entry{At: l.At, Reply: l.Reply, Delivered: l.Delivered}
	for _, raw := range l.Objects {
		o, err := readObject(raw)
		if err != nil {
			return err
		}
		e.Objects = append(e.Objects, o)
	}
	return nil
}

// apply makes an entry true, and tells whether it holds events.
func (s *state) apply(e entry) (events bool) {
	for _, o := range e.Objects {
		id := o.ident()
		if _, ok := s.objects[id]; !ok {
			s.order = append(s.order, id)
		}
		s.objects[id] = o
		s.open = slices.DeleteFunc(s.open, func(other string) bool { return other == id })
		if waits(o) {
			s.open = append(s.open, id)
		}
		if _, ok := o.(Event); ok {
			events = true
		}
	}
	for _, id := range e.Delivered {
		s.delivered[id] = true
	}
	s.remember(e)
	return events
}

// remember keeps a reply, and forgets those older than Window.
func (s *state) remember(e entry) {
	for len(s.keys) > 0 && e.At-s.replies[s.keys[0]].At >= int64(Window.Seconds()) {
		delete(s.replies, s.keys[0])
		s.keys = s.keys[1:]
	}
	if e.Reply != nil {
		s.replies[e.Reply.Key] = *e.Reply
		s.keys = append(s.keys, e.Reply.Key)
	}
}

// journal is an append-only file of entries. What was answered is in it before the answer leaves.
type journal struct{ file *os.File }

// openJournal replays a file into s. A last line that a crash tore is dropped: nobody was answered from it. Any
// other unreadable line is an error.
func openJournal(path string, s *state) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sandbox: open the journal: %w", err)
	}
	good, err := replay(file, s)
	if err == nil {
		err = file.Truncate(good)
	}
	if err == nil {
		_, err = file.Seek(good, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: read the journal: %w", err), file.Close())
	}
	return &journal{file}, nil
}

// replay returns how many bytes of the file are whole entries.
func replay(r io.Reader, s *state) (good int64, err error) {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return good, nil
		}
		if err != nil {
			return good, err
		}
		var e entry
		if err := json.Unmarshal(bytes.TrimSpace(text), &e); err != nil {
			return good, fmt.Errorf("line %d: %w", n, err)
		}
		s.apply(e)
		good += int64(len(text))
	}
}

// write appends an entry and returns when it is on the disk. After a failed write the torn tail is cut off, so that
// the next entry begins a line.
func (j *journal) write(e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("sandbox: encode a journal entry: %w", err)
	}
	start, err := j.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("sandbox: write the journal: %w", err)
	}
	_, err = j.file.Write(append(text, '\n'))
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		_, back := j.file.Seek(start, io.SeekStart)
		return errors.Join(fmt.Errorf("sandbox: write the journal: %w", err), j.file.Truncate(start), back)
	}
	return nil
}

func (j *journal) close() error { return j.file.Close() }
