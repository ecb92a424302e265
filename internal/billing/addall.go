package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// KindAddAll is the outbox kind of the job that goes on putting a matter's entries on its draft. Its payload holds ids.
const KindAddAll = "bill.add-all"

const (
	// chunk is how many entries one commit adds: each is at most four operations (it moves, its line, its day), and the
	// draft, the look-up's checks, the job and the act's own must fit beside them into store.MaxOps.
	chunk = (store.MaxOps - firm.Overhead - 8) / 4
	// inline is how many chunks who asked waits for, after the first: what is then left, the worker adds.
	inline = 4
	// lead is how long who asked has before the worker begins.
	lead = 10 * time.Second
)

// rest is the payload of the job.
type rest struct {
	Client string `json:"client"`
	Matter string `json:"matter"`
	Job    string `json:"job"`
	By     string `json:"by,omitempty"` // the person who asked
}

// AddAll puts all unbilled entries of a client's matter on its draft, everybody's, time and costs, a chunk at a time. A
// chunk is one commit; while more are to come the draft says so (Bill.Adding), what is on it is right, and it can't be
// issued. Added.Left is what the worker still adds. Four trips for what fits one chunk, three more for each further one.
// Needs BillWork. Errors: a look-up's; ErrNothing, ErrUnconfirmed, ErrOnHold, ErrCurrency.
func (d *Desk) AddAll(ctx context.Context, c firm.Caller, s clients.Spoken) (added Added, err error) {
	action := firm.Action{Name: "bill.add-all", Input: s}
	err = d.bill(ctx, c, action, s, &added, func(a *firm.Act, find *clients.Lookup, ref clients.Ref) error {
		g := d.readDraft(a, ref)
		unbilled := d.Timesheets.ReadAllUnbilled(a, ref.Matter, a.Caller.Person, store.MaxPage)
		if err := a.Run(ctx); err != nil {
			return err
		}
		added, err = d.addChunk(ctx, g, unbilled, "", find.Check(), nil)
		return err
	})
	if err != nil {
		return Added{}, err
	}
	for range inline {
		if added.Left == 0 || ctx.Err() != nil {
			break
		}
		more, over, err := d.addMore(ctx, c.Firm, rest{added.Ref.Client, added.Ref.Matter, added.Job, c.Person})
		if err != nil {
			break // the worker goes on
		}
		added = added.and(more, over)
	}
	return added, nil
}

// and is what was added together with the next chunk. A job that was over has added what was left, nobody knows how much
// that came to.
func (a Added) and(more Added, over bool) Added {
	sum := a
	sum.Count, sum.Total, sum.Cost, sum.Left = more.Count, more.Total, false, max(more.Left, 0)
	if over {
		sum.Lines += a.Left
		return sum
	}
	if more.Left > 0 {
		sum.Left = max(1, a.Left-more.Lines)
	}
	sum.Lines, sum.Theirs, sum.Billed = a.Lines+more.Lines, a.Theirs+more.Theirs, a.Billed+more.Billed
	sum.Amount.Minor += more.Amount.Minor
	return sum
}

// addChunk is the commit of one chunk: the oldest entries that were read. job is the one that goes on; empty: the first
// chunk, which makes the job that is needed. ops are the commit's too, end only if nothing is left.
func (d *Desk) addChunk(ctx context.Context, g *gathering, u *timekeeping.Unbilled, job string, ops, end []store.Op) (Added, error) {
	entries, more, err := u.Entries()
	if err != nil {
		return Added{}, err
	}
	held, err := u.Waiting()
	switch {
	case err != nil:
		return Added{}, err
	case len(entries) == 0 && job == "" && held != nil:
		return Added{}, ErrUnconfirmed
	case len(entries) == 0 && job == "":
		return Added{}, ErrNothing
	}
	now := oldest(entries)
	if err := g.put(ctx, u, now...); err != nil {
		return Added{}, err
	}
	added := g.added()
	added.Waiting, added.Left, added.Job = held != nil, len(entries)-len(now), job
	if more && added.Left == 0 {
		added.Left = 1 // at least
	}
	switch {
	case added.Left == 0:
		g.bill.Adding = ""
		ops = append(ops, end...)
	case job == "":
		added.Job = d.House.NewID()
		g.bill.Adding = added.Job
		ops = append(ops, d.later(g.act, rest{g.ref.Client, g.ref.Matter, added.Job, g.act.Caller.Person})...)
	}
	return added, g.commit(ctx, added, ops)
}

// oldest returns the first chunk of entries, by when they ended.
func oldest(entries []timekeeping.Entry) []timekeeping.Entry {
	slices.SortStableFunc(entries, func(a, b timekeeping.Entry) int { return a.Stop.Compare(b.Stop) })
	return entries[:min(len(entries), chunk)]
}

// later is the message that lets the worker go on.
func (d *Desk) later(a *firm.Act, r rest) []store.Op {
	payload, err := json.Marshal(r)
	if err != nil {
		panic("billing: a payload must encode as JSON: " + err.Error())
	}
	return outbox.New(a.Batch.View(), outbox.Message{ID: r.Job, Firm: a.Caller.Firm, Kind: KindAddAll, Payload: payload, Due: a.Now.Add(lead)})
}

// addMore adds the next chunk of a job. over: there is no such job any more, since it is done or another took its place;
// then nothing was added, and Added tells how the bill is.
func (d *Desk) addMore(ctx context.Context, firmID string, r rest) (added Added, over bool, err error) {
	c := firm.System(firmID, "add-all."+d.House.NewID())
	err = d.House.Retry(ctx, func() error {
		a := d.House.Begin(c, firm.Action{Name: "bill.add-more", Input: r})
		g := d.readDraft(a, clients.Ref{Client: r.Client, Matter: r.Matter})
		unbilled := d.Timesheets.ReadAllUnbilled(a, r.Matter, "", chunk+1)
		message := outbox.Read(a.Batch, r.Job)
		if err := a.Run(ctx); err != nil {
			return err
		}
		if done, err := a.Done(&added); done || err != nil {
			return err
		}
		draft := Bill{}
		if err := store.Decode(*g.record, &draft); err != nil {
			return err
		}
		if over = draft.Adding != r.Job; over {
			added = Added{Bill: draft.ID, Count: draft.Count, Total: draft.Total}
			return nil
		}
		g.ref, g.by = draft.Ref, r.By
		added, err = d.addChunk(ctx, g, unbilled, r.Job, nil, dropped(a, message))
		return err
	})
	return added, over, err
}

// dropped are the operations that take the worker's message away, which the chunk that is the last one needs. One that is
// being delivered just now is left: its delivery ends it.
func dropped(a *firm.Act, message *outbox.Handle) []store.Op {
	ops, err := message.Drop(a.Batch.View())
	if err != nil {
		return nil
	}
	return ops
}

// Deliver is the outbox's handler of KindAddAll: one chunk, and again until there is no more.
func (d *Desk) Deliver(ctx context.Context, m outbox.Message) error {
	var r rest
	if err := json.Unmarshal(m.Payload, &r); err != nil {
		return fmt.Errorf("billing: payload: %w", err)
	}
	added, over, err := d.addMore(ctx, m.Firm, r)
	switch {
	case err != nil:
		return err
	case !over && added.Left > 0:
		return outbox.Again{}
	}
	return nil
}
