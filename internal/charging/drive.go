package charging

import (
	"context"
	"reflect"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
)

// move is one step of the machine to be taken and committed: who takes it, and what happened.
type move struct {
	by     firm.Caller
	action firm.Action
	needs  firm.Permission // empty: none
	event  event
	also   []store.Op // committed with it
	refuse error      // returned when the event does not apply; nil: then nothing is done
}

// taken is what a move came to: stored with it, so that a repeated commit does the same.
type taken struct {
	Call effectKind `json:"call,omitempty"`
}

// sheet is an attempt read with everything that a step may change.
type sheet struct {
	act       *firm.Act
	attempt   *store.Record
	attention *store.Record
	print     *store.Record
	bill      *billing.Reading
	resume    *outbox.Handle
}

// system returns the move of the worker, of a webhook, or of the inline call's outcome: no person's, since an outcome
// is recorded whatever became of the grant of the one who asked.
func (d *Charges) system(firmID string, e event) move {
	return move{by: firm.System(firmID, "charge."+d.House.NewID()), action: firm.Action{Name: "charge.step"}, event: e}
}

// read adds the reads of a step to a new act and runs them: one trip.
func (d *Charges) read(ctx context.Context, known Attempt, m move) (*sheet, error) {
	act := d.House.Begin(m.by, m.action)
	v := act.Batch.View()
	s := &sheet{
		act:       act,
		attempt:   act.Batch.Get(attemptKey(v, known.ID)),
		attention: act.Batch.Get(attentionKey(v, known.ID)),
		print:     act.Batch.Get(printKey(v, known.Invoice)),
		bill:      d.Billing.ReadBill(act, known.Ref, known.Invoice),
	}
	if known.Resume != "" {
		s.resume = outbox.Read(act.Batch, known.Resume)
	}
	return s, act.Run(ctx)
}

// take commits a move and returns the attempt after it, and the call to the processor that it asks for. ready may
// hold what was read for it before.
func (d *Charges) take(ctx context.Context, known Attempt, m move, ready *sheet) (after Attempt, call effectKind, err error) {
	err = d.House.Retry(ctx, func() error {
		s := ready
		ready = nil
		if s == nil {
			if s, err = d.read(ctx, known, m); err != nil {
				return err
			}
		}
		after, call, err = d.takeOnce(ctx, s, m)
		return err
	})
	return after, call, err
}

func (d *Charges) takeOnce(ctx context.Context, s *sheet, m move) (Attempt, effectKind, error) {
	var before Attempt
	if err := store.Decode(*s.attempt, &before); err != nil {
		return Attempt{}, "", err
	}
	if before.ID == "" {
		return Attempt{}, "", ErrNoAttempt
	}
	var result taken
	if done, err := s.act.Done(&result); done {
		return before, result.Call, err
	}
	if m.needs != "" {
		if err := s.act.May(m.needs); err != nil {
			return before, "", err
		}
	}
	after, effects := d.machine()(before, m.event)
	ops, err := d.carryOut(s, &after, effects)
	if err != nil {
		return before, "", err
	}
	result.Call = callIn(effects)
	if same(before, after) && (m.refuse != nil || len(ops) == 0 && len(m.also) == 0) {
		return before, result.Call, m.refuse
	}
	after.Changed = s.act.Now
	ops = append(append(ops, m.also...), store.ReplaceOp(*s.attempt, after))
	entry := firm.Entry{Subject: "attempt/" + after.ID, Before: noted(before, ""), After: noted(after, m.event.kind)}
	return after, result.Call, s.act.Commit(ctx, result, entry, ops...)
}

// note is what the audit keeps of a step.
type note struct {
	Event    eventKind    `json:"event,omitempty"`
	State    State        `json:"state"`
	Amount   money.Amount `json:"amount"`
	Invoice  string       `json:"invoice"` // its number
	Reason   Reason       `json:"reason,omitempty"`
	Sent     int          `json:"sent,omitempty"`
	Outflows []Outflow    `json:"outflows,omitempty"`
	Tasks    []Task       `json:"tasks,omitempty"`
}

func noted(a Attempt, e eventKind) note {
	return note{e, a.State, a.Request.Amount, a.Number, a.Reason, a.Sent, a.Outflows, a.Tasks}
}

func callIn(effects []effect) effectKind {
	for _, e := range effects {
		if e.kind.isCall() {
			return e.kind
		}
	}
	return ""
}

// carryOut returns the operations of a step's effects; a is the attempt after the step, and may still be changed by
// what billing says of its money.
func (d *Charges) carryOut(s *sheet, a *Attempt, effects []effect) (ops []store.Op, err error) {
	for _, e := range effects {
		var more []store.Op
		switch e.kind {
		case doSettle, doUnapplied:
			more, err = d.settle(s, a)
		case doFree:
			_, more, err = s.bill.Free(s.act, a.ID)
		case doReverse, doRestore, doDispute:
			more, err = s.move(a, e)
		case doFee:
			more, err = s.bill.Fee(a.ID, e.amount, e.reference)
		case doMail:
			more = d.post(s, a)
		case doArm:
			more = d.arm(s.act, a)
		case doDrop:
			more = s.drop()
		}
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	return append(ops, s.attend(*a)...), nil
}

// settle books what was taken. Billing has the last word on whether the invoice still waited for it.
func (d *Charges) settle(s *sheet, a *Attempt) ([]store.Op, error) {
	_, unapplied, ops, err := s.bill.Settle(s.act, a.ID, a.Captured)
	if err != nil {
		return nil, err
	}
	if unapplied {
		a.Unapplied = true
		*a, _ = raise(*a, TaskUnapplied)
	}
	if part(a.Payment) {
		ops = append(ops, store.CreateOp(knownKey(s.act.Batch.View(), a.Payment), trail{a.ID}))
	}
	return ops, nil
}

// move books what left or came back of what was taken. What comes back to an invoice that no longer waits for it is
// unapplied, and a person decides.
func (s *sheet) move(a *Attempt, e effect) ([]store.Op, error) {
	b, unapplied, ops, err := s.bill.Move(s.act, a.ID, a.movement(e))
	if unapplied {
		a.Unapplied = true
		*a, _ = raise(*a, TaskUnapplied)
	}
	if err == nil && b.State != billing.Paid && s.print.Exists() { // it was to be posted as paid
		ops = append(ops, store.DeleteOp(*s.print))
	}
	return ops, err
}

// post lets invoice and receipt go out after the firm's hold, or puts them into the print queue.
func (d *Charges) post(s *sheet, a *Attempt) []store.Op {
	if a.Unapplied {
		return nil
	}
	mail, ops := d.letter(s.act, Printable{a.Invoice, a.Number, a.Ref, s.act.Now}, a.Mailable, s.print, map[string]string{"invoice": a.Invoice, "attempt": a.ID})
	if mail != "" {
		a.Mail = mail
	}
	return ops
}

// letter is the message by which a letter about an invoice goes out after the firm's hold, with its id, or the letter in
// the print queue.
func (d *Charges) letter(act *firm.Act, p Printable, mailable bool, print *store.Record, about map[string]string) (mail string, ops []store.Op) {
	if !mailable {
		return "", []store.Op{store.PutOp(*print, p)}
	}
	mail = d.House.NewID()
	return mail, outbox.New(act.Batch.View(), outbox.Message{
		ID: mail, Firm: act.Caller.Firm, Kind: KindMail, Due: act.Now.Add(act.Firm.Mail.Hold), Payload: payload(about),
	})
}

// arm lets the worker come when the lease ends.
func (d *Charges) arm(act *firm.Act, a *Attempt) []store.Op {
	a.Resume = d.House.NewID()
	return outbox.New(act.Batch.View(), outbox.Message{
		ID: a.Resume, Firm: act.Caller.Firm, Kind: KindResume, Due: act.Now.Add(Lease),
		Payload: payload(trail{a.ID}),
	})
}

// drop takes the worker's message away. One that is being delivered just now is left: its delivery will find nothing
// to do.
func (s *sheet) drop() []store.Op {
	if s.resume == nil || !s.resume.Exists() {
		return nil
	}
	ops, err := s.resume.Drop(s.act.Batch.View())
	if err != nil {
		return nil
	}
	return ops
}

// attend keeps the queue of what needs a person in step with the attempt.
func (s *sheet) attend(a Attempt) []store.Op {
	switch {
	case len(a.Tasks) > 0 && !s.attention.Exists():
		return []store.Op{store.CreateOp(s.attention.Key, trail{a.ID})}
	case len(a.Tasks) == 0 && s.attention.Exists():
		return []store.Op{store.DeleteOp(*s.attention)}
	}
	return nil
}

// drive takes a move, makes the call that it asks for, takes the move that the answer is, and so on until there is
// nothing to call.
func (d *Charges) drive(ctx context.Context, p Processor, a Attempt, m move) (Attempt, error) {
	for {
		m.event.window = window(p)
		after, call, err := d.take(ctx, a, m, nil)
		if err != nil || call == "" {
			return after, err
		}
		next := d.system(m.by.Firm, d.call(ctx, p, after, call))
		a, m = after, next
	}
}

func (d *Charges) machine() machine {
	if d.step != nil {
		return d.step
	}
	return step
}

func (d *Charges) deadline() time.Duration {
	if d.Deadline > 0 {
		return d.Deadline
	}
	return 4500 * time.Millisecond
}

// attempt reads an attempt by its id: one trip. Errors: ErrNoAttempt.
func (d *Charges) attempt(ctx context.Context, c firm.Caller, id string) (a Attempt, err error) {
	defer fault.Wrap(&err, "charging: attempt")
	if !part(id) {
		return a, ErrNoAttempt
	}
	v := d.House.View(c)
	records, err := v.Get(ctx, attemptKey(v, id))
	if err != nil {
		return a, err
	}
	if err := store.Decode(records[0], &a); err != nil {
		return a, err
	}
	if a.ID == "" {
		return a, ErrNoAttempt
	}
	return a, nil
}

// same reports whether a step changed nothing.
func same(a, b Attempt) bool { return reflect.DeepEqual(a, b) }
