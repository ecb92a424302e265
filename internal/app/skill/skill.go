// Package skill builds the function that answers Alexa.
package skill

import (
	"context"
	"encoding/json"
	"io"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/app/cloud"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/outbound"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/voice/alexa"
)

// Handler answers one request of Alexa's.
type Handler func(ctx context.Context, request json.RawMessage) (json.RawMessage, error)

// New opens the system and returns the handler. The table's connection is opened meanwhile, and not waited for: what the
// first request asks comes right behind it.
func New(ctx context.Context, env config.Lookup, logs io.Writer) (Handler, error) {
	base, err := cloud.Open(ctx, env, config.Skill, logs)
	if err != nil {
		return nil, err
	}
	skill := &alexa.Skill{
		ApplicationID: base.Config.SkillID, Tokens: base.Tokens, Clerk: base.Clerk(), Links: base.Linked(), Log: base.Log, Now: app.UTC,
		Service: &alexa.Service{Transport: outbound.Transport(), Now: app.UTC},
	}
	go greet(ctx, base)
	return func(ctx context.Context, request json.RawMessage) (json.RawMessage, error) {
		return skill.Handle(ctx, request)
	}, nil
}

// greet asks the table for nothing.
func greet(ctx context.Context, base *cloud.Base) {
	v := store.System(base.House.Store, store.Meta)
	if _, err := v.Get(ctx, v.Key("warm", "up")); err != nil {
		base.Log.Warn("the table does not answer", "error", err)
	}
}

// Main runs the function.
func Main(env config.Lookup, logs io.Writer) error {
	handler, err := New(context.Background(), env, logs)
	if err != nil {
		return err
	}
	lambda.Start(handler)
	return nil
}
