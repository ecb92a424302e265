package voice

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
)

func idle() *turn {
	return &turn{words: wordsFor("en-US"), clerk: &Clerk{House: &firm.House{Pepper: pepper}}, seen: &firm.Seen{}}
}

func TestEveryOutcomeHasItsOwnHonestSentence(t *testing.T) {
	for _, c := range []struct {
		receipt charging.Receipt
		want    string
	}{
		{charging.Receipt{State: charging.Charged, Mailed: true}, "Paid. Invoice 7 and the receipt are on their way."},
		{charging.Receipt{State: charging.Charged, Mailed: true, Hold: 2 * time.Minute}, "Paid. Invoice 7 and the receipt go out in two minutes."},
		{charging.Receipt{State: charging.Charged}, "Paid. There is no e-mail address, so invoice 7 and the receipt wait to be printed."},
		{charging.Receipt{State: charging.Refused, Reason: charging.ReasonFunds}, "The card was declined: there is not enough money on it. Nothing was paid. Invoice 7 stays open, and its link to pay is on the console."},
		{charging.Receipt{State: charging.Refused, Reason: charging.ReasonExpired, Mailed: true}, "The card was declined: it has expired. Nothing was paid. Invoice 7 is on its way, with a link to pay it."},
		{charging.Receipt{State: charging.Refused, Reason: "new-reason"}, "The card was declined: the bank gave no reason. Nothing was paid. Invoice 7 stays open, and its link to pay is on the console."},
		{charging.Receipt{State: charging.AwaitingPayer}, "The bank wants the client to approve this payment. Nothing is paid yet. Invoice 7 stays open, and its link to pay is on the console."},
		{charging.Receipt{State: charging.Lapsed}, "The payment was cancelled before anything was paid. Invoice 7 stays open, and its link to pay is on the console."},
		{charging.Receipt{State: charging.Uncertain}, "I don't know yet whether the card was charged. I won't charge it again, I'll find out, and the console will show it."},
		{charging.Receipt{State: "of tomorrow"}, "I don't know yet whether the card was charged. I won't charge it again, I'll find out, and the console will show it."},
	} {
		tn := idle()
		c.receipt.Number, c.receipt.Amount = "7", money.Of(12000, "USD")
		reply := tn.finish(tn.outcome(c.receipt))
		if got := reply.Speech.Text(); got != c.want || reply.Listen {
			t.Errorf("%s: %q", c.receipt.State, got)
		}
		if paid := strings.HasPrefix(reply.Card.Text, "Paid: $120.00"); paid != (c.receipt.State == charging.Charged) {
			t.Errorf("%s: the card says %q", c.receipt.State, reply.Card.Text)
		}
	}
}

func TestAnErrorWhileChargingNeverSaysMoreThanIsKnown(t *testing.T) {
	for _, c := range []struct {
		err    error
		want   string
		listen bool
	}{
		{&firm.WrongCode{Left: 1}, "That's not the code. One try is left. What's your code?", true},
		{&firm.WrongCode{Left: 0}, "That's not the code, and it was the third time, so your code is locked. I charged nothing. An admin can reset it on the console.", false},
		{fmt.Errorf("confirm: %w", firm.ErrCodeLocked), "Your code is locked after three wrong tries, so I charged nothing. An admin can reset it on the console.", false},
		{firm.ErrCodeDigits, "I didn't catch a code. What's your code?", true},
		{charging.ErrChanged, "Something changed since I read it back, so I charged nothing. Ask me again to hear it as it is now.", false},
		{&charging.Choice{}, "Something changed since I read it back, so I charged nothing. Ask me again to hear it as it is now.", false},
		{billing.ErrSettled, "That invoice is already settled, so I charged nothing.", false},
		{errors.New("connection reset"), "I can't tell whether the card was charged. Please look at the console before you charge again.", false},
		{fault.New(fault.Unknown, "store.unknown", "It may have happened."), "I can't tell whether the card was charged. Please look at the console before you charge again.", false},
	} {
		tn := idle()
		tn.state = State{Ask: AskCode, Act: DoCharge, Offer: &charging.Offer{}}
		tn.keep()
		a, err := tn.notConfirmed(c.err)
		if err != nil {
			a = tn.refuse(err)
		}
		if reply := tn.finish(a); reply.Speech.Text() != c.want || reply.Listen != c.listen {
			t.Errorf("%v: %q, listening %v", c.err, reply.Speech.Text(), reply.Listen)
		}
	}
}

func TestAFaultIsSaidByItsCodeItsKindOrItsOwnWords(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("start: %w", clients.ErrClosed), "That client is closed."},
		{fault.New(fault.Busy, "store.busy", "x"), "I'm too busy right now. Please try again in a moment."},
		{fault.New(fault.Conflict, "store.conflict", "x"), "Somebody else changed that at the same moment. Please say it again."},
		{fault.New(fault.State, "of.tomorrow", "It is <not> possible."), "It is <not> possible."},
		{fault.New(fault.Internal, "of.tomorrow", "secret"), "Something went wrong on my side. Please try again in a moment."},
		{errors.New("secret"), "Something went wrong on my side. Please try again in a moment."},
		{firm.ErrUnlinked, "Please link your Billing Clerk account first, in the Alexa app."},
	} {
		tn := idle()
		reply := tn.finish(tn.refuse(c.err))
		if reply.Speech.Text() != c.want || reply.Listen || reply.Link != errors.Is(c.err, firm.ErrUnlinked) {
			t.Errorf("%v: %q", c.err, reply.Speech.Text())
		}
	}
}

func TestWhatIsChargedIsAskedWhenThereIsMoreThanOne(t *testing.T) {
	draft, invoice := &billing.Bill{Currency: "USD", Total: money.Of(5000, "USD")}, &billing.Bill{Number: "3", Currency: "USD", Total: money.Of(7000, "USD"), Paid: money.Of(1000, "USD")}
	for _, c := range []struct {
		choice charging.Choice
		want   string
		next   State
	}{
		{charging.Choice{Draft: draft, Invoice: invoice}, "Acme has a draft of fifty dollars, and invoice 3 is open with sixty dollars. Which of the two shall I charge?", State{Ask: AskWhat}},
		{charging.Choice{Draft: draft, Clock: true}, "A clock on Acme is not stopped yet. Shall I charge what is on the bill without it?", State{Ask: AskGo, Act: DoCharge, What: charging.ChargeDraft}},
		{charging.Choice{Invoice: invoice, Unbilled: true}, "Acme has time that is not billed yet. Shall I charge without it?", State{Ask: AskGo, Act: DoCharge, What: charging.ChargeInvoice}},
		{charging.Choice{Clock: true, Unbilled: true}, "Nothing is on Acme's bill yet, but a clock is not stopped. Shall I stop it?", State{Ask: AskGo, Act: DoStop, Then: DoCharge}},
		{charging.Choice{Unbilled: true}, "Nothing is on Acme's bill yet, but there is unbilled time. Shall I put your last entry on the bill?", State{Ask: AskGo, Act: DoAdd, Then: DoCharge}},
	} {
		tn := idle()
		c.choice.Ref = clients.Ref{Client: "c", ClientName: "Acme", Matter: "m"}
		reply := tn.finish(tn.pickFor(DoCharge, &c.choice))
		got := State{Ask: tn.next.Ask, Act: tn.next.Act, What: tn.next.What, Then: tn.next.Then}
		if reply.Speech.Text() != c.want || got.Ask != c.next.Ask || got.Act != c.next.Act || got.What != c.next.What || got.Then != c.next.Then || tn.next.Name.Matter != "m" {
			t.Errorf("%q, %+v", reply.Speech.Text(), tn.next)
		}
	}
}
