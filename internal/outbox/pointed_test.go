package outbox

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store/memory"
)

func TestAPointersKeyNamesItsMessage(t *testing.T) {
	m := Message{ID: "0199-m", Firm: "0199-f", Due: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	firmID, id, ok := Pointed(pointerKey(memory.New(func() time.Time { return m.Due }), m).Sort)
	if !ok || firmID != m.Firm || id != m.ID {
		t.Errorf("%q, %q, %v", firmID, id, ok)
	}
	for _, other := range []string{"", "a", "a/b", "a//c", "a/b/", "a/b/c/d"} {
		if _, _, ok := Pointed(other); ok {
			t.Errorf("%q names a message", other)
		}
	}
}
