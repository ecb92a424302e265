package skill

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/config"
)

// A table that does not exist, as DynamoDB says it: the lawyer hears one neutral sentence, the log says what it is.
func TestAMissingTableIsOneNeutralSentenceAndANamedFault(t *testing.T) {
	asked := 0
	dynamo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`)
	}))
	defer dynamo.Close()
	o := opened(t)
	o.Clock.Set(app.UTC()) // the function goes by the wall clock
	dir := t.TempDir()
	for name, key := range map[string][]byte{"token": tokenKey, "pepper": pepper} {
		must(t, os.WriteFile(dir+"/"+name, []byte(base64.StdEncoding.EncodeToString(key)), 0o600))
	}
	env := map[string]string{
		"CLERK_TABLE": "gone", "CLERK_DYNAMO_ENDPOINT": dynamo.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
		"CLERK_SKILL_ID": config.DemoSkillID, "CLERK_TOKEN_KEY": "file:" + dir + "/token", "CLERK_PEPPER": "file:" + dir + "/pepper",
	}
	var log bytes.Buffer
	handler, err := New(t.Context(), func(name string) string { return env[name] }, &log)
	must(t, err)
	got, err := handler(t.Context(), o.request(t, "start"))
	if err != nil || !strings.Contains(string(got), "Something went wrong on my side") || strings.Contains(string(got), "table") {
		t.Errorf("%s, %v", got, err)
	}
	if !strings.Contains(log.String(), "no such table") || strings.Contains(log.String(), "acme") {
		t.Errorf("logged %s", log.String())
	}
	if asked == 0 || asked > 20 {
		t.Errorf("the table was asked %d times", asked)
	}
}
