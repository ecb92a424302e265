package alexa_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/timekeeping"
	"github.com/billingclerk/billingclerk/internal/voice"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

// street is three firms in one house, behind one skill. No word that names anything in one of them is a word of another.
type street struct {
	clock *firmtest.Clock
	house *firm.House
	firms []*office
	skill *alexa.Skill
	log   *bytes.Buffer

	commits atomic.Int64 // that wrote something
}

// counting counts what is written.
type counting struct {
	store.Backend
	street *street
}

func (c counting) Commit(ctx context.Context, ops ...store.Op) error {
	err := c.Backend.Commit(ctx, ops...)
	if err == nil && len(ops) > 0 {
		c.street.commits.Add(1)
	}
	return err
}

// office is a firm on the street.
type office struct {
	*world
	till   *till
	names  []string // of its clients, as they are written
	words  []string // that only this firm has, in lower case
	quiet  bool     // names and amounts are held back
	people []*lawyer
}

// lawyer is one of a firm's, with a code.
type lawyer struct {
	firm.Caller
	token, code string
}

// till counts what is really charged: an attempt is counted once, however often it is sent.
type till struct {
	charging.Processor
	mu      sync.Mutex
	charged map[string]int64 // cents by attempt
}

func (c *till) Charge(ctx context.Context, r charging.ChargeRequest) (charging.Outcome, error) {
	c.mu.Lock()
	c.charged[r.Key] = r.Amount.Minor
	c.mu.Unlock()
	return c.Processor.Charge(ctx, r)
}

// since returns the amounts that were charged beyond the ones that were known.
func (c *till) since(known map[string]bool) (cents []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, amount := range c.charged {
		if !known[key] {
			known[key] = true
			cents = append(cents, amount)
		}
	}
	return cents
}

var others = [][]string{
	{"Zephyr Mills", "Quillon Press", "Vantage Orchards", "Kestrel Foundry"},
	{"Gallowglass Theatre", "Umber Ceramics", "Juniper Ferries", "Thackeray & Thackeray"},
}

func newStreet(t testing.TB) *street {
	t.Helper()
	clock := firmtest.NewClock()
	s := &street{clock: clock, log: &bytes.Buffer{}}
	s.house = firmtest.House(counting{memory.New(clock.Now), s}, clock)
	s.add(t, "Demo and Partners", "Marlow Group", demoNames, demoCards)
	s.add(t, "Larkspur Chambers", "Ibsen Estate", others[0], [][2]string{{others[0][0], "pm_card_visa"}, {others[0][1], "pm_card_mastercard"}})
	s.add(t, "Tamarind Counsel", "Wexcombe Union", others[1], [][2]string{{others[1][0], "pm_card_visa"}, {others[1][1], "pm_card_chargeCustomerFail"}})
	s.firms[1].quiet = true
	if err := s.firms[1].change(t.Context(), func(f *firm.Firm) { f.Voice.Discretion = true }); err != nil {
		t.Fatal(err)
	}
	if err := s.firms[0].change(t.Context(), func(f *firm.Firm) { f.Voice.Learn = true }); err != nil {
		t.Fatal(err)
	}
	for _, o := range s.firms[:2] {
		if err := o.change(t.Context(), func(f *firm.Firm) { f.Voice.Vouch = true }); err != nil {
			t.Fatal(err)
		}
	}
	s.open()
	return s
}

// add opens a firm.
func (s *street) add(t testing.TB, name, several string, names []string, cards [][2]string) {
	t.Helper()
	w := furnish(t, firmtest.In(t, s.house, s.clock), several, names, cards)
	if err := w.change(t.Context(), func(f *firm.Firm) { f.Name = name }); err != nil {
		t.Fatal(err)
	}
	o := &office{world: w, names: append([]string{several}, names...), till: &till{Processor: w.processor, charged: map[string]int64{}}}
	for _, n := range append([]string{name}, o.names...) {
		o.words = append(o.words, strings.ToLower(strings.Fields(n)[0]))
	}
	for i, code := range []string{"1234", "4321"} {
		token := []string{"ada-token", "ben-token"}[i]
		o.people = append(o.people, &lawyer{w.tokens[token], name + " " + token, code})
	}
	s.firms = append(s.firms, o)
}

// open puts one skill before all of them.
func (s *street) open() {
	directory := &clients.Directory{House: s.house}
	sheets := &timekeeping.Timesheets{House: s.house, Directory: directory}
	desk := &billing.Desk{House: s.house, Directory: directory, Timesheets: sheets}
	charges := &charging.Charges{House: s.house, Directory: directory, Billing: desk, Deadline: 5 * time.Second, Processor: s.processor}
	s.skill = &alexa.Skill{ApplicationID: skillID, Now: s.clock.Now, Tokens: s, Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{ReplaceAttr: untimed})),
		Clerk: &voice.Clerk{House: s.house, Timesheets: sheets, Billing: desk, Charges: charges}}
}

func (s *street) processor(_ context.Context, id string) (charging.Processor, error) {
	for _, o := range s.firms {
		if o.Firm.ID == id {
			return o.till, nil
		}
	}
	return nil, fault.New(fault.Missing, "test.firm", "no such firm")
}

// Open is alexa.Tokens.
func (s *street) Open(token string) (firm.Caller, error) {
	for _, o := range s.firms {
		for _, l := range o.people {
			if l.token == token {
				c := l.Caller
				c.Request, c.Channel = "", ""
				return c, nil
			}
		}
	}
	return firm.Caller{}, fault.New(fault.Unauthenticated, "token.foreign", "not ours")
}
