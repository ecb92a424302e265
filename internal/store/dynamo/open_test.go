package dynamo_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/store/dynamo"
)

func TestOpenByTheEnvironment(t *testing.T) {
	keys := map[string]string{"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
	container := map[string]string{"AWS_REGION": "eu-central-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "auth"}
	for name, env := range map[string]map[string]string{"keys": keys, "container": container} {
		var hosts, signed []string
		b, err := dynamo.Open(options(env, func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			if r.URL.Path == "/creds" {
				if r.Header.Get("Authorization") != "auth" {
					t.Error("the container's token was not sent")
				}
				return respond(200, `{"AccessKeyId":"AKID","SecretAccessKey":"s","Token":"token","Expiration":"2036-01-01T00:00:00Z"}`)(sent{})
			}
			signed = append(signed, r.Header.Get("Authorization")+r.Header.Get("X-Amz-Security-Token"))
			return respond(200, `{}`)(sent{})
		}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Get(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		if len(signed) != 1 || !strings.Contains(signed[0], "AKID") || !strings.HasSuffix(signed[0], "token") ||
			hosts[len(hosts)-1] != "dynamodb.eu-central-1.amazonaws.com" {
			t.Errorf("%s: sent to %q, signed %q", name, hosts, signed)
		}
	}
}

func TestOpenRefusesAnIncompleteEnvironment(t *testing.T) {
	full := map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id"}
	for missing := range full {
		env := map[string]string{"AWS_REGION": full["AWS_REGION"], "AWS_ACCESS_KEY_ID": full["AWS_ACCESS_KEY_ID"]}
		delete(env, missing)
		if _, err := dynamo.Open(options(env, nil)); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	nameless := options(full, nil)
	nameless.Table = ""
	if _, err := dynamo.Open(nameless); err == nil {
		t.Error("opened without a table")
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func options(env map[string]string, trip tripper) dynamo.Options {
	return dynamo.Options{
		Table: "clerk", HTTP: &http.Client{Transport: trip}, Now: time.Now, Getenv: func(name string) string { return env[name] },
	}
}
