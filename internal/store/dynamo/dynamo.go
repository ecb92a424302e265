// Package dynamo keeps records in one DynamoDB table. It is the only importer of the DynamoDB SDK.
//
// The table has a string hash key pk and a string range key sk; a record's value is v, its version ver, and its
// expiry exp, in seconds of Unix time, for the table's time to live. DynamoDB removes expired items days late, so
// reads and conditions judge exp by the injected clock.
//
// The tests of the contract need DynamoDB Local, and so Java: they are behind the build tag "dynamo", which
// `make test` always sets. Faults are injected below the SDK without it, in every run.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Backend is a store.Backend in a DynamoDB table.
type Backend struct {
	client *dynamodb.Client
	table  string
	now    func() time.Time
	pause  func(ctx context.Context, try int) error // between reads of keys that DynamoDB left unprocessed
}

// New returns a backend on a table that exists. Records expire by now. Nothing is sent.
func New(client *dynamodb.Client, table string, now func() time.Time) *Backend {
	return &Backend{client: client, table: table, now: now, pause: pause}
}

// Close does nothing: connections belong to the HTTP client.
func (b *Backend) Close() error { return nil }

// CreateTable creates a table for tests and local trials. The deployed table is the template's. Time to live stays
// off: it goes by the wall clock, and a test's clock is another.
func CreateTable(ctx context.Context, client *dynamodb.Client, table string) error {
	const str = types.ScalarAttributeTypeS
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   &table,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: str}, {AttributeName: aws.String("sk"), AttributeType: str},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		return fmt.Errorf("dynamo: create table %s: %w", table, err)
	}
	return nil
}

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyItem(k store.Key) item { return item{"pk": text(k.Partition), "sk": text(k.Sort)} }

// encode lays out what a Create or Replace writes.
func encode(op store.Op, version string) item {
	i := keyItem(op.Key)
	value := op.Value
	if value == nil {
		value = []byte{}
	}
	i["v"], i["ver"] = &types.AttributeValueMemberB{Value: value}, text(version)
	if seconds := store.Seconds(op.Expires); seconds != 0 {
		i["exp"] = number(seconds)
	}
	return i
}

// errForeign means that the table holds something that this package did not write.
var errForeign = errors.New("dynamo: an item that is not a record")

// decode reads an item. A record that has expired by now comes back absent.
func decode(i item, now time.Time) (store.Record, error) {
	pk, pkOK := i["pk"].(*types.AttributeValueMemberS)
	sk, skOK := i["sk"].(*types.AttributeValueMemberS)
	v, vOK := i["v"].(*types.AttributeValueMemberB)
	ver, verOK := i["ver"].(*types.AttributeValueMemberS)
	if !pkOK || !skOK || !vOK || !verOK || ver.Value == "" {
		return store.Record{}, errForeign
	}
	r := store.Record{Key: store.Key{Partition: pk.Value, Sort: sk.Value}}
	seconds, err := expiry(i)
	if err != nil || store.Expired(seconds, now) {
		return r, err
	}
	r.Value, r.Version, r.Expires = v.Value, ver.Value, store.Instant(seconds)
	return r, nil
}

func expiry(i item) (int64, error) {
	exp, has := i["exp"]
	if !has {
		return 0, nil
	}
	n, ok := exp.(*types.AttributeValueMemberN)
	if !ok {
		return 0, errForeign
	}
	seconds, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0, errForeign
	}
	return seconds, nil
}
