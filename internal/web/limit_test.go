package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/web/site"
)

// unlimited are the routes for people who are not signed in that one place may ask for as often as it likes, each with why.
var unlimited = map[string]string{
	"GET /healthz":                     "one read of one record, and who watches must not be told that it is down",
	"GET /favicon.ico":                 "a constant",
	"GET /robots.txt":                  "a constant",
	"GET /{$}":                         "a redirect",
	"GET /signin":                      "a form, without a read",
	"GET /signin/code":                 "a form, for who has a session",
	"GET /signin/again":                "a form, for who has a session",
	"POST /signout":                    "who wants to leave may",
	"POST /webhooks/stripe/{endpoint}": "what fails is counted instead: the processor must never be kept out",
	"POST /oauth/token":                "what fails is counted instead: Alexa must never be kept out",
	"POST /oauth/revoke":               "what fails is counted instead: Alexa must never be kept out",
	"GET /.well-known/oauth-authorization-server": "a constant",
}

func TestWhoIsNotSignedInIsLimitedByPlace(t *testing.T) {
	found := map[string]bool{}
	for _, r := range open(t).site.Routes() {
		if r.Who == site.Member || strings.HasPrefix(r.Path, "/assets/") {
			continue
		}
		found[r.Pattern()] = true
		if why := unlimited[r.Pattern()]; (r.Limit == 0) != (why != "") {
			t.Errorf("%s: %d in a minute; argued that it needs no limit: %q", r.Pattern(), r.Limit, why)
		}
	}
	for pattern := range unlimited {
		if !found[pattern] {
			t.Errorf("%s is argued, and is no route", pattern)
		}
	}
}

// TestAsManyAddressesAsAnybodyHasGetNoMoreMails: from one place, whatever the addresses.
func TestAsManyAddressesAsAnybodyHasGetNoMoreMails(t *testing.T) {
	for path, form := range map[string]url.Values{
		"/forgot": {},
		"/signup": {"firm": {"Third"}, "zone": {"UTC"}, "currency": {"USD"}, "name": {"Tia"}},
	} {
		o, refused := open(t), 0
		before, err := o.House.Firms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			o.Clock.Advance(time.Minute) // slow enough for the limit of a minute
			form.Set("email", fmt.Sprintf("somebody%d@third.test", i))
			r := post(path, form)
			r.RemoteAddr = fmt.Sprint("192.0.2.9:", 2000+i)
			if w := o.do(r); w.Code == http.StatusServiceUnavailable && strings.Contains(body(w), "wait an hour") {
				refused++
			} else if w.Code != http.StatusOK {
				t.Fatal(path, i, w.Code)
			}
		}
		after, err := o.House.Firms(t.Context())
		if opened := len(after) - len(before); err != nil || refused != 10 || path == "/signup" && opened != 30 {
			t.Errorf("%s: refused %d of 40, opened %d, %v", path, refused, opened, err)
		}
		elsewhere := post(path, form)
		elsewhere.RemoteAddr = "198.51.100.1:1"
		if w := o.do(elsewhere); w.Code != http.StatusOK {
			t.Errorf("%s from elsewhere: %d", path, w.Code)
		}
	}
}

func TestWebhooksOfNobodysAreRefusedBeforeAnythingIsLookedUp(t *testing.T) {
	o := open(t)
	forged := func(port int) int {
		r := post("/webhooks/stripe/nobody", nil)
		r.RemoteAddr = fmt.Sprint("192.0.2.9:", port)
		return o.do(r).Code
	}
	for i := range freeForgeries + 1 {
		if code := forged(1000 + i); code != http.StatusNotFound {
			t.Fatal(i, code)
		}
	}
	if code := forged(5000); code != http.StatusTooManyRequests {
		t.Error(code)
	}
	genuine := post("/webhooks/stripe/ep1", nil)
	genuine.RemoteAddr = "198.51.100.1:443"
	for range 2 * freeForgeries {
		if w := o.do(genuine.Clone(t.Context())); w.Code != http.StatusOK {
			t.Fatal("the processor is kept out:", w.Code)
		}
	}
}
