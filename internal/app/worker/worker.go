// Package worker builds the function that carries out effects: woken by the table's stream for what is due now, and
// once a minute for the rest.
package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/billingclerk/billingclerk/internal/app/cloud"
	"github.com/billingclerk/billingclerk/internal/app/effects"
	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/blob"
	"github.com/billingclerk/billingclerk/internal/config"
	"github.com/billingclerk/billingclerk/internal/mail"
	"github.com/billingclerk/billingclerk/internal/outbox"
)

// Worker handles the function's events.
type Worker struct {
	Post     *outbox.Post
	Accounts *invite.Desk
}

// Answer is what the function answers: to the stream, which records to send again.
type Answer struct {
	events.DynamoDBEventResponse
	Links []string `json:"links,omitempty"` // of a rescue
}

// New opens the system and returns the worker.
func New(ctx context.Context, env config.Lookup, logs io.Writer) (*Worker, error) {
	base, err := cloud.Open(ctx, env, config.Worker, logs)
	if err != nil {
		return nil, err
	}
	carrier, err := carrier(ctx, base)
	if err != nil {
		return nil, err
	}
	office := &effects.Office{
		System: base.System, Blobs: blob.NewBucket(base.Config.Bucket, base.Config.Region, base.Credentials, base.HTTP),
		Carrier: carrier, From: base.Config.MailFrom, PayLink: base.PayLink,
		Accounts: &invite.Desk{House: base.House, Auth: &auth.Desk{House: base.House}, Tokens: base.Tokens, Base: base.Config.BaseURL},
	}
	return &Worker{Post: office.Post(rand.Float64), Accounts: office.Accounts}, nil
}

// carrier is SES, or the mail server that the settings name.
func carrier(ctx context.Context, base *cloud.Base) (mail.Carrier, error) {
	if base.Config.SMTP == "" {
		return mail.NewSES(base.Config.Region, base.Credentials, base.HTTP), nil
	}
	address, err := base.Secrets.Secret(ctx, base.Config.SMTP)
	if err != nil {
		return nil, err
	}
	return mail.ParseSMTP(address)
}

// Handle takes a batch of the stream, or the schedule's call. The stream's records are hints of what is due: each is
// delivered alone, and those that failed are reported, so that the stream repeats no more than it must. A message whose
// time has not come is left to the sweep. {"rescue": "<address>"} is an operator's own call, whom AWS let invoke the
// function: see invite.Desk.Rescue.
func (w *Worker) Handle(ctx context.Context, raw json.RawMessage) (Answer, error) {
	var event struct {
		events.DynamoDBEvent
		Rescue string `json:"rescue"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return Answer{}, fmt.Errorf("worker: event: %w", err)
	}
	var answer Answer
	switch {
	case event.Rescue != "":
		links, err := w.Accounts.Rescue(ctx, event.Rescue)
		return Answer{Links: links}, err
	case len(event.Records) == 0:
		_, err := w.Post.Sweep(ctx)
		return answer, err
	}
	for _, r := range event.Records {
		if err := w.deliver(ctx, r); err != nil {
			failed := events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber}
			answer.BatchItemFailures = append(answer.BatchItemFailures, failed)
			return answer, nil //nolint:nilerr // told to the stream, which repeats from this record on
		}
	}
	return answer, nil
}

func (w *Worker) deliver(ctx context.Context, r events.DynamoDBEventRecord) error {
	sort, ok := r.Change.Keys["sk"]
	if !ok || sort.DataType() != events.DataTypeString {
		return nil
	}
	firmID, id, ok := outbox.Pointed(sort.String())
	if !ok {
		return nil
	}
	return w.Post.Deliver(ctx, firmID, id)
}

// Main runs the function.
func Main(env config.Lookup, logs io.Writer) error {
	worker, err := New(context.Background(), env, logs)
	if err != nil {
		return err
	}
	lambda.Start(worker.Handle)
	return nil
}
