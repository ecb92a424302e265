package timekeeping

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// The families and their records:
//
//	clocks/<person>    "clocks"   sheet
//	entry/<id>         "entry"    home
//	unbilled/<matter>  <sort>     Entry: billable, and confirmed if that was needed
//	held/<matter>      <sort>     Entry: not billable, or not until it is confirmed
//	billed/<matter>    <sort>     Entry: on a bill, locked
//	hours/<person>     <YYYY-MM-DD>  worked: the person's entries of a day, summed
//
// <sort> is <person>/<stop>/<id> and never changes, so an entry is in one of three known places.

// sheet is a person's clocks, with what they did last: one record, written by whatever they do.
type sheet struct {
	Clocks
	marks
	Spent []spent `json:"spent,omitempty"` // when the time of the last two days was
	Deed  *deed   `json:"deed,omitempty"`
}

// marks are what is remembered beside the clocks.
type marks struct {
	Last   []made    `json:"last,omitempty"` // the entries of the last stop or log, for what is said about them
	LastAt time.Time `json:"lastAt,omitzero"`
	Until  time.Time `json:"until,omitzero"` // when the last of the clocks that were stopped ended
}

// made is an entry that the person made last.
type made struct {
	home
	Day      string         `json:"day"`
	Rounding *firm.Rounding `json:"rounding,omitempty"` // the matter's or client's, for speaking; nil: the firm's
}

// deed is the last thing that a person did, with what was before it.
type deed struct {
	Name    string          `json:"name"` // the action's
	At      time.Time       `json:"at"`
	Ref     clients.Ref     `json:"ref"`              // what it was about
	From    time.Time       `json:"from,omitzero"`    // since when, of a clock that was started
	Clocks  json.RawMessage `json:"clocks,omitempty"` // before it
	Marks   marks           `json:"marks,omitzero"`   // before it
	Entries []altered       `json:"entries,omitempty"`
	Large   bool            `json:"large,omitempty"` // what was before it is too much to be kept here
}

// altered is an entry that a deed made, changed or deleted.
type altered struct {
	Is  *made           `json:"is,omitempty"`  // where it is now; nil: it is gone
	Was json.RawMessage `json:"was,omitempty"` // the Entry before; nil: there was none
}

// over reports whether some clock ran until after an instant, or began after it: another cannot have begun then.
func (s sheet) over(at time.Time) bool {
	for _, c := range s.all() {
		if last := len(c.Spans) - 1; last >= 0 && (c.Spans[last].Stop.After(at) || c.Spans[last].Start.After(at)) {
			return true
		}
	}
	return s.Until.After(at)
}

// home is where an entry is.
type home struct {
	Matter string `json:"matter"`
	Sort   string `json:"sort"`
}

// worked is what a person's entries of one day come to, raw seconds. A question about a week or a month reads a record
// for each of its days in one query; a day's record stays small however long somebody works here.
type worked struct {
	Seconds int64            `json:"seconds"`
	Matters map[string]int64 `json:"matters,omitempty"` // by "<client>/<matter>", at most maxMatters
}

// add adds seconds, which may be negative, to the day and its matter. Past maxMatters only the day's sum grows.
func (w *worked) add(ref clients.Ref, seconds int64) {
	w.Seconds += seconds
	key := ref.Client + "/" + ref.Matter
	switch sum, known := w.Matters[key]; {
	case sum+seconds <= 0:
		delete(w.Matters, key)
	case known || len(w.Matters) < maxMatters:
		if w.Matters == nil {
			w.Matters = map[string]int64{}
		}
		w.Matters[key] = sum + seconds
	}
}

const (
	unbilledFamily = "unbilled"
	heldFamily     = "held"
	billedFamily   = "billed"
)

func clocksKey(v store.View, person string) store.Key { return v.Key("clocks", "clocks", person) }

func hoursKey(v store.View, person, day string) store.Key { return v.Key(day, "hours", person) }

func pointerKey(v store.View, entry string) store.Key { return v.Key("entry", "entry", entry) }

func (h home) key(v store.View, family string) store.Key { return v.Key(h.Sort, family, h.Matter) }

// parts are the person and the id in the sort.
func (h home) parts() (person, id string) {
	person, rest, _ := strings.Cut(h.Sort, "/")
	_, id, _ = strings.Cut(rest, "/")
	return person, id
}

func homeOf(e Entry) home {
	sort := append(make([]byte, 0, 128), e.Person...)
	sort = e.Stop.UTC().AppendFormat(append(sort, '/'), "2006-01-02T15:04:05Z")
	return home{e.Ref.Matter, string(append(append(sort, '/'), e.ID...))}
}

// family is where an entry of this state is kept.
func (e Entry) family() string {
	switch {
	case e.Bill != "":
		return billedFamily
	case !e.Billable || e.Unconfirmed:
		return heldFamily
	}
	return unbilledFamily
}

// createOps are the operations that make an entry.
func createOps(v store.View, e Entry) []store.Op {
	h := homeOf(e)
	return []store.Op{store.CreateOp(h.key(v, e.family()), e), store.CreateOp(pointerKey(v, e.ID), h)}
}

// changeOps are the operations that replace an entry as it was read by another state of it.
func changeOps(v store.View, r store.Record, to Entry) []store.Op {
	k := homeOf(to).key(v, to.family())
	if k == r.Key {
		return []store.Op{store.ReplaceOp(r, to)}
	}
	return []store.Op{store.DeleteOp(r), store.CreateOp(k, to)}
}

// stored is an entry being read: it is in one of three places.
type stored []*store.Record

func readEntry(b *store.Batch, h home) stored {
	var s stored
	for _, family := range []string{unbilledFamily, heldFamily, billedFamily} {
		s = append(s, b.Get(h.key(b.View(), family)))
	}
	return s
}

// entry returns the entry and the record it is in. Errors: ErrNoEntry.
func (s stored) entry() (e Entry, r store.Record, err error) {
	for _, r := range s {
		if r.Exists() {
			err = store.Decode(*r, &e)
			return e, *r, err
		}
	}
	return e, r, ErrNoEntry
}
