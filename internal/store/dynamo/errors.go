package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/billingclerk/billingclerk/internal/store"
)

// classify turns DynamoDB's errors into the store's kinds.
func classify(err error) error {
	kind := kindOf(err)
	if kind == nil {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

func kindOf(err error) error {
	var cancelled *types.TransactionCanceledException
	var api smithy.APIError
	if errors.As(err, &cancelled) {
		return kindOfReasons(cancelled.CancellationReasons)
	}
	if !errors.As(err, &api) {
		return nil
	}
	switch code := api.ErrorCode(); code {
	case "ConditionalCheckFailedException":
		return store.ErrPrecondition
	case "TransactionConflictException":
		return store.ErrConflict
	case "ResourceNotFoundException":
		return store.ErrNoTable
	case "TransactionInProgressException": // an earlier attempt under the same token is still at work
		return store.ErrUnknown
	default:
		if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
			return store.ErrThrottled
		}
		return nil
	}
}

// kindOfReasons picks the reason that says most about what to do next: a condition that does not hold will not hold
// on a mere repetition.
func kindOfReasons(reasons []types.CancellationReason) error {
	codes := map[string]bool{}
	for _, r := range reasons {
		codes[aws.ToString(r.Code)] = true
	}
	switch {
	case codes["ConditionalCheckFailed"]:
		return store.ErrPrecondition
	case codes["TransactionConflict"]:
		return store.ErrConflict
	case codes["ProvisionedThroughputExceeded"], codes["ThrottlingError"]:
		return store.ErrThrottled
	case codes["ItemCollectionSizeLimitExceeded"]:
		return store.ErrLimit
	}
	return nil
}

// tries follows the attempts of one commit, to know whether one of them may have taken effect.
type tries struct {
	sent  bool // the attempt that runs now has left
	maybe bool // an attempt ended without saying that it did nothing
}

// watch puts the tries into a call.
func (t *tries) watch(o *dynamodb.Options) {
	o.Retryer = watchedRetryer{o.Retryer, t}
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("store/sent",
			func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
				t.sent = true
				return next.HandleDeserialize(ctx, in)
			}), middleware.After)
	})
}

// watchedRetryer is asked about every attempt that failed.
type watchedRetryer struct {
	aws.Retryer
	tries *tries
}

func (r watchedRetryer) IsErrorRetryable(err error) bool {
	if r.tries.sent && !didNothing(err) {
		r.tries.maybe = true
	}
	r.tries.sent = false
	return r.Retryer.IsErrorRetryable(err)
}

// outcome classifies how a commit ended. After an attempt whose answer was lost nothing is final, not even that a later
// attempt was cancelled: the first may still be on its way, and its conditions may hold when it arrives.
func (t *tries) outcome(err error) error {
	switch {
	case err == nil:
		return nil
	case t.maybe:
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return classify(err)
}

// didNothing reports whether a failed attempt certainly wrote nothing: DynamoDB refused it, or no connection was made.
func didNothing(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) || api.ErrorCode() == "TransactionInProgressException" {
		return false
	}
	status := response.HTTPStatusCode()
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout
}
