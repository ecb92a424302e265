package pages

import (
	"cmp"
	"context"
	"fmt"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/web/console"
)

// letters lets a person deal with the outbox's dead letters, but for those about a matter that they are screened from.
type letters struct {
	house   *firm.House
	charges *charging.Charges
}

// DeadLetters lists the firm's dead letters, oldest first.
func (l letters) DeadLetters(ctx context.Context, c firm.Caller) (list []console.Letter, err error) {
	defer fault.Wrap(&err, "list dead letters")
	act := l.house.Begin(c, firm.Action{})
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(firm.Operate); err != nil {
		return nil, err
	}
	for cursor := ""; ; {
		page, next, err := outbox.DeadLetters(ctx, l.house.View(c), cursor)
		if err != nil {
			return nil, err
		}
		if page, err = l.charges.Known(ctx, c, page); err != nil {
			return nil, err
		}
		for _, m := range page {
			list = append(list, console.Letter{ID: m.ID, Kind: m.Kind, Reason: m.LastErr, Attempts: m.Attempts, Due: m.Due})
		}
		if cursor = next; cursor == "" {
			return list, nil
		}
	}
}

// RetryLetter gives a dead letter its tries back.
func (l letters) RetryLetter(ctx context.Context, c firm.Caller, id string) error {
	return l.change(ctx, c, "outbox.retry", id, func(act *firm.Act, h *outbox.Handle) ([]store.Op, error) {
		return h.Revive(l.house.View(c), act.Now)
	})
}

// DiscardLetter drops a dead letter.
func (l letters) DiscardLetter(ctx context.Context, c firm.Caller, id string) error {
	return l.change(ctx, c, "outbox.discard", id, func(_ *firm.Act, h *outbox.Handle) ([]store.Op, error) {
		return h.Drop(l.house.View(c))
	})
}

type change func(act *firm.Act, h *outbox.Handle) ([]store.Op, error)

func (l letters) change(ctx context.Context, c firm.Caller, name, id string, f change) (err error) {
	defer fault.Wrap(&err, "%s", name)
	return l.house.Retry(ctx, func() error {
		act := l.house.Begin(c, firm.Action{Name: name, Input: id})
		h := outbox.Read(act.Batch, id)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done || err != nil {
			return err
		}
		if err := act.May(firm.Operate); err != nil {
			return err
		}
		m, err := h.Message()
		if err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		if !h.Exists() || m.State != outbox.Dead {
			return outbox.ErrGone
		}
		if known, err := l.charges.Known(ctx, c, []outbox.Message{m}); err != nil || len(known) == 0 {
			return cmp.Or(err, error(outbox.ErrGone))
		}
		ops, err := f(act, h)
		if err != nil {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "outbox/" + id, Before: m}, ops...)
	})
}
