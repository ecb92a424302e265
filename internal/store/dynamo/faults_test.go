package dynamo_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/store"
)

// Whatever befalls a commit on the way, the error says what the caller may believe.
func TestOutcomesOfCommits(t *testing.T) {
	single, transaction, deletion := []store.Op{create}, []store.Op{create, absent}, []store.Op{remove}
	cases := map[string]struct {
		ops     []store.Op
		answers []answer
		want    error // nil: done
		sent    int
	}{
		"done at once":                         {transaction, []answer{done}, nil, 1},
		"a condition failed":                   {transaction, []answer{cancel("None", "ConditionalCheckFailed")}, store.ErrPrecondition, 1},
		"a conflict":                           {transaction, []answer{cancel("None", "TransactionConflict")}, store.ErrConflict, 1},
		"a condition and a conflict":           {transaction, []answer{cancel("TransactionConflict", "ConditionalCheckFailed")}, store.ErrPrecondition, 1},
		"throttled inside":                     {transaction, []answer{cancel("ThrottlingError", "None")}, store.ErrThrottled, 1},
		"no capacity inside":                   {transaction, []answer{cancel("ProvisionedThroughputExceeded", "None")}, store.ErrThrottled, 1},
		"too large a collection":               {transaction, []answer{cancel("ItemCollectionSizeLimitExceeded", "None")}, store.ErrLimit, 1},
		"throttled for good":                   {transaction, []answer{throttle}, store.ErrThrottled, 3},
		"throttled, then done":                 {transaction, []answer{throttle, done}, nil, 2},
		"no table":                             {transaction, []answer{refuse("ResourceNotFoundException")}, store.ErrNoTable, 1},
		"the reply lost for good":              {transaction, []answer{lost}, store.ErrUnknown, 3},
		"the reply lost, then done":            {transaction, []answer{reset, done}, nil, 2},
		"the reply lost, then still at work":   {transaction, []answer{lost, refuse("TransactionInProgressException")}, store.ErrUnknown, 3},
		"still at work, then throttled":        {transaction, []answer{refuse("TransactionInProgressException"), throttle}, store.ErrUnknown, 3},
		"a timeout, then throttled":            {transaction, []answer{timeout, throttle}, store.ErrUnknown, 3},
		"the reply lost, then a condition":     {transaction, []answer{lost, cancel("ConditionalCheckFailed", "None")}, store.ErrUnknown, 2},
		"the reply lost, then a conflict":      {transaction, []answer{lost, cancel("TransactionConflict", "None")}, store.ErrUnknown, 2},
		"throttled, then a condition":          {transaction, []answer{throttle, cancel("ConditionalCheckFailed", "None")}, store.ErrPrecondition, 2},
		"the reply lost, then throttled":       {transaction, []answer{lost, throttle}, store.ErrUnknown, 3},
		"the reply lost, then no connection":   {transaction, []answer{lost, unheard}, store.ErrUnknown, 3},
		"a server's error":                     {transaction, []answer{broken}, store.ErrUnknown, 3},
		"a garbled reply":                      {single, []answer{garbled}, store.ErrUnknown, 1},
		"put: done":                            {single, []answer{done}, nil, 1},
		"put: exists":                          {single, []answer{exists(another)}, store.ErrPrecondition, 1},
		"put: a transaction is in the way":     {single, []answer{refuse("TransactionConflictException")}, store.ErrConflict, 1},
		"put: lost, and it was ours":           {single, []answer{lost, exists(own)}, nil, 2},
		"put: lost, and somebody's is there":   {single, []answer{lost, exists(another)}, store.ErrUnknown, 2},
		"put: throttled, somebody's is there":  {single, []answer{throttle, exists(another)}, store.ErrPrecondition, 2},
		"put: no connection, somebody's there": {single, []answer{unheard, exists(another)}, store.ErrPrecondition, 2},
		"put: no such right":                   {single, []answer{refuse("AccessDeniedException")}, errAny, 1},
		"put: no connection at all":            {single, []answer{unheard}, errAny, 3},
		"delete: done":                         {deletion, []answer{done}, nil, 1},
		"delete: changed":                      {deletion, []answer{refuse("ConditionalCheckFailedException")}, store.ErrPrecondition, 1},
		"delete: lost, then gone":              {deletion, []answer{lost, refuse("ConditionalCheckFailedException")}, store.ErrUnknown, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b, w := backend(t, c.answers...)
			err := b.Commit(t.Context(), c.ops...)
			if got := kind(err); !errors.Is(got, c.want) {
				t.Errorf("%v is of kind %v, want %v", err, got, c.want)
			}
			if len(w.sent) != c.sent {
				t.Errorf("%d attempts, want %d", len(w.sent), c.sent)
			}
		})
	}
}

var errAny = errors.New("none of the store's kinds: nothing was written")

// kind returns the one kind of the store's that an error is of.
func kind(err error) error {
	if err == nil {
		return nil
	}
	for _, k := range []error{store.ErrConflict, store.ErrPrecondition, store.ErrUnknown, store.ErrThrottled, store.ErrLimit, store.ErrNoTable} {
		if errors.Is(err, k) {
			return k
		}
	}
	return errAny
}

// A single write is the cheap call, and all attempts of a transaction share one token that no other call has.
func TestWhatACommitSends(t *testing.T) {
	calls := map[string][]store.Op{"PutItem": {create}, "DeleteItem": {remove}, "TransactWriteItems": {create, absent}}
	tokens := map[any]bool{}
	for operation, ops := range calls {
		b, w := backend(t, lost, done, done)
		for range 2 {
			if err := b.Commit(t.Context(), ops...); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range w.sent {
			if s.operation != operation {
				t.Errorf("%s sent for %s", s.operation, operation)
			}
			tokens[s.body["ClientRequestToken"]] = true
		}
		if len(w.sent) != 3 {
			t.Errorf("%s: %d attempts, want 3", operation, len(w.sent))
		}
	}
	if delete(tokens, nil); len(tokens) != 2 {
		t.Errorf("%d tokens for two transactions of three attempts", len(tokens))
	}
}

// A check alone must reach DynamoDB too: only a transaction can carry it.
func TestACheckAloneIsATransaction(t *testing.T) {
	b, w := backend(t, done)
	if err := b.Commit(t.Context(), absent); err != nil || w.sent[0].operation != "TransactWriteItems" {
		t.Errorf("%v, sent %+v", err, w.sent)
	}
}

// Nothing is sent when a limit is broken, when there is nothing to do, or when the caller has gone.
func TestWhatIsNeverSent(t *testing.T) {
	b, w := backend(t, done)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := b.Commit(t.Context(), create, create); !errors.Is(err, store.ErrLimit) {
		t.Error(err)
	}
	if err := b.Commit(gone, create); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnknown) {
		t.Error(err)
	}
	if _, err := b.Query(t.Context(), store.Query{Partition: "p", From: "b", To: "a"}); err != nil {
		t.Error(err)
	}
	if err := b.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	if len(w.sent) != 0 {
		t.Errorf("sent %+v", w.sent)
	}
}

// A caller who leaves while the request is on its way does not know the outcome.
func TestLeavingAfterSendingIsUnknown(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	b, _ := backend(t, func(sent) (*http.Response, error) {
		leave()
		return nil, ctx.Err()
	})
	if err := b.Commit(ctx, create); !errors.Is(err, store.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want unknown, and why", err)
	}
}

func TestFaultsOfReads(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		want   error
	}{"throttled": {throttle, store.ErrThrottled}, "no table": {refuse("ResourceNotFoundException"), store.ErrNoTable}, "lost": {lost, errAny}} {
		b, _ := backend(t, c.answer)
		_, one := b.Get(t.Context(), k)
		_, many := b.Get(t.Context(), k, absent.Key)
		_, query := b.Query(t.Context(), store.Query{Partition: "p"})
		walk := b.Walk(t.Context(), func(store.Record) error { return nil })
		for i, err := range []error{one, many, query, walk} {
			if !errors.Is(kind(err), c.want) {
				t.Errorf("%s, read %d: %v", name, i, err)
			}
		}
	}
}

// An attempt that never left, here for want of credentials, makes no outcome unknown.
func TestAnAttemptThatNeverLeftDidNothing(t *testing.T) {
	b, w := backendFor(t, lapsing(0), done)
	if err := b.Commit(t.Context(), create, absent); !errors.Is(kind(err), errAny) || len(w.sent) != 0 {
		t.Errorf("%v after %d attempts", err, len(w.sent))
	}
	b, w = backendFor(t, lapsing(1), throttle)
	if err := b.Commit(t.Context(), create, absent); !errors.Is(kind(err), errAny) || len(w.sent) != 1 {
		t.Errorf("refused, then not sent: %v after %d attempts", err, len(w.sent))
	}
}

func itemJSON(sort, value string) string {
	return fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":%q},"ver":{"S":"1"},"v":{"B":%q}}`, sort, base64.StdEncoding.EncodeToString([]byte(value)))
}

func batch(unprocessed string, items ...string) answer {
	return respond(200, fmt.Sprintf(`{"Responses":{"clerk":[%s]},"UnprocessedKeys":{%s}}`, strings.Join(items, ","), unprocessed))
}

const left = `"clerk":{"ConsistentRead":true,"Keys":[{"pk":{"S":"p"},"sk":{"S":"t"}}]}`

// Keys that DynamoDB leaves unprocessed are asked for again, and only those; a bound ends it.
func TestUnprocessedKeys(t *testing.T) {
	b, w := backend(t, batch(left, itemJSON("s", "one")), batch(left), batch("", itemJSON("t", "two")))
	records, err := b.Get(t.Context(), k, absent.Key, k)
	if err != nil || string(records[0].Value) != "one" || string(records[1].Value) != "two" || string(records[2].Value) != "one" {
		t.Fatalf("got %+v, %v", records, err)
	}
	for i, want := range []int{2, 1, 1} {
		asked := w.sent[i].body["RequestItems"].(map[string]any)["clerk"].(map[string]any)
		if n := len(asked["Keys"].([]any)); n != want || asked["ConsistentRead"] != true {
			t.Errorf("attempt %d asked for %d keys, consistently: %v", i, n, asked["ConsistentRead"])
		}
	}
	slowly := []answer{batch(left), batch(left), batch(left, itemJSON("s", "one")), batch(left), batch(left), batch("", itemJSON("t", "two"))}
	b, _ = backend(t, slowly...)
	if records, err := b.Get(t.Context(), k, absent.Key); err != nil || string(records[1].Value) != "two" {
		t.Errorf("little by little: %+v, %v", records, err)
	}
	b, w = backend(t, batch(left))
	if _, err := b.Get(t.Context(), k, absent.Key); !errors.Is(err, store.ErrThrottled) || len(w.sent) != 3 {
		t.Errorf("%v after %d attempts", err, len(w.sent))
	}
}

func TestReadsAreConsistent(t *testing.T) {
	b, w := backend(t, respond(200, `{"Items":[]}`))
	if _, err := b.Get(t.Context(), k); err != nil {
		t.Error(err)
	}
	if _, err := b.Query(t.Context(), store.Query{Partition: "p"}); err != nil {
		t.Error(err)
	}
	if err := b.Walk(t.Context(), func(store.Record) error { return nil }); err != nil {
		t.Error(err)
	}
	for _, s := range w.sent {
		if s.body["ConsistentRead"] != true {
			t.Errorf("%s is not consistent", s.operation)
		}
	}
}

// An item that is not a record is an error, not an absent record that could be written over.
func TestAForeignItem(t *testing.T) {
	for _, item := range []string{
		`{"pk":{"S":"p"},"sk":{"S":"s"}}`, `{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"S":"text"},"ver":{"S":"1"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"B":""},"ver":{"S":"1"},"exp":{"S":"tomorrow"}}`,
		`{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"B":""},"ver":{"S":"1"},"exp":{"N":"1.5"}}`,
	} {
		b, _ := backend(t, respond(200, `{"Item":`+item+`,"Items":[`+item+`]}`))
		if _, err := b.Get(t.Context(), k); err == nil {
			t.Errorf("get gave %s", item)
		}
		if _, err := b.Query(t.Context(), store.Query{Partition: "p"}); err == nil {
			t.Errorf("query gave %s", item)
		}
	}
}
