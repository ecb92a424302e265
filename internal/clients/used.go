package clients

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// maxUsed is how many matters are remembered of a person.
const maxUsed = 30

// used is the matters a person used, "<client>/<matter>", last used first. A question names them in this order, but for
// clients of which the person said which matter they always mean.
type used struct {
	Matters []string          `json:"matters"`
	Usual   map[string]string `json:"usual,omitempty"` // client -> matter
}

func (u used) rank(client, matter string) int {
	if i := slices.Index(u.Matters, client+"/"+matter); i >= 0 {
		return i
	}
	return len(u.Matters)
}

// rankClient is the rank of the client's matter that was used last.
func (u used) rankClient(client string) int {
	for i, m := range u.Matters {
		if len(m) > len(client) && m[:len(client)] == client && m[len(client)] == '/' {
			return i
		}
	}
	return len(u.Matters)
}

// readUsed adds the read of what the caller used last. Nobody but a person uses matters.
func readUsed(a *firm.Act) *store.Record {
	if a.Caller.Person == "" {
		return &store.Record{}
	}
	return a.Batch.Get(usedKey(a.Batch.View(), a.Caller.Person))
}

func (l *Lookup) lastUsed() (u used, err error) {
	err = store.Decode(*l.used, &u)
	return u, err
}

// usual is the matter among open ones that the person always means of a client, nil when they said of none.
func (l *Lookup) usual(client string, open []brief) (*brief, error) {
	u, err := l.lastUsed()
	if err != nil || u.Usual[client] == "" {
		return nil, err
	}
	i := slices.IndexFunc(open, func(b brief) bool { return b.ID == u.Usual[client] })
	if i < 0 {
		return nil, nil
	}
	l.assumed = true
	return &open[i], nil
}

// Assumed reports whether Answer took the matter that the person always means, since none was named.
func (l *Lookup) Assumed() bool { _, err := l.find(); return err == nil && l.assumed }

// Prefer makes the matter that the caller used last the one that they always mean of its client, when they name no other; or,
// when always is false, asks them again which. It returns that matter. Three trips. Needs TrackTime. Errors: ErrNoneUsed;
// ErrNone, ErrClosed; ErrTooManyUsual.
func (d *Directory) Prefer(ctx context.Context, c firm.Caller, always bool) (ref Ref, err error) {
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, firm.Action{Name: "matter.usual", Input: always})
		record := readUsed(a)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(&ref); done {
			return err
		}
		if err := a.May(firm.TrackTime); err != nil {
			return err
		}
		var before, after used
		if err := errors.Join(store.Decode(*record, &before), store.Decode(*record, &after)); err != nil {
			return err
		}
		if ref, err = d.lastOf(ctx, a, before); err != nil {
			return err
		}
		if err := after.prefer(ref, always); err != nil {
			return err
		}
		entry := firm.Entry{Subject: "person/" + c.Person, Before: before.Usual, After: after.Usual}
		return a.Commit(ctx, ref, entry, store.PutOp(*record, after))
	})
	return ref, err
}

// lastOf reads the matter that the caller used last.
func (d *Directory) lastOf(ctx context.Context, a *firm.Act, u used) (Ref, error) {
	if len(u.Matters) == 0 || a.Caller.Person == "" {
		return Ref{}, ErrNoneUsed
	}
	id, matter, _ := strings.Cut(u.Matters[0], "/")
	pair := d.ReadPair(a, id, matter)
	if err := a.Run(ctx); err != nil {
		return Ref{}, err
	}
	client, m, err := pair.Get()
	switch {
	case err != nil:
		return Ref{}, err
	case client.Closed || m.Closed:
		return Ref{}, ErrClosed
	}
	return Ref{client.ID, client.Name, m.ID, m.Name}, nil
}

func (u *used) prefer(ref Ref, always bool) error {
	switch {
	case !always:
		delete(u.Usual, ref.Client)
		return nil
	case len(u.Usual) >= maxUsed && u.Usual[ref.Client] == "":
		return ErrTooManyUsual
	case u.Usual == nil:
		u.Usual = map[string]string{}
	}
	u.Usual[ref.Client] = ref.Matter
	return nil
}

// Faults of what a person always means.
var (
	ErrNoneUsed     = fault.New(fault.Missing, "matter.none-used", "I don't know yet which matter you mean. Use it first.")
	ErrTooManyUsual = fault.New(fault.State, "matter.too-many-usual", "I keep your usual matter for 30 clients, and no more.")
)

// Used returns the operation that notes a matter as the caller's last used of its client, for the commit that uses it; none
// when it is their last already, or when the caller is no person. A question about the client's matters then names it first,
// as Before.
func (l *Lookup) Used(ref Ref) ([]store.Op, error) {
	u, err := l.lastUsed()
	if err != nil || l.used.Key.Partition == "" || !goodID(ref.Client) || !goodID(ref.Matter) {
		return nil, err
	}
	this := ref.Client + "/" + ref.Matter
	if len(u.Matters) > 0 && u.Matters[0] == this {
		return nil, nil
	}
	u.Matters = slices.DeleteFunc(u.Matters, func(m string) bool { return m == this })
	u.Matters = slices.Insert(u.Matters, 0, this)
	u.Matters = u.Matters[:min(len(u.Matters), maxUsed)]
	return []store.Op{store.PutOp(*l.used, u)}, nil
}
