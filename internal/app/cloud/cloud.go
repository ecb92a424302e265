// Package cloud opens the system on AWS: DynamoDB, and secrets from the parameter store. It links nothing that only
// one function needs.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/stripe"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/store/dynamo"
)

// Base is what every function on AWS has.
type Base struct {
	function config.Function
	*app.System
	Config      config.Cloud
	Tokens      *token.Signer
	Secrets     *config.Secrets
	Credentials aws.CredentialsProvider
	HTTP        *http.Client
}

// callTimeout bounds one try of a call to AWS: Alexa waits about 8 s for everything.
const callTimeout = 3 * time.Second

// Open reads the settings and opens the system. It fetches the two keys, at the same time, and sends the table
// nothing: one that does not exist is told by the first request.
func Open(ctx context.Context, env config.Lookup, f config.Function, logs io.Writer) (*Base, error) {
	settings, err := config.ReadCloud(env, f)
	if err != nil {
		return nil, err
	}
	b := &Base{function: f, Config: settings, HTTP: outbound.Client(callTimeout)}
	provider, err := dynamo.Credentials(env, b.HTTP)
	if err != nil {
		return nil, err
	}
	b.Credentials = aws.NewCredentialsCache(provider)
	b.Secrets = &config.Secrets{Env: env, Now: app.UTC, Parameters: b.parameters()}
	keys, pepper, err := b.keys(ctx)
	if err != nil {
		return nil, err
	}
	table, err := dynamo.Open(dynamo.Options{
		Table: settings.Table, Endpoint: settings.Endpoint, HTTP: b.HTTP, Getenv: env, Now: app.UTC,
	})
	if err != nil {
		return nil, err
	}
	b.Tokens = &token.Signer{Keys: keys, Now: app.UTC}
	log := slog.New(slog.NewJSONHandler(logs, nil)).With("function", string(f), "version", settings.Version)
	b.System = app.Join(app.Parts{Store: table, Now: app.UTC, NewID: app.NewID, Pepper: pepper, Log: log, Processor: b.processor})
	return b, nil
}

func (b *Base) keys(ctx context.Context) (keys [][]byte, pepper []byte, err error) {
	type fetched struct {
		keys [][]byte
		err  error
	}
	peppers := make(chan fetched, 1)
	go func() {
		k, err := b.key(ctx, b.Config.Pepper)
		peppers <- fetched{k, err}
	}()
	keys, err = b.key(ctx, b.Config.TokenKey)
	p := <-peppers
	if err = errors.Join(err, p.err); err != nil {
		return nil, nil, err
	}
	return keys, p.keys[0], nil
}

func (b *Base) key(ctx context.Context, reference string) ([][]byte, error) {
	text, err := b.Secrets.Secret(ctx, reference)
	if err != nil {
		return nil, err
	}
	keys, err := app.Keys(text)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", reference, err)
	}
	return keys, nil
}

// Laid returns a secret that may or may not have been laid down: empty when what the reference names is absent.
func (b *Base) Laid(ctx context.Context, reference string) (string, error) {
	if reference == "" {
		return "", nil
	}
	text, err := b.Secrets.Secret(ctx, reference)
	var missing *types.ParameterNotFound
	if errors.As(err, &missing) || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(text), err
}

// parameters reads the parameter store through one client, which is made when the first parameter is read.
func (b *Base) parameters() func(ctx context.Context, name string) (string, error) {
	client := sync.OnceValue(func() *ssm.Client {
		return ssm.New(ssm.Options{Region: b.Config.Region, Credentials: b.Credentials, HTTPClient: b.HTTP, RetryMaxAttempts: 2})
	})
	return func(ctx context.Context, name string) (string, error) {
		out, err := client().GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.Parameter.Value), nil
	}
}

// Linking is the authorisation server of account linking; nil when no vendor's id is configured.
func (b *Base) Linking() *oauth.Server {
	l := b.Config.Linking
	if l.Vendor == "" {
		return nil
	}
	return b.Linked(oauth.Client{
		ID: l.Client, Name: "Alexa", Redirects: oauth.Redirects(l.Vendor), PKCE: l.PKCE,
		Secret: func(ctx context.Context) (string, error) { return b.Secrets.Secret(ctx, l.Secret) },
	})
}

// Linked is an authorisation server for clients; without any it can only end links.
func (b *Base) Linked(clients ...oauth.Client) *oauth.Server {
	return &oauth.Server{House: b.House, Tokens: b.Tokens, Clients: clients, Log: b.Log}
}

// Secrets of a firm's processor account, beside the token key: see docs/decisions/0004.
func (b *Base) accountSecret(firmID, name string) string {
	return b.Config.TokenKey[:strings.LastIndexByte(b.Config.TokenKey, '/')] + "/stripe/" + firmID + "/" + name
}

// processor returns a firm's own processor account. Errors: charging.ErrNoProcessor when it has none.
func (b *Base) processor(ctx context.Context, firmID string) (charging.Processor, error) {
	key := func(ctx context.Context) (string, error) {
		return b.Secrets.Secret(ctx, b.accountSecret(firmID, "key"))
	}
	if _, err := key(ctx); err != nil {
		return nil, noAccount(err)
	}
	account := stripe.Config{Key: key, HTTP: outbound.Client(0)}
	if b.function == config.Web {
		secret, err := b.Secrets.Secret(ctx, b.accountSecret(firmID, "webhook"))
		if err != nil {
			return nil, noAccount(err)
		}
		account.WebhookSecret = secret
	}
	return stripe.New(account), nil
}

func noAccount(err error) error {
	var missing *types.ParameterNotFound
	if errors.As(err, &missing) {
		return charging.ErrNoProcessor
	}
	return err
}

// PayLink returns the address under which an invoice can be paid.
func (b *Base) PayLink(firmID, invoice string) string {
	return b.Config.BaseURL + "/pay/" + b.Tokens.Pay(firmID, invoice)
}
