package auth

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestAFewPasswordsAreHashedAtOnceSomeWaitAndTheRestAreSentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, open := newKiln(), make(chan struct{})
		var running, most, done atomic.Int64
		for range hashers + waiting {
			go func() {
				err := k.do(t.Context(), func() error {
					most.Store(max(most.Load(), running.Add(1)))
					<-open
					running.Add(-1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				done.Add(1)
			}()
		}
		synctest.Wait()
		if err := k.do(t.Context(), func() error { return nil }); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		close(open)
		synctest.Wait()
		if most.Load() != hashers || done.Load() != hashers+waiting {
			t.Errorf("%d at once, %d done", most.Load(), done.Load())
		}
		if err := k.do(t.Context(), func() error { return nil }); err != nil {
			t.Error("full after all have left:", err)
		}
	})
}

func TestWhoseTimeIsUpStopsWaitingToBeHashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, open := newKiln(), make(chan struct{})
		for range hashers {
			go func() { _ = k.do(t.Context(), func() error { <-open; return nil }) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if err := k.do(ctx, func() error { return nil }); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		close(open)
	})
}
