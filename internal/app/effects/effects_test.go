package effects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// studio is a firm with an office that sends into a list.
type studio struct {
	*firmtest.Office
	office *Office
	core   *sandbox.Core
	log    bytes.Buffer
	sent   []mail.Letter
	refuse error // what the carrier answers
	fault  sandbox.Fault
}

func newStudio(t *testing.T) *studio {
	t.Helper()
	clock := firmtest.NewClock()
	s := &studio{}
	s.core = sandbox.NewCore(sandbox.Options{Now: clock.Now, Fault: func(sandbox.Call) sandbox.Fault { return s.fault }})
	processor := sandbox.NewProcessor(s.core, charging.Promises{Window: 23 * time.Hour})
	backend := memory.New(clock.Now)
	house := firmtest.House(backend, clock)
	system := app.Join(app.Parts{
		Store: backend, Now: clock.Now, NewID: house.NewID, Pepper: house.Pepper, Log: slog.New(slog.NewJSONHandler(&s.log, nil)),
		Processor: func(context.Context, string) (charging.Processor, error) { return processor, nil },
	})
	s.Office = firmtest.In(t, system.House, clock)
	blobs, err := blob.OpenFolder(t.TempDir())
	must(t, err)
	s.office = &Office{System: system, Blobs: blobs, Carrier: s, From: "billing@demo.test",
		PayLink: func(_, invoice string) string { return "https://pay.clerk.test/pay/" + invoice }}
	must(t, system.House.SetCode(t.Context(), s.Ask(firmtest.On(s.Admin, firm.BySetup)), s.Admin.Person, "1234"))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Carry implements mail.Carrier.
func (s *studio) Carry(_ context.Context, l mail.Letter) error {
	s.sent = append(s.sent, l)
	return s.refuse
}

// charge works for a new client with an e-mail address, or none, and charges a test card for it.
func (s *studio) charge(t *testing.T, email, card string) charging.Receipt {
	t.Helper()
	system := s.office.System
	c, m, err := system.Directory.Open(t.Context(), s.Ask(firmtest.On(s.Admin, firm.BySetup)),
		clients.Client{Name: "Acme Corporation", Number: "1001", Email: email}, clients.Matter{Name: "lease"})
	must(t, err)
	s.authorise(t, c.ID, card)
	named := clients.Spoken{Client: c.ID, Matter: m[0].ID}
	_, err = system.Timesheets.Start(t.Context(), s.Ask(s.Admin), named, timekeeping.When{})
	must(t, err)
	s.Clock.Advance(20 * time.Minute)
	_, err = system.Timesheets.Stop(t.Context(), s.Ask(s.Admin), named, timekeeping.When{})
	must(t, err)
	_, err = system.Billing.AddLast(t.Context(), s.Ask(s.Admin), named, billing.Own)
	must(t, err)
	offer, err := system.Charges.Offer(t.Context(), s.Ask(s.Admin), named, charging.Wish{What: charging.ChargeDraft})
	must(t, err)
	receipt, err := system.Charges.Confirm(t.Context(), s.Ask(s.Admin), offer, "1234")
	must(t, err)
	return receipt
}

func (s *studio) authorise(t *testing.T, client, card string) {
	t.Helper()
	p, err := s.office.System.Charges.Processor(t.Context(), s.Firm.ID)
	must(t, err)
	customer, err := p.Customer(t.Context(), client)
	must(t, err)
	page, err := p.SavePage(t.Context(), charging.PageRequest{Key: s.House.NewID(), Customer: customer, Return: "https://clerk.test/", Expires: s.Clock.Now().Add(time.Hour)})
	must(t, err)
	_, _, err = s.core.Pay(page.Reference, sandbox.CardForm{Number: card})
	must(t, err)
	method, err := p.Saved(t.Context(), page.Reference)
	must(t, err)
	shown, err := p.Card(t.Context(), customer, method.ID)
	must(t, err)
	must(t, s.office.System.Charges.Authorise(t.Context(), s.Ask(firmtest.On(s.Admin, firm.BySetup)),
		charging.Authorisation{Client: client, Customer: customer, Method: method.ID, Card: shown, Text: "You may charge this card."}))
}

// sweep lets everything happen that is due within a time.
func (s *studio) sweep(t *testing.T, d time.Duration) {
	t.Helper()
	s.Clock.Advance(d)
	_, err := s.office.Post(func() float64 { return 0 }).Sweep(t.Context())
	must(t, err)
}

// files are the names of a letter's attachments.
func files(t *testing.T, l mail.Letter) (names []string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(l.Raw))
	must(t, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return names
		}
		must(t, err)
		if name := part.FileName(); name != "" {
			names = append(names, name)
		}
	}
}

func TestAPaidInvoiceGoesToItsClientWithItsReceipt(t *testing.T) {
	s := newStudio(t)
	s.charge(t, "ap@acme.test", "pm_card_visa")
	s.sweep(t, time.Minute)
	if len(s.sent) != 1 || s.sent[0].To != "ap@acme.test" || s.sent[0].From != "billing@demo.test" {
		t.Fatalf("sent %d letters: %+v", len(s.sent), s.sent)
	}
	if got := files(t, s.sent[0]); !slices.Equal(got, []string{"invoice-1.pdf", "receipt-1.pdf"}) {
		t.Errorf("attached: %v", got)
	}
	s.sweep(t, time.Hour)
	if len(s.sent) != 1 {
		t.Errorf("sent %d times", len(s.sent))
	}
}

// The mail server took the letter and its answer was lost, again and again: what goes out again is the same letter.
func TestALetterThatIsSentAgainIsTheSameLetter(t *testing.T) {
	s := newStudio(t)
	s.refuse = errors.New("smtp: connect: no route")
	s.charge(t, "ap@acme.test", "pm_card_visa")
	s.sweep(t, time.Minute)
	s.sweep(t, time.Hour)
	s.refuse = nil
	s.sweep(t, 3*time.Hour)
	if len(s.sent) != 3 {
		t.Fatalf("sent %d times", len(s.sent))
	}
	for _, l := range s.sent[1:] {
		if !bytes.Equal(l.Raw, s.sent[0].Raw) || l.ID != s.sent[0].ID {
			t.Error("the letter that was sent again is another")
		}
	}
	if log := s.log.String(); !strings.Contains(log, "no route") || strings.Contains(log, "acme") {
		t.Errorf("logged %s", log)
	}
}

// What the firm's hold is for: a payment that was given back before its letter went out is not told of, and nobody is asked
// to pay it again.
func TestALetterTellsOfNoPaymentThatWasGivenBack(t *testing.T) {
	s := newStudio(t)
	receipt := s.charge(t, "ap@acme.test", "pm_card_visa")
	if a, err := s.office.System.Charges.Refund(t.Context(), s.Ask(s.Admin), receipt.Attempt); err != nil || a.State != charging.Refunded {
		t.Fatal(a.State, err)
	}
	s.sweep(t, time.Hour)
	if len(s.sent) != 0 {
		t.Errorf("sent %d letters", len(s.sent))
	}
	if next, err := s.office.Post(nil).NextDue(t.Context()); err != nil || !next.IsZero() {
		t.Errorf("something still waits until %v, %v", next, err)
	}
}

// While nobody knows yet whether the money was given back, the letter waits; when it was not, the letter goes.
func TestALetterWaitsForARefundThatIsUnderWay(t *testing.T) {
	s := newStudio(t)
	receipt := s.charge(t, "ap@acme.test", "pm_card_visa")
	s.fault = sandbox.Fault{Kind: sandbox.Vanish}
	if a, err := s.office.System.Charges.Refund(t.Context(), s.Ask(s.Admin), receipt.Attempt); err != nil || a.State != charging.Refunding {
		t.Fatal(a.State, err)
	}
	for range 30 {
		s.sweep(t, time.Minute)
	}
	if len(s.sent) != 0 {
		t.Fatalf("sent %d letters", len(s.sent))
	}
	s.fault = sandbox.Fault{}
	for range 3 {
		s.sweep(t, time.Hour)
	}
	if a, err := s.office.System.Charges.Attempts(t.Context(), s.Ask(s.Admin), receipt.Invoice); err != nil || a[0].State != charging.Refunded || len(s.sent) != 0 {
		t.Errorf("%v %v, sent %d letters", a, err, len(s.sent))
	}
}

// crashing is a blob store that ends the process, as it were, at a call of Put: before it is done or after.
type crashing struct {
	blob.Store
	puts, at int
	after    bool
}

var errCrash = errors.New("crashed")

func (c *crashing) Put(ctx context.Context, key string, content []byte) error {
	if c.puts++; c.puts != c.at {
		return c.Store.Put(ctx, key, content)
	}
	if c.after {
		if err := c.Store.Put(ctx, key, content); err != nil {
			return err
		}
	}
	return errCrash
}

// Whatever is rendered and kept before a crash, the letter goes out once afterwards and holds the invoice.
func TestACrashBetweenRenderingAndSendingSendsOnce(t *testing.T) {
	for at := 1; at <= 3; at++ { // invoice, receipt, letter
		for _, after := range []bool{false, true} {
			s := newStudio(t)
			store := &crashing{Store: s.office.Blobs, at: at, after: after}
			s.office.Blobs = store
			s.charge(t, "ap@acme.test", "pm_card_visa")
			s.sweep(t, time.Minute)
			if len(s.sent) != 0 || store.puts != at {
				t.Fatalf("at %d: sent %d, %d puts", at, len(s.sent), store.puts)
			}
			s.sweep(t, time.Hour)
			if len(s.sent) != 1 || len(files(t, s.sent[0])) != 2 {
				t.Errorf("at %d, after %v: sent %d letters", at, after, len(s.sent))
			}
		}
	}
}

// A declined charge leaves an invoice without a receipt, and mails nothing by itself.
func TestADeclinedChargeMailsNothingAndHasNoReceipt(t *testing.T) {
	s := newStudio(t)
	receipt := s.charge(t, "ap@acme.test", "pm_card_chargeCustomerFail")
	s.sweep(t, time.Hour)
	if receipt.State != charging.Refused || len(s.sent) != 0 {
		t.Fatalf("%s, %d letters", receipt.State, len(s.sent))
	}
	l, err := s.office.letter(t.Context(), outbox.Message{ID: "by-hand", Firm: s.Firm.ID}, order{receipt.Invoice, receipt.Attempt})
	must(t, err)
	if got := files(t, l); !slices.Equal(got, []string{"invoice-1.pdf"}) {
		t.Errorf("attached: %v", got)
	}
	pdf, err := s.office.Invoice(t.Context(), s.Ask(firmtest.On(s.Admin, firm.ByConsole)), receipt.Invoice)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("on the console: %.10q, %v", pdf, err)
	}
}

// Without an address the paid invoice waits to be printed; a message that asks to mail it fails and says why.
func TestWithoutAnAddressNothingIsMailed(t *testing.T) {
	s := newStudio(t)
	receipt := s.charge(t, "", "pm_card_visa")
	s.sweep(t, time.Hour)
	queue, err := s.office.System.Charges.PrintQueue(t.Context(), s.Ask(s.Admin))
	if err != nil || len(queue) != 1 || len(s.sent) != 0 || receipt.Mailed {
		t.Errorf("print queue %v, %d letters, %v", queue, len(s.sent), err)
	}
	_, err = s.office.letter(t.Context(), outbox.Message{ID: "by-hand", Firm: s.Firm.ID}, order{receipt.Invoice, receipt.Attempt})
	if !errors.Is(err, mail.ErrAddress) {
		t.Errorf("a letter to nobody: %v", err)
	}
	if err := s.office.send(t.Context(), outbox.Message{ID: "x", Firm: s.Firm.ID, Payload: []byte("{")}); err == nil {
		t.Error("half a payload was taken")
	}
}
