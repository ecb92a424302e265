package site

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// FreshTime is how long a proof of who somebody is counts for sensitive acts (ASVS 5.0 §7.5.1).
const FreshTime = 10 * time.Minute

func (v Visitor) fresh(now time.Time) bool { return now.Sub(v.Proven) < FreshTime }

// againPath is where a visitor proves once more who they are, and where they come back to: the page they asked for, or
// the page of the form they sent. What they had typed is not kept: it may be a secret, and is not sent twice.
func againPath(r *http.Request, route Route) string {
	next, q := r.URL.RequestURI(), url.Values{}
	if r.Method == http.MethodPost {
		if next = fill(route.form(), r); route.Resume {
			next = r.URL.RequestURI()
		}
		q.Set("why", "form")
	}
	q.Set("next", next)
	return "/signin/again?" + q.Encode()
}

// form is the path of the page whose form the route takes.
func (r Route) form() string {
	if r.Form != "" {
		return r.Form
	}
	return r.Path
}

// fill puts the request's own values for the names in a path.
func fill(path string, r *http.Request) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") && strings.HasSuffix(p, "}") {
			parts[i] = url.PathEscape(r.PathValue(strings.Trim(p, "{}.$")))
		}
	}
	return strings.Join(parts, "/")
}

// comeBack checks that every fresh form has a page to come back to.
func (s *Site) comeBack() error {
	for _, r := range s.list {
		if _, ok := s.routes["GET "+r.form()]; r.Fresh && !ok {
			return fmt.Errorf("site: route %q needs a fresh proof, and there is no page %s to come back to", r.Pattern(), r.form())
		}
	}
	return nil
}
