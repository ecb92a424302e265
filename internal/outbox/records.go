package outbox

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// shards spread the due pointers, so that no partition takes every write of every firm. A change of this number needs
// a sweep of the old shards too.
const shards = 8

// pointer says when a message is due. It lies under that very time, so a message's Due always names its pointer;
// a pointer that no message names is stale.
type pointer struct {
	Firm string    `json:"firm"`
	ID   string    `json:"id"`
	Due  time.Time `json:"due"`
}

func liveKey(v store.View, id string) store.Key { return v.Key("message", "outbox", id) }

// deadKey sorts dead letters by id, which is by the time they were made.
func deadKey(v store.View, id string) store.Key { return v.Key(id, "dead") }

func shardPartition(b store.Backend, shard int) string {
	return store.System(b, store.Due).Partition(strconv.Itoa(shard))
}

func pointerKey(b store.Backend, m Message) store.Key {
	h := fnv.New32a()
	h.Write([]byte(m.ID))
	return store.Key{
		Partition: shardPartition(b, int(h.Sum32()%shards)),
		Sort:      stamp(m.Due) + "/" + m.Firm + "/" + m.ID,
	}
}

// stamp is the fixed-width form of an instant that sorts as time does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// whole rounds up to whole milliseconds, which is what a pointer's key can say: nothing is delivered early.
func whole(t time.Time) time.Time {
	return t.Add(time.Millisecond - 1).UTC().Truncate(time.Millisecond)
}

func createPointer(b store.Backend, m Message) store.Op {
	return store.CreateOp(pointerKey(b, m), pointer{Firm: m.Firm, ID: m.ID, Due: m.Due})
}

// movePointer makes the pointer of a message that was at old point to m.Due.
func movePointer(b store.Backend, old store.Record, m Message) []store.Op {
	op := createPointer(b, m)
	switch {
	case !old.Exists():
		return []store.Op{op}
	case old.Key == op.Key:
		return nil
	}
	return []store.Op{store.DeleteOp(old), op}
}
