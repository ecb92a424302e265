package billing

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Records:
//
//	counter                    invoice          numbers; touched by issuing only
//	draft/<matter>             draft            Bill, a matter's one draft
//	lines/<bill>               <seq>            Line, created once and never touched again
//	open/<matter>              <bill>           Bill with something owed
//	closed/<matter>            <bill>           Bill that is paid or void
//	invoice/<bill>             home             whereabouts: the matter, so that a bill is found by its id alone
//	dated/<YYYY-MM>            <day>/<bill>     whereabouts: the order of a month
//	of-client/<client>         <day>/<bill>     whereabouts: the order of a client
//	owing/<shard>              <client>/<bill>  Owing, while something is owed of it; a client is in one of eight shards
//	windows/<client>/<person>  <day>            timekeeping.Window: what was billed of one person's day for a client
//
// Bill ids are UUIDv7 and a matter has one draft at a time, so the order of ids is the order of issue.

// numbers is the last invoice number taken.
type numbers struct {
	Last int64 `json:"last"`
}

// whereabouts tell in which matter an invoice is kept.
type whereabouts struct {
	Bill   string `json:"bill"`
	Matter string `json:"matter"`
}

func counterKey(v store.View) store.Key              { return v.Key("invoice", "counter") }
func draftKey(v store.View, matter string) store.Key { return v.Key("draft", "draft", matter) }
func openKey(v store.View, matter, bill string) store.Key {
	return v.Key(bill, "open", matter)
}

func closedKey(v store.View, matter, bill string) store.Key {
	return v.Key(bill, "closed", matter)
}

// homeKey is where an invoice is kept in its state.
func homeKey(v store.View, b Bill) store.Key {
	if b.State == Paid || b.State == Voided {
		return closedKey(v, b.Ref.Matter, b.ID)
	}
	return openKey(v, b.Ref.Matter, b.ID)
}

func pointerKey(v store.View, bill string) store.Key { return v.Key("home", "invoice", bill) }

func lineKey(v store.View, bill string, seq int) store.Key {
	return v.Key(fmt.Sprintf("%08d", seq), "lines", bill)
}

func datedPartition(v store.View, month string) string   { return v.Partition("dated", month) }
func clientPartition(v store.View, client string) string { return v.Partition("of-client", client) }

// pointers are the records that lead to an invoice; none of them ever changes.
func pointers(v store.View, b Bill) []store.Op {
	where := whereabouts{b.ID, b.Ref.Matter}
	order := b.Dated + "/" + b.ID
	return []store.Op{
		store.CreateOp(pointerKey(v, b.ID), where),
		store.CreateOp(store.Key{Partition: datedPartition(v, b.Dated[:len("2006-01")]), Sort: order}, where),
		store.CreateOp(store.Key{Partition: clientPartition(v, b.Ref.Client), Sort: order}, where),
	}
}

// shards is how many partitions the invoices that are owed are spread over: a firm has more than one can take.
const shards = 8

// shard is the partition of what a client owes.
func shard(v store.View, n uint32) string { return v.Partition("owing", strconv.Itoa(int(n%shards))) }

func shardOf(v store.View, client string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(client)) // never fails
	return shard(v, h.Sum32())
}

func owingKey(v store.View, client, bill string) store.Key {
	return store.Key{Partition: shardOf(v, client), Sort: client + "/" + bill}
}

// owedBy asks for what one client owes, oldest first.
func owedBy(v store.View, client string) store.Query {
	return store.Query{Partition: shardOf(v, client), From: client + "/", To: client + "0", Limit: store.DefaultPage} // 0: the byte after the slash
}

func windowKey(v store.View, client, person, day string) store.Key {
	return v.Key(day, "windows", client, person)
}

// latestWindows asks for the last days on which a person's work for a client was billed.
func latestWindows(v store.View, client, person string) store.Query {
	return store.Query{Partition: v.Partition("windows", client, person), Desc: true, Limit: 31}
}

const dayFormat = time.DateOnly
