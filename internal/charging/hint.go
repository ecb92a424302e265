package charging

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/store"
)

// seenFor is how long an event's id is kept: longer than a processor delivers it (Stripe: 3 days, listable for 30).
const seenFor = 40 * 24 * time.Hour

// Hint takes a webhook: verify, fetch what it points to, apply that, and note the event in the same commit, so that it
// is applied once. The event itself is never believed. What is not ours, or of no interest, is noted and no error.
// Errors: ErrEvent for a signature that does not fit; ErrLater when the processor can't be asked: send it again.
func (d *Charges) Hint(ctx context.Context, firmID, endpoint string, body []byte, signature string) (err error) {
	defer fault.Wrap(&err, "charging: event of endpoint %s", endpoint)
	if !part(endpoint) {
		return ErrEvent
	}
	p, err := d.Processor(ctx, firmID)
	if err != nil {
		return err
	}
	ev, err := p.ParseEvent(body, signature, d.House.Now())
	if err != nil {
		return ErrEvent.Because(err)
	}
	if ev.ID == "" {
		return ErrEvent
	}
	key := seenKey(d.House.Store, endpoint, ev.ID)
	noted := store.CreateOp(key, ev.Kind).Until(d.House.Now().Add(seenFor))
	a, seen, err := d.pointedTo(ctx, firmID, key, ev)
	if err == nil && !seen && a.ID == "" && ev.Payment != "" {
		a, err = d.ofPayment(ctx, p, firmID, ev.Payment)
	}
	switch {
	case err != nil, seen:
		return err
	case a.ID == "":
		return d.note(ctx, noted)
	}
	return d.apply(ctx, p, firmID, a, ev, noted)
}

// apply fetches what an event points to and takes it. A refund and a dispute presuppose a capture, which may not have been
// heard of yet: that is fetched first.
func (d *Charges) apply(ctx context.Context, p Processor, firmID string, a Attempt, ev Event, noted store.Op) error {
	if about := ev.Payment; about != "" && !a.took() {
		payment, err := fetched(ctx, d, func(ctx context.Context) (Outcome, error) { return p.Fetch(ctx, about) })
		if err != nil {
			return err
		}
		m := d.system(firmID, event{kind: evAnswered, outcome: payment, at: d.House.Now()})
		if a, err = d.drive(ctx, p, a, m); err != nil || !a.took() {
			return cmp.Or(err, error(ErrLater))
		}
	}
	e, err := d.fetch(ctx, p, a, ev)
	if err != nil {
		return err
	}
	e.at, e.window = d.House.Now(), window(p)
	m := d.system(firmID, e)
	m.also = []store.Op{noted}
	after, call, err := d.take(ctx, a, m, nil)
	if errors.Is(err, store.ErrPrecondition) { // perhaps because the same event was taken at the same moment
		return d.seen(ctx, noted.Key, err)
	}
	if err != nil || call == "" {
		return err
	}
	_, err = d.drive(ctx, p, after, d.system(firmID, d.call(ctx, p, after, call)))
	return err
}

// pointedTo finds the attempt that an event is about, by our key or by the processor's payment, and whether the event
// was taken before.
func (d *Charges) pointedTo(ctx context.Context, firmID string, key store.Key, ev Event) (a Attempt, seen bool, err error) {
	records, err := store.System(d.House.Store, store.Webhooks).Get(ctx, key)
	if err != nil || records[0].Exists() || ev.Kind == EventOther {
		return a, err == nil && records[0].Exists(), err
	}
	v := store.Firm(d.House.Store, firmID)
	batch := v.Batch()
	var direct *store.Record
	var known []*store.Record
	if part(ev.Key) {
		direct = batch.Get(attemptKey(v, ev.Key))
	}
	for _, word := range []string{ev.Key, ev.Reference, ev.Payment} {
		if part(word) {
			known = append(known, batch.Get(knownKey(v, word)))
		}
	}
	if err := batch.Run(ctx); err != nil {
		return a, false, err
	}
	if direct != nil && direct.Exists() {
		return a, false, store.Decode(*direct, &a)
	}
	for _, r := range known {
		var to trail
		if err := store.Decode(*r, &to); err != nil || to.Attempt == "" {
			continue
		}
		a, err = d.attempt(ctx, firm.System(firmID, ""), to.Attempt)
		return a, false, err
	}
	return a, false, nil
}

// ofPayment finds the attempt that made a payment of which we have not heard yet: the payment carries our key.
func (d *Charges) ofPayment(ctx context.Context, p Processor, firmID, payment string) (Attempt, error) {
	o, err := fetched(ctx, d, func(ctx context.Context) (Outcome, error) { return p.Fetch(ctx, payment) })
	if err != nil || !part(o.Key) {
		return Attempt{}, err
	}
	a, err := d.attempt(ctx, firm.System(firmID, ""), o.Key)
	if errors.Is(err, ErrNoAttempt) {
		return Attempt{}, nil
	}
	return a, err
}

// fetch asks the processor about what an event points to.
func (d *Charges) fetch(ctx context.Context, p Processor, a Attempt, ev Event) (e event, err error) {
	if ev.Kind == EventDispute {
		e.kind = evDisputed
		e.dispute, err = fetched(ctx, d, func(ctx context.Context) (Dispute, error) { return p.FetchDispute(ctx, ev.Reference) })
		return e, err
	}
	e.kind = evAnswered
	e.outcome, err = fetched(ctx, d, func(ctx context.Context) (Outcome, error) { return p.Fetch(ctx, ev.Reference) })
	if ev.Kind != EventRefund {
		return e, err
	}
	if e.kind = evElsewhere; a.Refund != nil && e.outcome.Key == a.Refund.Request.Key { // ours carry our key
		e.kind = evRefundAnswer
	}
	return e, err
}

// fetched asks within the time that a call may take. Errors: ErrLater.
func fetched[T any](ctx context.Context, d *Charges, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, d.deadline())
	defer cancel()
	v, err := ask(ctx)
	if err != nil {
		return v, ErrLater.Because(err)
	}
	return v, nil
}

// seen returns nil when an event has been taken, else the reason why it could not be: then it is sent again.
func (d *Charges) seen(ctx context.Context, key store.Key, reason error) error {
	records, err := store.System(d.House.Store, store.Webhooks).Get(ctx, key)
	if err != nil {
		return err
	}
	if records[0].Exists() {
		return nil
	}
	return reason
}

// note keeps an event's id where it changes nothing else.
func (d *Charges) note(ctx context.Context, noted store.Op) error {
	err := store.System(d.House.Store, store.Webhooks).Commit(ctx, noted)
	if errors.Is(err, store.ErrPrecondition) {
		return nil
	}
	return err
}
