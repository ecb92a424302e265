package ledger

import (
	"context"
	"strings"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Holding is the read of what a firm holds in trust for one matter. Its operations replace the balance as it was
// read, so of two at once one loses the race and reads again.
type Holding struct {
	record *store.Record
	view   store.View
	matter string
}

// ReadTrust adds the read of a matter's trust balance to the act's batch.
func ReadTrust(a *firm.Act, matter string) *Holding {
	v := a.Batch.View()
	return &Holding{record: a.Batch.Get(trustKey(v, matter)), view: v, matter: matter}
}

// Balance is what is held, never negative; zero in no currency when there was never a deposit.
func (h *Holding) Balance() (money.Amount, error) {
	var balance held
	err := store.Decode(*h.record, &balance)
	return balance.Balance, err
}

// deposit returns the operations that add amount to what is held, and post it. Errors: ErrNotTaken.
func (h *Holding) deposit(t Transaction, amount money.Amount) (after money.Amount, ops []store.Op, err error) {
	if amount.Minor <= 0 {
		return after, nil, ErrNotTaken
	}
	before, err := h.Balance()
	if err != nil {
		return after, nil, err
	}
	if after, err = before.Add(amount); err != nil {
		return after, nil, err
	}
	t.Matter = h.matter
	post, err := Post(h.view, Depositing(t, amount))
	return after, []store.Op{store.PutOp(*h.record, held{after}), post}, err
}

// DepositTrust records money taken into trust for a client's matter: book-keeping of what came in, so it needs BillWork;
// to take it out again needs Disburse. Errors: ErrNotTaken,
// clients.ErrNone.
func (b *Books) DepositTrust(ctx context.Context, c firm.Caller, client, matter string, amount money.Amount) (err error) {
	defer fault.Wrap(&err, "ledger: deposit into trust")
	if !plain(matter) {
		return clients.ErrNone
	}
	action := firm.Action{Name: "trust.deposit", Input: []any{client, matter, amount}}
	directory := clients.Directory{House: b.House}
	return b.House.Retry(ctx, func() error {
		a := b.House.Begin(c, action)
		pair := directory.ReadPair(a, client, matter)
		trust := ReadTrust(a, matter)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(nil); done || err != nil {
			return err
		}
		if err := a.May(firm.BillWork); err != nil {
			return err
		}
		if _, _, err := pair.Get(); err != nil {
			return err
		}
		if amount.Currency != a.Firm.Currency {
			return ErrNotTaken
		}
		t := Transaction{ID: b.House.NewID(), At: a.Now, Client: client}
		after, ops, err := trust.deposit(t, amount)
		if err != nil {
			return err
		}
		before, err := trust.Balance()
		if err != nil {
			return err
		}
		return a.Commit(ctx, nil, firm.Entry{Subject: "matter/" + matter, Before: held{before}, After: held{after}}, ops...)
	})
}

// TrustBalance is what is held for a matter, nothing for one that nobody has. One trip. Needs See.
func (b *Books) TrustBalance(ctx context.Context, c firm.Caller, matter string) (_ money.Amount, err error) {
	defer fault.Wrap(&err, "ledger: trust balance")
	if !plain(matter) {
		return money.Amount{}, nil
	}
	a := b.House.Begin(c, firm.Action{})
	trust, screens := ReadTrust(a, matter), clients.ReadScreens(a)
	if err := a.Run(ctx); err != nil {
		return money.Amount{}, err
	}
	if err := a.May(firm.See); err != nil {
		return money.Amount{}, err
	}
	if hide, err := screens.Hide(matter); err != nil || hide {
		return money.Amount{}, err
	}
	return trust.Balance()
}

// plain reports whether text from outside may be part of a key.
func plain(id string) bool { return id != "" && len(id) <= 64 && !strings.Contains(id, "/") }
