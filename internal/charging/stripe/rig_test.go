package stripe

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/money"
)

// rig is the sandbox behind a listener, and the adapter that talks to it.
type rig struct {
	*Processor
	server *sandbox.Server
	faults *sandbox.Faults
	http   *httptest.Server
	seen   []*http.Request // what the adapter sent

	mu  sync.Mutex
	now time.Time
	ids int
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) id() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids++
	return fmt.Sprintf("%06d", r.ids)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{now: noon, faults: &sandbox.Faults{}}
	server, err := sandbox.Open(filepath.Join(t.TempDir(), "journal"), sandbox.Options{Now: r.clock, NewID: r.id, Fault: r.faults.Next, URL: "http://pay.test"})
	if err != nil {
		t.Fatal(err)
	}
	r.server = server
	r.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if err := q.ParseForm(); err == nil {
			r.mu.Lock()
			r.seen = append(r.seen, q.Clone(context.Background()))
			r.mu.Unlock()
		}
		q.Body = http.NoBody
		if q.Method == http.MethodPost {
			q.Body = bodyOf(q.PostForm)
		}
		server.ServeHTTP(w, q)
	}))
	t.Cleanup(func() {
		r.http.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	r.Processor = New(Config{Key: key(sandbox.DefaultKey), WebhookSecret: sandbox.DefaultSecret, BaseURL: r.http.URL, HTTP: r.http.Client()})
	return r
}

func key(k string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return k, nil }
}

// saved makes a customer with a test card on file.
func (r *rig) saved(t *testing.T, token string) charging.Method {
	t.Helper()
	customer, err := r.Customer(t.Context(), "client-"+token)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sandbox.Attach(t.Context(), r.http.Client(), r.http.URL, sandbox.DefaultKey, customer, token)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (r *rig) request(m charging.Method, key string) charging.ChargeRequest {
	return charging.ChargeRequest{Key: key, Customer: m.Customer, Method: m.ID, Amount: money.Of(12000, "USD"), Created: r.clock()}
}

func mustCharge(t *testing.T, p charging.Processor, r charging.ChargeRequest) charging.Outcome {
	t.Helper()
	o, err := p.Charge(t.Context(), r)
	if err != nil {
		t.Fatalf("charge: %v", err)
	}
	return o
}
