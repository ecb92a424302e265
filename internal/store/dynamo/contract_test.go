//go:build dynamo

package dynamo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/dynamo"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Backend { return dynamotest.Start(t, now) })
}

func TestAMissingTable(t *testing.T) {
	opt := dynamotest.Options(t)
	opt.Table, opt.Now = "nobody-made-this", time.Now
	b, err := dynamo.Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	k := store.Key{Partition: "p", Sort: "s"}
	_, getErr := b.Get(t.Context(), k)
	_, manyErr := b.Get(t.Context(), k, store.Key{Partition: "p", Sort: "t"})
	_, queryErr := b.Query(t.Context(), store.Query{Partition: "p"})
	putErr := b.Commit(t.Context(), store.Op{Kind: store.Create, Key: k})
	checkErr := b.Commit(t.Context(), store.Op{Kind: store.CheckAbsent, Key: k})
	for what, err := range map[string]error{"get": getErr, "get of many": manyErr, "query": queryErr, "put": putErr, "transaction": checkErr} {
		if !errors.Is(err, store.ErrNoTable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
