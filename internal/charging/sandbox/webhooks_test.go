package sandbox

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// mailbox is a firm's webhook endpoint.
type mailbox struct {
	mu     sync.Mutex
	ids    []string
	refuse int // how many to answer with 500
	server *httptest.Server
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{}
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		// The signature is checked by Stripe's own library.
		event, err := webhook.ConstructEventWithOptions(payload, r.Header.Get("Stripe-Signature"), "whsec_firm", webhook.ConstructEventOptions{IgnoreTolerance: true})
		if err != nil {
			t.Errorf("%v", err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.refuse > 0 {
			m.refuse--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		m.ids = append(m.ids, event.ID)
	}))
	t.Cleanup(m.server.Close)
	return m
}

func (m *mailbox) got() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ids)
}

func (m *mailbox) connect(o *Options) {
	o.Webhook, o.WebhookSecret, o.HTTP = m.server.URL, "whsec_firm", m.server.Client()
}

func ids(events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.ID)
	}
	return all
}

func deliver(t *testing.T, d *desk) int {
	t.Helper()
	n, err := d.Deliver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEventsAreSignedAndDeliveredAtLeastOnce(t *testing.T) {
	m := newMailbox(t)
	d := newDesk(t, m.connect)
	d.paid(t, "pm_card_visa")
	want := ids(d.Undelivered())
	m.refuse = 2
	if n := deliver(t, d); n != len(want)-2 {
		t.Errorf("%d of %d", n, len(want))
	}
	if got := ids(d.Undelivered()); !slices.Equal(got, want[:2]) {
		t.Errorf("%v wait; want %v", got, want[:2])
	}
	if n := deliver(t, d); n != 2 || len(d.Undelivered()) != 0 || len(m.got()) != len(want) {
		t.Errorf("%d; %v", n, m.got())
	}
	if n := deliver(t, d); n != 0 {
		t.Errorf("%d were delivered again", n)
	}
}

func TestWhatWasNotAcknowledgedIsDeliveredAfterARestart(t *testing.T) {
	m := newMailbox(t)
	d := newDesk(t, m.connect)
	d.paid(t, "pm_card_visa")
	m.refuse = 1
	deliver(t, d)
	waiting := ids(d.Undelivered())
	d.http.Close()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(t, m.connect)
	if got := ids(d.Undelivered()); len(got) != 1 || !slices.Equal(got, waiting) {
		t.Errorf("%v; want %v", got, waiting)
	}
}

func TestEventsMayComeLateTwiceAndInAnotherOrder(t *testing.T) {
	m := newMailbox(t)
	first := true
	d := newDesk(t, m.connect, func(o *Options) {
		o.Order = func(events []Event) []Event {
			if first { // hold the newest back, repeat the oldest, and turn them round
				first = false
				events = append(slices.Clone(events[:len(events)-1]), events[0])
				slices.Reverse(events)
			}
			return events
		}
	})
	d.paid(t, "pm_card_visa")
	all := ids(d.Undelivered())
	deliver(t, d)
	deliver(t, d)
	want := append(slices.Clone(all[:len(all)-1]), all[0])
	slices.Reverse(want)
	if got := m.got(); !slices.Equal(got, append(want, all[len(all)-1])) {
		t.Errorf("%v; of %v", got, all)
	}
}

func TestServeDeliversByItselfAndStops(t *testing.T) {
	m := newMailbox(t)
	waits := make(chan struct{})
	d := newDesk(t, m.connect, func(o *Options) {
		o.Wait = func(ctx context.Context, _ time.Duration) { waits <- struct{}{}; <-ctx.Done() }
	})
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- d.Serve(ctx, listener) }()
	<-waits // nothing to deliver yet
	d.must(t, "/v1/customers", "", "")
	<-waits
	if got := m.got(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestASandboxIsNeverOfferedToANetwork(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.test:80", "nonsense"} {
		if l, err := Listen(address); err == nil {
			_ = l.Close()
			t.Errorf("%s was accepted", address)
		}
	}
}
