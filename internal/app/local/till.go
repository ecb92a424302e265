package local

import (
	"context"
	"path/filepath"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/charging/stripe"
	"github.com/billingclerk/billingclerk/internal/outbound"
)

// startSandbox serves the stand-in for the card processor on its own port, unless one runs as its own process.
func (s *Server) startSandbox() (err error) {
	if s.Sandbox = s.Config.Process; s.Sandbox != "" {
		return nil
	}
	if s.till, err = listen("CLERK_SANDBOX_ADDR", s.Config.Sandbox); err != nil {
		return err
	}
	s.Sandbox = "http://" + s.till.Addr().String()
	if s.claims[1], err = take(s.Config.Data, sandboxLock, "sandbox", s.Sandbox); err != nil {
		return err
	}
	s.sandbox, err = sandbox.Open(filepath.Join(s.Config.Data, "sandbox.journal"), sandbox.Options{
		Now: s.options.Now, Fault: s.options.Fault, URL: s.Sandbox, Webhook: s.URL + "/webhooks/stripe/" + s.Demo.Firm,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stopTill = stop
	s.tillDone = make(chan struct{})
	go func() {
		defer close(s.tillDone)
		if err := s.sandbox.Serve(ctx, s.till); err != nil {
			s.Log.Error("the sandbox stopped", "error", err)
		}
	}()
	return nil
}

// sandboxAccount is the demo firm's account: the adapter that talks to Stripe, pointed at the sandbox.
func (s *Server) sandboxAccount() charging.Processor {
	key := func(context.Context) (string, error) { return sandbox.DefaultKey, nil }
	return stripe.New(stripe.Config{Key: key, WebhookSecret: sandbox.DefaultSecret, BaseURL: s.Sandbox, HTTP: outbound.Client(0)})
}
