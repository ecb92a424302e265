package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary be the sandbox's own process.
func TestMain(m *testing.M) {
	if path := os.Getenv("SANDBOX_JOURNAL"); path != "" {
		ready := func(url string) { fmt.Println(url) }
		if err := ListenAndServe(context.Background(), "127.0.0.1:0", path, Options{}, ready); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// process starts a sandbox of its own.
func process(t *testing.T, path string) (url string, kill func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), "SANDBOX_JOURNAL="+path)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), func() {
		_ = command.Process.Kill() // SIGKILL: no time to put anything in order
		_ = command.Wait()
	}
}

func TestAKilledSandboxForgetsNothingThatItAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	answers := map[string]string{}
	for round := range 4 {
		url, kill := process(t, path)
		d := &desk{http: &httptest.Server{URL: url}}
		for key, want := range answers {
			if got := d.send(t, key); got.text != want || got.header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("%s was\n%s\nis\n%s", key, want, got.text)
			}
		}
		done := make(chan struct{})
		go func() { // requests go on while it is killed
			defer close(done)
			for i := 0; ; i++ {
				if _, err := d.call(post, "/v1/customers", "", fmt.Sprintf("cut-%d-%d", round, i)); err != nil {
					return
				}
			}
		}()
		for i := range 10 {
			key := fmt.Sprintf("k-%d-%d", round, i)
			answers[key] = d.send(t, key).text
		}
		kill()
		<-done
	}
}

func (d *desk) send(t *testing.T, key string) got {
	t.Helper()
	g, err := d.call(post, payments, "amount=100&currency=usd", key)
	if err != nil || g.status != http.StatusOK {
		t.Fatalf("%d %s, %v", g.status, g.text, err)
	}
	return g
}
