package documents

import (
	"errors"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

// issued is an office whose one matter has an invoice of 120.00.
func issued(t *testing.T) (*firmtest.Office, *Source, string) {
	t.Helper()
	o, ctx := firmtest.Open(t), t.Context()
	directory := &clients.Directory{House: o.House}
	sheets := &timekeeping.Timesheets{House: o.House, Directory: directory}
	desk := &billing.Desk{House: o.House, Directory: directory, Timesheets: sheets}
	client, matters, err := directory.Open(ctx, o.Ask(o.Admin),
		clients.Client{Number: "1001", Name: "Acme Corporation", Email: "acme@example.test", Address: []string{"1 Main Street"}},
		clients.Matter{Number: "1", Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	acme := clients.Spoken{Client: client.ID, Matter: matters[0].ID}
	if _, err := sheets.Log(ctx, o.Ask(o.Admin), acme, timekeeping.Entry{Seconds: 1320, Billable: true, Narrative: "Reviewed the lease"}); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.AddLast(ctx, o.Ask(o.Admin), acme, billing.Own); err != nil {
		t.Fatal(err)
	}
	a := o.House.Begin(o.Ask(o.Admin), firm.Action{Name: "test"})
	reading := desk.ReadDraft(a, matters[0].ID)
	if err := a.Run(ctx); err != nil {
		t.Fatal(err)
	}
	b, ops, err := reading.Issue(a, client, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Commit(ctx, b, firm.Entry{Subject: "test"}, ops...); err != nil {
		t.Fatal(err)
	}
	return o, &Source{House: o.House, Billing: desk}, b.ID
}

func TestADocumentIsBuiltFromTheFirmsOwnRecords(t *testing.T) {
	o, source, bill := issued(t)
	worker := firm.Caller{Firm: o.Firm.ID, Channel: firm.ByWorker}
	i, err := source.Build(t.Context(), worker, bill, "https://clerk.example.test/pay/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if i.Firm.Name != "Demo and Partners" || i.Firm.Location.String() != "America/New_York" || i.Bill.Number != "1" ||
		len(i.Lines) != 1 || i.Lines[0].Amount != usd(12000) || i.Bill.Recipient.Email != "acme@example.test" || !i.Made.Equal(i.Bill.Issued) {
		t.Errorf("built %+v", i)
	}
	at := o.Clock.Now().Add(time.Minute)
	i, err = source.Build(t.Context(), worker, bill, "", &Payment{Amount: usd(12000), Brand: "visa", Last4: "4242", At: at})
	if err != nil || !i.Made.Equal(at) {
		t.Errorf("with a payment it is made at %v, %v", i.Made, err)
	}
	for _, render := range []func() ([]byte, error){i.Render, i.Receipt} {
		if countPages(file(t, render)) != 1 {
			t.Error("not one page")
		}
	}
}

func TestThereIsNoDocumentOfNoInvoiceOrForAStranger(t *testing.T) {
	o, source, bill := issued(t)
	if _, err := source.Build(t.Context(), o.Admin, "nothing", "", nil); !errors.Is(err, billing.ErrNoBill) {
		t.Errorf("no invoice: %v", err)
	}
	other := firmtest.In(t, o.House, o.Clock)
	if _, err := source.Build(t.Context(), other.Admin, bill, "", nil); !errors.Is(err, billing.ErrNoBill) {
		t.Errorf("another firm's invoice: %v", err)
	}
}

func TestADocumentShowsRatesAndIsForWhoMaySeeThem(t *testing.T) {
	o, source, bill := issued(t)
	for role, want := range map[firm.Role]error{firm.Bookkeeper: nil, firm.Lawyer: nil, firm.Timekeeper: firm.ErrForbidden, firm.ReadOnly: firm.ErrForbidden} {
		c := o.Hire(t, "Rae", role)
		if _, err := source.Build(t.Context(), c, bill, "", nil); !errors.Is(err, want) {
			t.Errorf("%s: %v; want %v", role, err, want)
		}
		lines, err := source.Billing.Lines(t.Context(), o.Ask(c), bill)
		if err != nil || len(lines) != 1 || lines[0].Rate.IsZero() != (want != nil) || lines[0].Amount.IsZero() != (want != nil) {
			t.Errorf("%s reads the lines %+v, %v", role, lines, err)
		}
	}
}
