package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/auth/invite"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/firm/firmtest"
	"github.com/billingclerk/billingclerk/internal/outbox"
	"github.com/billingclerk/billingclerk/internal/store"
	"github.com/billingclerk/billingclerk/internal/store/memory"
	"github.com/billingclerk/billingclerk/internal/store/storetest"
)

const theFirm = "0190a000-0000-7000-8000-00000000f1f1"

// desk is a worker on the memory store, and what it delivered.
type desk struct {
	*Worker
	clock *firmtest.Clock
	store *storetest.Faulty
	done  []string
}

func newDesk() *desk {
	d := &desk{clock: firmtest.NewClock()}
	d.store = storetest.NewFaulty(memory.New(d.clock.Now), nil)
	d.Worker = &Worker{Post: &outbox.Post{Store: d.store, Now: d.clock.Now, Jitter: func() float64 { return 0 }, Workers: 1,
		Handlers: map[string]outbox.Handler{
			"well": func(_ context.Context, m outbox.Message) error { d.done = append(d.done, m.ID); return nil },
			"ill": func(_ context.Context, m outbox.Message) error {
				d.done = append(d.done, m.ID)
				return errors.New("no carrier")
			},
		}}}
	return d
}

// put commits a message and returns the stream's record of its pointer.
func (d *desk) put(t *testing.T, id, kind string, due time.Duration) string {
	t.Helper()
	m := outbox.Message{ID: id, Firm: theFirm, Kind: kind, Payload: json.RawMessage(`{}`), Due: d.clock.Now().Add(due)}
	ops := outbox.New(store.Firm(d.store, theFirm), m)
	if err := d.store.Commit(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	return record(id, ops[1].Key)
}

func record(sequence string, k store.Key) string {
	return fmt.Sprintf(`{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":%q},"sk":{"S":%q}},"SequenceNumber":%q}}`, k.Partition, k.Sort, sequence)
}

// stream hands a batch over and returns the records that the stream is to send again.
func (d *desk) stream(t *testing.T, records ...string) (again []string) {
	t.Helper()
	answer, err := d.Handle(t.Context(), json.RawMessage(`{"Records":[`+strings.Join(records, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range answer.BatchItemFailures {
		again = append(again, f.ItemIdentifier)
	}
	return again
}

func TestTheStreamDeliversWhatIsDueAndNothingElse(t *testing.T) {
	d := newDesk()
	now, later := d.put(t, "m-now", "well", 0), d.put(t, "m-later", "well", 2*time.Minute)
	foreign := []string{
		record("1", store.Key{Partition: "f/" + theFirm + "/unbilled/m", Sort: "a person/2026-11-23T15:00:00Z"}),
		record("2", store.Key{Partition: "s/due/0", Sort: "2026/gone-firm/gone"}),
		`{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"s/due/0"},"sk":{"N":"7"}},"SequenceNumber":"3"}}`,
		`{"eventName":"INSERT","dynamodb":{"SequenceNumber":"4"}}`,
	}
	if again := d.stream(t, append(foreign, later, now, now)...); again != nil || !slices.Equal(d.done, []string{"m-now"}) {
		t.Errorf("delivered %v, to be repeated %v", d.done, again)
	}
	d.clock.Advance(3 * time.Minute)
	if again := d.stream(t, later); again != nil || !slices.Equal(d.done, []string{"m-now", "m-later"}) {
		t.Errorf("when it was due: delivered %v, to be repeated %v", d.done, again)
	}
}

// A handler's failure is the message's own affair: it is put back with backoff, and the stream goes on.
func TestAFailedDeliveryHoldsUpNoOther(t *testing.T) {
	d := newDesk()
	if again := d.stream(t, d.put(t, "m-ill", "ill", 0), d.put(t, "m-well", "well", 0)); again != nil {
		t.Errorf("to be repeated: %v", again)
	}
	if !slices.Equal(d.done, []string{"m-ill", "m-well"}) {
		t.Errorf("delivered %v", d.done)
	}
}

// When the database fails, the stream repeats from the record that was not done, and none before it.
func TestWhatTheDatabaseRefusedIsReported(t *testing.T) {
	d := newDesk()
	first, second, third := d.put(t, "m-1", "well", 0), d.put(t, "m-2", "well", 0), d.put(t, "m-3", "well", 0)
	d.store.Use(func(c storetest.Call) storetest.Fault {
		if c.Read && len(d.done) == 1 && c.N > 0 {
			return storetest.Unreachable
		}
		return storetest.None
	})
	// The fault begins once the first is handed over: its own settling meets it too, which its lease makes good.
	if again := d.stream(t, first, second, third); len(again) != 1 || len(d.done) != 1 {
		t.Fatalf("delivered %v, to be repeated from %v", d.done, again)
	}
	d.store.Use(nil)
	d.clock.Advance(outbox.LeaseTime + time.Second)
	if again := d.stream(t, second, third); again != nil || !slices.Equal(d.done[1:], []string{"m-2", "m-3"}) {
		t.Errorf("again: delivered %v, to be repeated %v", d.done, again)
	}
}

func TestTheScheduleSweepsWhatBecameDue(t *testing.T) {
	d := newDesk()
	d.put(t, "m-1", "well", time.Minute)
	schedule := json.RawMessage(`{"version":"0","detail-type":"Scheduled Event","source":"aws.scheduler","resources":["arn"],"detail":"{}"}`)
	for range 2 {
		if answer, err := d.Handle(t.Context(), schedule); err != nil || answer.BatchItemFailures != nil {
			t.Fatal(answer, err)
		}
		d.clock.Advance(2 * time.Minute)
	}
	if !slices.Equal(d.done, []string{"m-1"}) {
		t.Errorf("delivered %v", d.done)
	}
	d.store.Crash()
	if _, err := d.Handle(t.Context(), schedule); err == nil {
		t.Error("a sweep without a database went well")
	}
	if _, err := d.Handle(t.Context(), json.RawMessage(`[`)); err == nil {
		t.Error("half an event went well")
	}
}

func TestAWorkerWithoutItsSettingsSaysWhichAreMissing(t *testing.T) {
	_, err := New(t.Context(), func(string) string { return "" }, nil)
	for _, name := range []string{"CLERK_TABLE", "CLERK_BUCKET", "CLERK_MAIL_FROM", "CLERK_BASE_URL", "CLERK_TOKEN_KEY"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

// TestAnOperatorsCallRescues: an event that is neither the stream's nor the schedule's, and only names an address.
func TestAnOperatorsCallRescues(t *testing.T) {
	o, d := firmtest.Open(t), newDesk()
	d.Accounts = &invite.Desk{House: o.House, Auth: &auth.Desk{House: o.House}, Base: "https://clerk.test", Tokens: &token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: o.Clock.Now}}
	answer, err := d.Handle(t.Context(), json.RawMessage(`{"rescue":"ada@demo.test"}`))
	if err != nil || len(answer.Links) != 1 || !strings.HasPrefix(answer.Links[0], "https://clerk.test/welcome/") {
		t.Error(answer, err)
	}
	if _, err := d.Handle(t.Context(), json.RawMessage(`{"rescue":"nobody@demo.test"}`)); !errors.Is(err, invite.ErrNobody) {
		t.Error(err)
	}
	if answer, err = d.Handle(t.Context(), json.RawMessage(`{}`)); err != nil || answer.Links != nil {
		t.Error("the schedule's call", answer, err)
	}
}
