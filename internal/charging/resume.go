package charging

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// Deliver is the outbox handler of KindResume.
func (d *Charges) Deliver(ctx context.Context, m outbox.Message) error {
	var to trail
	if err := json.Unmarshal(m.Payload, &to); err != nil {
		return fmt.Errorf("charging: payload of %s: %w", m.ID, err)
	}
	return d.Resume(ctx, m.Firm, to.Attempt)
}

// Resume finishes an attempt that its owner's lease left unfinished. It sends what may never have been sent, again
// and unchanged while the processor certainly remembers the key, then looks it up, and leaves what stays unknown to a
// person. While an outcome may still come it returns outbox.Again: ten seconds later at first, an hour later at last.
func (d *Charges) Resume(ctx context.Context, firmID, attempt string) (err error) {
	defer func() {
		if !errors.As(err, new(outbox.Again)) {
			fault.Wrap(&err, "charging: resume attempt %s", attempt)
		}
	}()
	a, err := d.attempt(ctx, firm.System(firmID, ""), attempt)
	if errors.Is(err, ErrNoAttempt) {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := d.Processor(ctx, firmID)
	if err != nil && !errors.Is(err, ErrNoProcessor) {
		return err
	}
	m := d.system(firmID, event{kind: evTick, at: d.House.Now()})
	if a, err = d.drive(ctx, p, a, m); err != nil {
		return err
	}
	if a.resting() {
		return nil
	}
	return outbox.Again{At: d.House.Now().Add(pause(d.House.Now().Sub(a.began())))}
}

// began is when what the worker waits for began.
func (a Attempt) began() time.Time {
	if a.State == Refunding {
		return a.Refund.Asked
	}
	return a.Request.Created
}

// pause is how long the worker leaves an attempt alone after asking about it, by its age.
func pause(age time.Duration) time.Duration {
	switch {
	case age < time.Minute:
		return 10 * time.Second
	case age < 10*time.Minute:
		return time.Minute
	case age < time.Hour:
		return 5 * time.Minute
	case age < 6*time.Hour:
		return 30 * time.Minute
	}
	return time.Hour
}

// payload encodes ids for a message.
func payload(ids any) json.RawMessage {
	b, err := json.Marshal(ids)
	if err != nil {
		panic("charging: ids must encode as JSON: " + err.Error())
	}
	return b
}
