package local

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/auth"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// colleague is somebody of the crowded firm with a role, in a browser.
func (c *crowd) colleague(name, email string, role firm.Role) *visitor {
	c.Helper()
	p, err := c.House.AddPerson(c.Context(), c.setup(), firm.Person{Name: name, Email: email, Role: role})
	if err == nil {
		err = (&auth.Desk{House: c.House}).SetPassword(c.Context(), c.setup(), p.ID, p.Email, outsidersKey)
	}
	if err != nil {
		c.Fatal(err)
	}
	return c.signedIn(c.T, email, outsidersKey)
}

// What a role that only looks, or only keeps time, may send: forms about its own account, and whether to link it.
func ownAffair(r site.Route) bool {
	return strings.HasPrefix(r.Path, "/console/account/") || r.Path == "/oauth/authorize"
}

// Each form that an admin is shown, about what is really there, is sent by people who may do less.
func TestWhoMayDoLessIsRefusedEveryFormOfTheFirm(t *testing.T) {
	for _, role := range []firm.Role{firm.ReadOnly, firm.Timekeeper} {
		t.Run(string(role), func(t *testing.T) {
			c := crowded(t)
			i := intrude(c, c.colleague("Cleo Cole", "cleo@demo.test", role))
			_, all := c.ada.tour()
			before := i.records()
			refused := 0
			for _, f := range append(all, i.bare()...) {
				r := i.route(http.MethodPost, f.action)
				if r.Who != site.Member || ownAffair(r) {
					continue
				}
				if r.Needs == firm.TrackTime && role == firm.Timekeeper {
					continue // their time is theirs
				}
				if r.Needs == "" || role.May(r.Needs) {
					t.Errorf("%s may be sent by a role that only looks or keeps its time", r.Pattern())
					continue
				}
				if a := i.answer(c.form(f.action, f.fields)); a.status != http.StatusForbidden {
					t.Errorf("%s: %d to %q", r.Pattern(), a.status, a.to)
				}
				refused++
			}
			i.unchanged(before)
			if refused < 20 {
				t.Fatalf("only %d forms", refused)
			}
		})
	}
}

// bare are forms without fields for every route that takes one.
func (i *intrusion) bare() (all []form) {
	for _, pattern := range slices.Sorted(maps.Keys(i.routes)) {
		if path, ok := strings.CutPrefix(pattern, "POST "); ok {
			all = append(all, form{action: nameless.ReplaceAllString(path, "x"), fields: url.Values{}})
		}
	}
	return all
}
