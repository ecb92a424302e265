package store

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// CheckKeys returns ErrLimit if a Get of these keys would break a limit. Backends call it before they send.
func CheckKeys(keys []Key) error {
	if len(keys) > MaxOps {
		return fmt.Errorf("%w: %d keys in one get", ErrLimit, len(keys))
	}
	for _, k := range keys {
		if err := checkKey(k); err != nil {
			return err
		}
	}
	return nil
}

// CheckOps returns ErrLimit if a Commit of these operations would break a limit. Backends call it before they send.
func CheckOps(ops []Op) error {
	if len(ops) > MaxOps {
		return fmt.Errorf("%w: %d operations in one commit", ErrLimit, len(ops))
	}
	total := 0
	for i, op := range ops {
		if err := checkOp(op); err != nil {
			return err
		}
		if slices.ContainsFunc(ops[:i], func(before Op) bool { return before.Key == op.Key }) { // there are at most MaxOps
			return fmt.Errorf("%w: two operations on one key of family %s", ErrLimit, family(op.Key))
		}
		total += len(op.Key.Partition) + len(op.Key.Sort) + len(op.Value)
	}
	if total > MaxBytes {
		return fmt.Errorf("%w: %d bytes in one commit", ErrLimit, total)
	}
	return nil
}

func checkOp(op Op) error {
	if err := checkKey(op.Key); err != nil {
		return err
	}
	if op.Kind < Create || op.Kind > CheckAbsent {
		return fmt.Errorf("%w: unknown kind of operation %d", ErrLimit, op.Kind)
	}
	if len(op.Value) > MaxItem {
		return fmt.Errorf("%w: a value of %d bytes in family %s", ErrLimit, len(op.Value), family(op.Key))
	}
	return nil
}

func checkKey(k Key) error {
	if err := checkText(k.Partition, 1, MaxPartition); err != nil {
		return fmt.Errorf("partition %w", err)
	}
	if err := checkText(k.Sort, 1, MaxSort); err != nil {
		return fmt.Errorf("sort key of family %s %w", family(k), err)
	}
	return nil
}

func checkText(s string, least, most int) error {
	if len(s) < least || len(s) > most {
		return fmt.Errorf("of %d bytes: %w", len(s), ErrLimit)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("that is not UTF-8: %w", ErrLimit)
	}
	return nil
}

// Seconds encodes an expiry as a backend keeps it: whole seconds of Unix time, rounded up, and 0 for never.
func Seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(1, t.Add(time.Second-1).Unix())
}

// Instant is the inverse of Seconds.
func Instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// Expired reports whether an expiry encoded by Seconds has come.
func Expired(seconds int64, now time.Time) bool { return seconds != 0 && seconds <= now.Unix() }
