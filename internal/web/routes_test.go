package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/billingclerk/billingclerk/internal/auth/oauth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// visit is a request for a route, with "x" for whatever its path names.
func visit(r site.Route) *http.Request {
	path := placeholder.ReplaceAllStringFunc(r.Path, func(p string) string {
		if p == "{$}" {
			return ""
		}
		return "x"
	})
	if r.Method == http.MethodGet {
		return get(path)
	}
	return post(path, url.Values{})
}

// everyRoute runs a test for each route that is served, the talk page's among them.
func everyRoute(t *testing.T, f func(t *testing.T, o *office, r site.Route)) {
	o := open(t, withTalk(echo{}, fstest.MapFS{}))
	if n := len(o.site.Routes()); n < 25 {
		t.Fatalf("only %d routes", n)
	}
	for _, r := range o.site.Routes() {
		t.Run(r.Pattern(), func(t *testing.T) { f(t, o, r) })
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy":   "default-src 'none'; script-src 'nonce-",
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "no-referrer",
		"Permissions-Policy":        "microphone=(",
		"Strict-Transport-Security": "max-age=",
		"X-Request-Id":              "0190a000-",
		"Cache-Control":             "no-store",
	}
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		for who, req := range map[string]*http.Request{"nobody": visit(r), "an admin": o.as(o.Admin, visit(r))} {
			w := o.do(req)
			for name, prefix := range want {
				if got := w.Header().Get(name); !strings.HasPrefix(got, prefix) {
					t.Errorf("%s: %s is %q", who, name, got)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			for _, rule := range []string{"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, rule) {
					t.Errorf("%s: the policy lacks %s", who, rule)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
				t.Errorf("%s: lax policy %s", who, policy)
			}
		}
	})
}

func TestNothingThatWritesCanBeSentFromAnotherSite(t *testing.T) {
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		if r.Method == http.MethodGet {
			return
		}
		before := fmt.Sprint(o.desk.did, o.pay.hints)
		for name, header := range map[string][2]string{"fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "origin": {"Origin", "https://evil.test"}} {
			req := o.as(o.Admin, visit(r))
			req.Header.Del("Sec-Fetch-Site")
			req.Header.Set(header[0], header[1])
			if w := o.do(req); w.Code != http.StatusForbidden {
				t.Errorf("%s: status %d", name, w.Code)
			}
		}
		if after := fmt.Sprint(o.desk.did, o.pay.hints); after != before {
			t.Errorf("something was done: %s", after)
		}
	})
}

func TestEveryPathRefusesMethodsThatItHasNot(t *testing.T) {
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		req := visit(r)
		req.Method = http.MethodDelete
		w := o.do(req)
		if w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), r.Method) {
			t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
		}
		if !strings.Contains(body(w), "That page cannot be used in this way.") {
			t.Error("not our own page")
		}
	})
}

func TestMembersPagesLetNobodyElseIn(t *testing.T) {
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		if ours := strings.HasPrefix(r.Path, "/console/") || r.Path == oauth.AuthorizePath; ours != (r.Who == site.Member) {
			t.Fatalf("the console and the consent to link are for members, and nothing else is: %s", r.Who)
		}
		if r.Who != site.Member {
			return
		}
		refused, to := http.StatusSeeOther, "/signin?"
		if r.Plain { // a script asks, and is told
			refused, to = http.StatusUnauthorized, ""
		}
		if w := o.do(visit(r)); w.Code != refused || !strings.HasPrefix(w.Header().Get("Location"), to) {
			t.Errorf("nobody: %d to %s", w.Code, w.Header().Get("Location"))
		}
		forged := o.Admin
		forged.Grant = "revoked"
		if w := o.do(o.as(forged, visit(r))); w.Code != refused {
			t.Errorf("a session whose grant is gone: %d", w.Code)
		}
	})
}

func TestActsNeedThePermissionTheirRouteNames(t *testing.T) {
	o := open(t)
	reader := o.Hire(t, "Rea", firm.ReadOnly)
	for _, r := range o.site.Routes() {
		if r.Who != site.Member {
			continue
		}
		if r.Method == http.MethodPost && r.Needs == "" {
			t.Errorf("%s writes and names no permission", r.Pattern())
		}
		w := o.do(o.as(reader, visit(r)))
		if refused := r.Needs != "" && !firm.ReadOnly.May(r.Needs); refused != (w.Code == http.StatusForbidden) {
			t.Errorf("%s by somebody who may only read: %d", r.Pattern(), w.Code)
		}
	}
	if len(o.desk.did) != 1 || !strings.HasPrefix(o.desk.did[0], "list ") {
		t.Errorf("somebody who may only read did %q", o.desk.did)
	}
}

func TestEveryRequestIsOneLineWithoutPathsOrNames(t *testing.T) {
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		o.log.Reset()
		req := visit(r)
		req.URL.RawQuery = "secret=SECRET"
		o.do(o.as(o.Admin, req))
		line := o.log.String()
		if strings.Count(line, "\n") != 1 || !strings.Contains(line, `"route":"`+r.Pattern()+`"`) {
			t.Errorf("log: %s", line)
		}
		for _, name := range []string{"SECRET", "Ada", "Demo and Partners", "ada@"} {
			if strings.Contains(line, name) {
				t.Errorf("the log holds %q: %s", name, line)
			}
		}
	})
}

func TestUnknownPathsAreAPageAndUntidyOnesARedirect(t *testing.T) {
	o := open(t)
	if w := o.do(get("/console/nothing")); w.Code != 404 || !strings.Contains(body(w), "There is no such page.") {
		t.Errorf("unknown: %d", w.Code)
	}
	if w := o.do(get("/console")); w.Code/100 != 3 || w.Header().Get("Location") != "/console/" {
		t.Errorf("untidy: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := o.do(get("/")); w.Code != 303 || w.Header().Get("Location") != "/console/" {
		t.Errorf("home: %d to %s", w.Code, w.Header().Get("Location"))
	}
}

func TestHealthIsWhetherARequestWouldBeServed(t *testing.T) {
	if w := open(t).do(get("/healthz")); w.Code != 200 || body(w) != "ok\n" {
		t.Errorf("healthy: %d", w.Code)
	}
	o := open(t, func(c *Config) { c.Ready = func(context.Context) error { return errors.New("no table") } })
	w := o.do(get("/healthz"))
	if w.Code != 503 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("unhealthy: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}
