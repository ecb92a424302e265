package alexa_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/voice"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

const skillID = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555"

// world is the demo firm with a skill in front of it, and a processor behind it that keeps its state in memory.
type world struct {
	*firmtest.Office
	skill   *alexa.Skill
	charges *charging.Charges
	core    *sandbox.Core

	processor charging.Processor

	clients map[string]clients.Client
	tokens  tokens
	log     *bytes.Buffer
	ids     atomic.Int64
	locale  string        // of every device; empty: en-US
	lost    sandbox.Fault // what befalls the next calls of the processor
}

// tokens are the access tokens of the people who linked their account.
type tokens map[string]firm.Caller

func (t tokens) Open(token string) (firm.Caller, error) {
	c, ok := t[token]
	if !ok {
		return c, fault.New(fault.Unauthenticated, "token.foreign", "not ours")
	}
	c.Request, c.Channel = "", ""
	return c, nil
}

var (
	demoNames = []string{"Acme Corporation", "Beta Industries", "O'Brien & Sons", "Nguyen Family Trust", "Hughes Medical", "Schmidt Holdings", "Schmitt Logistics"}
	demoCards = [][2]string{{"Acme Corporation", "pm_card_visa"}, {"Beta Industries", "pm_card_visa"}, {"Hughes Medical", "pm_card_chargeCustomerFail"}}
)

func demo(t testing.TB) *world {
	t.Helper()
	return furnish(t, firmtest.Open(t), "Marlow Group", demoNames, demoCards)
}

// furnish gives a firm its clients, the last of which has several matters, its cards, its lawyers and a skill.
func furnish(t testing.TB, office *firmtest.Office, several string, names []string, cards [][2]string) *world {
	t.Helper()
	w := &world{Office: office, clients: map[string]clients.Client{}, log: &bytes.Buffer{}}
	w.core = sandbox.NewCore(sandbox.Options{Now: w.Clock.Now, Fault: func(sandbox.Call) sandbox.Fault { return w.lost }})
	w.processor = sandbox.NewProcessor(w.core, charging.Promises{Window: 23 * time.Hour})
	dir := &clients.Directory{House: w.House}
	sheets := &timekeeping.Timesheets{House: w.House, Directory: dir}
	desk := &billing.Desk{House: w.House, Directory: dir, Timesheets: sheets}
	w.charges = &charging.Charges{House: w.House, Directory: dir, Billing: desk, Deadline: 5 * time.Second,
		Processor: func(context.Context, string) (charging.Processor, error) { return w.processor, nil }}
	w.skill = &alexa.Skill{ApplicationID: skillID, Now: w.Clock.Now, Log: slog.New(slog.NewJSONHandler(&lockedWriter{to: w.log}, &slog.HandlerOptions{ReplaceAttr: untimed})),
		Clerk: &voice.Clerk{House: w.House, Timesheets: sheets, Billing: desk, Charges: w.charges}}
	w.people(t)
	for i, name := range names {
		w.client(t, dir, i, name, "lease")
	}
	w.client(t, dir, len(names), several, "lease", "merger", "tax appeal")
	for _, saved := range cards {
		w.authorise(t, w.processor, w.clients[saved[0]], saved[1])
	}
	return w
}

// untimed leaves the wall clock's time out of the log.
func untimed(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// lockedWriter lets two conversations log at once.
type lockedWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// people links Ada and Ben, whose codes are 1234 and 4321.
func (w *world) people(t testing.TB) {
	t.Helper()
	ben := w.Hire(t, "Ben", firm.Lawyer)
	w.tokens = tokens{"ada-token": w.Admin, "ben-token": ben}
	w.skill.Tokens = w.tokens
	for _, c := range [][2]string{{w.Admin.Person, "1234"}, {ben.Person, "4321"}} {
		setup := w.Ask(firmtest.On(w.Admin, firm.BySetup))
		if err := w.House.SetCode(t.Context(), setup, c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) client(t testing.TB, dir *clients.Directory, i int, name string, matters ...string) {
	t.Helper()
	c := clients.Client{Name: name, Number: fmt.Sprint(1001 + i), Email: fmt.Sprintf("client%d@clients.test", i)}
	if name == "Marlow Group" {
		c.Email = ""
	}
	var list []clients.Matter
	for _, m := range matters {
		list = append(list, clients.Matter{Name: m})
	}
	c, _, err := dir.Open(t.Context(), w.Ask(w.Admin), c, list...)
	if err != nil {
		t.Fatal(err)
	}
	w.clients[name] = c
}

// authorise lets the client save a card on the processor's page and gives leave to charge it.
func (w *world) authorise(t testing.TB, p charging.Processor, c clients.Client, card string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	customer, err := p.Customer(t.Context(), c.ID)
	must(err)
	page, err := p.SavePage(t.Context(), charging.PageRequest{Key: w.House.NewID(), Customer: customer, Return: "https://clerk.test/", Expires: w.Clock.Now().Add(time.Hour)})
	must(err)
	_, problems, err := w.core.Pay(page.Reference, sandbox.CardForm{Number: card})
	must(err)
	if problems != nil {
		t.Fatalf("card %s: %v", card, problems)
	}
	method, err := p.Saved(t.Context(), page.Reference)
	must(err)
	shown, err := p.Card(t.Context(), customer, method.ID)
	must(err)
	must(w.charges.Authorise(t.Context(), w.Ask(firmtest.On(w.Admin, firm.BySetup)), charging.Authorisation{
		Client: c.ID, Customer: customer, Method: method.ID, Card: shown, Text: "You may charge this card."}))
}

// change changes the firm's settings.
func (w *world) change(ctx context.Context, f func(*firm.Firm)) error {
	setup := w.Ask(firmtest.On(w.Admin, firm.BySetup))
	now, err := w.House.Get(ctx, setup)
	if err != nil {
		return err
	}
	f(&now)
	_, err = w.House.ChangeFirm(ctx, setup, now)
	return err
}

// device is where a lawyer talks.
func (w *world) device(t testing.TB, lawyer string) *talk.Conversation {
	t.Helper()
	o := talk.Options{
		ApplicationID: skillID, UserID: "amzn1.ask.account.DEMO", DeviceID: "amzn1.ask.device.DEMO", AccessToken: "ada-token",
		Now: w.Clock.Now, NewID: func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids.Add(1)) },
	}
	switch lawyer {
	case "ben":
		o.AccessToken = "ben-token"
	case "stranger":
		o.AccessToken = ""
	case "recognised":
		o.PersonID, o.PersonAccessToken = "amzn1.ask.person.ADA", "ada-token"
	}
	o.Locale = cmp.Or(w.locale, "en-US")
	model, err := infra.Model(o.Locale)
	if err != nil {
		t.Fatal(err)
	}
	c, err := talk.New(model, w.skill.Handle, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stage performs plays in the world.
func (w *world) stage(t testing.TB) talk.Stage {
	return talk.Stage{
		Conversation: func(lawyer string) *talk.Conversation { return w.device(t, lawyer) },
		Pass:         w.Clock.Advance,
		Directions: map[string]func(context.Context) error{
			"the firm holds names and amounts back": func(ctx context.Context) error {
				return w.change(ctx, func(f *firm.Firm) { f.Voice.Discretion = true })
			},
			"the firm allows no notes by voice": func(ctx context.Context) error {
				return w.change(ctx, func(f *firm.Firm) { f.Voice.FreeNotes = false })
			},
			"the firm remembers names": func(ctx context.Context) error {
				return w.change(ctx, func(f *firm.Firm) { f.Voice.Learn = true })
			},
			"the firm adds tax": func(ctx context.Context) error {
				return w.change(ctx, func(f *firm.Firm) { f.Tax = firm.Tax{Name: "GRT", PPM: 50_000} })
			},
			"the firm holds invoices for two minutes": func(ctx context.Context) error {
				return w.change(ctx, func(f *firm.Firm) { f.Mail.Hold = 2 * time.Minute })
			},
			"the code becomes 004455": func(ctx context.Context) error {
				return w.House.SetCode(ctx, w.Ask(firmtest.On(w.Admin, firm.BySetup)), w.Admin.Person, "004455")
			},
			"an admin limits charges by voice to 20 dollars": func(ctx context.Context) error { return w.limit(ctx, w.Admin.Person, 2000) },
			"the processor does not answer": func(context.Context) error {
				w.lost = sandbox.Fault{Kind: sandbox.LoseReply}
				return nil
			},
		},
	}
}

// limit lets a person charge at most some cents by voice.
func (w *world) limit(ctx context.Context, person string, cents int64) error {
	people, err := w.House.People(ctx, w.Ask(firmtest.On(w.Admin, firm.BySetup)))
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.ID == person {
			p.Limit = money.Of(cents, "USD")
			_, err = w.House.ChangePerson(ctx, w.Ask(firmtest.On(w.Admin, firm.BySetup)), p)
		}
	}
	return err
}

func script(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}
