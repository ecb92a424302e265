package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/dynamo"
)

// answer is what the wire gives to one attempt: a response, or a failure of the connection.
type answer func(sent) (*http.Response, error)

// sent is an attempt as it left: the operation and its decoded body.
type sent struct {
	operation string
	body      map[string]any
}

// wire stands for DynamoDB under the SDK. It gives one answer after another, the last one again and again.
type wire struct {
	t       *testing.T
	answers []answer
	sent    []sent
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s := sent{operation: operation}
	if err := json.NewDecoder(r.Body).Decode(&s.body); err != nil {
		w.t.Errorf("%s has no JSON body: %v", operation, err)
	}
	w.sent = append(w.sent, s)
	return w.answers[min(len(w.sent), len(w.answers))-1](s)
}

// respond answers with a status and a body.
func respond(status int, body string) answer {
	return func(sent) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// refuse answers with an exception of DynamoDB's.
func refuse(code string) answer {
	return respond(400, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"no"}`, code))
}

// cancel answers a transaction with the reasons for its items.
func cancel(codes ...string) answer {
	var reasons []string
	for _, c := range codes {
		reasons = append(reasons, fmt.Sprintf(`{"Code":%q}`, c))
	}
	return respond(400, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"no","CancellationReasons":[%s]}`,
		strings.Join(reasons, ",")))
}

// exists answers a failed condition with the version that is there.
func exists(version func(sent) string) answer {
	return func(s sent) (*http.Response, error) {
		return respond(400, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no",
			"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"ver":{"S":%q},"v":{"B":""}}}`, version(s)))(s)
	}
}

func another(sent) string { return "another" }

func own(s sent) string {
	return s.body["Item"].(map[string]any)["ver"].(map[string]any)["S"].(string)
}

func fail(err error) answer { return func(sent) (*http.Response, error) { return nil, err } }

var (
	done     = respond(200, `{}`)
	lost     = fail(io.ErrUnexpectedEOF)
	reset    = fail(&net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")})
	unheard  = fail(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")})
	broken   = respond(500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oh"}`)
	garbled  = respond(200, `{"Item": not json`)
	timeout  = respond(408, `{"__type":"com.amazonaws.dynamodb.v20120810#RequestTimeoutException","message":"late"}`)
	throttle = refuse("ProvisionedThroughputExceededException")
)

// lapsing are credentials that are given n times and then no more, as an error that the SDK tries again.
func lapsing(n int) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		if n--; n < 0 {
			return aws.Credentials{}, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
		}
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
	})
}

func backend(t *testing.T, answers ...answer) (*dynamo.Backend, *wire) {
	return backendFor(t, credentials.NewStaticCredentialsProvider("id", "secret", ""), answers...)
}

func backendFor(t *testing.T, as aws.CredentialsProvider, answers ...answer) (*dynamo.Backend, *wire) {
	w := &wire{t: t, answers: answers}
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: as,
		HTTPClient: &http.Client{Transport: w},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 3, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
	return dynamo.New(client, "clerk", func() time.Time { return time.Unix(1_800_000_000, 0) }), w
}

var (
	k      = store.Key{Partition: "p", Sort: "s"}
	create = store.Op{Kind: store.Create, Key: k, Value: []byte("v")}
	remove = store.Op{Kind: store.Delete, Key: k, Version: "read"}
	absent = store.Op{Kind: store.CheckAbsent, Key: store.Key{Partition: "p", Sort: "t"}}
)
