package auth_test

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/fault"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

// browser goes in and out of a door, and asks who it is.
type browser struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

func enter(t *testing.T, o *firmtest.Office, d *auth.Desk) *browser {
	t.Helper()
	door := auth.NewDoor(d, false, func(w http.ResponseWriter, _ *http.Request, _ error) {
		http.Error(w, "trouble", http.StatusServiceUnavailable)
	})
	answer := func(w http.ResponseWriter, err error) {
		if err != nil {
			http.Error(w, fault.KindOf(err).String(), http.StatusForbidden)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		answer(w, door.SignIn(r.Context(), email, r.FormValue("password")))
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) { answer(w, door.SignOut(r.Context())) })
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		c, err := door.Caller(r.Context())
		if err == nil {
			_, err = o.House.Get(r.Context(), c)
		}
		answer(w, err)
	})
	b := &browser{t: t, server: httptest.NewServer(door.Load(mux))}
	t.Cleanup(b.server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.client = &http.Client{Jar: jar}
	return b
}

func (b *browser) get(path string, want int) *http.Response {
	b.t.Helper()
	r, err := b.client.Get(b.server.URL + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != want {
		b.t.Fatalf("%s: %s, want %d", path, r.Status, want)
	}
	return r
}

const inPath = "/in?password=correct+horse+battery"

func TestASessionLastsFromSignInToSignOut(t *testing.T) {
	o, d := staffed(t)
	b := enter(t, o, d)
	b.get("/who", 403)
	b.get("/in?password=wrong", 403)
	b.get("/who", 403)
	first := b.get(inPath, 200)
	cookie := first.Cookies()[0]
	if cookie.Name != "clerk" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || !cookie.Expires.IsZero() || len(cookie.Value) < 22 {
		t.Fatal(cookie)
	}
	b.get("/who", 200)
	if again := b.get(inPath, 200).Cookies()[0].Value; again == cookie.Value {
		t.Fatal("signing in kept the token")
	}
	b.get("/out", 200)
	b.get("/who", 403)
	b.get("/out", 200)
}

func TestASignedOutGrantIsDeadEvenForWhoKeptTheCookie(t *testing.T) {
	o, d := staffed(t)
	b := enter(t, o, d)
	cookie := b.get(inPath, 200).Cookies()[0]
	b.get("/out", 200)
	r, _ := http.NewRequest(http.MethodGet, b.server.URL+"/who", nil)
	r.AddCookie(cookie)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || response.StatusCode != http.StatusForbidden {
		t.Fatal(response, err)
	}
	response.Body.Close()
	grants, err := o.House.Grants(t.Context(), o.Admin, o.Admin.Person)
	if err != nil || grants[0].Kind != firm.SessionGrant || grants[0].Revoked.IsZero() {
		t.Fatal(grants, err)
	}
}

func TestASessionEndsWhenItIsIdleAndAfterItsLongestTime(t *testing.T) {
	o, d := staffed(t)
	b := enter(t, o, d)
	b.get(inPath, 200)
	o.Clock.Advance(auth.IdleTime - time.Second)
	b.get("/who", 200)
	o.Clock.Advance(auth.IdleTime)
	b.get("/who", 403)

	b.get(inPath, 200)
	for range int(auth.SessionTime/time.Minute)/30 - 1 {
		o.Clock.Advance(30 * time.Minute)
		b.get("/who", 200)
	}
	o.Clock.Advance(30 * time.Minute)
	b.get("/who", 403)
}

func TestASessionIsRefreshedAtMostEveryFiveMinutes(t *testing.T) {
	o, d := staffed(t)
	counted := storetest.NewFaulty(o.House.Store, nil)
	o.House.Store = counted
	b := enter(t, o, d)
	b.get(inPath, 200)
	before := counted.Calls().Commits
	for range 40 {
		o.Clock.Advance(30 * time.Second)
		b.get("/who", 200)
	}
	if got := counted.Calls().Commits - before; got != 4 {
		t.Fatalf("%d refreshes in 20 minutes", got)
	}
	counted.Use(func(c storetest.Call) storetest.Fault {
		if c.Read {
			return storetest.None
		}
		return storetest.Throttle
	})
	o.Clock.Advance(10 * time.Minute)
	b.get("/who", 200) // what can't be refreshed still counts
	counted.Use(func(storetest.Call) storetest.Fault { return storetest.Unreachable })
	b.get("/who", 503)
}

func TestTheStoreHoldsNoSessionToken(t *testing.T) {
	o, d := staffed(t)
	b := enter(t, o, d)
	token := b.get(inPath, 200).Cookies()[0].Value
	sessions := 0
	err := o.House.Store.Walk(t.Context(), func(r store.Record) error {
		if strings.Contains(r.Partition+r.Sort+string(r.Value), token) {
			return errors.New("found it")
		}
		if strings.HasPrefix(r.Partition, "s/sessions/") {
			sessions++
		}
		return nil
	})
	if err != nil || sessions != 1 {
		t.Fatal(sessions, err)
	}
}

func TestOverTLSTheCookieIsBoundToTheHost(t *testing.T) {
	_, d := staffed(t)
	door := auth.NewDoor(d, true, nil)
	w := httptest.NewRecorder()
	handler := door.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := door.SignIn(r.Context(), email, password); err != nil {
			t.Error(err)
		}
	}))
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	cookie := w.Result().Cookies()[0]
	if cookie.Name != "__Host-clerk" || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
		t.Fatal(cookie)
	}
}
