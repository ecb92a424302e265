package voice

import (
	"context"
	"errors"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// charge reads back what a charge would do and asks for a yes. Where names and amounts are held back, the code is
// asked for first, whatever the answer would have been.
func charge(ctx context.Context, t *turn) (*answer, error) {
	want := charging.Wish{What: t.next.What}
	if t.next.Sum != nil {
		want.Part = &charging.Part{}
		want.Part.Minor, want.Part.In = t.next.Sum.said()
	}
	offer, err := t.clerk.Charges.Offer(ctx, t.Caller, t.next.Name, want)
	if t.gated(err) {
		return t.asking(AskProve, "ask.prove"), nil
	}
	var choice *charging.Choice
	var much *charging.TooMuch
	switch {
	case errors.As(err, &choice):
		return t.pickFor(DoCharge, choice), nil
	case errors.As(err, &much):
		t.next.Sum, t.next.What = nil, much.What
		t.next.Name = clients.Spoken{Client: much.Ref.Client, Matter: much.Ref.Matter}
		return t.asking(AskGo, "charge.too-much", vars{"Owed": t.words.money(much.Owed)}), nil
	case err != nil:
		return nil, t.worded(err)
	}
	return t.readBack(offer), nil
}

// chargeEach charges several matters, one after the other: each is read back, and asked for a yes and a code. Those with
// nothing on their bill are left out.
func (t *turn) chargeEach(ctx context.Context, matters []clients.Ref) (*answer, error) {
	bills, err := t.clerk.Billing.OnBills(ctx, t.Caller, matters)
	if err != nil {
		return nil, err
	}
	if len(bills) == 0 {
		return nil, charging.ErrNothingToCharge
	}
	t.carry()
	for _, st := range bills {
		t.next.Rest = append(t.next.Rest, st.Ref)
	}
	t.next.Act, t.next.What = DoCharge, ""
	t.nextOfRest()
	return t.orAsk(charge(ctx, t))
}

// nextOfRest makes the next matter what the deed is about.
func (t *turn) nextOfRest() clients.Ref {
	ref := t.next.Rest[0]
	t.next.Rest = t.next.Rest[1:]
	t.next.Name = clients.Spoken{Client: ref.Client, Matter: ref.Matter}
	return ref
}

// chargePart charges a part: how much is asked for when it was not understood.
func chargePart(ctx context.Context, t *turn) (*answer, error) {
	t.next.Detail = Detail{Sum: t.sum()}
	if t.next.Sum == nil {
		t.next.Act, t.next.Name = DoCharge, clients.Spoken{Heard: t.spoken(ClientSlot)}
		return t.missing(AskAmount, "charge.how-much", AmountSlot), nil
	}
	return t.do(ctx, DoCharge, clients.Spoken{Heard: t.spoken(ClientSlot)}, "")
}

// naming reports whether err only says that the client's name is not understood, which holds nothing back.
func naming(err error) bool {
	var ask *clients.Ask
	return errors.As(err, &ask) || isFault(err, clients.ErrNoName) || isFault(err, clients.ErrNone)
}

// readBack says firm, client, amount, matter and card. The offer is what the confirmation will be checked against.
func (t *turn) readBack(o charging.Offer) *answer {
	t.next.Offer = &o
	t.next.Vouch = t.Vouches && t.Recognised && t.settings().Voice.Vouch
	id := "charge.offer"
	switch {
	case o.Part() && o.Draft:
		id = "charge.offer-part"
	case o.Part():
		id = "charge.offer-invoice-part"
	case !o.Draft:
		id = "charge.offer-invoice"
	}
	return t.asking(AskCharge, id, vars{
		"Part": t.words.money(o.Total), "Owed": t.words.money(o.Owed), "Firm": clean(o.Firm), "Client": clean(o.Ref.ClientName), "Matter": t.matter(o.Ref), "Number": clean(o.Number),
		"Amount": t.withTax(o), "Card": t.card(o.Card),
	})
}

func (t *turn) withTax(o charging.Offer) string {
	if o.Tax.IsZero() {
		return t.words.money(o.Total)
	}
	return t.words.sentence("charge.with-tax", vars{"Total": t.words.money(o.Total), "Tax": t.words.money(o.Tax)})
}

func (t *turn) card(c charging.Card) string {
	brand := "card.brand." + c.Brand
	if !t.words.has(brand) {
		brand = "card.brand.other"
	}
	return t.words.sentence("charge.card", vars{"Brand": t.words.sentence(brand), "Last4": digits(c.Last4)})
}

// pickFor asks for the one thing that stands in the way of charging, or of sending.
func (t *turn) pickFor(d Deed, c *charging.Choice) *answer {
	t.next.Name = clients.Spoken{Client: c.Ref.Client, Matter: c.Ref.Matter}
	client := vars{"Name": clean(c.Ref.ClientName), "Owner": t.words.possessive(clean(c.Ref.ClientName))}
	step := func(act Deed, id string) *answer {
		t.next.Act, t.next.Then = act, d
		return t.asking(AskGo, "pick."+id, client)
	}
	switch {
	case c.Draft != nil && c.Invoice != nil:
		client["Draft"], client["Number"] = t.words.money(c.Draft.Total), clean(c.Invoice.Number)
		client["Invoice"] = t.words.money(c.Invoice.Outstanding())
		return t.asking(AskWhat, "pick."+string(d)+".which", client)
	case c.Draft != nil:
		return t.goOn(d, charging.ChargeDraft, c, client)
	case c.Invoice != nil:
		return t.goOn(d, charging.ChargeInvoice, c, client)
	case c.Clock:
		return step(DoStop, "stop-first")
	case c.Unbilled:
		return step(DoAdd, "add-first")
	}
	return t.say("fault.charge.nothing")
}

// goOn asks whether to go on although there is more that could go on the bill first.
func (t *turn) goOn(d Deed, what charging.What, c *charging.Choice, client vars) *answer {
	t.next.Act, t.next.What = d, what
	switch {
	case c.Clock:
		return t.asking(AskGo, "pick."+string(d)+".while-running", client)
	case c.Unbilled:
		return t.asking(AskGo, "pick."+string(d)+".while-unbilled", client)
	}
	return t.asking(AskGo, "pick."+string(d)+".anyway", client)
}

// pickWhat answers "the draft" or "the invoice".
func pickWhat(ctx context.Context, t *turn) (*answer, error) {
	what := charging.What(t.Slots[WhatSlot].ID)
	if t.state.Ask != AskWhat || what != charging.ChargeDraft && what != charging.ChargeInvoice {
		return fallback(ctx, t)
	}
	t.carry()
	return t.do(ctx, t.state.Act, t.state.Name, what)
}

// code takes the digits, if they are asked for. Given before the yes they prove nothing yet, and are forgotten.
func code(ctx context.Context, t *turn) (*answer, error) {
	switch t.state.Ask {
	case AskCode:
		return t.confirm(ctx)
	case AskProve:
		return t.prove(ctx)
	case AskCharge:
		t.keep()
		return t.asking(AskCharge, "charge.yes-first"), nil
	case AskWhich, AskWhat:
		return choose(ctx, t)
	}
	return t.again("code.unasked")
}

// yesCode is "yes, one two three four" in one breath.
func yesCode(ctx context.Context, t *turn) (*answer, error) {
	switch t.state.Ask {
	case AskCharge, AskCode:
		return t.confirm(ctx)
	case AskProve:
		return t.prove(ctx)
	}
	return yes(ctx, t)
}

// digitsHeard returns the code's digits, false when what was heard is no code: that is not counted as a try.
func (t *turn) digitsHeard() (string, bool) {
	var heard []byte
	for _, r := range t.codeSaid() {
		switch {
		case r >= '0' && r <= '9':
			heard = append(heard, byte(r))
		case r != ' ':
			return "", false
		}
	}
	return string(heard), len(heard) >= 4 && len(heard) <= 8
}

// codeSaid is what was said for a code: in one, or digit by digit.
func (t *turn) codeSaid() string {
	said := t.Slots[CodeSlot].Value
	for _, name := range digitSlots {
		if digit := t.Slots[name]; digit.ID != "" {
			said += digit.ID
		} else {
			said += digit.Value
		}
	}
	return clip(said, 200)
}

// confirm charges what was offered.
func (t *turn) confirm(ctx context.Context) (*answer, error) {
	t.keep()
	digits, ok := t.digitsHeard()
	if !ok || t.state.Offer == nil {
		return t.codeAgain(AskCode), nil
	}
	return t.charged(ctx, digits)
}

// charged charges what was agreed to, with the code, or without where the assistant proved who speaks.
func (t *turn) charged(ctx context.Context, digits string) (*answer, error) {
	t.meanwhile(ctx, "charge.moment")
	receipt, err := t.clerk.Charges.Confirm(ctx, t.Caller, *t.state.Offer, digits)
	if err != nil {
		return t.notConfirmed(err)
	}
	t.next = State{Proven: true, Rest: t.state.Rest}
	return t.onward(t.outcome(receipt), receipt), nil
}

// onward asks whether to go on with the next of several matters, once one is paid.
func (t *turn) onward(a *answer, r charging.Receipt) *answer {
	if len(t.next.Rest) == 0 || r.State != charging.Charged {
		t.next.Rest = nil
		return a
	}
	t.next.Act = DoCharge
	return a.asking(AskGo, "charge.next", vars{"Matter": t.matter(t.nextOfRest())})
}

func (t *turn) codeAgain(q Question) *answer {
	if t.next.Tries++; t.next.Tries > maxTries {
		return t.leave()
	}
	return t.asking(q, "code.unheard")
}

// notConfirmed says what stood in the way. After an error of unknown kind, what became of the charge is not known,
// and nothing else may be said of it.
func (t *turn) notConfirmed(err error) (*answer, error) {
	var choice *charging.Choice
	left, wrong := triesLeft(err)
	switch kind := fault.KindOf(err); {
	case wrong:
		return t.wrongCode(AskCode, left), nil
	case isFault(err, firm.ErrCodeDigits):
		return t.codeAgain(AskCode), nil
	case errors.As(err, &choice):
		t.next = State{}
		return t.say("fault.charge.changed"), nil
	case kind == fault.Internal || kind == fault.Unknown:
		t.unsure = true
		return nil, err
	}
	return nil, err
}

// triesLeft is what a wrong code left, whoever tried it.
func triesLeft(err error) (left int, wrong bool) {
	var code *firm.WrongCode
	if errors.As(err, &code) {
		return code.Left, true
	}
	return 0, false
}

// wrongCode says how many tries are left and asks again, or that the code is locked.
func (t *turn) wrongCode(q Question, left int) *answer {
	if left <= 0 {
		t.next = State{}
		return t.say("code.locked-now")
	}
	return t.say("code.wrong").counting("code.left", left).asking(q, "ask.code")
}

// prove tries the code only to know who speaks, and then goes on with what was asked for.
func (t *turn) prove(ctx context.Context) (*answer, error) {
	t.keep()
	digits, ok := t.digitsHeard()
	if !ok {
		return t.codeAgain(AskProve), nil
	}
	err := t.clerk.House.Prove(ctx, t.Caller, digits)
	if left, wrong := triesLeft(err); wrong {
		return t.wrongCode(AskProve, left), nil
	}
	if err != nil {
		return nil, err
	}
	t.next = State{Proven: true}
	t.carry()
	return t.do(ctx, t.state.Act, t.state.Name, t.state.What)
}

// outcome says what became of the charge, and where the invoice is.
func (t *turn) outcome(r charging.Receipt) *answer {
	blanks := vars{"Number": clean(r.Number), "Amount": t.words.figures(r.Amount), "Reason": t.words.reason(r.Reason)}
	switch r.State {
	case charging.Charged:
		a := t.say("charge.paid")
		if r.Left.Minor > 0 {
			a.and("charge.left", vars{"Left": t.words.money(r.Left)})
		}
		return t.mailed(a, r, blanks).show("card.paid", blanks)
	case charging.Refused:
		return t.mailed(t.say("charge.declined", blanks), r, blanks).show("card.unpaid", blanks)
	case charging.AwaitingPayer:
		return t.mailed(t.say("charge.needs-payer", blanks), r, blanks).show("card.unpaid", blanks)
	case charging.Lapsed:
		return t.mailed(t.say("charge.lapsed", blanks), r, blanks).show("card.unpaid", blanks)
	}
	return t.say("charge.uncertain", blanks).show("card.uncertain", blanks)
}

// mailed says where the invoice is. "On their way" is said only when nothing holds it back.
func (t *turn) mailed(a *answer, r charging.Receipt, blanks vars) *answer {
	id := "mail.invoice"
	if r.State == charging.Charged {
		id = "mail.receipt"
	}
	switch {
	case !r.Mailed:
		id += ".printed"
	case r.Hold > 0:
		id += ".held"
		blanks["Wait"] = t.words.elapsed(int64(r.Hold.Seconds()))
	}
	return a.and(id, blanks)
}

func (w *words) reason(r charging.Reason) string {
	if id := "reason." + string(r); w.has(id) {
		return w.sentence(id)
	}
	return w.sentence("reason.declined")
}
