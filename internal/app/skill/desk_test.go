package skill

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/infra"
	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

// office is the demo firm on the memory store behind the real handler, with everything counted.
type office struct {
	*firmtest.Office
	system  *app.System
	skill   *alexa.Skill
	store   *storetest.Faulty
	signer  *token.Signer
	core    *sandbox.Core
	clients map[string]clients.Client
	matters map[string]clients.Matter
	calls   atomic.Int64 // of the processor
	ids     atomic.Int64
}

func opened(t testing.TB) *office {
	t.Helper()
	clock := firmtest.NewClock()
	return openedOn(t, memory.New(clock.Now), clock)
}

// The keys that tokens are signed and codes are hashed with.
var tokenKey, pepper = bytes.Repeat([]byte("k"), 32), bytes.Repeat([]byte("p"), 32)

func openedOn(t testing.TB, backend store.Backend, clock *firmtest.Clock) *office {
	t.Helper()
	o := &office{store: storetest.NewFaulty(backend, nil), clients: map[string]clients.Client{}, matters: map[string]clients.Matter{}}
	o.core = sandbox.NewCore(sandbox.Options{Now: clock.Now, Fault: func(sandbox.Call) sandbox.Fault { o.calls.Add(1); return sandbox.Fault{} }})
	processor := sandbox.NewProcessor(o.core, charging.Promises{Window: 23 * time.Hour})
	o.system = app.Join(app.Parts{
		Store: o.store, Now: clock.Now, NewID: o.id, Pepper: pepper, Log: slog.New(slog.DiscardHandler),
		Processor: func(context.Context, string) (charging.Processor, error) { return processor, nil },
	})
	o.Office = firmtest.In(t, o.system.House, clock)
	o.signer = &token.Signer{Keys: [][]byte{tokenKey}, Now: clock.Now}
	o.skill = &alexa.Skill{ApplicationID: config.DemoSkillID, Tokens: o.signer, Clerk: o.system.Clerk(), Log: o.system.Log, Now: clock.Now}
	must(t, o.House.SetCode(t.Context(), o.setup(), o.Admin.Person, "1234"))
	for _, name := range []string{"Acme Corporation", "Beta Industries", "O'Brien & Sons", "Nguyen Family Trust", "Hughes Medical", "Schmidt Holdings", "Schmitt Logistics"} {
		o.open(t, name)
	}
	o.card(t, processor, "Acme Corporation")
	return o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) id() string { return fmt.Sprintf("0190a000-0000-7000-8000-%012d", o.ids.Add(1)) }

// setup is Ada with a fresh request, outside of a talk.
func (o *office) setup() firm.Caller { return o.Ask(firmtest.On(o.Admin, firm.BySetup)) }

func (o *office) open(t testing.TB, name string) {
	t.Helper()
	c, m, err := o.system.Directory.Open(t.Context(), o.setup(), clients.Client{Name: name, Number: fmt.Sprint(1000 + len(o.clients)), Email: "client@clients.test"}, clients.Matter{Name: "lease"})
	must(t, err)
	o.clients[name], o.matters[name] = c, m[0]
}

// card puts a test card on file, with leave to charge it.
func (o *office) card(t testing.TB, p charging.Processor, client string) {
	t.Helper()
	id := o.clients[client].ID
	customer, err := p.Customer(t.Context(), id)
	must(t, err)
	page, err := p.SavePage(t.Context(), charging.PageRequest{Key: o.id(), Customer: customer, Return: "https://clerk.test/", Expires: o.Clock.Now().Add(time.Hour)})
	must(t, err)
	_, _, err = o.core.Pay(page.Reference, sandbox.CardForm{Number: "pm_card_visa"})
	must(t, err)
	method, err := p.Saved(t.Context(), page.Reference)
	must(t, err)
	shown, err := p.Card(t.Context(), customer, method.ID)
	must(t, err)
	must(t, o.system.Charges.Authorise(t.Context(), o.setup(), charging.Authorisation{Client: id, Customer: customer, Method: method.ID, Card: shown, Text: "You may charge this card."}))
}

func (o *office) device(t testing.TB) *talk.Conversation {
	t.Helper()
	model, err := infra.Model("en-US")
	must(t, err)
	c, err := talk.New(model, o.skill.Handle, talk.Options{
		ApplicationID: config.DemoSkillID, UserID: "amzn1.ask.account.DEMO", DeviceID: "amzn1.ask.device.DEMO",
		AccessToken: o.signer.Access(o.Admin, 1000*time.Hour), Now: o.Clock.Now, NewID: o.id,
	})
	must(t, err)
	return c
}

// crowd adds clients that are never named: the name records of clones of the seven, under other names that sound
// alike among themselves, each with a matter of the same name as theirs.
func (o *office) crowd(t testing.TB, n int) {
	t.Helper()
	const kinds = 100
	for i := range min(n, kinds) {
		o.open(t, invented(i))
	}
	var patterns []store.Record
	ids := map[string]string{}
	for i := range min(n, kinds) {
		ids[o.clients[invented(i)].ID] = ""
	}
	must(t, o.store.Walk(t.Context(), func(r store.Record) error {
		if _, ours := ids[r.Sort[strings.LastIndex(r.Sort, "open-")+len("open-"):]]; strings.HasPrefix(r.Sort, "open-") && ours {
			patterns = append(patterns, r)
		}
		return nil
	}))
	if len(patterns) < min(n, kinds) {
		t.Fatalf("only %d name records of %d clients", len(patterns), min(n, kinds))
	}
	var ops []store.Op
	for clone := 1; clone < n/kinds; clone++ {
		for _, r := range patterns {
			was := r.Sort[len("open-"):]
			is := was[:24] + fmt.Sprintf("%06d", clone) + was[30:]
			ops = append(ops, store.Op{Kind: store.Create, Key: store.Key{Partition: r.Partition, Sort: "open-" + is}, Value: bytes.ReplaceAll(r.Value, []byte(was), []byte(is))})
			if len(ops) == store.MaxOps {
				must(t, o.store.Commit(t.Context(), ops...))
				ops = ops[:0]
			}
		}
	}
	must(t, o.store.Commit(t.Context(), ops...))
}

func invented(i int) string {
	syllables := []string{"bar", "con", "del", "fen", "gor", "hal", "jen", "kes", "lim", "mor"}
	return syllables[i%10] + syllables[i/10%10] + "ton " + []string{"Partners", "Foods", "Works", "Group"}[i%4]
}

// work gives Ada entries on a client's matter, one after another, and ends two days after the beginning.
func (o *office) work(t testing.TB, client string, n int) {
	t.Helper()
	defer o.Clock.Set(o.Clock.Now().Add(48 * time.Hour))
	named := clients.Spoken{Client: o.clients[client].ID, Matter: o.matters[client].ID}
	for range n {
		_, err := o.system.Timesheets.Start(t.Context(), o.Ask(o.Admin), named, timekeeping.When{})
		must(t, err)
		o.Clock.Advance(10 * time.Second)
		_, err = o.system.Timesheets.Stop(t.Context(), o.Ask(o.Admin), named, timekeeping.When{})
		must(t, err)
	}
}
