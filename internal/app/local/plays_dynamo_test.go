//go:build dynamo

package local

import (
	"testing"

	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// The same plays on the database of the cloud.
func TestPlaysOnDynamoDB(t *testing.T) {
	for _, path := range plays(t) {
		t.Run(name(path), func(t *testing.T) {
			clock := firmtest.NewClock()
			h := move(t, t.TempDir(), clock, dynamotest.Start(t, clock.Now))
			talk.Play(t, script(t, path), h.stage(t, h.say))
			h.settle(t)
			h.audit(t)
		})
	}
}
