package dynamo

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/billingclerk/billingclerk/internal/outbound"
)

// Options says where the table is.
type Options struct {
	Table    string
	Endpoint string              // overrides the region's own; for DynamoDB Local. May be empty
	HTTP     *http.Client        // nil: outbound.Client(Timeout)
	Timeout  time.Duration       // of one attempt; 0: attemptTimeout
	Getenv   func(string) string // os.Getenv: AWS_REGION and the credentials that Lambda, a container or a shell sets
	Now      func() time.Time
}

// A person is waiting, and Alexa gives eight seconds: three tries, close together.
const (
	maxAttempts    = 3
	maxBackoff     = 300 * time.Millisecond
	attemptTimeout = 2300 * time.Millisecond
)

// Open returns a backend by the environment alone. It sends nothing: no shared configuration files and no instance
// metadata are looked at, which costs the skill's cold start more than the rest of its set-up.
func Open(opt Options) (*Backend, error) {
	if opt.Table == "" {
		return nil, fmt.Errorf("dynamo: no table named: %w", errOptions)
	}
	client, err := NewClient(opt)
	if err != nil {
		return nil, err
	}
	return New(client, opt.Table, opt.Now), nil
}

var errOptions = errors.New("the environment is incomplete")

// NewClient returns the client that Open uses, for CreateTable.
func NewClient(opt Options) (*dynamodb.Client, error) {
	if opt.HTTP == nil {
		opt.HTTP = outbound.Client(cmp.Or(opt.Timeout, attemptTimeout))
	}
	region := opt.Getenv("AWS_REGION")
	if region == "" {
		return nil, fmt.Errorf("dynamo: AWS_REGION is not set: %w", errOptions)
	}
	provider, err := Credentials(opt.Getenv, opt.HTTP)
	if err != nil {
		return nil, err
	}
	o := dynamodb.Options{
		Region: region, Credentials: aws.NewCredentialsCache(provider), HTTPClient: opt.HTTP,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = maxAttempts, maxBackoff, ratelimit.None
		}),
	}
	if opt.Endpoint != "" {
		o.BaseEndpoint = &opt.Endpoint
	}
	return dynamodb.New(o), nil
}

// Credentials takes them from the variables that Lambda sets, or from the container's endpoint, for other clients of
// AWS too. Nothing is sent yet.
func Credentials(getenv func(string) string, client *http.Client) (aws.CredentialsProvider, error) {
	if id := getenv("AWS_ACCESS_KEY_ID"); id != "" {
		return credentials.NewStaticCredentialsProvider(id, getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")), nil
	}
	endpoint := getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		endpoint = "http://169.254.170.2" + path // the address that ECS documents for its agent
	}
	if endpoint == "" {
		return nil, fmt.Errorf("dynamo: neither AWS_ACCESS_KEY_ID nor a container's credentials are set: %w", errOptions)
	}
	return endpointcreds.New(endpoint, func(o *endpointcreds.Options) {
		o.HTTPClient, o.AuthorizationToken = client, getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	}), nil
}
