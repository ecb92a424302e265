package clients

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// The families and their records:
//
//	client/<id>             "client"           clientRecord
//	                        "matter-<id>"      Matter
//	                        "number-<number>"  matter's id: numbers are unique within a client
//	client-numbers/<shard>  <number in order>  client's id: numbers are unique in the firm, and list the clients
//	name/<form>             <state>-<client>   name
//	sound/<code>            "                  name
//	rough/<code>            "                  name
//	near/<code>             "                  name
//	matter-name/<form>      "                  name
//	matter-sound/<code>     "                  name
//	screens                 <person>           screens: the matters that do not exist for the person
//	used                    <person>           used: the matters the person used, last first
//
// A client's name records are a function of the client and its open matters (index), and all of them are rewritten
// in the commit that changes either. clientRecord.Index lists them, so that records made by older rules go too.

// clientRecord is a client with what its name records are made of.
type clientRecord struct {
	Client
	Open    []brief  `json:"open,omitempty"`    // open matters, newest first
	Matters int      `json:"matters,omitempty"` // ever opened: the next free number
	Index   []bucket `json:"index,omitempty"`   // the name records that exist
}

// brief is what name records know of an open matter.
type brief struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Number   string         `json:"number"`
	Rounding *firm.Rounding `json:"rounding,omitempty"`
}

// name is one way to a client.
type name struct {
	Client   string         `json:"client"`
	Name     string         `json:"name"`
	Forms    []string       `json:"forms"`             // those of the client's forms that led to this bucket
	Said     []string       `json:"said,omitempty"`    // forms that are not written so, only said
	Closed   bool           `json:"closed,omitempty"`  // the client
	Matters  []brief        `json:"matters,omitempty"` // open, newest first, at most maxNamed
	Open     int            `json:"open"`              // how many are open
	Matter   string         `json:"matter,omitempty"`  // the matter that led here, in the matter families
	Rounding *firm.Rounding `json:"rounding,omitempty"`
}

// bucket names a family and the form or code in it. A record lists buckets as "family/code".
type bucket struct{ family, code string }

func in(family, code string) bucket { return bucket{family, code} }

func (b bucket) partition(v store.View) string { return v.Partition(b.family, b.code) }

func (b bucket) String() string { return b.family + "/" + b.code }

// MarshalText implements encoding.TextMarshaler.
func (b bucket) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *bucket) UnmarshalText(text []byte) error {
	b.family, b.code, _ = strings.Cut(string(text), "/")
	return nil
}

func inSort(a, b bucket) int {
	return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(a.code, b.code))
}

func (b bucket) key(v store.View, c Client) store.Key {
	return store.Key{Partition: b.partition(v), Sort: state(c) + c.ID}
}

// state begins a name record's sort, so that a bounded read of a bucket sees open clients first.
func state(c Client) string {
	if c.Closed {
		return "shut-"
	}
	return "open-"
}

func clientKey(v store.View, client string) store.Key { return v.Key("client", "client", client) }

func matterKey(v store.View, client, matter string) store.Key {
	return v.Key("matter-"+matter, "client", client)
}

func screensKey(v store.View, person string) store.Key { return v.Key(person, "screens") }

func usedKey(v store.View, person string) store.Key { return v.Key(person, "used") }

func matterNumberKey(v store.View, client, number string) store.Key {
	return v.Key("number-"+number, "client", client)
}

// shards spread the list of clients over partitions; a page reads all of them.
const shards = 8

func shardPartition(v store.View, shard int) string {
	return v.Partition("client-numbers", fmt.Sprint(shard))
}

func numberKey(v store.View, number string) store.Key {
	h := fnv.New32a()
	h.Write([]byte(number))
	return store.Key{Partition: shardPartition(v, int(h.Sum32()%shards)), Sort: inOrder(number)}
}

// inOrder writes a number so that bytes sort as a person would: each run of digits is preceded by its length.
func inOrder(number string) string {
	var out strings.Builder
	for i := 0; i < len(number); {
		n := 0
		for i+n < len(number) && number[i+n] >= '0' && number[i+n] <= '9' {
			n++
		}
		if n == 0 {
			out.WriteByte(number[i])
			i++
			continue
		}
		run := strings.TrimLeft(number[i:i+n], "0")
		fmt.Fprintf(&out, "%02d%s", len(run), run)
		i += n
	}
	return out.String() + "." + number
}

// goodID reports whether an id from outside may stand in a key.
func goodID(id string) bool { return id != "" && len(id) <= 64 && !strings.Contains(id, "/") }

// matters reports whether the bucket leads to a client by a matter's name.
func (b bucket) matters() bool { return strings.HasPrefix(b.family, "matter-") }

// blurred reports whether the bucket's code is so short that many share it. When there is more in such a bucket than
// is read of it, it says nothing.
func (b bucket) blurred() bool { return b.family == "near" && len(b.code) <= leastLeft }
