package local

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is a browser without scripts: it keeps cookies, and reads the pages that it is shown.
type visitor struct {
	*testing.T
	site    http.Handler
	base    string
	cookies map[string]string
}

func (h *house) visitor(t *testing.T) *visitor {
	return &visitor{t, h.handler, h.URL, map[string]string{}}
}

// signedIn is somebody in a browser.
func (h *house) signedIn(t *testing.T, email, password string) *visitor {
	t.Helper()
	v := h.visitor(t)
	w := v.post("/signin", url.Values{"email": {email}, "password": {password}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/console/" {
		t.Fatalf("%s does not sign in: %d to %q", email, w.Code, to)
	}
	return v
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	return v.send(httptest.NewRequest(http.MethodGet, v.base+path, nil))
}

func (v *visitor) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.send(r)
}

func (v *visitor) send(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// page gets a page and reads it.
func (v *visitor) page(path string) *html.Node {
	v.Helper()
	w := v.get(path)
	if w.Code != http.StatusOK {
		v.Fatalf("%s: %d to %q: %.300s", path, w.Code, w.Header().Get("Location"), w.Body)
	}
	return parsed(v.T, w.Body.String())
}

func parsed(t testing.TB, page string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// form is one of a page's, with the fields that a browser would send, and what a person would type.
type form struct {
	action string
	fields url.Values
	asks   bool // something must be typed
}

// elements calls f for every element of one of the names; with no name, for every element.
func elements(n *html.Node, f func(*html.Node), names ...string) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (len(names) == 0 || slices.Contains(names, d.Data)) {
			f(d)
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// forms are a page's forms that post.
func forms(page *html.Node) (all []form) {
	elements(page, func(n *html.Node) {
		if attr(n, "method") != "post" {
			return
		}
		f := form{action: attr(n, "action"), fields: url.Values{}}
		elements(n, func(field *html.Node) {
			f.asks = f.asks || has(field, "required")
			f.fill(field)
		}, "input", "select", "textarea", "button")
		all = append(all, f)
	}, "form")
	return all
}

// typed is what a person types into an empty field, by its type.
var typed = map[string]string{"email": "somebody@else.test", "password": "four otters row quietly", "text": "5"}

// fill fills a field in: as it is offered, else, if it must be, with something that fits. Of radio buttons the last one is taken, and
// every box is ticked.
func (f form) fill(n *html.Node) {
	name, kind, value := attr(n, "name"), attr(n, "type"), attr(n, "value")
	switch {
	case name == "":
	case n.Data == "select":
		elements(n, func(o *html.Node) {
			if has(o, "selected") || !f.fields.Has(name) {
				f.fields.Set(name, attr(o, "value"))
			}
		}, "option")
	case kind == "checkbox":
		f.fields.Add(name, value)
	case kind == "hidden" || kind == "radio" || n.Data == "button" || value != "":
		f.fields.Set(name, value)
	case !has(n, "required"):
		f.fields.Set(name, "")
	case attr(n, "inputmode") == "numeric":
		f.fields.Set(name, "4711")
	default:
		f.fields.Set(name, typed[kind])
	}
}

// links are the addresses of this site that a page leads to.
func links(page *html.Node) (all []string) {
	elements(page, func(n *html.Node) {
		if to := attr(n, "href"); strings.HasPrefix(to, "/") {
			all = append(all, to)
		}
	}, "a")
	return all
}

// tour follows every link of the console that the visitor is shown, from its first page on, and returns what is
// there, nil for what is no page, and the pages' forms.
func (v *visitor) tour() (pages map[string]*html.Node, all []form) {
	v.Helper()
	pages = map[string]*html.Node{}
	for next := []string{"/console/"}; len(next) > 0; next = next[1:] {
		path, _, _ := strings.Cut(next[0], "#")
		if _, seen := pages[path]; seen || !strings.HasPrefix(path, "/console/") || strings.Contains(path, "month=") || len(pages) > 300 {
			continue
		}
		w := v.get(path)
		if w.Code != http.StatusOK {
			v.Errorf("%s is linked, and answers %d", path, w.Code)
		}
		if pages[path] = nil; !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		pages[path] = parsed(v.T, w.Body.String())
		all = append(all, forms(pages[path])...)
		next = append(next, links(pages[path])...)
	}
	return pages, all
}
