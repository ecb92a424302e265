// Package firm is the firm itself: its settings, its people and what each may do, and the one way in which anything
// of a firm's is written: an Act.
//
// A domain method takes a Caller, begins an Act, adds its own reads to the act's batch, runs it once, authorises,
// and commits once. The act adds the check that the caller's grant still lives, the audit record, and the
// idempotency record that makes a repeated request return the same answer and do nothing.
package firm

import (
	"time"

	"github.com/billingclerk/billingclerk/internal/money"
)

// Firm is a firm and its settings. One record; read with every act, written by admins only.
type Firm struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Zone     string    `json:"zone"`     // IANA, "America/New_York"
	Currency string    `json:"currency"` // ISO 4217
	Opened   time.Time `json:"opened"`
	Demo     bool      `json:"demo,omitempty"`
	Revision int       `json:"revision"` // raised by every change

	Rounding Rounding     `json:"rounding"`
	Rate     money.Amount `json:"rate"` // an hour, when nothing nearer says otherwise
	Tax      Tax          `json:"tax"`

	Voice VoiceSettings `json:"voice"`
	Mail  MailSettings  `json:"mail"`
}

// Rounding is how raw seconds become billed time. ABA 93-379: never more than was worked, except up to a recorded
// fee term.
type Rounding struct {
	Mode      RoundingMode `json:"mode"`
	Increment int          `json:"increment"` // seconds: 360, 600, 900; ignored for RoundNone
}

// RoundingMode is nearest (the default), up, down or none.
type RoundingMode string

// Rounding modes.
const (
	RoundNearest RoundingMode = "nearest"
	RoundUp      RoundingMode = "up"
	RoundDown    RoundingMode = "down"
	RoundNone    RoundingMode = "none"
)

// Tax is the tax on a bill's lines.
type Tax struct {
	Name string `json:"name,omitempty"` // "VAT"; empty: none
	PPM  int64  `json:"ppm,omitempty"`  // parts per million of the net: 200000 is 20 %
}

// VoiceSettings is what a firm lets its people do and hear by voice.
type VoiceSettings struct {
	Discretion   bool   `json:"discretion"`      // hold back names and amounts until voice or code prove who speaks
	FreeNotes    bool   `json:"freeNotes"`       // free dictation of narratives is allowed: Amazon hears them
	ApproveFirst bool   `json:"approveFirst"`    // only approved bills are charged
	Learn        bool   `json:"learn,omitempty"` // after a choice, offer to remember what the client was called
	ClientWord   string `json:"clientWord"`      // "client", or the firm's own word

	Vouch     bool `json:"vouch,omitempty"`     // a code that the assistant itself asks for proves as the person's own does
	ShowNames bool `json:"showNames,omitempty"` // a device's screen may name the client whose clock runs
	Hints     bool `json:"hints,omitempty"`     // the assistant is told, in a talk, the names of clients the speaker has clocks of

	Phrases   []string `json:"phrases,omitempty"`   // narratives that may be said where FreeNotes does not hold: "call with client"
	Forgotten int      `json:"forgotten,omitempty"` // seconds after which a running clock is asked about; 0: 12 hours
}

// MailSettings is when and how invoices leave.
type MailSettings struct {
	Hold    time.Duration `json:"hold"` // between issue and sending, so that "don't send it" works
	ReplyTo string        `json:"replyTo,omitempty"`
}

// Role is what a person is in the firm.
type Role string

// Roles.
const (
	Admin      Role = "admin"
	Lawyer     Role = "lawyer"
	Timekeeper Role = "timekeeper" // a paralegal
	Bookkeeper Role = "bookkeeper"
	ReadOnly   Role = "read-only"
)

// Person works for the firm.
type Person struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Email  string       `json:"email"`
	Role   Role         `json:"role"`
	Zone   string       `json:"zone,omitempty"` // home zone, when it is not the firm's
	Rate   money.Amount `json:"rate"`           // an hour; zero: the firm's
	Active bool         `json:"active"`
	Limit  money.Amount `json:"limit"` // the most one voice charge may be; zero: no limit of their own

	Invited Invitation   `json:"invited,omitzero"` // until it is accepted; then they are active
	Ended   time.Time    `json:"ended,omitzero"`   // when they were deactivated last: no older link or session counts
	Since   time.Time    `json:"since,omitzero"`   // no session from before counts, but for Kept
	Kept    string       `json:"kept,omitempty"`   // a session's grant
	Own     []Permission `json:"own,omitzero"`     // which of Adjustable they have; nil: those of their role

	LEDES    string `json:"ledes,omitempty"` // classification: PARTNR, ASSOC, PARALG
	Revision int    `json:"revision"`        // raised by every change
}

// Invitation asks somebody to join the firm. Its link is worth something while the person carries it.
type Invitation struct {
	ID      string    `json:"id"`
	By      string    `json:"by,omitempty"` // the person who invited
	Sent    time.Time `json:"sent"`
	Expires time.Time `json:"expires"`
}

// Permission is something a role may or may not do.
type Permission string

// Permissions.
const (
	TrackTime Permission = "track-time"
	BillWork  Permission = "bill"    // bills, and the books: what came in, what was printed
	Manage    Permission = "manage"  // people, clients, settings
	Operate   Permission = "operate" // what needs a person: unknown charges, dead letters, locked codes
	See       Permission = "see"

	// A role has these by default; a person's own set says otherwise.
	Charge   Permission = "charge"    // cards, up to the person's limit by voice
	Approve  Permission = "approve"   // a bill, before it may be charged, where the firm wants that
	Refund   Permission = "refund"    // what was charged
	Disburse Permission = "disburse"  // money out of trust: to an invoice, to the client, to others
	SeeRates Permission = "see-rates" // the firm's, of people, of clients and matters
)

// Adjustable are the permissions that a person may have apart from their role.
var Adjustable = []Permission{Charge, Approve, Refund, Disburse, SeeRates}

// Caller is who asks: proven by a token or a session, or the system itself.
type Caller struct {
	Firm    string
	Person  string // empty for the system
	Grant   string // the link or session that proves it; its liveness is checked in every commit
	Channel Channel
	Request string // the request's id; idempotency key of what the request does
	Vouched bool   // in this very request, the assistant's own code proved who speaks; whether that counts is the firm's choice
}

// System is the caller of a worker: it is no person, needs no grant and may do anything in the firm. The request id
// is its idempotency key.
func System(firmID, request string) Caller {
	return Caller{Firm: firmID, Channel: ByWorker, Request: request}
}

// Payer is the caller of a pay page: it may do only what a method lets a payer do.
func Payer(firmID, request string) Caller {
	return Caller{Firm: firmID, Channel: ByPayer, Request: request}
}

// Channel is the way a request came.
type Channel string

// Channels.
const (
	ByVoice   Channel = "voice"
	ByConsole Channel = "console"
	ByWorker  Channel = "worker"
	ByPayer   Channel = "payer"
	BySetup   Channel = "setup"
)
