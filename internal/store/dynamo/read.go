package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/billingclerk/billingclerk/internal/store"
)

// maxIdle is how many answers in a row may process none of the keys asked for.
const maxIdle = 3

// Get implements store.Backend. ErrThrottled if DynamoDB keeps leaving keys unprocessed.
func (b *Backend) Get(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return nil, err
	}
	read := b.getMany
	if len(keys) == 1 {
		read = b.getOne
	}
	found := map[store.Key]store.Record{}
	if err := read(ctx, keys, found); err != nil {
		return nil, fmt.Errorf("dynamo: get %d keys: %w", len(keys), err)
	}
	records := make([]store.Record, len(keys))
	for i, k := range keys {
		r := found[k]
		r.Key = k
		records[i] = r
	}
	return records, nil
}

func (b *Backend) getOne(ctx context.Context, keys []store.Key, found map[store.Key]store.Record) error {
	out, err := b.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &b.table, Key: keyItem(keys[0]), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return classify(err)
	}
	if len(out.Item) == 0 {
		return nil
	}
	return b.collect([]item{out.Item}, found)
}

// getMany asks again for what DynamoDB leaves unprocessed: beyond 16 MB in one answer, or for lack of capacity.
func (b *Backend) getMany(ctx context.Context, keys []store.Key, found map[store.Key]store.Record) error {
	asked := b.requests(keys)
	for idle := 0; len(asked) > 0; {
		out, err := b.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: asked})
		if err != nil {
			return classify(err)
		}
		if err := b.collect(out.Responses[b.table], found); err != nil {
			return err
		}
		asked = out.UnprocessedKeys
		if len(asked) == 0 || len(out.Responses[b.table]) > 0 {
			idle = 0
			continue
		}
		if idle++; idle == maxIdle {
			return fmt.Errorf("keys left unprocessed: %w", store.ErrThrottled)
		}
		if err := b.pause(ctx, idle); err != nil {
			return err
		}
	}
	return nil
}

// requests names each key once, as DynamoDB demands.
func (b *Backend) requests(keys []store.Key) map[string]types.KeysAndAttributes {
	seen := map[store.Key]bool{}
	var items []item
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			items = append(items, keyItem(k))
		}
	}
	return map[string]types.KeysAndAttributes{b.table: {Keys: items, ConsistentRead: aws.Bool(true)}}
}

func (b *Backend) collect(items []item, found map[store.Key]store.Record) error {
	now := b.now()
	for _, i := range items {
		r, err := decode(i, now)
		if err != nil {
			return err
		}
		found[r.Key] = r
	}
	return nil
}

// pause waits a little longer each time, with jitter.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(time.Duration(try) * (20*time.Millisecond + rand.N(30*time.Millisecond)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Query implements store.Backend.
func (b *Backend) Query(ctx context.Context, q store.Query) (store.Page, error) {
	r, err := q.Resolve()
	if err != nil {
		return store.Page{}, err
	}
	if err := ctx.Err(); err != nil || r.Empty() {
		return store.Page{}, err
	}
	input := b.query(r)
	for {
		out, err := b.client.Query(ctx, input)
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: query: %w", classify(err))
		}
		page, err := b.page(out.Items, q, r)
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: query: %w", err)
		}
		if page.Next == "" && len(out.LastEvaluatedKey) > 0 {
			page.Next = q.After(out.LastEvaluatedKey["sk"].(*types.AttributeValueMemberS).Value)
		}
		if len(page.Records) > 0 || page.Next == "" {
			return page, nil
		}
		// Nothing but expired records so far: go on, in larger steps.
		input.ExclusiveStartKey, input.Limit = out.LastEvaluatedKey, aws.Int32(int32(max(r.Limit, store.DefaultPage)))
	}
}

// query asks for the resolved range From <= sk < To. DynamoDB takes one condition on sk, and its BETWEEN includes both
// ends: descending, the upper end is left out by starting after it; ascending, page drops it.
func (b *Backend) query(r store.Query) *dynamodb.QueryInput {
	condition := "pk = :pk"
	values := item{":pk": text(r.Partition)}
	input := &dynamodb.QueryInput{
		TableName: &b.table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!r.Desc), Limit: aws.Int32(int32(r.Limit)),
		KeyConditionExpression: &condition, ExpressionAttributeValues: values,
	}
	from, to := r.From != "", r.To != ""
	if to && from && r.Desc {
		input.ExclusiveStartKey, to = keyItem(store.Key{Partition: r.Partition, Sort: r.To}), false
	}
	if from {
		values[":from"] = text(r.From)
	}
	if to {
		values[":to"] = text(r.To)
	}
	switch {
	case from && to:
		condition += " AND sk BETWEEN :from AND :to"
	case from:
		condition += " AND sk >= :from"
	case to:
		condition += " AND sk < :to"
	}
	return input
}

// page keeps the live records within the range, up to the limit. Next is set if more than that were read.
func (b *Backend) page(items []item, q, r store.Query) (store.Page, error) {
	var page store.Page
	now := b.now()
	for _, i := range items {
		record, err := decode(i, now)
		if err != nil {
			return store.Page{}, err
		}
		if !record.Exists() || r.To != "" && record.Sort >= r.To {
			continue
		}
		if len(page.Records) == r.Limit {
			page.Next = q.After(page.Records[r.Limit-1].Sort)
			return page, nil
		}
		page.Records = append(page.Records, record)
	}
	return page, nil
}

// Walk implements store.Backend. It scans the whole table.
func (b *Backend) Walk(ctx context.Context, f func(store.Record) error) error {
	input := &dynamodb.ScanInput{TableName: &b.table, ConsistentRead: aws.Bool(true)}
	for {
		out, err := b.client.Scan(ctx, input)
		if err != nil {
			return fmt.Errorf("dynamo: walk: %w", classify(err))
		}
		for _, i := range out.Items {
			r, err := decode(i, b.now())
			if err != nil {
				return fmt.Errorf("dynamo: walk: %w", err)
			}
			if !r.Exists() {
				continue
			}
			if err := f(r); err != nil {
				return err
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
