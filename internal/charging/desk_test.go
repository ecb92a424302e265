package charging

import (
	"context"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
)

const theCode = "1234"

// desk is a firm with its modules, a client whose card may be charged, and a bank.
type desk struct {
	*firmtest.Office
	*Charges
	sheets *timekeeping.Timesheets
	bank   *bank
	faults []bankFault // of the calls to come
	calls  []string    // that were made
	client clients.Client
	matter clients.Matter
	post   *outbox.Post
	mailed []string // invoices
}

// modules builds what charging stands on.
func modules(house *firm.House, processor Processor) (*Charges, *timekeeping.Timesheets) {
	dir := &clients.Directory{House: house}
	sheets := &timekeeping.Timesheets{House: house, Directory: dir}
	return &Charges{
		House: house, Directory: dir,
		Billing:   &billing.Desk{House: house, Directory: dir, Timesheets: sheets},
		Processor: func(context.Context, string) (Processor, error) { return processor, nil },
	}, sheets
}

func newBank(now func() time.Time) *bank {
	return &bank{now: now, replies: map[string]*reply{}, moved: func(string, int64) {},
		back: func(string, int64) {}, fee: func(int64) {}}
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	o := firmtest.Open(t)
	d := &desk{Office: o, bank: newBank(o.Clock.Now)}
	d.Charges, d.sheets = modules(o.House, &teller{bank: d.bank, meet: d.meet, window: promised})
	d.post = &outbox.Post{
		Store: o.House.Store, Now: o.Clock.Now, Jitter: func() float64 { return 1 }, Workers: 1,
		Handlers: map[string]outbox.Handler{KindResume: d.Deliver, KindMail: d.mail},
	}
	if err := o.House.SetCode(t.Context(), firmtest.On(d.Ask(o.Admin), firm.ByConsole), o.Admin.Person, theCode); err != nil {
		t.Fatal(err)
	}
	d.open(t, "Acme Corporation", "office@acme.test", goodCard)
	return d
}

// open opens another client, makes it the desk's, and records its card.
func (d *desk) open(t *testing.T, name, email, method string) {
	t.Helper()
	c, m, err := d.Directory.Open(t.Context(), d.Ask(d.Admin), clients.Client{Name: name, Number: name[:4], Email: email}, clients.Matter{Name: "lease"})
	if err != nil {
		t.Fatal(err)
	}
	d.client, d.matter = c, m[0]
	d.authorise(t, Authorisation{Method: method})
}

func (d *desk) authorise(t *testing.T, a Authorisation) {
	t.Helper()
	a.Client, a.Customer, a.Text, a.Card = d.client.ID, "cus", "May we?", Card{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2030}
	if err := d.Authorise(t.Context(), d.Ask(d.Admin), a); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) meet(what string) bankFault {
	d.calls = append(d.calls, what)
	if len(d.faults) == 0 {
		return bankWell
	}
	f := d.faults[0]
	d.faults = d.faults[1:]
	return f
}

func (d *desk) mail(_ context.Context, m outbox.Message) error {
	d.mailed = append(d.mailed, string(m.Payload))
	return nil
}

// work logs 24 minutes and puts them on the bill: 120 dollars.
func (d *desk) work(t *testing.T) {
	t.Helper()
	d.log(t)
	if _, err := d.Billing.AddLast(t.Context(), d.Ask(d.Admin), d.spoken(), billing.Own); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) log(t *testing.T) {
	t.Helper()
	start := d.Clock.Now().Add(-24 * time.Minute)
	e := timekeeping.Entry{Start: start, Stop: d.Clock.Now(), Seconds: 24 * 60, Billable: true}
	if _, err := d.sheets.Log(t.Context(), d.Ask(d.Admin), d.spoken(), e); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) spoken() clients.Spoken {
	return clients.Spoken{Client: d.client.ID, Matter: d.matter.ID}
}

func (d *desk) offer(t *testing.T) Offer {
	t.Helper()
	o, err := d.Offer(t.Context(), d.Ask(d.Admin), d.spoken(), Wish{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// worked puts work on the bill and offers to charge it.
func (d *desk) worked(t *testing.T) Offer {
	t.Helper()
	d.work(t)
	return d.offer(t)
}

func (d *desk) confirm(t *testing.T, o Offer) Receipt {
	t.Helper()
	r, err := d.Confirm(t.Context(), d.Ask(d.Admin), o, theCode)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (d *desk) sweep(t *testing.T, later time.Duration) {
	t.Helper()
	d.Clock.Advance(later)
	if _, err := d.post.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) bill(t *testing.T, id string) billing.Bill {
	t.Helper()
	b, err := d.Billing.Get(t.Context(), d.Ask(d.Admin), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *desk) got(t *testing.T, attempt string) Attempt {
	t.Helper()
	a, err := d.attempt(t.Context(), d.Admin, attempt)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// taken is what the books say was taken by the processor and not given back.
func (d *desk) taken(t *testing.T) money.Amount {
	t.Helper()
	return d.books(t)[ledger.Clearing]
}

// books are the sums of all accounts.
func (d *desk) books(t *testing.T) map[ledger.Account]money.Amount {
	t.Helper()
	all, err := (&ledger.Books{House: d.Charges.House}).Balances(t.Context(), d.Ask(d.Admin))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (d *desk) sends() (n int) {
	for _, c := range d.calls {
		if len(c) > 7 && c[:7] == "charge " {
			n++
		}
	}
	return n
}
