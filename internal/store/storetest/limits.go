package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

var limitRules = []rule{
	{"a commit has at most 100 operations, one for a key", opsLimit},
	{"a get has at most 100 keys", keysLimit},
	{"a value has a largest size", itemLimit},
	{"a commit has a largest size", bytesLimit},
	{"keys have sizes and are UTF-8", keyLimits},
	{"a query has limits", queryLimits},
}

func opsLimit(b *bench) {
	var ops []store.Op
	for i := range store.MaxOps + 1 {
		ops = append(ops, create(key(fmt.Sprint("p", i%7), fmt.Sprint(i)), "v"))
	}
	b.refuse(store.ErrLimit, ops...)
	b.holds(ops[0].Key, "")
	b.commit(ops[:store.MaxOps]...)
	b.holds(ops[store.MaxOps-1].Key, "v")
	twice := key("p", "twice")
	b.refuse(store.ErrLimit, create(twice, "a"), store.Op{Kind: store.CheckAbsent, Key: twice})
	b.refuse(store.ErrLimit, store.Op{Key: twice})
	b.holds(twice, "")
}

func keysLimit(b *bench) {
	var keys []store.Key
	for i := range store.MaxOps + 1 {
		keys = append(keys, key("p", fmt.Sprint(i)))
	}
	b.commit(create(keys[99], "last"))
	if got := b.gets(keys[:store.MaxOps]...)[99]; string(got.Value) != "last" || got.Key != keys[99] {
		b.Errorf("the hundredth key holds %q", got.Value)
	}
	if _, err := b.Get(b.ctx, keys...); !errors.Is(err, store.ErrLimit) {
		b.Errorf("a get of %d keys: %v", len(keys), err)
	}
}

func itemLimit(b *bench) {
	k := key(strings.Repeat("p", store.MaxPartition), strings.Repeat("s", store.MaxSort))
	largest := strings.Repeat("\xff", store.MaxItem)
	expires := b.clock.Now().Add(time.Hour)
	b.refuse(store.ErrLimit, create(k, largest+"x"))
	b.commit(create(k, largest).Until(expires))
	b.holds(k, largest)
}

func bytesLimit(b *bench) {
	var ops []store.Op
	room := store.MaxBytes
	for i := 0; room > 0; i++ {
		k := key("p", fmt.Sprintf("%03d", i))
		n := min(store.MaxItem, room-len(k.Partition)-len(k.Sort))
		ops = append(ops, create(k, strings.Repeat("v", n)))
		room -= n + len(k.Partition) + len(k.Sort)
	}
	over := slices.Clone(ops)
	last := &over[len(over)-1]
	last.Value = append(slices.Clone(last.Value), 'x')
	b.refuse(store.ErrLimit, over...)
	b.holds(ops[0].Key, "")
	b.commit(ops...)
	last = &ops[len(ops)-1]
	b.holds(last.Key, string(last.Value))
}

func keyLimits(b *bench) {
	bad := []store.Key{
		{Partition: "", Sort: "s"}, {Partition: "p", Sort: ""},
		key(strings.Repeat("p", store.MaxPartition+1), "s"), key("p", strings.Repeat("s", store.MaxSort+1)),
		key("\xff", "s"), key("p", "\xc3"),
	}
	for _, k := range bad {
		b.refuse(store.ErrLimit, create(k, "v"))
		if _, err := b.Get(b.ctx, k); !errors.Is(err, store.ErrLimit) {
			b.Errorf("a get of a bad key of %d and %d bytes: %v", len(k.Partition), len(k.Sort), err)
		}
	}
}

func queryLimits(b *bench) {
	bad := []store.Query{
		{Partition: ""}, {Partition: "\xff"}, {Partition: "p", Limit: -1}, {Partition: "p", Limit: store.MaxPage + 1},
		{Partition: strings.Repeat("p", store.MaxPartition+1)}, {Partition: "p", From: "\xff"},
		{Partition: "p", To: strings.Repeat("s", store.MaxSort+1)},
	}
	for _, q := range bad {
		if _, err := b.Query(b.ctx, q); !errors.Is(err, store.ErrLimit) {
			b.Errorf("query of %d bytes, limit %d: %v", len(q.Partition), q.Limit, err)
		}
	}
	b.page(store.Query{Partition: "p", Limit: store.MaxPage})
	b.page(store.Query{Partition: "p", To: strings.Repeat("s", store.MaxSort)})
}
