package charging

import (
	"context"
	"errors"
	"time"
)

// call makes a call to the processor and returns what it came to. No lock is held and no commit is open meanwhile.
func (d *Charges) call(ctx context.Context, p Processor, a Attempt, k effectKind) event {
	ctx, cancel := context.WithTimeout(ctx, d.deadline())
	defer cancel()
	e := d.reach(ctx, p, a, k)
	e.at, e.window = d.House.Now(), window(p)
	return e
}

func (d *Charges) reach(ctx context.Context, p Processor, a Attempt, k effectKind) event {
	if p == nil {
		return event{kind: lostIn(k)}
	}
	switch k {
	case doSend:
		o, err := p.Charge(ctx, a.Request)
		return heard(o, err, evAnswered, evLost, evRejected)
	case doOpen:
		page, err := p.PayPage(ctx, *a.Page)
		e := heard(Outcome{}, err, evOpened, evLost, evRejected)
		e.page = page
		return e
	case doLookUp:
		o, err := p.Find(ctx, a.Request)
		return heard(o, err, evAnswered, evLost, evLost)
	case doFetch:
		o, err := p.Fetch(ctx, a.Reference)
		return heard(o, err, evAnswered, evLost, evLost)
	case doExpire:
		o, err := p.Expire(ctx, a.Reference)
		return heard(o, err, evAnswered, evLost, evLost)
	case doRefund:
		o, err := p.Refund(ctx, a.Refund.Request)
		return heard(o, err, evRefundAnswer, evRefundLost, evRefundRefused)
	default:
		o, err := p.FindRefund(ctx, a.Refund.Request)
		return heard(o, err, evRefundAnswer, evRefundLost, evRefundLost)
	}
}

// heard turns an answer into an event. Only a send can be refused; any other error says nothing.
func heard(o Outcome, err error, answered, lost, refused eventKind) event {
	switch {
	case err == nil:
		return event{kind: answered, outcome: o}
	case errors.Is(err, ErrRefused):
		return event{kind: refused}
	}
	return event{kind: lost}
}

func lostIn(k effectKind) eventKind {
	if k == doRefund || k == doFindRefund {
		return evRefundLost
	}
	return evLost
}

// longWindow stands for the promise of a processor that cannot be asked now.
const longWindow = 24 * time.Hour

func window(p Processor) time.Duration {
	if p == nil {
		return longWindow
	}
	return p.Promises().Window
}
