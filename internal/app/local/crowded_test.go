package local

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// crowd is the demo firm with one of everything that a page of it can show: whatever a route can name is there.
type crowd struct {
	*house
	*testing.T
	ada  *visitor // its admin, signed in here and in another browser
	echo *talk.Conversation

	gus, ivy, dan firm.Person // who has a locked code, is invited, has left
}

func crowded(t *testing.T, more ...string) *crowd {
	t.Helper()
	clock := firmtest.NewClock()
	c := &crowd{house: move(t, t.TempDir(), clock, memory.New(clock.Now), more...), T: t}
	c.echo = c.device(t, "", c.say)
	c.charge("acme corporation", "Paid")
	c.open(demoClient{client: clients.Client{Number: "1009", Name: "Quarry Brothers"}, matters: []string{"blasting permit"}, card: "pm_card_visa"})
	c.charge("quarry brothers", "Paid") // and nothing to mail it to: it is to be printed
	c.open(demoClient{client: clients.Client{Number: "1010", Name: "Umber Pottery", Email: "pay@umber.test"}, matters: []string{"kiln fire"}, card: "pm_card_createDispute"})
	c.charge("umber pottery", "Paid")
	c.disputed()
	c.unsent()
	c.unknown()
	c.staff()
	c.passkey()
	c.ada = c.signedIn(t, DemoEmail, c.Demo.Password)
	c.signedIn(t, DemoEmail, c.Demo.Password)
	return c
}

// open opens a client, with a card on file.
func (c *crowd) open(d demoClient) {
	c.Helper()
	client, err := c.seedClient(c.Context(), d)
	if err == nil {
		err = c.seedCard(c.Context(), d, client.ID)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// charge bills twenty minutes, and charges them by voice.
func (c *crowd) charge(client, want string) {
	c.Helper()
	bill(c.T, c.Server, client)
	c.says(want, "charge "+client, "yes", DemoCode)
}

// says says sentences, and wants the last answer to hold a word.
func (c *crowd) says(want string, lines ...string) (x talk.Exchange) {
	c.Helper()
	for _, line := range lines {
		var err error
		if x, err = c.echo.Say(c.Context(), line); err != nil {
			c.Fatal(err)
		}
	}
	if !strings.Contains(x.Speech, want) {
		c.Fatalf("%q: %q, without %q", lines, x.Speech, want)
	}
	return x
}

// disputed lets the processor tell what it has to tell: that a payer's bank took a payment back.
func (c *crowd) disputed() {
	c.Helper()
	for len(c.sandbox.Undelivered()) > 0 {
		if _, err := c.sandbox.Deliver(c.Context()); err != nil {
			c.Fatal(err)
		}
	}
}

// unsent lets a letter be refused until it is given to a person.
func (c *crowd) unsent() {
	c.Helper()
	carrier := c.office.Carrier
	c.office.Carrier = refusing{}
	c.charge("acme corporation", "Paid")
	c.until("a letter is dead", func() bool {
		dead, _, err := outbox.DeadLetters(c.Context(), c.House.View(c.setup()), "")
		return err == nil && len(dead) > 0
	})
	c.office.Carrier = carrier
}

type refusing struct{}

func (refusing) Carry(context.Context, mail.Letter) error { return errors.New("refused") }

// unknown leaves a charge of which nothing more can be learnt.
func (c *crowd) unknown() {
	c.Helper()
	c.fault.Store(&sandbox.Fault{Kind: sandbox.Vanish})
	c.charge("beta industries", "")
	c.until("a charge is unknown", func() bool {
		list, err := c.Charges.Attention(c.Context(), c.setup())
		return err == nil && len(list) > 1
	})
	c.fault.Store(&sandbox.Fault{})
}

// until lets time pass, and what is due happen, until something is so.
func (c *crowd) until(what string, so func() bool) {
	c.Helper()
	for range 200 {
		if so() {
			return
		}
		c.clock.Advance(30 * time.Minute)
		if err := c.sweep(c.Context()); err != nil {
			c.Fatal(err)
		}
	}
	c.Fatal("it never came that " + what)
}

// staff brings people in: one whose code is locked, one who is invited, one who has left.
func (c *crowd) staff() {
	c.Helper()
	add := func(name, email string) firm.Person {
		p, err := c.House.AddPerson(c.Context(), c.setup(), firm.Person{Name: name, Email: email, Role: firm.Lawyer})
		if err != nil {
			c.Fatal(err)
		}
		return p
	}
	c.gus, c.dan = add("Gustav Grimm", "gus@demo.test"), add("Daniela Dorn", "dan@demo.test")
	c.dan.Active = false
	var err error
	if c.dan, err = c.House.ChangePerson(c.Context(), c.setup(), c.dan); err != nil {
		c.Fatal(err)
	}
	if c.ivy, err = c.House.Invite(c.Context(), c.setup(), firm.Person{Name: "Ivy Iverson", Email: "ivy@demo.test", Role: firm.Lawyer}); err != nil {
		c.Fatal(err)
	}
	if err := c.House.SetCode(c.Context(), c.setup(), c.gus.ID, DemoCode); err != nil {
		c.Fatal(err)
	}
	link, err := c.seedLink(c.Context(), c.gus.ID)
	for range firm.MaxWrong {
		link.Request = app.NewID()
		err = errors.Join(err, c.House.Prove(c.Context(), link, "9999"))
	}
	if err == nil {
		c.Fatal("wrong codes were right")
	}
}

// passkey writes down one of Ada's, as auth keeps it: making one takes a device.
func (c *crowd) passkey() {
	c.Helper()
	v := c.House.View(c.setup())
	key := map[string]any{"id": app.NewID(), "name": "Harbour phone", "added": c.clock.Now()}
	if err := v.Commit(c.Context(), store.CreateOp(v.Key(c.Demo.Ada, "factors"), map[string]any{"passkeys": []any{key}})); err != nil {
		c.Fatal(err)
	}
}

// names are words by which the firm, its people and its clients would be known in an answer.
func (c *crowd) names() (all []string) {
	c.Helper()
	f, err := c.House.Get(c.Context(), c.setup())
	if err != nil {
		c.Fatal(err)
	}
	people, err := c.House.Members(c.Context(), c.setup())
	if err != nil {
		c.Fatal(err)
	}
	all = append(all, f.Name, f.Mail.ReplyTo)
	for _, p := range people {
		all = append(all, p.Name, p.Email)
	}
	list, _, err := c.Directory.List(c.Context(), c.setup(), "")
	if err != nil {
		c.Fatal(err)
	}
	for _, client := range list {
		all = append(all, client.Name, client.Email)
	}
	all = append(all, "blasting permit", "kiln fire", "Harbour phone")
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// records is everything that the store holds of the firm.
func (c *crowd) records() map[string]string {
	c.Helper()
	all := map[string]string{}
	err := c.House.Store.Walk(c.Context(), func(r store.Record) error {
		if strings.HasPrefix(r.Partition, "f/"+c.Demo.Firm+"/") {
			all[r.Partition+" "+r.Sort] = string(r.Value)
		}
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
	return all
}

// invitation is the id of Ivy's.
func (c *crowd) invitation() string {
	c.Helper()
	all, err := c.House.Members(c.Context(), c.setup())
	at := slices.IndexFunc(all, func(m firm.Member) bool { return m.ID == c.ivy.ID })
	if err != nil || at < 0 || all[at].Invited.ID == "" {
		c.Fatal("nobody is invited", err)
	}
	return all[at].Invited.ID
}

// invoice is the id of one of the firm's.
func (c *crowd) invoice() string {
	c.Helper()
	list, _, err := c.Billing.List(c.Context(), c.setup(), c.clock.Now().Format("2006-01"), "")
	if err != nil || len(list) == 0 {
		c.Fatal(len(list), err)
	}
	return list[0].ID
}

// letter is the name of a letter's file.
func (c *crowd) letter() string {
	c.Helper()
	files, err := os.ReadDir(c.mailDir())
	if err != nil || len(files) == 0 {
		c.Fatal(len(files), err)
	}
	return files[0].Name()
}

// mailed is the path of a link that was just asked for: to choose a new password, or for another address.
func (c *crowd) mailed(kind string) string {
	c.Helper()
	if kind == "address" {
		c.ada.post("/console/people/"+c.Demo.Ada+"/address", url.Values{"email": {"ada@elsewhere.test"}})
	} else {
		c.visitor(c.T).post("/forgot", url.Values{"email": {DemoEmail}})
	}
	err := c.sweep(c.Context())
	files, also := filepath.Glob(filepath.Join(c.mailDir(), "*.eml"))
	if err := errors.Join(err, also); err != nil {
		c.Fatal(err)
	}
	for _, file := range slices.Backward(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			c.Fatal(err)
		}
		plain := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(text)) // quoted-printable, as far as an address has it
		if _, path, ok := strings.Cut(plain, c.URL+"/welcome/"); ok {
			path, _, _ = strings.Cut(path, "\r")
			if m, err := c.tokens.OpenMail(path); err == nil && m.Kind == kind {
				return "/welcome/" + path
			}
		}
	}
	c.Fatal("no letter with a link for", kind)
	return ""
}
