package clients

import (
	"context"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// AlsoCalled keeps what was heard as another name of a client, after a person chose the client and said that it should be
// kept; nothing is ever learnt by itself. The sentence's own words ("the … matter") are left out. A name by which the client
// goes already changes nothing. Needs TrackTime; a Manage'd Change takes it off again. Errors: ErrNone; ErrClosed; ErrAlias
// when nothing is left of it or eight are kept already; ErrCalled when another client goes by it; ErrTooManyNames.
func (d *Directory) AlsoCalled(ctx context.Context, c firm.Caller, client, heard string) error {
	alias := strings.Join(stripped(words(heard)), " ")
	action := firm.Action{Name: "client.alias", Input: []string{client, alias}}
	return d.writeAs(ctx, c, firm.TrackTime, action, nil, func(a *firm.Act) (change, error) {
		if alias == "" {
			return change{}, ErrAlias
		}
		b := in("name", compact(strings.Fields(alias)))
		called := a.Batch.Query(store.Query{Partition: b.partition(d.House.View(c)), Limit: maxInside})
		screens := ReadScreens(a)
		ch, err := d.load(ctx, a, client)
		switch {
		case err != nil:
			return ch, err
		case ch.before.Closed:
			return ch, ErrClosed
		case slices.Contains(ch.before.Index, b):
			return ch, nil
		}
		if err := free(called.Records, screens); err != nil {
			return ch, err
		}
		ch.after.Aliases = append(slices.Clone(ch.before.Aliases), alias)
		return ch, ch.after.Client.validate(a.Firm.Currency)
	})
}

// free reports ErrCalled when a record leads to an open client that the person may know of.
func free(called []store.Record, s *Screens) error {
	hidden, err := s.get()
	for _, r := range called {
		var n name
		if err == nil {
			err = store.Decode(r, &n)
		}
		if err != nil {
			return err
		}
		if !n.Closed && hidden.client(n.Client, hidden.open(n.Matters)) {
			return ErrCalled
		}
	}
	return err
}

// ErrCalled means that another client is called so.
var ErrCalled = fault.New(fault.Invalid, "client.called", "Another client goes by that name.")
