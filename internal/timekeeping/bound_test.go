package timekeeping

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/store"
)

// A person's clocks are one record, and the audit keeps them beside what became of them: however long a person goes on
// without stopping any, both fit, and any clock can still be stopped.
func TestThePersonsClocksStayARecordThatCanBeWritten(t *testing.T) {
	name := strings.Repeat("&", 200) // the longest in JSON
	var sheet Clocks
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var err error
	for i := 0; err == nil && i < 100_000; i++ {
		at = at.Add(time.Minute)
		id := fmt.Sprintf("0190a000-0000-7000-8000-%012d", i%maxPaused)
		_, err = sheet.start(Clock{ID: id, Ref: clients.Ref{Client: id, Matter: id, ClientName: name, MatterName: name}}, at)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("it is never full: %v", err)
	}
	record, err := json.Marshal(sheet)
	if room := 64 << 10; err != nil || len(record)+room > store.MaxItem {
		t.Errorf("%d bytes; %v", len(record), err)
	}
	if _, err := sheet.take(sheet.Paused[0].ID, at); err != nil {
		t.Fatal(err)
	}
	if _, err := sheet.start(Clock{ID: "n", Ref: clients.Ref{Matter: "n"}}, at); err != nil {
		t.Errorf("after one was stopped: %v", err)
	}
}

// What is kept to find overlaps is bounded too, by time and by number, however a person works.
func TestWhatIsComparedWithStaysSmall(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var s sheet
	for i := range 1000 {
		from := at.Add(time.Duration(i) * 4 * time.Minute)
		var spans []Span
		for n := range 3 {
			spans = append(spans, Span{from.Add(time.Duration(n) * time.Minute), from.Add(time.Duration(n)*time.Minute + 30*time.Second)})
		}
		id := fmt.Sprintf("0190a000-0000-7000-8000-%012d", i)
		if overlap := s.keep(Entry{ID: id}, false, spans, from.Add(4*time.Minute)); overlap != 0 {
			t.Fatalf("%d s of entry %d overlap", overlap, i)
		}
	}
	record, err := json.Marshal(s)
	if err != nil || len(s.Spent) != maxSpent || len(record) > 32<<10 {
		t.Errorf("%d stretches, %d bytes, %v", len(s.Spent), len(record), err)
	}
	late := at.Add(1000*4*time.Minute + spentFor)
	if s.keep(Entry{ID: "late"}, false, []Span{{late.Add(-time.Hour), late}}, late); len(s.Spent) != 1 {
		t.Errorf("%d stretches are kept after two days", len(s.Spent))
	}
}
