package web

import (
	"context"
	"net/http"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// Door signs people in and out; the session is a cookie of an unguessable id.
type Door interface {
	// Load makes the request's session available to next, and keeps what next changed of it.
	Load(next http.Handler) http.Handler
	// SignIn checks an address and a password and starts a new session. Errors: fault.Unauthenticated, the same
	// and at the same cost whether or not the address is known; auth.ErrHalf when a code must follow; fault.Busy.
	SignIn(ctx context.Context, email, password string) error
	// Waiting reports whether a sign-in waits for its code.
	Waiting(ctx context.Context) bool
	// Second ends a sign-in that waits for its code. Errors: auth.ErrHalf when none waits, auth.ErrCode; fault.Busy.
	Second(ctx context.Context, code string) error
	// PasskeyChallenge returns what a browser needs to ask for a passkey, as JSON. Errors: fault.State where there
	// are none; fault.Busy.
	PasskeyChallenge(ctx context.Context) ([]byte, error)
	// Enter signs in by a passkey's answer. Errors: fault.Invalid, fault.Unauthenticated.
	Enter(ctx context.Context, answer string) error
	// Proven returns when who is signed in last proved who they are.
	Proven(ctx context.Context) time.Time
	// Ways returns how who is signed in can prove who they are. Errors: firm.ErrUnlinked.
	Ways(ctx context.Context) (auth.Ways, error)
	// Again proves once more who is signed in. Errors: firm.ErrUnlinked; those of a proof that fails; fault.Busy.
	Again(ctx context.Context, p auth.Proof) error
	// SignOut ends the session and its grant. Without a session it does nothing.
	SignOut(ctx context.Context) error
	// Caller returns who is signed in. Errors: fault.Unauthenticated.
	Caller(ctx context.Context) (firm.Caller, error)
}

// Members reads the member that a caller says to be.
type Members interface {
	// Begin starts an act; see firm.House.
	Begin(c firm.Caller, action firm.Action) *firm.Act
}

// gate lets members in: a session names the caller, and a read shows that the grant behind it still lives.
type gate struct {
	Door
	members Members
}

// Visitor is who is signed in, as read with this request.
func (g gate) Visitor(ctx context.Context, request string) (site.Visitor, error) {
	c, err := g.Caller(ctx)
	if err != nil {
		return site.Visitor{}, err
	}
	c.Channel, c.Request = firm.ByConsole, request
	act := g.members.Begin(c, firm.Action{})
	if err := act.Run(ctx); err != nil {
		return site.Visitor{}, err
	}
	return site.Visitor{Caller: c, Firm: act.Firm, Person: act.Person, Proven: g.Proven(ctx), May: act.May}, nil
}
