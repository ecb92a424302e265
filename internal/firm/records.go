package firm

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// keptDone is how long a carried-out request answers a repeat with its stored result. Money has its own permanent
// guard, the attempt; this one serves devices and browsers that repeat themselves within a day or two.
const keptDone = 48 * time.Hour

// keptRevoked is how long a revoked grant stays readable, for the person who wonders why the link ended.
const keptRevoked = 30 * 24 * time.Hour

// done is the idempotency record of one carried-out action: with the result itself when it is written, with its JSON
// when it is read.
type done[R any] struct {
	Hash   []byte `json:"hash"`   // of the input, under the pepper: an input may hold a code
	Commit string `json:"commit"` // which commit wrote it
	Result R      `json:"result"`
}

func firmKey(v store.View) store.Key                  { return v.Key("settings", "firm") }
func personKey(v store.View, person string) store.Key { return v.Key(person, "people") }
func codeKey(v store.View, person string) store.Key   { return v.Key(person, "codes") }
func grantKey(v store.View, person, grant string) store.Key {
	return v.Key(grant, "grants", person)
}

// doneKey scopes a request's key to the person and the action, and hashes it: it comes from outside, in any form.
func doneKey(v store.View, c Caller, a Action) store.Key {
	var sums [3 * sha256.Size]byte
	for i, part := range []string{c.Person, a.Name, a.key(c)} {
		sum := sha256.Sum256([]byte(part))
		copy(sums[i*sha256.Size:], sum[:])
	}
	sum := sha256.Sum256(sums[:])
	return v.Key("done", "done", hex.EncodeToString(sum[:]))
}

// stamp is the fixed-width form of an instant that sorts as time does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func auditKey(v store.View, at time.Time, id string) store.Key {
	return v.Key(stamp(at)+"/"+id, "audit", at.UTC().Format("2006-01"))
}

func listed(b store.Backend, firmID string) store.Key {
	return store.System(b, store.Firms).Key(firmID, "list")
}
