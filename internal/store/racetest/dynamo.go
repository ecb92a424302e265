//go:build dynamo

package racetest

import "github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"

func init() { backends["dynamo"] = dynamotest.Start }
