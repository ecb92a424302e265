package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/charging/sandbox"
	"github.com/billingclerk/billingclerk/internal/config"
)

const theFirm = "0190a000-0000-7000-8000-000000000001"

// environment is a web function's: its table behind endpoint, its secrets in files, and one firm's processor account.
func environment(t *testing.T, table, endpoint string) config.Lookup {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"token-key": coded("k"), "pepper": coded("p"),
		"stripe/" + theFirm + "/key": sandbox.DefaultKey, "stripe/" + theFirm + "/webhook": sandbox.DefaultSecret,
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{
		"CLERK_TABLE": table, "CLERK_DYNAMO_ENDPOINT": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"CLERK_TOKEN_KEY": "file:" + dir + "/token-key", "CLERK_PEPPER": "file:" + dir + "/pepper",
		"CLERK_BUCKET": "documents", "CLERK_BASE_URL": "https://pay.clerk.test",
	}
	return func(name string) string { return env[name] }
}

func coded(letter string) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(letter), 32))
}

// ask sends an event as API Gateway writes it and returns the answer's status and body.
func ask(t *testing.T, env config.Lookup, method, path, body string, headers map[string]string, encoded bool) (int, string) {
	t.Helper()
	function, err := New(t.Context(), env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers, "body": body, "isBase64Encoded": encoded,
		"requestContext": map[string]any{"domainName": "pay.clerk.test", "stage": "$default", "requestId": "JKJaXmPLvHcESHA=",
			"http": map[string]string{"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "curl"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	answer, err := function.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Body
}

// absent answers as DynamoDB does for a table that does not exist.
func absent(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestWithoutItsTableTheWebIsNotHealthy(t *testing.T) {
	env := environment(t, "gone", absent(t))
	status, body := ask(t, env, "GET", "/healthz", "", map[string]string{"host": "pay.clerk.test"}, false)
	if status != http.StatusServiceUnavailable || strings.Contains(body, "gone") {
		t.Errorf("%d %s", status, body)
	}
}

func TestAForgedPayLinkIsRefusedWithoutATable(t *testing.T) {
	env := environment(t, "gone", absent(t))
	status, body := ask(t, env, "GET", "/pay/bcp1.forged", "", map[string]string{"host": "pay.clerk.test"}, false)
	if status != http.StatusNotFound || !strings.Contains(body, "<html") {
		t.Errorf("%d %s", status, body)
	}
}

// A webhook's signature, which has commas in it, is over the very bytes that came, also when the gateway encoded them.
func TestAWebhooksSignatureIsOverItsRawBytes(t *testing.T) {
	env := environment(t, "gone", absent(t))
	payload := "{ \"id\": \"evt_1\",\n  \"object\": \"event\", \"type\": \"invoice.paid\", \"data\": { \"object\": { \"id\": \"in_é\" } } }\n"
	signed := map[string]string{"host": "pay.clerk.test", "content-type": "application/json", "stripe-signature": sandbox.Sign([]byte(payload), sandbox.DefaultSecret, app.UTC())}
	inBase64 := base64.StdEncoding.EncodeToString([]byte(payload))
	for name, c := range map[string]struct {
		path, body string
		encoded    bool
		want       int // 400: the signature does not fit; 500: it does, and then the table is gone
	}{
		"as it is":         {theFirm, payload, false, 500},
		"encoded":          {theFirm, inBase64, true, 500},
		"changed":          {theFirm, strings.Replace(payload, "evt_1", "evt_2", 1), false, 400},
		"other spaces":     {theFirm, strings.ReplaceAll(payload, "\n", ""), false, 400},
		"not decoded":      {theFirm, inBase64, false, 400},
		"nobody's address": {"nobody", payload, false, 404},
	} {
		status, body := ask(t, env, "POST", "/webhooks/stripe/"+c.path, c.body, signed, c.encoded)
		if status != c.want {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// TestTheGatewayTellsWhereARequestComesFrom: its event does, and no header that the request carries.
func TestTheGatewayTellsWhereARequestComesFrom(t *testing.T) {
	function, err := New(t.Context(), environment(t, "gone", absent(t)), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	forgot := func(source, forwarded string) int {
		var e events.APIGatewayV2HTTPRequest
		e.RawPath, e.Headers = "/forgot", map[string]string{"host": "pay.clerk.test", "x-forwarded-for": forwarded}
		e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP = http.MethodGet, source
		answer, err := function.Handle(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode
	}
	refused := 0
	for i := range 40 {
		if forgot("2001:db8::"+fmt.Sprint(i+1), fmt.Sprint("198.51.100.", i)) == http.StatusTooManyRequests {
			refused++
		}
	}
	if other := forgot("192.0.2.7", "2001:db8::1"); refused != 10 || other != http.StatusOK {
		t.Errorf("refused %d of 40 from one network; from another: %d", refused, other)
	}
}
