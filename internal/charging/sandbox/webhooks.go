package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/billingclerk/billingclerk/internal/outbound"
)

// Sign returns the Stripe-Signature header of a webhook's payload (docs.stripe.com/webhooks/signature).
func Sign(payload []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), payload)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// Undelivered returns the events that nobody has acknowledged yet, oldest first.
func (c *Core) Undelivered() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var events []Event
	for _, id := range c.state.order {
		if e, ok := c.state.objects[id].(Event); ok && !c.state.delivered[id] {
			events = append(events, e)
		}
	}
	return events
}

// Payload is an event as it is posted.
func (e Event) Payload() ([]byte, error) { return json.MarshalIndent(e, "", "  ") }

// Deliver posts what is undelivered, once, as Options.Order has it. An event counts as delivered after any 2xx; a
// refused one is posted again by the next Deliver. It returns how many were acknowledged.
func (s *Server) Deliver(ctx context.Context) (int, error) {
	if err := s.tick(); err != nil || s.opt.Webhook == "" {
		return 0, err
	}
	acknowledged := 0
	for _, e := range s.opt.Order(s.Undelivered()) {
		if !s.post(ctx, e) {
			continue
		}
		acknowledged++
		if err := s.mark(e.ID); err != nil {
			return acknowledged, err
		}
	}
	return acknowledged, nil
}

// tick lets time's own changes happen, and their events be made.
func (c *Core) tick() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settle()
}

func (c *Core) mark(event string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.commit(entry{At: c.opt.Now().Unix(), Delivered: []string{event}})
}

func (s *Server) post(ctx context.Context, e Event) bool {
	payload, err := e.Payload()
	if err != nil {
		return false
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opt.Webhook, bytes.NewReader(payload))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("Stripe-Signature", Sign(payload, s.opt.WebhookSecret, s.opt.Now()))
	client := s.opt.HTTP
	if client == nil {
		client = outbound.Client(10 * time.Second)
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode/100 == 2
}

// between is how long undelivered events wait for the next try.
const between = 5 * time.Second

// deliverUntil posts events as they are made, and again while they are not acknowledged.
func (s *Server) deliverUntil(ctx context.Context) {
	for ctx.Err() == nil {
		_, _ = s.Deliver(ctx) // what is not delivered is tried again
		idle, cancel := context.WithCancel(ctx)
		go func() {
			select {
			case <-s.news:
			case <-idle.Done():
			}
			cancel()
		}()
		s.opt.Wait(idle, between)
		cancel()
	}
}

func (s *Server) nudge() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
