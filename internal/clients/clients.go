// Package clients keeps the firm's clients and matters, and finds one by the name that was heard.
//
// The names are the firm's secret: matching happens here, on keys made from what was heard, never by giving the
// list to anybody. A look-up reads a bounded number of keys and buckets, the same at 10 and at 100,000 clients.
package clients

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/money"
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
	Screened []string                `json:"screened,omitempty"` // people for whom it does not exist; only Screen changes it
	Why      string                  `json:"why,omitempty"`      // the reason that was given last, while anybody is screened
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
	Heard  string // as transcribed: "acme", "a. c. m. e.", "the smith matter"; beside Client: one of its matters
	Client string // chosen before
	Matter string // chosen before, beside its client
}

// Answer is what a look-up came to: exactly one of Ref, Clients and Matters says something, or none when nothing
// was found.
type Answer struct {
	Ref     *Ref  // found: an open client, and its matter when only one is open (or the chosen one)
	Clients []Ref // sounds like these: ask which; best first, at most three; one alone is only near: ask whether it is meant
	Matters []Ref // one client with several open matters: ask which; last used first, then newest, at most six
	Before  *Ref  // of Matters, the one that the caller used last: "same as before"
	More    bool  // beside Clients: more go by what was heard than can be asked about
	Closed  *Ref  // found, but the client or all its matters are closed
}

// Ask is returned as an error by domain methods that were given a name they cannot act on: the voice asks which.
type Ask struct{ Answer }

func (*Ask) Error() string { return "clients: which one is meant must be asked" }

// Directory is the firm's clients.
type Directory struct{ House *firm.House }

// Faults of names.
var (
	ErrNoName = fault.New(fault.Invalid, "client.unheard", "I didn't catch which client.")
	ErrNone   = fault.New(fault.Missing, "client.none", "I don't know a client by that name.")
	ErrClosed = fault.New(fault.State, "client.closed", "That client is closed.")
)
