//go:build dynamo

package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app/cloud"
	"github.com/billingclerk/billingclerk/internal/config"
)

const laidDown = "a-secret-of-the-one-who-deployed"

// deployed is a function on a fresh table, and where its set-up secret is laid down.
func deployed(t *testing.T, more ...string) (env config.Lookup, lay func(secret string)) {
	t.Helper()
	path, known := t.TempDir()+"/setup-secret", settings(t)
	extra := map[string]string{"CLERK_SETUP_SECRET": "file:" + path}
	for i := 0; i+1 < len(more); i += 2 {
		extra[more[i]] = more[i+1]
	}
	env = func(name string) string {
		if v, ok := extra[name]; ok {
			return v
		}
		return known(name)
	}
	return env, func(secret string) {
		if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// instance is one more instance of the function, and a browser that reaches it alone.
func instance(t *testing.T, env config.Lookup) *http.Client {
	t.Helper()
	adapter, err := New(t.Context(), env, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: gateway{adapter}, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func answer(t *testing.T, r *http.Response, err error) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(page)
}

// visit asks for a page, and send sends a form.
func visit(t *testing.T, b *http.Client, path string) (int, string) {
	t.Helper()
	r, err := b.Get(base + path)
	return answer(t, r, err)
}

func send(t *testing.T, b *http.Client, path string, form url.Values) (int, string) {
	t.Helper()
	r, err := b.PostForm(base+path, form)
	return answer(t, r, err)
}

func opening(secret, name string) url.Values {
	return url.Values{"secret": {secret}, "firm": {"Marsh and Vale"}, "zone": {"Europe/London"}, "currency": {"GBP"}, "name": {name}, "email": {"eve@marsh.test"}, "password": {password}}
}

// TestWhoDeployedItOpensTheFirstFirm: by a secret that they lay down in the parameter store, once, and nobody else.
func TestWhoDeployedItOpensTheFirstFirm(t *testing.T) {
	env, lay := deployed(t)
	b := instance(t, env)
	for _, ask := range []func() (int, string){
		func() (int, string) { return visit(t, b, "/setup") },
		func() (int, string) { return send(t, b, "/setup", opening("", "Mallory")) },
	} {
		if status, _ := ask(); status != http.StatusNotFound {
			t.Fatal("a set-up without a secret is offered:", status)
		}
	}
	lay("too short")
	if status, page := send(t, b, "/setup", opening("too short", "Eve")); status != http.StatusConflict || !strings.Contains(page, "too short to be safe") {
		t.Error(status, page)
	}
	lay(laidDown)
	b = instance(t, env) // a secret is remembered for a while
	if status, page := visit(t, b, "/setup"); status != http.StatusOK || !strings.Contains(page, "Set-up secret") || strings.Contains(page, laidDown) {
		t.Fatal(status, page)
	}
	if status, _ := send(t, b, "/setup", opening("a guess of somebody passing by", "Mallory")); status != http.StatusUnprocessableEntity {
		t.Error("a guess:", status)
	}
	if status, page := send(t, b, "/setup", opening(laidDown, "Eve Marsh")); status != http.StatusSeeOther {
		t.Fatal(status, page)
	}
	if status, page := visit(t, b, "/console/people"); status != http.StatusOK || !strings.Contains(page, "Eve Marsh") || !strings.Contains(page, "Admin") {
		t.Fatal("its admin is not signed in:", status)
	}
	for name, other := range map[string]*http.Client{"the same instance": b, "another": instance(t, env)} {
		if status, _ := visit(t, other, "/setup"); status != http.StatusNotFound {
			t.Errorf("%s still offers it: %d", name, status)
		}
		if status, _ := send(t, other, "/setup", opening(laidDown, "Mallory")); status != http.StatusNotFound {
			t.Errorf("%s opens another firm: %d", name, status)
		}
	}
}

func TestManyInstancesOpenOneFirm(t *testing.T) {
	env, lay := deployed(t)
	lay(laidDown)
	var wait sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		b := instance(t, env)
		wait.Go(func() { statuses[i], _ = send(t, b, "/setup", opening(laidDown, "Eve")) })
	}
	wait.Wait()
	b, err := cloud.Open(t.Context(), env, config.Web, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	firms, err := b.House.Firms(t.Context())
	opened := 0
	for _, s := range statuses {
		if s == http.StatusSeeOther {
			opened++
		}
	}
	if err != nil || len(firms) != 1 || opened != 1 {
		t.Error(firms, statuses, err)
	}
}

func TestSigningUpIsOffUnlessTheDeploymentTurnsItOn(t *testing.T) {
	env, _ := deployed(t)
	if status, _ := visit(t, instance(t, env), "/signup"); status != http.StatusNotFound {
		t.Error("off:", status)
	}
	env, _ = deployed(t, "CLERK_SIGNUP", "1")
	b := instance(t, env)
	if status, _ := visit(t, b, "/signup"); status != http.StatusOK {
		t.Error("on:", status)
	}
	form := opening("", "Eve")
	if status, page := send(t, b, "/signup", form); status != http.StatusOK || !strings.Contains(page, "Look into your mail") {
		t.Error(status, page)
	}
}
