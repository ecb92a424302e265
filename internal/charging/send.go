package charging

import (
	"context"
	"errors"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Sent is what became of an invoice that was to be sent.
type Sent struct {
	Ref     clients.Ref   `json:"ref"`
	Invoice string        `json:"invoice"`
	Number  string        `json:"number"`
	Owed    money.Amount  `json:"owed"`
	Mailed  bool          `json:"mailed"` // it goes out by e-mail; false: there is no address, it is in the print queue
	Hold    time.Duration `json:"hold"`   // how long the mail can still be stopped
}

// OfferSend reads what sending a bill without charging it would do: a draft is issued by it. The offer has no card. It
// changes nothing. At most three trips. Needs BillWork. Errors: as Offer's, but for those of cards, parts and limits.
func (d *Charges) OfferSend(ctx context.Context, c firm.Caller, s clients.Spoken, what What) (o Offer, err error) {
	defer fault.Wrap(&err, "charging: offer to send")
	q, err := d.ask(ctx, c, s, firm.BillWork)
	if err != nil {
		return Offer{}, err
	}
	b, err := q.choose(what)
	if err != nil {
		return Offer{}, err
	}
	o = offerOf(q.act.Firm, b)
	if err := ready(q.act, b, o.Owed); err != nil {
		return Offer{}, err
	}
	return o, d.free(ctx, q.act, b)
}

// Send sends what was offered, after "yes": in one commit the number and invoice (for a draft), its postings, and the mail,
// which goes out after the firm's hold, or the entry in the print queue. Nothing is charged. Two trips. Needs BillWork.
// Errors: ErrChanged when it is not what was offered any more; billing.ErrSettled; and those of OfferSend.
func (d *Charges) Send(ctx context.Context, c firm.Caller, offer Offer) (sent Sent, err error) {
	defer fault.Wrap(&err, "charging: send")
	if !part(offer.Bill) || !part(offer.Ref.Client) || !part(offer.Ref.Matter) {
		return Sent{}, ErrChanged
	}
	err = d.House.Retry(ctx, func() error {
		s := d.reread(c, offer, firm.Action{Name: "invoice.send", Input: offer})
		print := s.act.Batch.Get(printKey(s.act.Batch.View(), offer.Bill))
		if err := s.act.Run(ctx); err != nil {
			return err
		}
		if done, err := s.act.Done(&sent); done {
			return err
		}
		b, ops, err := s.sendable(offer)
		if err != nil {
			return err
		}
		mail, more := d.letter(s.act, Printable{b.ID, b.Number, b.Ref, s.act.Now}, b.Recipient.Email != "", print, map[string]string{"invoice": b.ID})
		sent = Sent{Ref: b.Ref, Invoice: b.ID, Number: b.Number, Owed: b.Outstanding(), Mailed: mail != "", Hold: s.act.Firm.Mail.Hold}
		return s.act.Commit(ctx, sent, firm.Entry{Subject: "bill/" + b.ID, Before: offer, After: sent}, append(ops, more...)...)
	})
	return sent, err
}

// sendable is the invoice as it will be, if it is what was offered: issued from the draft, or as it is.
func (s *reading) sendable(offer Offer) (billing.Bill, []store.Op, error) {
	if err := s.act.May(firm.BillWork); err != nil {
		return billing.Bill{}, nil, err
	}
	b, err := s.bill.Bill()
	if errors.Is(err, billing.ErrNoBill) {
		return b, nil, ErrChanged
	}
	if err != nil {
		return b, nil, err
	}
	now := offerOf(s.act.Firm, b)
	if b.ID == offer.Bill && !now.Draft && now.Owed.Minor <= 0 {
		return b, nil, billing.ErrSettled
	}
	if err := ready(s.act, b, now.Owed); err != nil {
		return b, nil, err
	}
	if now.Bill != offer.Bill || now.Draft != offer.Draft || now.Number != offer.Number || now.Owed != offer.Owed || now.Tax != offer.Tax ||
		now.Ref.Client != offer.Ref.Client || now.Ref.Matter != offer.Ref.Matter {
		return b, nil, ErrChanged
	}
	if !offer.Draft {
		return b, []store.Op{s.bill.Check()}, nil
	}
	client, _, err := s.pair.Get()
	if err != nil {
		return b, nil, err
	}
	return s.bill.Issue(s.act, client, "")
}
