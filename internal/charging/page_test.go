package charging

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
)

// declined is a desk with an invoice whose card was declined: the payer may pay it on a page.
func declined(t *testing.T) (*desk, Receipt) {
	t.Helper()
	d := newDesk(t)
	d.open(t, "Hughes Medical", "office@hughes.test", brokeCard)
	return d, d.confirm(t, d.worked(t))
}

func (d *desk) openPage(t *testing.T, invoice string) (string, error) {
	t.Helper()
	return d.OpenPage(t.Context(), firm.Payer(d.Admin.Firm, d.Charges.House.NewID()), invoice, "https://clerk/back")
}

func (d *desk) view(t *testing.T, invoice string) PayView {
	t.Helper()
	v, err := d.PayView(t.Context(), d.Admin.Firm, invoice)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAPayerPaysOnThePageAndTheInvoiceIsSettled(t *testing.T) {
	d, r := declined(t)
	if v := d.view(t, r.Invoice); v != (PayView{"Demo and Partners", "1", dollars, PayOpen}) {
		t.Errorf("before: %+v", v)
	}
	url, err := d.openPage(t, r.Invoice)
	if err != nil {
		t.Fatal(err)
	}
	if v := d.view(t, r.Invoice); v.State != PayOpen {
		t.Errorf("while the page is open: %+v", v)
	}
	if again, err := d.openPage(t, r.Invoice); again != url || err != nil {
		t.Errorf("the open page is used again: %q %v", again, err)
	}
	if !d.bank.pay(url) {
		t.Fatal("the page does not take the money")
	}
	if v := d.view(t, r.Invoice); v != (PayView{"Demo and Partners", "1", dollars, PayPaid}) {
		t.Errorf("when the payer comes back: %+v", v)
	}
	if _, err := d.openPage(t, r.Invoice); !errors.Is(err, ErrNoPayment) {
		t.Errorf("another page: %v", err)
	}
	d.sweep(t, time.Hour)
	if d.taken(t) != dollars || len(d.mailed) != 1 {
		t.Errorf("%v taken, mailed %v", d.taken(t), d.mailed)
	}
}

func TestAnEarlierPageIsClosedBeforeTheNext(t *testing.T) {
	d, r := declined(t)
	first, err := d.openPage(t, r.Invoice)
	if err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(pageLife - pageLeft)
	d.faults = []bankFault{bankVanish}
	if _, err := d.openPage(t, r.Invoice); !errors.Is(err, ErrLater) || len(d.bank.pages) != 1 {
		t.Fatalf("its closing was lost: %v", err)
	}
	second, err := d.openPage(t, r.Invoice)
	if err != nil || second == first {
		t.Fatalf("%q %v", second, err)
	}
	if d.bank.pay(first) || !d.bank.pay(second) {
		t.Error("the first page still takes money, or the second does not")
	}
}

func TestAPageThatWasPaidMeanwhileEndsTheMatter(t *testing.T) {
	d, r := declined(t)
	url, err := d.openPage(t, r.Invoice)
	if err != nil {
		t.Fatal(err)
	}
	d.bank.pay(url)
	d.authorise(t, Authorisation{Method: goodCard})
	o := d.offer(t) // nothing was heard of it yet
	if _, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode); !errors.Is(err, billing.ErrSettled) {
		t.Errorf("got %v", err)
	}
	if d.sends() != 1 || d.taken(t) != dollars {
		t.Errorf("%d sends, %v taken", d.sends(), d.taken(t))
	}
}

func TestAPageWhoseAnswerWasLostFreesTheInvoice(t *testing.T) {
	d, r := declined(t)
	d.faults = []bankFault{bankLoseReply}
	if _, err := d.openPage(t, r.Invoice); !errors.Is(err, ErrLater) {
		t.Fatalf("got %v", err)
	}
	if _, err := d.openPage(t, r.Invoice); !errors.Is(err, ErrNoPayment) {
		t.Errorf("while it is not known: %v", err)
	}
	if v := d.view(t, r.Invoice); v.State != PayProcessing {
		t.Errorf("%+v", v)
	}
	d.sweep(t, Lease)
	if url, err := d.openPage(t, r.Invoice); err != nil || url == "" {
		t.Errorf("afterwards: %q %v", url, err)
	}
}

func TestAPageThatNobodyPaysFreesTheInvoice(t *testing.T) {
	d, r := declined(t)
	if _, err := d.openPage(t, r.Invoice); err != nil {
		t.Fatal(err)
	}
	d.sweep(t, pageLife)
	if b := d.bill(t, r.Invoice); b.Hold != "" || b.State != billing.Issued {
		t.Errorf("%+v", b)
	}
}

func TestADraftOrAStrangersInvoiceHasNoPage(t *testing.T) {
	d := newDesk(t)
	o := d.worked(t)
	for _, id := range []string{o.Bill, "other", "", "a/b"} {
		if _, err := d.openPage(t, id); !errors.Is(err, billing.ErrNoBill) || len(d.calls) != 0 {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := d.PayView(t.Context(), d.Admin.Firm, id); !errors.Is(err, billing.ErrNoBill) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestARepeatedRequestForAPageGetsThatPageWhileItIsOpen(t *testing.T) {
	d, r := declined(t)
	c := firm.Payer(d.Admin.Firm, "the same request")
	url, err := d.OpenPage(t.Context(), c, r.Invoice, "https://clerk/back")
	if err != nil {
		t.Fatal(err)
	}
	d.sweep(t, pageLife) // nobody paid, and the page ran out
	if again, err := d.OpenPage(t.Context(), c, r.Invoice, "https://clerk/back"); !errors.Is(err, ErrLater) || again == url {
		t.Errorf("a page that is closed was handed out: %q %v", again, err)
	}
}

func TestABillHeldBackHasNoPage(t *testing.T) {
	for state, want := range map[billing.State]error{billing.Issued: nil, billing.Voided: ErrNoPayment} {
		for onHold, also := range map[bool]error{false: want, true: ErrNoPayment} {
			if err := refusedPage(billing.Bill{State: state, OnHold: onHold}); !errors.Is(err, also) {
				t.Errorf("%s, on hold %v: %v", state, onHold, err)
			}
		}
	}
}
