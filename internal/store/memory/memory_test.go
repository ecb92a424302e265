package memory_test

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Backend {
		b := memory.New(now)
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	})
}

func TestAClosedBackendRefuses(t *testing.T) {
	b := memory.New(time.Now)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(t.Context(), store.Op{Kind: store.Create, Key: store.Key{Partition: "p", Sort: "s"}}); err == nil {
		t.Error("a closed backend took a commit")
	}
}
