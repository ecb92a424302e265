package local

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/billingclerk/billingclerk/internal/app"
	"github.com/billingclerk/billingclerk/internal/talk"
)

// The budget of architecture: megabytes resident after so many requests.
const (
	residentRequests = 10_000
	residentBudget   = 120
)

// BenchmarkResident sends requests to the program, with its own sandbox, and prints how much memory it then holds.
func BenchmarkResident(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Log("resident memory is read from /proc, which only Linux has: nothing was measured")
		return
	}
	for b.Loop() {
		dir := b.TempDir()
		p := launch(b, 0, map[string]string{"CLERK_DATA": dir, "CLERK_ADDR": "127.0.0.1:0", "CLERK_SANDBOX_ADDR": "127.0.0.1:0"})
		token, err := os.ReadFile(filepath.Join(dir, "demo-token"))
		if err != nil {
			b.Fatal(err)
		}
		before := resident(b, p)
		var talks sync.WaitGroup
		for range 4 {
			talks.Go(func() { chatter(b, dir, p.url, strings.TrimSpace(string(token)), residentRequests/4) })
		}
		talks.Wait()
		mb := resident(b, p)
		b.ReportMetric(mb, "MB")
		b.ReportMetric(before, "MB-at-start")
		if mb > residentBudget {
			b.Errorf("%.0f MB resident after %d requests; the budget is %d", mb, residentRequests, residentBudget)
		}
		p.end()
	}
}

// chatter says n things, reading and writing, and looks at the talk page now and then.
func chatter(b *testing.B, dir, url, token string, n int) {
	s := &Server{Config: settings(b, dir, nil), options: Options{Now: app.UTC}, URL: url, Demo: &Demo{token: token}}
	c, err := s.conversation(app.NewID(), s.post)
	lines := []string{"tell billing clerk what's running", "tell billing clerk to start the clock for acme", "open billing clerk", "tell billing clerk to switch to beta", "tell billing clerk to charge schmidt"}
	for i := 0; i < n && err == nil; i++ {
		if i%10 == 9 {
			err = look(url)
			continue
		}
		var x talk.Exchange
		if x, err = c.Say(b.Context(), lines[i%len(lines)]); err == nil && x.Speech == "" {
			err = fmt.Errorf("silence after %q", x.Heard)
		}
	}
	if err != nil {
		b.Error(err)
	}
}

func look(url string) error {
	response, err := http.Get(url + "/")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the talk page: %s", response.Status)
	}
	return nil
}

// resident is a process's VmRSS in megabytes.
func resident(b *testing.B, p *process) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	kb, err := strconv.Atoi(string(bytes.Fields(after)[0]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1024
}
