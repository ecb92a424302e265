package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/effects"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

const (
	base     = "https://clerk.test"
	password = "correct horse battery"
	theCode  = "1234"
)

// teller takes every charge, or is away.
type teller struct {
	charging.Processor
	away *bool
}

var errAway = errors.New("no answer")

func (teller) Promises() charging.Promises { return charging.Promises{Window: time.Hour} }

func (p teller) Charge(_ context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	if *p.away {
		return charging.Outcome{}, errAway
	}
	return charging.Outcome{Result: charging.Succeeded, Reference: "pay-" + r.Key, Payment: "pay-" + r.Key, Amount: r.Amount}, nil
}

func (p teller) Find(context.Context, charging.ChargeRequest) (charging.Outcome, error) {
	return charging.Outcome{}, errAway
}

// nobody carries no letter.
type nobody struct{}

func (nobody) Carry(context.Context, mail.Letter) error { return errAway }

// world is the whole system behind its pages, with Ada and Ben, who both administer it, in one office.
type world struct {
	*firmtest.Office
	system *app.System
	site   *site.Site
	post   *outbox.Post
	away   bool
	ben    firm.Caller
	order  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	f := firmtest.Open(t)
	w := &world{Office: f, ben: f.Hire(t, "Ben", firm.Admin)}
	w.system = app.Join(app.Parts{Store: f.House.Store, Now: f.Clock.Now, NewID: f.House.NewID, Pepper: f.House.Pepper, Log: slog.New(slog.DiscardHandler),
		Processor: func(context.Context, string) (charging.Processor, error) { return teller{away: &w.away}, nil }})
	folder, err := blob.OpenFolder(t.TempDir())
	w.must(t, err)
	t.Cleanup(func() { _ = folder.Close() })
	office := &effects.Office{System: w.system, Blobs: folder, Carrier: nobody{}, From: "billing@demo.test", PayLink: func(string, string) string { return base }}
	w.post = office.Post(func() float64 { return 0 })
	tokens := &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: f.Clock.Now}
	w.site, err = New(Config{System: w.system, Office: office, Links: tokens, Tokens: tokens, Base: base})
	w.must(t, err)
	people, err := w.system.House.People(t.Context(), w.console())
	w.must(t, err)
	for i, p := range people {
		p.Email = []string{"ada@demo.test", "ben@demo.test"}[i]
		if i > 0 {
			_, err := w.system.House.ChangePerson(t.Context(), w.console(), p)
			w.must(t, err)
		}
		setup := firmtest.On(w.Ask(w.Admin), firm.BySetup)
		w.must(t, (&auth.Desk{House: w.system.House}).SetPassword(t.Context(), setup, p.ID, p.Email, password))
	}
	w.must(t, w.system.House.SetCode(t.Context(), w.console(), w.Admin.Person, theCode))
	return w
}

func (w *world) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) console() firm.Caller { return firmtest.On(w.Ask(w.Admin), firm.ByConsole) }

// affairs are the ids of one client's matter and of what was charged for it.
type affairs struct{ client, matter, paid, unknown string }

// open gives a client one of everything that a list can show: a paid invoice, one whose charge is not known, a draft,
// unbilled time, money in trust; and, without an address, an invoice to be printed.
func (w *world) open(t *testing.T, name, matter, email string) (a affairs) {
	t.Helper()
	ctx := t.Context()
	w.order++
	c, m, err := w.system.Directory.Open(ctx, w.console(), clients.Client{Name: name, Number: string(rune('0' + w.order)), Email: email}, clients.Matter{Name: matter})
	w.must(t, err)
	a.client, a.matter = c.ID, m[0].ID
	w.must(t, w.system.Charges.Authorise(ctx, w.console(), charging.Authorisation{Client: a.client, Customer: "c", Method: "m", Text: "May we?", Card: charging.Card{Brand: "visa", Last4: "4242"}}))
	w.must(t, w.system.Books.DepositTrust(ctx, w.console(), a.client, a.matter, money.Of(77700, "USD")))
	spoken := clients.Spoken{Client: a.client, Matter: a.matter}
	log := func() {
		_, err := w.system.Timesheets.Log(ctx, w.Ask(w.Admin), spoken, timekeeping.Entry{Seconds: 1440, Billable: true})
		w.must(t, err)
	}
	bill := func() {
		log()
		_, err := w.system.Billing.AddLast(ctx, w.Ask(w.Admin), spoken, billing.Own)
		w.must(t, err)
	}
	charge := func(away bool) charging.Receipt {
		bill()
		w.away = away
		offer, err := w.system.Charges.Offer(ctx, w.Ask(w.Admin), spoken, charging.Wish{What: charging.ChargeDraft})
		w.must(t, err)
		r, err := w.system.Charges.Confirm(ctx, w.Ask(w.Admin), offer, theCode)
		w.must(t, err)
		return r
	}
	a.paid, a.unknown = charge(false).Invoice, charge(true).Attempt
	bill()
	log()
	return a
}

// wait lets everything fail that can fail: charges end with a person, letters are dead.
func (w *world) wait(t *testing.T, until time.Time) {
	t.Helper()
	for range 400 {
		next, err := w.post.NextDue(t.Context())
		w.must(t, err)
		if next.IsZero() {
			if w.Clock.Now().After(until) {
				t.Fatal("it rested only at", w.Clock.Now())
			}
			w.Clock.Set(until)
			return
		}
		if next.After(w.Clock.Now()) {
			w.Clock.Set(next)
		}
		_, err = w.post.Sweep(t.Context())
		w.must(t, err)
	}
	t.Fatal("it never comes to rest")
}

// visitor is somebody's browser.
type visitor struct {
	site    *site.Site
	cookies map[string]string
}

func (w *world) signIn(t *testing.T, email string) *visitor {
	t.Helper()
	v := &visitor{w.site, map[string]string{}}
	if status, page := v.ask(http.MethodPost, "/signin", url.Values{"email": {email}, "password": {password}}); status != http.StatusSeeOther {
		t.Fatal(status, page)
	}
	return v
}

func (v *visitor) ask(method, path string, form url.Values) (status int, page string) {
	r := httptest.NewRequest(method, base+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if !strings.HasSuffix(c.Name, "notice") { // what an act says of itself belongs to no page
			v.cookies[c.Name] = c.Value
		}
	}
	body, _ := io.ReadAll(w.Body)
	return w.Code, string(body)
}
