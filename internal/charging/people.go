package charging

import (
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Attention lists the attempts of a firm that need a person, oldest first, at most a hundred; Attempt.Tasks says why.
// Two trips. Needs Operate.
func (d *Charges) Attention(ctx context.Context, c firm.Caller) (list []Attempt, err error) {
	defer fault.Wrap(&err, "charging: attention")
	act := d.House.Begin(c, firm.Action{})
	v := act.Batch.View()
	page := act.Batch.Query(store.Query{Partition: v.Partition("attention"), Limit: store.MaxOps})
	screens := clients.ReadScreens(act)
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(firm.Operate); err != nil {
		return nil, err
	}
	return d.follow(ctx, act, screens, page.Records)
}

// Attempts lists the attempts of an invoice in their order, at most a hundred. Two trips. Needs See.
func (d *Charges) Attempts(ctx context.Context, c firm.Caller, invoice string) (list []Attempt, err error) {
	defer fault.Wrap(&err, "charging: attempts")
	if !part(invoice) {
		return nil, nil
	}
	act := d.House.Begin(c, firm.Action{})
	v := act.Batch.View()
	page := act.Batch.Query(store.Query{Partition: v.Partition("attempts", invoice), Limit: store.MaxOps})
	screens := clients.ReadScreens(act)
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(firm.See); err != nil {
		return nil, err
	}
	return d.follow(ctx, act, screens, page.Records)
}

// follow reads the attempts that trails lead to, in one trip, but for those of matters that the caller is screened from.
func (d *Charges) follow(ctx context.Context, act *firm.Act, screens *clients.Screens, trails []store.Record) ([]Attempt, error) {
	v := act.Batch.View()
	records := make([]*store.Record, len(trails))
	for i, r := range trails {
		var to trail
		if err := store.Decode(r, &to); err != nil {
			return nil, err
		}
		records[i] = act.Batch.Get(attemptKey(v, to.Attempt))
	}
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	list := make([]Attempt, 0, len(records))
	for _, r := range records {
		var a Attempt
		if err := store.Decode(*r, &a); err != nil {
			return nil, err
		}
		hide, err := screens.Hide(a.Ref.Matter)
		if err != nil {
			return nil, err
		}
		if !hide {
			list = append(list, a)
		}
	}
	return list, nil
}

// Resolve is a person's word on an attempt of TaskUnknown, after looking at the processor's own pages: it was paid,
// in full, under the processor's reference, or it never happened. The processor is asked once more first; what it
// says for certain is what counts. Needs Operate, and never by voice.
// Errors: ErrNoTask; ErrContrary when the processor says otherwise, which is then what was recorded;
// fault.Invalid for paid without a reference.
func (d *Charges) Resolve(ctx context.Context, c firm.Caller, attempt string, paid bool, reference string) (err error) {
	defer fault.Wrap(&err, "charging: resolve")
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	if paid && !part(reference) {
		return ErrReference
	}
	a, err := d.given(ctx, c, attempt, firm.Operate)
	if err != nil {
		return err
	}
	if a, err = d.askAgain(ctx, c.Firm, a); err != nil {
		return err
	}
	switch {
	case a.needs(TaskUnknown):
	case a.took() && paid, a.ended() && !paid:
		return nil // the processor said the same, or it was resolved before
	case a.took(), a.ended():
		return ErrContrary
	default:
		return ErrNoTask
	}
	e := event{kind: evSaidNever, at: d.House.Now()}
	if paid {
		if err := d.unused(ctx, c, a.ID, reference); err != nil {
			return err
		}
		e.kind = evSaidPaid
		e.outcome = Outcome{Result: Succeeded, Reference: reference, Payment: reference, Amount: a.Request.Amount}
	}
	_, _, err = d.take(ctx, a, move{by: c, action: firm.Action{Name: "charge.resolve", Input: []any{attempt, paid, reference}},
		needs: firm.Operate, refuse: ErrNoTask, event: e}, nil)
	return err
}

// unused demands that no other attempt took its money under a reference.
func (d *Charges) unused(ctx context.Context, c firm.Caller, attempt, reference string) error {
	v := d.House.View(c)
	records, err := v.Get(ctx, knownKey(v, reference))
	if err != nil {
		return err
	}
	var to trail
	if err := store.Decode(records[0], &to); err != nil {
		return err
	}
	if to.Attempt != "" && to.Attempt != attempt {
		return ErrReference
	}
	return nil
}

// askAgain looks an unknown attempt up once more, if there is a processor to ask.
func (d *Charges) askAgain(ctx context.Context, firmID string, a Attempt) (Attempt, error) {
	if !a.needs(TaskUnknown) {
		return a, nil
	}
	p, err := d.Processor(ctx, firmID)
	if errors.Is(err, ErrNoProcessor) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	call := doLookUp
	if a.Reference != "" {
		call = doFetch
	}
	return d.drive(ctx, p, a, d.system(firmID, d.call(ctx, p, a, call)))
}

// Done notes that a person has seen to a task: what was unapplied, disputed, or refunded elsewhere. TaskUnknown is
// ended by Resolve alone. Needs Operate, and never by voice. Errors: ErrNoTask.
func (d *Charges) Done(ctx context.Context, c firm.Caller, attempt string, task Task) (err error) {
	defer fault.Wrap(&err, "charging: task")
	if c.Channel == firm.ByVoice {
		return firm.ErrForbidden
	}
	a, err := d.given(ctx, c, attempt, firm.Operate)
	if err != nil {
		return err
	}
	if task == TaskUnknown || !a.needs(task) || task == TaskRefund && a.State == Refunding {
		return ErrNoTask
	}
	_, _, err = d.take(ctx, a, move{by: c, action: firm.Action{Name: "charge.task", Input: []any{attempt, task}},
		needs: firm.Operate, refuse: ErrNoTask, event: event{kind: evDone, at: d.House.Now(), task: task}}, nil)
	return err
}

// given reads the attempt that a person names, and authorises before anything is asked of the processor for them. One trip.
// Errors: ErrNoAttempt, also when they are screened from its matter.
func (d *Charges) given(ctx context.Context, c firm.Caller, attempt string, p firm.Permission) (a Attempt, err error) {
	act := d.House.Begin(c, firm.Action{})
	screens, record := clients.ReadScreens(act), &store.Record{}
	if part(attempt) {
		record = act.Batch.Get(attemptKey(act.Batch.View(), attempt))
	}
	if err := act.Run(ctx); err != nil {
		return a, err
	}
	if err := act.May(p); err != nil {
		return a, err
	}
	if err := store.Decode(*record, &a); err != nil {
		return a, err
	}
	hide, err := screens.Hide(a.Ref.Matter)
	if err == nil && (hide || a.ID == "") {
		err = ErrNoAttempt
	}
	if err != nil {
		return Attempt{}, err
	}
	return a, nil
}

// Printable is a paid invoice that has no e-mail address to go to.
type Printable struct {
	Invoice string      `json:"invoice"`
	Number  string      `json:"number"`
	Ref     clients.Ref `json:"ref"`
	Since   time.Time   `json:"since"`
}

// PrintQueue lists the paid invoices that wait to be printed, oldest first, at most a thousand. One trip. Needs See.
func (d *Charges) PrintQueue(ctx context.Context, c firm.Caller) (list []Printable, err error) {
	defer fault.Wrap(&err, "charging: print queue")
	act := d.House.Begin(c, firm.Action{})
	page := act.Batch.Query(store.Query{Partition: act.Batch.View().Partition("print"), Limit: store.MaxPage})
	screens := clients.ReadScreens(act)
	if err := act.Run(ctx); err != nil {
		return nil, err
	}
	if err := act.May(firm.See); err != nil {
		return nil, err
	}
	for _, r := range page.Records {
		p, hide, err := printable(screens, r)
		if err != nil {
			return nil, err
		}
		if !hide {
			list = append(list, p)
		}
	}
	return list, nil
}

// printable decodes one of the queue, and reports whether the caller is screened from it.
func printable(screens *clients.Screens, r store.Record) (p Printable, hide bool, err error) {
	if err = store.Decode(r, &p); err == nil {
		hide, err = screens.Hide(p.Ref.Matter)
	}
	return p, hide, err
}

// Printed takes an invoice out of the print queue. Needs BillWork. Not there any more is no error.
func (d *Charges) Printed(ctx context.Context, c firm.Caller, invoice string) (err error) {
	defer fault.Wrap(&err, "charging: printed")
	if !part(invoice) {
		return nil
	}
	return d.House.Retry(ctx, func() error {
		act := d.House.Begin(c, firm.Action{Name: "invoice.printed", Input: invoice})
		record, screens := act.Batch.Get(printKey(act.Batch.View(), invoice)), clients.ReadScreens(act)
		if err := act.Run(ctx); err != nil {
			return err
		}
		if done, err := act.Done(nil); done {
			return err
		}
		if err := act.May(firm.BillWork); err != nil || !record.Exists() {
			return err
		}
		waiting, hide, err := printable(screens, *record)
		if err != nil || hide {
			return err
		}
		return act.Commit(ctx, nil, firm.Entry{Subject: "invoice/" + invoice, Before: waiting, After: "printed"}, store.DeleteOp(*record))
	})
}
