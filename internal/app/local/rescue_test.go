package local

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhoRunsTheServerLetsItsAdminInAgain, while the server runs, and also when the pepper was lost and another laid down.
func TestWhoRunsTheServerLetsItsAdminInAgain(t *testing.T) {
	const chosen = "nine green lamps humming"
	for _, pepperLost := range []bool{false, true} {
		dir := made(t)
		if pepperLost {
			path := filepath.Join(dir, "secrets", pepperFile)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err := command(t, dir, "", nil, "rescue", DemoEmail); err == nil || !strings.Contains(err.Error(), path) {
				t.Error("a pepper was made behind the owner's back:", err)
			}
			if err := os.WriteFile(path, []byte(strings.Repeat("QUJD", 16)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		started(t, dir, nil, func(address string) {
			addr := map[string]string{"CLERK_ADDR": strings.TrimPrefix(address, "http://")}
			if _, err := command(t, dir, "", addr, "rescue", "nobody@demo.test"); err == nil {
				t.Error("nobody was rescued")
			}
			out, err := command(t, dir, "", addr, "rescue", DemoEmail)
			_, link, ok := strings.Cut(strings.TrimSpace(out), "\n")
			if err != nil || !ok || !strings.HasPrefix(link, address+"/welcome/") {
				t.Fatal(out, err)
			}
			browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			for _, form := range []struct {
				to   string
				want int
				url.Values
			}{
				{link, http.StatusSeeOther, url.Values{"password": {chosen}}},
				{link, http.StatusConflict, url.Values{"password": {"another that comes too late"}}},
				{address + "/signin", http.StatusSeeOther, url.Values{"email": {DemoEmail}, "password": {chosen}}},
			} {
				r, err := browser.PostForm(form.to, form.Values)
				if err != nil || r.StatusCode != form.want {
					t.Fatal(form.to, r, err)
				}
				r.Body.Close()
			}
		})
	}
}
