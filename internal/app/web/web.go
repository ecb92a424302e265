// Package web builds the function behind the payers' pages, the processor's webhooks and the console.
package web

import (
	"context"
	"io"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/billingclerk/billingclerk/internal/app/cloud"
	"github.com/billingclerk/billingclerk/internal/app/effects"
	"github.com/billingclerk/billingclerk/internal/app/pages"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/config"
)

// New opens the system and returns the gateway from the HTTP API's events to its pages.
func New(ctx context.Context, env config.Lookup, logs io.Writer) (*Gateway, error) {
	base, err := cloud.Open(ctx, env, config.Web, logs)
	if err != nil {
		return nil, err
	}
	setup, err := firstFirm(base)
	if err != nil {
		return nil, err
	}
	site, err := pages.New(pages.Config{
		System: base.System, Links: base.Tokens, Base: base.Config.BaseURL, PayOrigins: []string{pages.Stripe},
		Linking: base.Linking(), Tokens: base.Tokens, SignUp: base.Config.SignUp, Setup: setup,
		Office: &effects.Office{
			System: base.System, Blobs: blob.NewBucket(base.Config.Bucket, base.Config.Region, base.Credentials, base.HTTP),
			PayLink: base.PayLink,
		},
	})
	if err != nil {
		return nil, err
	}
	return &Gateway{site}, nil
}

// firstFirm lets whoever laid the set-up secret down open the first firm, while there is none.
func firstFirm(base *cloud.Base) (*invite.Setup, error) {
	firmID, person, err := invite.FirstIDs(base.House)
	secret := func(ctx context.Context) (string, error) { return base.Laid(ctx, base.Config.Setup) }
	return &invite.Setup{Secret: secret, Firm: firmID, Person: person}, err
}

// Main runs the function.
func Main(env config.Lookup, logs io.Writer) error {
	gateway, err := New(context.Background(), env, logs)
	if err != nil {
		return err
	}
	lambda.Start(gateway.Handle)
	return nil
}
