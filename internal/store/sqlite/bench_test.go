package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
)

// A commit as the clerk makes them: a record, a posting, the audit entry and the idempotency record.
func clerksCommit(n int64) []store.Op {
	value := fmt.Sprintf(`{"id":"%032d","seconds":1440,"note":"reviewed the lease with the landlord's counsel","by":"%032d"}`, n, n)
	var ops []store.Op
	for _, family := range []string{"unbilled", "postings", "journal", "requests"} {
		ops = append(ops, put("f/00000000-0000-7000-8000-000000000001/"+family+"/2026-03", fmt.Sprintf("%020d", n), value))
	}
	return ops
}

// yardstick measures raw appends of as many bytes, each forced to the same disk, and returns seconds for each.
func yardstick(b *testing.B, appends int) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "yardstick"))
	if err != nil {
		b.Fatal(err)
	}
	var line []byte
	for _, op := range clerksCommit(1) {
		line = append(append(append(line, op.Key.Partition...), op.Key.Sort...), op.Value...)
	}
	start := time.Now()
	for range appends {
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	each := time.Since(start).Seconds() / float64(appends)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return each
}

func report(b *testing.B, raw float64) {
	each := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(1/each, "commits/s")
	b.ReportMetric(1/raw, "fsyncs/s")
	b.ReportMetric(each/raw, "x-fsync")
}

// BenchmarkDurableCommit prints durable commits a second, one after another and from 8 sides (which share fsyncs),
// beside raw appends that are forced to the same disk in the same run. x-fsync is the ratio: lower is better.
func BenchmarkDurableCommit(b *testing.B) {
	for _, sides := range []int{1, 8} {
		b.Run(fmt.Sprint("sides=", sides), func(b *testing.B) {
			backend := mustOpen(b, filepath.Join(b.TempDir(), "clerk.db"), time.Now)
			raw := yardstick(b, max(b.N, 200))
			var n atomic.Int64
			b.SetParallelism(sides)
			b.ResetTimer()
			if sides == 1 {
				for b.Loop() {
					mustCommit(b, backend, clerksCommit(n.Add(1))...)
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := backend.Commit(b.Context(), clerksCommit(n.Add(1))...); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			report(b, raw)
		})
	}
}
