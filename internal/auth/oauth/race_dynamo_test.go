//go:build dynamo

package oauth_test

import (
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
)

func init() {
	backends["dynamo"] = func(t *testing.T, now func() time.Time) store.Backend { return dynamotest.Start(t, now) }
}
