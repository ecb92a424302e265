package cloud

import (
	"bytes"
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/charging"
	"github.com/billingclerk/billingclerk/internal/config"
)

// settings are a web function's, with its secrets in files; change replaces some.
func settings(t *testing.T, change map[string]string) config.Lookup {
	t.Helper()
	dir := t.TempDir()
	for name, key := range map[string]string{"token-key": "k", "pepper": "p"} {
		text := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(key), 32))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{
		"CLERK_TABLE": "clerk", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
		"CLERK_TOKEN_KEY": "file:" + dir + "/token-key", "CLERK_PEPPER": "file:" + dir + "/pepper",
		"CLERK_BUCKET": "documents", "CLERK_BASE_URL": "https://pay.clerk.test", "CLERK_DYNAMO_ENDPOINT": "http://127.0.0.1:1", "DIR": dir,
	}
	maps.Copy(env, change)
	return func(name string) string { return env[name] }
}

func TestOpenSendsNothing(t *testing.T) {
	b, err := Open(t.Context(), settings(t, nil), config.Web, &bytes.Buffer{}) // nothing listens at the endpoint
	if err != nil {
		t.Fatal(err)
	}
	link := b.PayLink("0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002")
	token, ok := strings.CutPrefix(link, "https://pay.clerk.test/pay/")
	if f, i, err := b.Tokens.OpenPay(token); !ok || err != nil || f[35:] != "1" || i[35:] != "2" {
		t.Errorf("%s opens %s, %s: %v", link, f, i, err)
	}
}

// What is wrong with the settings is said all at once, and no secret is said.
func TestWrongSettingsAreNamed(t *testing.T) {
	_, err := Open(t.Context(), func(string) string { return "" }, config.Skill, nil)
	for _, name := range []string{"CLERK_TABLE", "AWS_REGION", "CLERK_TOKEN_KEY", "CLERK_PEPPER", "CLERK_SKILL_ID"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
	for name, c := range map[string]struct{ change, value, want string }{
		"no such file":       {"CLERK_PEPPER", "file:/nowhere/pepper", "/nowhere/pepper"},
		"no reference":       {"CLERK_TOKEN_KEY", "hunter2hunter2hunter2hunter2hunter2", "config: a secret is named"},
		"no credentials":     {"AWS_ACCESS_KEY_ID", "", "AWS_ACCESS_KEY_ID"},
		"a page without TLS": {"CLERK_BASE_URL", "http://pay.clerk.test", "CLERK_BASE_URL"},
	} {
		if _, err := Open(t.Context(), settings(t, map[string]string{c.change: c.value}), config.Web, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := settings(t, nil)
	if err := os.WriteFile(filepath.Join(short("DIR"), "pepper"), []byte("c2hvcnQ="), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), short, config.Web, nil); err == nil || !strings.Contains(err.Error(), "32 bytes") || strings.Contains(err.Error(), "c2hvcnQ") {
		t.Errorf("a short key: %v", err)
	}
}

// A firm without an account has none; one with a key has it, and the web must also know its webhook's secret.
func TestAFirmsProcessorAccountIsFoundByItsSecrets(t *testing.T) {
	env := settings(t, nil)
	b, err := Open(t.Context(), env, config.Web, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	firm := "0190a000-0000-7000-8000-000000000001"
	if _, err := b.processor(t.Context(), firm); err == nil {
		t.Error("a processor without a key")
	}
	dir := filepath.Join(env("DIR"), "stripe", firm)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key")
	if _, err := b.processor(t.Context(), firm); err == nil {
		t.Error("the web takes webhooks without their secret")
	}
	write("webhook")
	if p, err := b.processor(t.Context(), firm); err != nil || p == nil {
		t.Errorf("%v, %v", p, err)
	}
	if errors.Is(noAccount(errors.New("denied")), charging.ErrNoProcessor) {
		t.Error("a key that may not be read counts as no account")
	}
}
