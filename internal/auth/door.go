package auth

import (
	"context"
	"errors"
	"net/http"
	"net/netip"

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
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		place := from.Addr()
		if err != nil {
			place, _ = netip.ParseAddr(r.RemoteAddr) // a function's front gives the address alone
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, place)))
	}))
}

// SignIn checks an address and a password and starts a new session under a new token, whatever there was before.
// Errors: those of Desk.SignIn.
func (d *Door) SignIn(ctx context.Context, email, password string) error {
	place, _ := ctx.Value(placeKey{}).(netip.Addr)
	c, err := d.desk.SignIn(ctx, place, email, password)
	if err != nil {
		return err
	}
	if err := d.manager.Clear(ctx); err != nil {
		return err
	}
	if err := d.manager.RenewToken(ctx); err != nil {
		return err
	}
	d.manager.Put(ctx, firmField, c.Firm)
	d.manager.Put(ctx, personField, c.Person)
	d.manager.Put(ctx, grantField, c.Grant)
	return nil
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
