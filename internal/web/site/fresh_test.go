package site

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/billingclerk/billingclerk/internal/firm"
)

func TestASensitiveActAsksFirstForAFreshProofAndComesBackToItsForm(t *testing.T) {
	did := 0
	serve := func(http.ResponseWriter, *http.Request) error { did++; return nil }
	b := newBench(t, "https://clerk.test",
		Route{Method: "GET", Path: "/console/people/{person}", Who: Member, Fresh: true, Serve: serve},
		Route{Method: "POST", Path: "/console/people/{person}", Who: Member, Fresh: true, Serve: serve},
		Route{Method: "POST", Path: "/console/people/{person}/role", Who: Member, Fresh: true, Form: "/console/people/{person}", Serve: serve},
		Route{Method: "GET", Path: "/oauth/authorize", Who: Member, Serve: serve},
		Route{Method: "POST", Path: "/oauth/authorize", Who: Member, Fresh: true, Resume: true, Serve: serve},
		Route{Method: "POST", Path: "/console/export", Who: Member, Fresh: true, Needs: firm.Manage, Form: "/console/people/{person}", Serve: serve},
	)
	start := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	ask := func(method, path string, role firm.Role, proven time.Time) *httptest.ResponseRecorder {
		ctx := context.WithValue(context.WithValue(t.Context(), roleKey{}, role), provenKey{}, proven)
		r := httptest.NewRequestWithContext(ctx, method, "https://clerk.test"+path, nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return b.do(r)
	}
	for request, want := range map[[2]string]string{
		{"GET", "/console/people/p%201?tab=2"}: "/signin/again?next=%2Fconsole%2Fpeople%2Fp%25201%3Ftab%3D2",
		{"POST", "/console/people/p1"}:         "/signin/again?next=%2Fconsole%2Fpeople%2Fp1&why=form",
		{"POST", "/oauth/authorize?state=s"}:   "/signin/again?next=%2Foauth%2Fauthorize%3Fstate%3Ds&why=form",
		{"POST", "/console/people/p1/role"}:    "/signin/again?next=%2Fconsole%2Fpeople%2Fp1&why=form",
	} {
		for _, proven := range []time.Time{{}, start.Add(-FreshTime)} {
			w := ask(request[0], request[1], firm.Admin, proven)
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want || did != 0 {
				t.Errorf("%v: %d to %s, did %d", request, w.Code, w.Header().Get("Location"), did)
			}
		}
	}
	if w := ask("POST", "/console/people/p1/role", firm.Admin, start.Add(time.Minute-FreshTime)); w.Code != 200 || did != 1 {
		t.Errorf("a fresh proof: %d, did %d", w.Code, did)
	}
	if w := ask("POST", "/console/export", firm.Lawyer, time.Time{}); w.Code != http.StatusForbidden {
		t.Errorf("who may not is asked for a proof: %d", w.Code)
	}
}

func TestAFreshFormWithoutAPageToComeBackToIsNoRoute(t *testing.T) {
	serve := func(http.ResponseWriter, *http.Request) error { return nil }
	config := newBench(t, "https://clerk.test").Config
	for _, r := range []Route{
		{Method: "POST", Path: "/console/x", Who: Member, Fresh: true, Serve: serve},
		{Method: "POST", Path: "/console/x", Who: Member, Fresh: true, Form: "/console/y", Serve: serve},
		{Method: "GET", Path: "/x", Who: Anyone, Fresh: true, Serve: serve},
	} {
		if _, err := New(config, []Route{r}); err == nil {
			t.Errorf("%+v is taken", r.Pattern())
		}
	}
}
