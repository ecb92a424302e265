// Package clients keeps the firm's clients and matters, and finds one by the name that was heard.
//
// The names are the firm's secret: matching happens here, on keys made from what was heard, never by giving the
// list to anybody. A look-up reads a bounded number of keys and buckets, the same at 10 and at 100,000 clients.
package clients

import (
	"context"
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store"
)

// Client is somebody the firm works for.
type Client struct {
	ID       string         `json:"id"`
	Number   string         `json:"number"` // the firm's own, unique: "1001"
	Name     string         `json:"name"`
	Aliases  []string       `json:"aliases,omitempty"`  // "also called"
	Email    string         `json:"email,omitempty"`    // where invoices go
	Address  []string       `json:"address,omitempty"`  // billing address, line by line
	Rate     money.Amount   `json:"rate"`               // an hour; zero: not set here
	Rounding *firm.Rounding `json:"rounding,omitempty"` // nil: the firm's
	Closed   bool           `json:"closed,omitempty"`
	Opened   time.Time      `json:"opened"`
}

// Matter is one piece of work for a client.
type Matter struct {
	ID       string                  `json:"id"`
	Client   string                  `json:"client"`
	Number   string                  `json:"number"` // unique within the client: "1", "2"
	Name     string                  `json:"name"`   // short name, as spoken: "lease"
	Rate     money.Amount            `json:"rate"`
	Rates    map[string]money.Amount `json:"rates,omitempty"` // by person
	Rounding *firm.Rounding          `json:"rounding,omitempty"`
	Closed   bool                    `json:"closed,omitempty"`
	Opened   time.Time               `json:"opened"`
}

// Ref names a client and one of its matters, with the names that may be spoken and shown. It is what a look-up
// yields; it is kept in clocks so that nothing needs a second read to be spoken.
type Ref struct {
	Client     string `json:"client"`
	ClientName string `json:"clientName"`
	Matter     string `json:"matter,omitempty"`
	MatterName string `json:"matterName,omitempty"`
}

// Spoken is how a caller names a client or a matter: what was heard, or ids chosen in answer to a question.
type Spoken struct {
	Heard  string // as transcribed: "acme", "a. c. m. e.", "the smith matter"
	Client string // chosen before; Heard is then ignored
	Matter string // chosen before
}

// Answer is what a look-up came to: exactly one of Ref, Clients and Matters says something, or none when nothing
// was found.
type Answer struct {
	Ref     *Ref  // found: an open client, and its matter when only one is open (or the chosen one)
	Clients []Ref // sounds like several clients: ask which; best first, at most three
	Matters []Ref // one client with several open matters: ask which; last used first
	Closed  *Ref  // found, but the client or all its matters are closed
}

// Ask is returned as an error by domain methods that were given a name they cannot act on: the voice asks which.
type Ask struct{ Answer }

func (*Ask) Error() string { return "clients: which one is meant must be asked" }

// Directory is the firm's clients.
type Directory struct{ House *firm.House }

// Lookup is a look-up under way: its reads are in a batch.
type Lookup struct{}

// Find adds the reads of a look-up to the act's batch: one wave, a bounded number of keys.
func (d *Directory) Find(a *firm.Act, s Spoken) *Lookup { panic("clients: to be written") }

// Answer ranks what was read. Errors: ErrNoName (nothing was heard), ErrNone (nobody is called so), ErrClosed,
// *Ask (several clients or matters fit).
func (l *Lookup) Answer() (Ref, error) { panic("clients: to be written") }

// Check returns the operations that make a commit fail if the client or matter changed (was closed, renamed) since
// the look-up.
func (l *Lookup) Check() []store.Op { panic("clients: to be written") }

// Pair is the read of a client and a matter by id.
type Pair struct{}

// ReadPair adds the reads of a client and its matter to the act's batch.
func (d *Directory) ReadPair(a *firm.Act, client, matter string) *Pair {
	panic("clients: to be written")
}

// Get returns the client and the matter. Errors: ErrNone.
func (p *Pair) Get() (Client, Matter, error) { panic("clients: to be written") }

// Open adds a client with its first matters. Errors: fault.Invalid for a missing name or a number taken.
func (d *Directory) Open(ctx context.Context, c firm.Caller, client Client, matters ...Matter) (Client, []Matter, error) {
	panic("clients: to be written")
}

// OpenMatter adds a matter to a client.
func (d *Directory) OpenMatter(ctx context.Context, c firm.Caller, m Matter) (Matter, error) {
	panic("clients: to be written")
}

// Change replaces a client's name, aliases, address, e-mail, rate, rounding or state, and with it every name record.
func (d *Directory) Change(ctx context.Context, c firm.Caller, client Client) error {
	panic("clients: to be written")
}

// ChangeMatter replaces a matter's name, rates, rounding or state.
func (d *Directory) ChangeMatter(ctx context.Context, c firm.Caller, m Matter) error {
	panic("clients: to be written")
}

// List returns clients in the order of their numbers.
func (d *Directory) List(ctx context.Context, c firm.Caller, cursor string) (list []Client, next string, err error) {
	panic("clients: to be written")
}

// Matters returns a client's matters, open first, in the order of their numbers.
func (d *Directory) Matters(ctx context.Context, c firm.Caller, client string) ([]Matter, error) {
	panic("clients: to be written")
}

// Faults of names.
var (
	ErrNoName = fault.New(fault.Invalid, "client.unheard", "I didn't catch which client.")
	ErrNone   = fault.New(fault.Missing, "client.none", "I don't know a client by that name.")
	ErrClosed = fault.New(fault.State, "client.closed", "That client is closed.")
)
