package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/charging"
)

// send reads back what sending a bill without charging it would do, and asks for a yes: a draft gets its number by it.
func send(ctx context.Context, t *turn) (*answer, error) {
	offer, err := t.clerk.Charges.OfferSend(ctx, t.Caller, t.next.Name, t.next.What)
	if t.gated(err) {
		return t.asking(AskProve, "ask.prove"), nil
	}
	var choice *charging.Choice
	if errors.As(err, &choice) {
		return t.pickFor(DoSend, choice), nil
	}
	if isFault(err, charging.ErrNothingToCharge) {
		return t.say("send.nothing"), nil
	}
	if err != nil {
		return nil, err
	}
	id := "send.offer"
	if !offer.Draft {
		id = "send.offer-invoice"
	}
	t.next.Offer = &offer
	return t.asking(AskSend, id, vars{"Client": clean(offer.Ref.ClientName), "Matter": t.matter(offer.Ref), "Number": clean(offer.Number),
		"Amount": t.withTax(offer)}), nil
}

// sendIt sends what was offered.
func (t *turn) sendIt(ctx context.Context) (*answer, error) {
	if t.state.Offer == nil {
		return t.again("unheard")
	}
	sent, err := t.clerk.Charges.Send(ctx, t.Caller, *t.state.Offer)
	if isFault(err, charging.ErrChanged) {
		return t.say("send.changed"), nil
	}
	if err != nil {
		return nil, err
	}
	blanks := vars{"Number": clean(sent.Number)}
	switch {
	case !sent.Mailed:
		return t.say("send.printed", blanks), nil
	case sent.Hold > 0:
		blanks["Wait"] = t.words.elapsed(int64(sent.Hold.Seconds()))
		return t.say("mail.invoice.held", blanks), nil
	}
	return t.say("mail.invoice", blanks), nil
}

// gated reports whether an answer must wait until it is known who speaks, whatever it would have been.
func (t *turn) gated(err error) bool {
	_, _, known := t.seen.Get()
	return known && t.discreet() && !naming(err)
}
