package web

import (
	"net/http"
	"testing"
	"testing/fstest"

	"github.com/billingclerk/billingclerk/internal/web/site"
)

// unasked are the forms that are carried out without a fresh proof of who sends them, each with why. Whatever else is
// posted asks for one: cards, roles and permissions, people and their factors, settings, what is booked, links, export, trust.
var unasked = map[string]string{
	"POST /console/charges/{attempt}/done": "takes a task off a list: it moves and books nothing",
	"POST /console/letters/{id}/retry":     "tries again what was decided before",
	"POST /console/print/{invoice}/done":   "takes an invoice off a list",

	"POST /console/account/passkeys/{id}/name":   "a name that only its owner sees",
	"POST /console/account/sessions/{grant}/end": "takes access away, and who lost a device must not wait",
	"POST /console/account/sessions/end":         "takes access away, and who lost a device must not wait",
	"POST /console/account/links/{grant}/end":    "takes access away, and who lost a device must not wait",
	"POST /signout": "takes access away",

	"POST /signin":                   "is itself a proof",
	"POST /signin/code":              "is itself a proof",
	"POST /signin/passkey/challenge": "is itself a part of a proof",
	"POST /signin/passkey":           "is itself a proof",
	"POST /signin/again":             "is itself the fresh proof",
	"POST /welcome/{token}":          "the link in the mail is the proof, used up by it",
	"POST /forgot":                   "anybody may ask; the mail goes to the address alone",
	"POST /signup":                   "anybody may ask; the mail goes to the address alone",
	"POST /setup":                    "the installation's secret is the proof, used up by it",

	"POST /pay/{token}":                "the pay link is the proof, and leads to the processor's page",
	"POST /webhooks/stripe/{endpoint}": "the processor's signature is the proof",
	"POST /oauth/token":                "the client's secret is the proof",
	"POST /oauth/revoke":               "the client's secret is the proof",
	"POST /talk":                       "the demo's talk page, on this machine alone",
	"POST /talk/new":                   "the demo's talk page, on this machine alone",
}

// TestWhatIsSensitiveAsksFirstWhoItIs walks the list of routes, so that a new form must be one or the other.
func TestWhatIsSensitiveAsksFirstWhoItIs(t *testing.T) {
	o := open(t, withTalk(echo{}, fstest.MapFS{}))
	found := map[string]bool{}
	for _, r := range o.site.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		found[r.Pattern()] = true
		if why := unasked[r.Pattern()]; r.Fresh == (why != "") {
			t.Errorf("%s: asks for a fresh proof: %t; argued that it need not: %q", r.Pattern(), r.Fresh, why)
		}
	}
	for pattern := range unasked {
		if !found[pattern] {
			t.Errorf("%s is argued, and is no route", pattern)
		}
	}
}

// TestNothingSensitiveIsDoneOnAnOldProof sends every such form a little too late.
func TestNothingSensitiveIsDoneOnAnOldProof(t *testing.T) {
	everyRoute(t, func(t *testing.T, o *office, r site.Route) {
		if !r.Fresh {
			return
		}
		o.door.proven = o.Clock.Now().Add(-site.FreshTime)
		defer func() { o.door.proven = o.Clock.Now() }()
		before := len(o.desk.did)
		w := o.do(o.as(o.Admin, visit(r)))
		if to, _ := w.Result().Location(); w.Code != http.StatusSeeOther || to.Path != "/signin/again" || len(o.desk.did) != before {
			t.Errorf("%d to %v, did %q", w.Code, to, o.desk.did[before:])
		}
	})
}
