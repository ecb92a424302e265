package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/billingclerk/billingclerk/internal/firm"
)

// Door is the console's way in: a desk with sessions in cookies.
type Door struct {
	desk    *Desk
	manager *scs.SessionManager
}

// What a session holds.
const (
	firmField   = "firm"
	personField = "person"
	grantField  = "grant"
	provenField = "proven" // when the person last proved who they are, RFC 3339
	halfField   = "half"   // a Half, as JSON, before anybody is signed in
)

// NewDoor returns the door of a desk. secure is false only where there is no TLS, on a laptop. failed answers a request
// whose session can't be read or written.
func NewDoor(desk *Desk, secure bool, failed func(http.ResponseWriter, *http.Request, error)) *Door {
	m := scs.New()
	m.Store = sessions{desk.House}
	m.Lifetime = SessionTime
	m.ErrorFunc = failed
	m.Cookie.Name = "clerk"
	m.Cookie.Persist = false // it ends with the browser, or on our side
	if m.Cookie.Secure = secure; secure {
		m.Cookie.Name = "__Host-clerk"
	}
	return &Door{desk, m}
}

type placeKey struct{}

// Load makes the request's session available to next, and keeps what next changed of it.
func (d *Door) Load(next http.Handler) http.Handler {
	return d.manager.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		port, err := netip.ParseAddrPort(r.RemoteAddr)
		place := port.Addr()
		if err != nil {
			place, _ = netip.ParseAddr(r.RemoteAddr) // a function's front gives the address alone
		}
		from := Place{place, r.UserAgent()}
		next.ServeHTTP(w, r.WithContext(At(r.Context(), from)))
	}))
}

// At returns a context under which a request comes from a place.
func At(ctx context.Context, from Place) context.Context {
	return context.WithValue(ctx, placeKey{}, from)
}

// PlaceOf returns where a request under Load came from.
func PlaceOf(ctx context.Context) Place {
	p, _ := ctx.Value(placeKey{}).(Place)
	return p
}

// SignIn checks an address and a password and starts a new session under a new token, whatever there was before.
// Errors: ErrHalf when a code must follow, which Second takes; else those of Desk.SignIn.
func (d *Door) SignIn(ctx context.Context, email, password string) error {
	c, err := d.desk.SignIn(ctx, PlaceOf(ctx), email, password)
	var half *Half
	if errors.As(err, &half) {
		return orElse(d.wait(ctx, half), err)
	}
	return d.begin(ctx, c, err)
}

// wait keeps a half sign-in in a new session, in which nobody is signed in.
func (d *Door) wait(ctx context.Context, h *Half) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := d.renew(ctx); err != nil {
		return err
	}
	d.manager.Put(ctx, halfField, string(text))
	return nil
}

func (d *Door) half(ctx context.Context) (h *Half) {
	if text := d.manager.GetString(ctx, halfField); json.Unmarshal([]byte(text), &h) != nil {
		return nil
	}
	return h
}

// Waiting reports whether a sign-in waits for its code.
func (d *Door) Waiting(ctx context.Context) bool {
	h := d.half(ctx)
	return h != nil && d.desk.House.Now().Before(h.Until)
}

// Second ends a sign-in that waits for its code. Errors: ErrHalf when none waits; those of Desk.Second.
func (d *Door) Second(ctx context.Context, code string) error {
	h := d.half(ctx)
	if h == nil {
		return ErrHalf
	}
	c, err := d.desk.Second(ctx, PlaceOf(ctx), h, code)
	return d.begin(ctx, c, err)
}

// PasskeyChallenge returns what a browser needs to ask for a passkey, as JSON; the answer goes to Enter or Again.
func (d *Door) PasskeyChallenge(ctx context.Context) ([]byte, error) {
	return d.desk.PasskeyChallenge(ctx, PlaceOf(ctx))
}

// Enter signs in by a passkey's answer, as SignIn does by a password. Errors: those of Desk.Enter.
func (d *Door) Enter(ctx context.Context, answer string) error {
	c, err := d.desk.Enter(ctx, PlaceOf(ctx), answer)
	return d.begin(ctx, c, err)
}

// begin starts the session of somebody who has just been let in.
func (d *Door) begin(ctx context.Context, c firm.Caller, err error) error {
	if err != nil {
		return err
	}
	if err := d.renew(ctx); err != nil {
		return err
	}
	d.manager.Put(ctx, firmField, c.Firm)
	d.manager.Put(ctx, personField, c.Person)
	d.manager.Put(ctx, grantField, c.Grant)
	d.proved(ctx)
	return nil
}

func (d *Door) renew(ctx context.Context) error {
	return errors.Join(d.manager.Clear(ctx), d.manager.RenewToken(ctx))
}

func (d *Door) proved(ctx context.Context) {
	d.manager.Put(ctx, provenField, d.desk.House.Now().Format(time.RFC3339Nano))
}

// Proven returns when who is signed in last proved who they are; the zero time when nobody is.
func (d *Door) Proven(ctx context.Context) time.Time {
	at, err := time.Parse(time.RFC3339Nano, d.manager.GetString(ctx, provenField))
	if err != nil {
		return time.Time{}
	}
	return at
}

// Again proves once more who is signed in, before a sensitive act. Errors: those of Desk.Again, firm.ErrUnlinked.
func (d *Door) Again(ctx context.Context, p Proof) error {
	c, err := d.Caller(ctx)
	if err == nil {
		err = d.desk.Again(ctx, c, PlaceOf(ctx), p)
	}
	if err == nil {
		d.proved(ctx)
	}
	return err
}

// Ways returns how the person who is signed in can prove who they are. Errors: firm.ErrUnlinked.
func (d *Door) Ways(ctx context.Context) (Ways, error) {
	c, err := d.Caller(ctx)
	if err != nil {
		return Ways{}, err
	}
	return d.desk.Ways(ctx, c)
}

// Caller returns who the session says is signed in, on the console's channel and without a request id; the grant is
// read by the act that uses it. Errors: firm.ErrUnlinked.
func (d *Door) Caller(ctx context.Context) (firm.Caller, error) {
	c := firm.Caller{
		Firm: d.manager.GetString(ctx, firmField), Person: d.manager.GetString(ctx, personField),
		Grant: d.manager.GetString(ctx, grantField), Channel: firm.ByConsole,
	}
	if c.Firm == "" || c.Person == "" || c.Grant == "" {
		return firm.Caller{}, firm.ErrUnlinked
	}
	return c, nil
}

// SignOut ends the session's grant, then the session. Without a session it does nothing.
func (d *Door) SignOut(ctx context.Context) error {
	c, err := d.Caller(ctx)
	if err == nil {
		err = d.desk.House.RevokeGrant(ctx, c, c.Person, c.Grant)
	}
	if err != nil && !errors.Is(err, firm.ErrUnlinked) {
		return err
	}
	return d.manager.Destroy(ctx)
}
