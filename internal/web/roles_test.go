package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/billing"
	"github.com/billingclerk/billingclerk/internal/firm"
	"github.com/billingclerk/billingclerk/internal/web/site"
)

// offered are the links and the forms of a page: method and address.
var offered = regexp.MustCompile(`<a [^>]*href="([^"]*)"|<form method="post" action="([^"]*)"`)

// guide tells which route an address leads to.
type guide struct {
	mux    *http.ServeMux
	routes map[string]site.Route
}

func guideTo(routes []site.Route) guide {
	g := guide{http.NewServeMux(), map[string]site.Route{}}
	for _, r := range routes {
		g.mux.Handle(r.Pattern(), http.NotFoundHandler())
		g.routes[r.Pattern()] = r
	}
	return g
}

func (g guide) route(method, address string) (site.Route, bool) {
	_, pattern := g.mux.Handler(httptest.NewRequest(method, "https://clerk.test"+address, nil))
	r, ok := g.routes[pattern]
	return r, ok
}

// full is an office in which every list has something.
func full(t *testing.T) *office {
	t.Helper()
	o := busy(t)
	o.desk.bills = []billing.Bill{{ID: "i1", Number: "1", Ref: acme(), Total: usd(100), State: billing.Issued, Dated: "2026-11-23"}}
	lease(t, o)
	return o
}

// TestAPageOffersNothingThatItsReaderMayNotDo: each role walks from the first page along every link it is shown. Whatever is
// linked or can be sent must be a route that the role may use.
func TestAPageOffersNothingThatItsReaderMayNotDo(t *testing.T) {
	reach := map[firm.Role]int{}
	for _, role := range firm.Roles {
		o := full(t)
		who := o.Hire(t, "Rae", role)
		reach[role] = walk(t, o, string(role), who, func(r site.Route) bool { return r.Needs == "" || role.May(r.Needs) })
	}
	if reach[firm.Admin] < 25 || reach[firm.ReadOnly] >= reach[firm.Bookkeeper] || reach[firm.Bookkeeper] >= reach[firm.Admin] {
		t.Errorf("routes that each role is offered: %v", reach)
	}
}

// walk follows every link from the first page and returns how many routes were offered.
func walk(t *testing.T, o *office, name string, who firm.Caller, may func(site.Route) bool) int {
	t.Helper()
	g, seen, found := guideTo(o.site.Routes()), map[string]bool{}, map[string]bool{}
	for next := []string{"/console/"}; len(next) > 0; next = next[1:] {
		if seen[next[0]] || len(seen) > 200 {
			continue
		}
		seen[next[0]] = true
		w := o.do(o.as(who, get(next[0])))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %s is linked and answers %d", name, next[0], w.Code)
			continue
		}
		for _, m := range offered.FindAllStringSubmatch(body(w), -1) {
			method, address := http.MethodGet, html.UnescapeString(m[1])
			if m[2] != "" {
				method, address = http.MethodPost, html.UnescapeString(m[2])
			}
			to, err := url.Parse(address)
			if err != nil || to.Path == "" || to.IsAbs() {
				continue
			}
			r, ok := g.route(method, to.Path)
			if !ok || !may(r) {
				t.Errorf("%s: %s offers %s %s", name, next[0], method, address)
			}
			found[r.Pattern()] = true
			if method == http.MethodGet && ok && r.Who == site.Member && !strings.Contains(address, "month=") {
				next = append(next, address)
			}
		}
	}
	return len(found)
}
