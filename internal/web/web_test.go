package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/clients"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/ledger"
	"github.com/billingclerk/billingclerk/internal/money"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/talk"
	"github.com/billingclerk/billingclerk/internal/web/account"
	"github.com/billingclerk/billingclerk/internal/web/console"
	"github.com/billingclerk/billingclerk/internal/web/link"
	"github.com/billingclerk/billingclerk/internal/web/site"
	"github.com/billingclerk/billingclerk/internal/web/talkpage"
	"github.com/billingclerk/billingclerk/internal/web/welcome"
)

// What the web asks for is what the domain offers.
var (
	_ Members          = (*firm.House)(nil)
	_ console.Codes    = (*firm.House)(nil)
	_ console.Invoices = (*billing.Desk)(nil)
	_ console.Clients  = (*clients.Directory)(nil)
	_ console.Ledger   = (*ledger.Books)(nil)
)

const setupSecret = "abcde-fghij-klmno-pqrst"

// office is the web of one firm, with a double for what stands behind each port and the real firm behind the gate.
type office struct {
	*firmtest.Office
	site *site.Site
	door *door
	pay  *payments
	desk *desk
	log  bytes.Buffer

	accounts *invite.Desk
}

func open(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	o := &office{Office: firmtest.Open(t), door: &door{sessions: map[string]firm.Caller{}, ways: auth.Ways{Password: true}}, pay: &payments{}, desk: &desk{}}
	base, err := url.Parse("https://clerk.test")
	if err != nil {
		t.Fatal(err)
	}
	o.accounts = &invite.Desk{House: o.House, Auth: &auth.Desk{House: o.House}, Base: "https://clerk.test",
		Tokens: &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: o.Clock.Now}}
	accounts := o.accounts
	bare := firmtest.House(memory.New(o.Clock.Now), o.Clock) // a new installation, for its set-up
	setup := &invite.Setup{Desk: &invite.Desk{House: bare, Auth: &auth.Desk{House: bare}}, Secret: func(context.Context) (string, error) { return setupSecret, nil }, Firm: "first-firm", Person: "first-person"}
	cfg := Config{
		Base: base, Now: o.Clock.Now, NewID: o.House.NewID, Logger: slog.New(slog.NewJSONHandler(&o.log, nil)),
		Ready: func(context.Context) error { return nil }, Door: o.door, Members: o.House, Links: links{o.Firm.ID}, Payments: o.pay,
		PayOrigins: []string{"https://pay.test"}, Endpoints: endpoints{}, Hints: o.pay,
		Welcome: welcome.Config{Links: accounts, SignUp: true, Setup: setup},
		Linking: link.Config{Server: &oauth.Server{House: o.House, Tokens: accounts.Tokens, Log: slog.New(slog.DiscardHandler)}},
		Account: account.Config{Desk: &auth.Desk{House: o.House, Base: base}, House: o.House},
		Console: console.Desks{Charges: o.desk, Letters: o.desk, Codes: o.House, People: o.House, Addresses: accounts, Factors: &auth.Desk{House: o.House}, Clients: &clients.Directory{House: o.House}, Invoices: o.desk, Ledger: &ledger.Books{House: o.House}, Documents: o.desk,
			PayLink: func(firmID, invoice string) string { return base.String() + "/pay/" + firmID + "." + invoice }},
	}
	for _, f := range change {
		f(&cfg)
	}
	if o.site, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	o.door.proven = o.Clock.Now()
	o.door.signIn = func(email, password string) (firm.Caller, error) {
		if email == "ada@demo.test" && password == "right" {
			return o.Admin, nil
		}
		return firm.Caller{}, fault.New(fault.Unauthenticated, "signin.wrong", "That address and password do not fit.")
	}
	return o
}

func (o *office) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.site.ServeHTTP(w, r)
	return w
}

// as is a request of a person who is signed in.
func (o *office) as(c firm.Caller, r *http.Request) *http.Request {
	o.door.sessions["s-"+c.Person] = c
	r.AddCookie(&http.Cookie{Name: "session", Value: "s-" + c.Person})
	return r
}

func get(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, "https://clerk.test"+path, nil)
}

func post(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://clerk.test"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// door keeps sessions in a map.
type door struct {
	sessions map[string]firm.Caller
	signIn   func(email, password string) (firm.Caller, error)
	waiting  bool
	proven   time.Time
	ways     auth.Ways
	proofs   []auth.Proof
	err      error // of a code, a passkey or a proof
}

type sessionKey struct{}

type session struct {
	id  string
	set http.Header
}

func (d *door) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &session{set: w.Header()}
		if c, err := r.Cookie("session"); err == nil {
			s.id = c.Value
		}
		from := auth.Place{Addr: netip.MustParseAddrPort(r.RemoteAddr).Addr()}
		next.ServeHTTP(w, r.WithContext(context.WithValue(auth.At(r.Context(), from), sessionKey{}, s)))
	})
}

func (d *door) SignIn(ctx context.Context, email, password string) error {
	c, err := d.signIn(email, password)
	if err != nil {
		return err
	}
	d.sessions["fresh"] = c
	ctx.Value(sessionKey{}).(*session).set.Add("Set-Cookie", "session=fresh; HttpOnly")
	return nil
}

func (d *door) Waiting(context.Context) bool { return d.waiting }

func (d *door) Second(context.Context, string) error { return d.err }

func (d *door) PasskeyChallenge(context.Context) ([]byte, error) {
	return []byte(`{"publicKey":{}}`), d.err
}

func (d *door) Enter(context.Context, string) error { return d.err }

func (d *door) Proven(context.Context) time.Time { return d.proven }

func (d *door) Ways(ctx context.Context) (auth.Ways, error) {
	_, err := d.Caller(ctx)
	return d.ways, err
}

func (d *door) Again(_ context.Context, p auth.Proof) error {
	d.proofs = append(d.proofs, p)
	return d.err
}

func (d *door) SignOut(ctx context.Context) error {
	delete(d.sessions, ctx.Value(sessionKey{}).(*session).id)
	return nil
}

func (d *door) Caller(ctx context.Context) (firm.Caller, error) {
	c, ok := d.sessions[ctx.Value(sessionKey{}).(*session).id]
	if !ok {
		return firm.Caller{}, firm.ErrUnlinked
	}
	return c, nil
}

type links struct{ firm string }

func (l links) OpenPay(token string) (string, string, error) {
	if token != "genuine" {
		return "", "", fault.New(fault.Unauthenticated, "token.forged", "That link is not ours.")
	}
	return l.firm, "invoice-1", nil
}

type payments struct {
	view    charging.PayView
	viewErr error
	page    string
	pageErr error
	back    string
	hintErr error
	hints   []string
}

func (p *payments) PayView(context.Context, string, string) (charging.PayView, error) {
	return p.view, p.viewErr
}

func (p *payments) OpenPage(_ context.Context, c firm.Caller, _, back string) (string, error) {
	if c.Channel != firm.ByPayer || c.Request == "" {
		return "", errors.New("the caller is not a payer with a request")
	}
	p.back = back
	return p.page, p.pageErr
}

func (p *payments) Hint(_ context.Context, firmID, endpoint string, payload []byte, signature string) error {
	p.hints = append(p.hints, strings.Join([]string{firmID, endpoint, string(payload), signature}, "|"))
	return p.hintErr
}

type endpoints struct{}

func (endpoints) Firm(_ context.Context, endpoint string) (string, error) {
	if endpoint != "ep1" {
		return "", fault.New(fault.Missing, "endpoint.none", "There is no such endpoint.")
	}
	return "firm-1", nil
}

// desk stands behind the console: it shows what it was given and notes what was asked of it.
type desk struct {
	attempts []charging.Attempt
	letters  []console.Letter
	prints   []charging.Printable
	bills    []billing.Bill
	next     string
	did      []string
	err      error
}

func (d *desk) act(c firm.Caller, words ...string) error {
	if c.Request == "" || c.Channel != firm.ByConsole {
		return errors.New("no request, or another channel")
	}
	d.did = append(d.did, strings.Join(words, " "))
	return d.err
}

func (d *desk) Attention(context.Context, firm.Caller) ([]charging.Attempt, error) {
	return d.attempts, nil
}

func (d *desk) Resolve(_ context.Context, c firm.Caller, attempt string, paid bool, reference string) error {
	what := "never"
	if paid {
		what = "paid"
	}
	return d.act(c, "resolve", attempt, what, reference)
}

func (d *desk) Done(_ context.Context, c firm.Caller, attempt string, task charging.Task) error {
	return d.act(c, "done", attempt, string(task))
}

func (d *desk) PrintQueue(context.Context, firm.Caller) ([]charging.Printable, error) {
	return d.prints, nil
}

func (d *desk) Printed(_ context.Context, c firm.Caller, invoice string) error {
	return d.act(c, "printed", invoice)
}

func (d *desk) DeadLetters(context.Context, firm.Caller) ([]console.Letter, error) {
	return d.letters, nil
}

func (d *desk) RetryLetter(_ context.Context, c firm.Caller, id string) error {
	return d.act(c, "retry", id)
}

func (d *desk) DiscardLetter(_ context.Context, c firm.Caller, id string) error {
	return d.act(c, "discard", id)
}

func (d *desk) List(_ context.Context, _ firm.Caller, month, cursor string) ([]billing.Bill, string, error) {
	d.did = append(d.did, "list "+month+" "+cursor)
	return d.bills, d.next, nil
}

func (d *desk) Invoice(_ context.Context, c firm.Caller, id string) ([]byte, error) {
	if id != "i1" {
		return nil, billing.ErrNoBill
	}
	return []byte("%PDF-1.7"), nil
}

// echo answers every sentence with itself.
type echo struct{ err error }

func (e echo) Say(_ context.Context, session, text string) (talk.Exchange, error) {
	return talk.Exchange{Heard: text, Speech: "You said " + text + ". What next?", Intent: "EchoIntent", Slots: map[string]string{"client": "acme"}, Request: []byte(`{"q":1}`), Response: []byte(`{"a":2}`), Listening: true}, e.err
}

func withTalk(e echo, mail fstest.MapFS) func(*Config) {
	return func(c *Config) {
		c.Home = talkpage.Routes(talkpage.Config{Talker: e, Mail: mail, NewID: c.NewID, Zone: time.UTC, Sandbox: "http://127.0.0.1:9999", Code: "1234"})
	}
}

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func acme() clients.Ref {
	return clients.Ref{Client: "c1", ClientName: "Acme Corporation", Matter: "m1", MatterName: "lease"}
}

func body(w *httptest.ResponseRecorder) string {
	b, _ := io.ReadAll(w.Body)
	return string(b)
}
