package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func env(values map[string]string) Lookup { return func(name string) string { return values[name] } }

var whole = map[string]string{
	"CLERK_TABLE": "clerk", "AWS_REGION": "us-east-1", "CLERK_SKILL_ID": "amzn1.ask.skill.x", "CLERK_BUCKET": "b",
	"CLERK_BASE_URL": "https://pay.example.test/", "CLERK_MAIL_FROM": "billing@example.test",
	"CLERK_TOKEN_KEY": "ssm:/t", "CLERK_PEPPER": "ssm:/p",
}

func TestEachFunctionNamesAllItLacksAtOnce(t *testing.T) {
	for f, names := range map[Function][]string{
		Skill:  {"CLERK_TABLE", "AWS_REGION", "CLERK_TOKEN_KEY", "CLERK_PEPPER", "CLERK_SKILL_ID"},
		Web:    {"CLERK_TABLE", "AWS_REGION", "CLERK_TOKEN_KEY", "CLERK_PEPPER", "CLERK_BUCKET", "CLERK_BASE_URL"},
		Worker: {"CLERK_TABLE", "AWS_REGION", "CLERK_TOKEN_KEY", "CLERK_PEPPER", "CLERK_BUCKET", "CLERK_BASE_URL", "CLERK_MAIL_FROM"},
	} {
		if _, err := ReadCloud(env(whole), f); err != nil {
			t.Errorf("%s refuses a whole environment: %v", f, err)
		}
		_, err := ReadCloud(env(nil), f)
		for _, name := range names {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s does not say that %s is missing: %v", f, name, err)
			}
		}
	}
}

func TestPayersPagesAreHTTPS(t *testing.T) {
	for _, base := range []string{"http://pay.example.test", "pay.example.test", "https://", "https://x.test/?a=b"} {
		values := map[string]string{}
		for k, v := range whole {
			values[k] = v
		}
		values["CLERK_BASE_URL"] = base
		if _, err := ReadCloud(env(values), Web); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}

func TestADemoListensOnLoopbackOnly(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:1": true, "[::1]:8080": true, "0.0.0.0:8080": false, ":8080": false,
		"192.168.1.4:80": false, "clerk.example.test:443": false, "nonsense": false,
	} {
		_, err := ReadLocal(env(map[string]string{"CLERK_ADDR": addr}))
		if (err == nil) != ok {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if _, err := ReadLocal(env(map[string]string{"CLERK_ADDR": "0.0.0.0:8080", "CLERK_DEMO": "0"})); err != nil {
		t.Errorf("without a demo: %v", err)
	}
	if _, err := ReadLocal(env(map[string]string{"CLERK_DEMO": "yes"})); err == nil {
		t.Error("CLERK_DEMO=yes was taken")
	}
}

func TestLocalDefaults(t *testing.T) {
	got, err := ReadLocal(env(nil))
	want := Local{Addr: "127.0.0.1:8080", Data: "data", Demo: true, Sandbox: "127.0.0.1:8081", MailFrom: "billing@demo.test", SkillID: DemoSkillID}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestASecretIsFetchedByReferenceAndAgainAfterAWhile(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	value, fetched := "one", 0
	s := &Secrets{Env: env(map[string]string{"KEY": "from-env"}), Now: func() time.Time { return now },
		Parameters: func(context.Context, string) (string, error) { fetched++; return value, nil }}
	for range 3 {
		if got, err := s.Secret(t.Context(), "ssm:/k"); err != nil || got != "one" || fetched != 1 {
			t.Errorf("%q, %v after %d fetches", got, err, fetched)
		}
	}
	value, now = "two", now.Add(Remember)
	if got, _ := s.Secret(t.Context(), "ssm:/k"); got != "two" {
		t.Errorf("after rotation: %q", got)
	}
	if got, _ := s.Secret(t.Context(), "env:KEY"); got != "from-env" {
		t.Errorf("env: %q", got)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Secret(t.Context(), "file:"+file); got != "from-file" {
		t.Errorf("file: %q", got)
	}
}

func TestAReferenceOfNoKindAndAnEmptySecretAreRefused(t *testing.T) {
	s := &Secrets{Env: env(nil), Now: time.Now}
	for _, ref := range []string{"", "plain-value", "ssm:/no-store", "env:", "vault:x"} {
		if _, err := s.Secret(t.Context(), ref); !errors.Is(err, ErrReference) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if _, err := s.Secret(t.Context(), "env:MISSING"); err == nil {
		t.Error("an empty secret was taken")
	}
}
