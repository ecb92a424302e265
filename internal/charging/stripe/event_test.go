package stripe

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/stripe/stripe-go/v85/webhook"
)

const secret = "whsec_test"

func signer() *Processor { return New(Config{WebhookSecret: secret}) }

func TestEventsPointToWhatMustBeFetched(t *testing.T) {
	for _, c := range []struct {
		kind, object string
		want         charging.Event
	}{
		{"payment_intent.succeeded", `{"id":"pi_1","metadata":{"attempt":"a1"}}`, charging.Event{Kind: charging.EventPayment, Key: "a1", Reference: "pi_1"}},
		{"checkout.session.completed", `{"id":"cs_1","client_reference_id":"a2","payment_intent":"pi_2"}`, charging.Event{Kind: charging.EventPage, Key: "a2", Reference: "cs_1"}},
		{"refund.failed", `{"id":"re_1","metadata":{"attempt":"a3"},"payment_intent":"pi_3"}`, charging.Event{Kind: charging.EventRefund, Key: "a3", Reference: "re_1", Payment: "pi_3"}},
		{"charge.refund.updated", `{"id":"re_2","payment_intent":{"id":"pi_6"}}`, charging.Event{Kind: charging.EventRefund, Reference: "re_2", Payment: "pi_6"}},
		{"charge.dispute.funds_withdrawn", `{"id":"du_1","payment_intent":"pi_4"}`, charging.Event{Kind: charging.EventDispute, Reference: "du_1", Payment: "pi_4"}},
		{"charge.dispute.created", `{"id":"du_1","payment_intent":{"id":"pi_5"}}`, charging.Event{Kind: charging.EventDispute, Reference: "du_1", Payment: "pi_5"}},
		{"customer.created", `{"id":"cus_1"}`, charging.Event{Kind: charging.EventOther, Reference: "cus_1"}},
	} {
		// The API version is another release's on purpose: it must not matter.
		payload := fmt.Appendf(nil, `{"id":"evt_1","object":"event","api_version":"2019-01-01","type":%q,"data":{"object":%s}}`, c.kind, c.object)
		c.want.ID = "evt_1"
		got, err := signer().ParseEvent(payload, sandbox.Sign(payload, secret, noon), noon)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.kind, got, err)
		}
	}
}

func TestAForgedOrStaleEventIsTurnedAway(t *testing.T) {
	payload := []byte(`{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}`)
	good := sandbox.Sign(payload, secret, noon)
	mac := good[strings.Index(good, "v1=")+3:]
	bent := strings.Replace(good, mac[:1], map[bool]string{true: "1", false: "0"}[mac[0] == '0'], 1)
	stamp := fmt.Sprintf("t=%d", noon.Unix())
	for name, c := range map[string]struct {
		payload []byte
		header  string
		now     time.Time
		want    error
	}{
		"good":                  {payload, good, noon, nil},
		"rolled secret":         {payload, stamp + ",v1=" + strings.Repeat("00", 32) + ",v1=" + mac, noon, nil},
		"another scheme beside": {payload, good + ",v0=abc", noon, nil},
		"at the tolerance":      {payload, good, noon.Add(300 * time.Second), nil},
		"too old":               {payload, good, noon.Add(301 * time.Second), ErrStale},
		"from the future":       {payload, good, noon.Add(-301 * time.Second), ErrStale},
		"another body":          {bytes.Replace(payload, []byte("pi_1"), []byte("pi_2"), 1), good, noon, ErrSignature},
		"another secret":        {payload, sandbox.Sign(payload, "whsec_other", noon), noon, ErrSignature},
		"a bit flipped":         {payload, bent, noon, ErrSignature},
		"only v0":               {payload, stamp + ",v0=" + mac, noon, ErrSignature},
		"another time":          {payload, fmt.Sprintf("t=%d,v1=%s", noon.Unix()+1, mac), noon, ErrSignature},
		"two times":             {payload, stamp + "," + good, noon, ErrSignature},
		"no time":               {payload, "v1=" + mac, noon, ErrSignature},
		"nothing":               {payload, "", noon, ErrSignature},
		"shortened":             {payload, stamp + ",v1=" + mac[:62], noon, ErrSignature},
	} {
		if _, err := signer().ParseEvent(c.payload, c.header, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
	if _, err := New(Config{}).ParseEvent(payload, sandbox.Sign(payload, "", noon), noon); !errors.Is(err, ErrSignature) {
		t.Errorf("without a secret anything would be signed: %v", err)
	}
	thin := []byte(`{"id":"evt_1","object":"v2.core.event"}`)
	if _, err := signer().ParseEvent(thin, sandbox.Sign(thin, secret, noon), noon); err == nil {
		t.Error("a thin event is no event of ours")
	}
}

func TestTheSandboxsEventsAreRead(t *testing.T) {
	r := newRig(t)
	paid := mustCharge(t, r, r.request(r.saved(t, "pm_card_createDispute"), "a"))
	kinds := map[charging.EventKind]bool{}
	for _, e := range r.server.Undelivered() {
		payload, err := e.Payload()
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.ParseEvent(payload, sandbox.Sign(payload, sandbox.DefaultSecret, r.clock()), r.clock())
		if err != nil {
			t.Fatal(err)
		}
		if hint, err := e.Hint(); err != nil || hint.ID != got.ID || hint.Kind != got.Kind || hint.Reference != got.Reference {
			t.Errorf("the sandbox hints at %+v, %v; the adapter at %+v", hint, err, got)
		}
		switch got.Kind {
		case charging.EventOther:
		case charging.EventDispute:
			d, err := r.FetchDispute(t.Context(), got.Reference)
			kinds[got.Kind] = err == nil && d.Payment == paid.Reference && got.Payment == paid.Reference
		default:
			expect(t, r, got.Reference, charging.Succeeded)
			kinds[got.Kind] = got.Reference == paid.Reference
		}
	}
	if !kinds[charging.EventPayment] || !kinds[charging.EventDispute] {
		t.Errorf("%v", kinds)
	}
}

// Whatever header comes, what we accept Stripe's own library accepts too.
func FuzzSignatureHeader(f *testing.F) {
	payload := []byte(`{"id":"evt_1","object":"event","type":"x","data":{"object":{"id":"pi_1"}}}`)
	good := sandbox.Sign(payload, secret, noon)
	for _, header := range []string{good, "", "t=,v1=", "t=1,v1=00,v1=zz", good + "," + good, "t=1=2", "v1=" + good, strings.Repeat("v1=00,", 20) + good} {
		f.Add(header)
	}
	p := signer()
	f.Fuzz(func(t *testing.T, header string) {
		if _, err := p.ParseEvent(payload, header, noon); err != nil {
			return
		}
		if err := webhook.ValidatePayloadIgnoringTolerance(payload, header, secret); err != nil {
			t.Errorf("accepted %q, which the library refuses: %v", header, err)
		}
	})
}
