package local

import (
	"context"
	"crypto/rand"
	"os"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/config"
)

// The demo's client of account linking: any program on this machine that reads its secret in the data folder.
const (
	DemoClient   = "alexa-demo"
	demoVendor   = "DEMO"
	demoSecret   = "demo-client-secret"
	demoRedirect = "https://pitangui.amazon.com/api/skill/link/" + demoVendor
)

// linking is the authorisation server: for the client that is configured, and a demo's own. Nil without either.
func (s *Server) linking() (*oauth.Server, error) {
	server := &oauth.Server{House: s.House, Tokens: s.tokens, Log: s.Log}
	if l := s.Config.Linking; l.Vendor != "" {
		secrets := &config.Secrets{Now: s.House.Now, Env: os.Getenv}
		server.Clients = append(server.Clients, oauth.Client{
			ID: l.Client, Name: "Alexa", Redirects: oauth.Redirects(l.Vendor), PKCE: l.PKCE,
			Secret: func(ctx context.Context) (string, error) { return secrets.Secret(ctx, l.Secret) },
		})
	}
	if s.Demo != nil {
		secret, err := keys{dir: s.Config.Data}.once(demoSecret, rand.Text)
		if err != nil {
			return nil, err
		}
		server.Clients = append(server.Clients, oauth.Client{
			ID: DemoClient, Name: "Alexa", Redirects: []string{demoRedirect}, Loopback: true,
			Secret: func(context.Context) (string, error) { return secret, nil },
		})
	}
	if len(server.Clients) == 0 {
		return nil, nil
	}
	return server, nil
}
