//go:build dynamo

package web

import (
	"bytes"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/auth/token"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/store/dynamo/dynamotest"
)

func TestWithItsTableTheWebServes(t *testing.T) {
	env := environment(t, dynamotest.Table(t), dynamotest.Endpoint(t))
	host := map[string]string{"host": "pay.clerk.test"}
	if status, body := ask(t, env, "GET", "/healthz", "", host, false); status != 200 || body != "ok\n" {
		t.Errorf("health: %d %s", status, body)
	}
	link := (&token.Signer{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Now: app.UTC}).Pay(theFirm, "0190a000-0000-7000-8000-000000000002")
	if status, _ := ask(t, env, "GET", "/pay/"+link, "", host, false); status != 404 {
		t.Errorf("a good link to an invoice that is not there: %d", status)
	}
	payload := []byte(`{"id":"evt_1","object":"event","type":"product.created","data":{"object":{"id":"prod_1","object":"product"}}}`)
	host["stripe-signature"] = sandbox.Sign(payload, sandbox.DefaultSecret, app.UTC())
	for range 2 {
		if status, body := ask(t, env, "POST", "/webhooks/stripe/"+theFirm, string(payload), host, false); status != 200 {
			t.Errorf("an event of no interest: %d %s", status, body)
		}
	}
}
