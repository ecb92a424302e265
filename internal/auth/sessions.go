package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// IdleTime is how long a session lives without a request. It is written anew at most every refreshTime, so it may
// end that much earlier.
const (
	IdleTime    = time.Hour
	refreshTime = 5 * time.Minute
)

// sessions keeps scs's sessions in our store: by the hash of their token, with our clock and our limits, so that scs's
// own expiries decide nothing.
type sessions struct{ house *firm.House }

func (s sessions) view() store.View { return store.System(s.house.Store, store.Sessions) }

func (s sessions) read(ctx context.Context, token string) (store.Record, session, error) {
	sum := sha256.Sum256([]byte(token))
	records, err := s.view().Get(ctx, sessionKey(s.house.Store, hex.EncodeToString(sum[:])))
	if err != nil {
		return store.Record{}, session{}, fmt.Errorf("auth: read a session: %w", err)
	}
	var found session
	return records[0], found, store.Decode(records[0], &found)
}

// FindCtx returns a session's data and, being a sign of life, puts off its idle end.
func (s sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	record, found, err := s.read(ctx, token)
	if err != nil || !record.Exists() {
		return nil, false, err
	}
	if now := s.house.Now(); now.Sub(found.Refreshed) >= refreshTime {
		found.Refreshed = now
		// When this fails, somebody else refreshed or ended it, or the next request tries again.
		_ = s.view().Commit(ctx, append(s.seen(ctx, found), found.op(record))...)
	}
	return found.Data, true, nil
}

// seen notes for the person when their session was used last.
func (s sessions) seen(ctx context.Context, found session) []store.Op {
	if found.Grant == "" {
		return nil
	}
	v := store.Firm(s.house.Store, found.Firm)
	records, err := v.Get(ctx, seenKey(v, found.Person, found.Grant))
	if err != nil || !records[0].Exists() {
		return nil // the session lives on without it
	}
	return []store.Op{store.ReplaceOp(records[0], seen{found.Refreshed})}
}

// op writes the session until its idle or its absolute end.
func (s session) op(record store.Record) store.Op {
	until := s.Refreshed.Add(IdleTime)
	if last := s.Created.Add(SessionTime); last.Before(until) {
		until = last
	}
	return store.PutOp(record, s).Until(until)
}

// CommitCtx stores a session's data. The expiry that scs asks for, by the wall clock, is not used.
func (s sessions) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	return s.house.Retry(ctx, func() error {
		record, found, err := s.read(ctx, token)
		if err != nil {
			return err
		}
		found.Data, found.Refreshed = data, s.house.Now()
		if err := found.name(); err != nil {
			return err
		}
		if !record.Exists() {
			found.Created = found.Refreshed
		}
		return s.view().Commit(ctx, found.op(record))
	})
}

// name writes beside scs's own encoding whose session it is.
func (s *session) name() error {
	_, values, err := scs.GobCodec{}.Decode(s.Data)
	if err != nil {
		return fmt.Errorf("auth: read a session's data: %w", err)
	}
	s.Firm, _ = values[firmField].(string)
	s.Person, _ = values[personField].(string)
	s.Grant, _ = values[grantField].(string)
	return nil
}

// DeleteCtx ends a session; one that is not there is no error.
func (s sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.house.Retry(ctx, func() error {
		record, _, err := s.read(ctx, token)
		if err != nil || !record.Exists() {
			return err
		}
		return s.view().Commit(ctx, store.DeleteOp(record))
	})
}

// Find, Commit and Delete make it an scs.Store; scs calls the others.
func (s sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx.
func (s sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx.
func (s sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
