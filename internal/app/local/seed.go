package local

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/outbound"
)

// demoClient is a client of the demo firm. card is the sandbox's test card on file, if any.
type demoClient struct {
	client  clients.Client
	matters []string
	card    string
	trust   int64 // minor units held for the first matter
}

var demoClients = []demoClient{
	{client: clients.Client{Number: "1001", Name: "Acme Corporation", Email: "billing@acme.test", Address: []string{"12 Harbor Street", "Boston, MA 02110"}}, matters: []string{"lease"}, card: "pm_card_visa"},
	{client: clients.Client{Number: "1002", Name: "Beta Industries", Email: "accounts@beta.test", Address: []string{"400 Foundry Road", "Pittsburgh, PA 15201"}}, matters: []string{"supply contract"}, card: "pm_card_mastercard"},
	{client: clients.Client{Number: "1003", Name: "O'Brien & Sons", Email: "office@obrien.test", Address: []string{"7 Mill Lane", "Albany, NY 12207"}}, matters: []string{"boundary dispute"}},
	{client: clients.Client{Number: "1004", Name: "Nguyen Family Trust", Email: "trustees@nguyen.test", Address: []string{"88 Orchard Avenue", "Newark, NJ 07102"}}, matters: []string{"estate plan"}},
	{client: clients.Client{Number: "1005", Name: "Hughes Medical", Email: "payables@hughes.test", Address: []string{"1 Clinic Way", "Hartford, CT 06103"}}, matters: []string{"licensing"}, card: "pm_card_chargeCustomerFail"},
	{client: clients.Client{Number: "1006", Name: "Schmidt Holdings", Email: "finance@schmidt.test", Address: []string{"230 Park Avenue", "New York, NY 10169"}}, matters: []string{"acquisition"}},
	{client: clients.Client{Number: "1007", Name: "Schmitt Logistics", Email: "invoices@schmitt.test", Address: []string{"55 Dock Road", "Elizabeth, NJ 07201"}}, matters: []string{"customs appeal"}},
	{client: clients.Client{Number: "1008", Name: "Marlow Group", Address: []string{"9 Castle Square", "Providence, RI 02903"}}, matters: []string{"patent", "employment", "tax"}, trust: 200_000},
}

// demoText is what the demo's payers agreed to when their cards were saved.
const demoText = "I allow Demo and Partners to charge this card for its invoices when they are due. I can take this back at any time."

// seed sets the demo firm up. What is there already, because a start was interrupted, is left as it is; a request id
// alone would not do, since it is known again for a day only.
func (s *Server) seed(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"firm", s.seedFirm}, {"people", s.seedPeople}, {"links", s.seedLinks}, {"clients", s.seedClients}} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (s *Server) step(name string) firm.Caller { return firm.System(s.Demo.Firm, "demo-"+name) }

func (s *Server) seedFirm(ctx context.Context) error {
	_, _, err := s.House.OpenFirm(ctx, firm.Firm{
		ID: s.Demo.Firm, Name: "Demo and Partners", Zone: demoZone, Currency: "USD", Demo: true,
		Rounding: firm.Rounding{Mode: firm.RoundUp, Increment: 360}, Rate: money.Of(30_000, "USD"),
		Voice: firm.VoiceSettings{FreeNotes: true, ClientWord: "client"}, Mail: firm.MailSettings{ReplyTo: "billing@demo.test"},
	}, firm.Person{ID: s.Demo.Ada, Name: "Ada Adams", Email: DemoEmail, LEDES: "PARTNR"})
	if errors.Is(err, firm.ErrOpened) {
		return nil
	}
	return err
}

func (s *Server) seedPeople(ctx context.Context) error {
	people, err := s.House.People(ctx, s.step("people"))
	if err != nil {
		return err
	}
	ben := firm.Person{Name: "Ben Brown", Email: "ben@demo.test", Role: firm.Lawyer, LEDES: "ASSOC"}
	if i := slices.IndexFunc(people, func(p firm.Person) bool { return p.Email == ben.Email }); i >= 0 {
		ben = people[i]
	} else if ben, err = s.House.AddPerson(ctx, s.step("ben"), ben); err != nil {
		return err
	}
	s.Demo.Ben = ben.ID
	desk := &auth.Desk{House: s.House}
	for person, email := range map[string]string{s.Demo.Ada: DemoEmail, s.Demo.Ben: "ben@demo.test"} {
		if err := s.House.SetCode(ctx, s.step("code-"+person), person, DemoCode); err != nil {
			return err
		}
		if err := desk.SetPassword(ctx, s.step("password-"+person), person, email, s.Demo.Password); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seedLinks(ctx context.Context) (err error) {
	if s.Demo.AdaLink, err = s.seedLink(ctx, s.Demo.Ada); err != nil {
		return err
	}
	s.Demo.BenLink, err = s.seedLink(ctx, s.Demo.Ben)
	return err
}

func (s *Server) seedLink(ctx context.Context, person string) (firm.Caller, error) {
	c := s.step("link-" + person)
	grants, err := s.House.Grants(ctx, c, person)
	if err != nil {
		return firm.Caller{}, err
	}
	for _, g := range grants {
		if g.Kind == firm.LinkGrant && g.Revoked.IsZero() {
			return firm.Caller{Firm: c.Firm, Person: person, Grant: g.ID, Channel: firm.ByVoice}, nil
		}
	}
	return (&auth.Desk{House: s.House}).Link(ctx, c, person)
}

func (s *Server) seedClients(ctx context.Context) error {
	there, _, err := s.Directory.List(ctx, s.step("clients"), "")
	if err != nil {
		return err
	}
	for _, d := range demoClients {
		if i := slices.IndexFunc(there, func(c clients.Client) bool { return c.Number == d.client.Number }); i >= 0 {
			d.client = there[i]
		} else if d.client, err = s.seedClient(ctx, d); err != nil {
			return fmt.Errorf("client %s: %w", d.client.Number, err)
		}
		if err := s.seedTrust(ctx, d); err != nil {
			return fmt.Errorf("trust of %s: %w", d.client.Number, err)
		}
		if err := s.seedCard(ctx, d, d.client.ID); err != nil {
			return fmt.Errorf("card of %s: %w", d.client.Number, err)
		}
	}
	return nil
}

func (s *Server) seedClient(ctx context.Context, d demoClient) (clients.Client, error) {
	matters := make([]clients.Matter, len(d.matters))
	for i, name := range d.matters {
		matters[i] = clients.Matter{Name: name}
	}
	client, _, err := s.Directory.Open(ctx, s.step("client-"+d.client.Number), d.client, matters...)
	return client, err
}

// seedTrust takes money into trust for the client's first matter.
func (s *Server) seedTrust(ctx context.Context, d demoClient) error {
	if d.trust == 0 {
		return nil
	}
	c := s.step("trust-" + d.client.Number)
	matters, err := s.Directory.Matters(ctx, c, d.client.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(matters, func(m clients.Matter) bool { return m.Name == d.matters[0] })
	if i < 0 {
		return clients.ErrNone
	}
	held, err := s.Books.TrustBalance(ctx, c, matters[i].ID)
	if err != nil || held.Minor > 0 {
		return err
	}
	return s.Books.DepositTrust(ctx, c, d.client.ID, matters[i].ID, money.Of(d.trust, "USD"))
}

// seedCard puts a test card on file at the sandbox, with the client's leave to charge it.
func (s *Server) seedCard(ctx context.Context, d demoClient, client string) error {
	if d.card == "" {
		return nil
	}
	account := s.sandboxAccount()
	customer, err := account.Customer(ctx, client)
	if err != nil {
		return err
	}
	method, err := sandbox.Attach(ctx, outbound.Client(0), s.Sandbox, sandbox.DefaultKey, customer, d.card)
	if err != nil {
		return err
	}
	card, err := account.Card(ctx, customer, method.ID)
	if err != nil {
		return err
	}
	return s.Charges.Authorise(ctx, s.step("card-"+d.client.Number), charging.Authorisation{
		Client: client, Customer: customer, Method: method.ID, Card: card, Text: demoText,
	})
}
