package local

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/billingclerk/billingclerk/internal/auth/token"
)

// spot is an address in the crowded firm, and who is to look at it.
type spot struct {
	name, path string
	ada        bool // signed in
}

// spots are every page there is, those that Ada is led to by links among them.
func (c *crowd) spots() []spot {
	c.Helper()
	mail := func(kind, person, id string) string {
		return "/welcome/" + c.tokens.Mail(token.Mailed{Kind: kind, Firm: c.Demo.Firm, Person: person, ID: id})
	}
	c.ada.post("/console/account/second/begin", nil)
	client := url.Values{"response_type": {"code"}, "client_id": {DemoClient}, "redirect_uri": {demoRedirect}, "state": {"s"}}
	all := []spot{
		{"talk", "/", false}, {"mail", "/talk/mail", false}, {"letter", "/mail/" + c.letter(), false},
		{"signin", "/signin", false}, {"signin-again", "/signin?why=again", false}, {"forgot", "/forgot", false}, {"signup", "/signup", false},
		{"invitation", mail("invite", c.ivy.ID, c.invitation()), false}, {"link-over", mail("reset", c.ivy.ID, c.invitation()), false},
		{"reset", c.mailed("reset"), false}, {"address", c.mailed("address"), false},
		{"pay-paid", "/pay/" + c.tokens.Pay(c.Demo.Firm, c.invoice()), false}, {"pay-nothing", "/pay/x", false},
		{"consent", "/oauth/authorize?" + client.Encode(), true}, {"consent-refused", "/oauth/authorize?client_id=x", true},
		{"step-up", "/signin/again?why=form&next=/console/account", true}, {"second", "/console/account/second", true},
		{"missing", "/console/nothing", true}, {"months", "/console/invoices?month=2026-01", true},
	}
	tour, _ := c.ada.tour()
	for n, path := range slices.Sorted(maps.Keys(tour)) {
		if tour[path] != nil {
			all = append(all, spot{fmt.Sprintf("console-%02d", n), path, true})
		}
	}
	return all
}

// noPage are routes whose answer is no page, or none of its own.
var noPage = map[string]string{
	"GET /healthz": "text", "GET /favicon.ico": "a picture", "GET /robots.txt": "text", "GET /assets/{sum}/{name}": "style and scripts",
	"GET /.well-known/oauth-authorization-server": "JSON", "GET /console/invoices/{id}/pdf": "a PDF", "GET /mail/{file}/{part}": "a file",
	"GET /signin/code": "waits for who has a second factor: seen in a browser's test",
	"GET /setup":       "waits for who opens the first firm: seen in a browser's test",
}

// Every page that there is, and every form that is sent back with what is wrong: it says its language, has a name, one
// heading of the first level and none left out, a label for each field, words for each button and link, and nothing that
// is named twice or nowhere. A new route is looked at by itself, or this fails.
func TestEveryPageCanBeReadWithoutSeeingIt(t *testing.T) {
	c := crowded(t, "CLERK_SIGNUP", "1")
	i := intrude(c, c.ada)
	nobody := c.visitor(t)
	for _, s := range c.spots() {
		by := nobody
		if s.ada {
			by = c.ada
		}
		path, _, _ := strings.Cut(s.path, "?")
		i.tried[i.route(http.MethodGet, path).Pattern()] = true
		w := by.get(s.path)
		if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || w.Body.Len() == 0 {
			t.Errorf("%s (%s) is no page: %d %s to %s", s.name, s.path, w.Code, kind, w.Header().Get("Location"))
			continue
		}
		if s.name == "mail" {
			continue // a part of a page
		}
		page := parsed(t, w.Body.String())
		accessible(t, s.name+" "+s.path, page)
		for _, f := range forms(page) {
			if !f.asks {
				continue
			}
			if w := by.post(f.action, url.Values{"once": f.fields["once"]}); w.Code == http.StatusUnprocessableEntity {
				accessible(t, s.name+", sent back by "+f.action, parsed(t, w.Body.String()))
			}
		}
	}
	for pattern, r := range i.routes {
		if r.Method == http.MethodGet && !i.tried[pattern] && noPage[pattern] == "" {
			t.Errorf("nobody looked at %s", pattern)
		}
	}
	for pattern := range noPage {
		if _, there := i.routes[pattern]; !there && pattern != "GET /setup" {
			t.Errorf("%s is argued away, and is not there", pattern)
		}
	}
}

// accessible checks one page.
func accessible(t *testing.T, name string, page *html.Node) {
	t.Helper()
	r := reader{T: t, name: name, ids: map[string]bool{}, labelled: map[string]bool{}}
	elements(page, r.collect)
	elements(page, r.check)
	if r.h1 != 1 || r.mains != 1 || r.title == "" || r.focused > 1 {
		t.Errorf("%s: %d main headings, %d main parts, title %q, %d fields that take the focus", name, r.h1, r.mains, r.title, r.focused)
	}
}

// reader is who goes through a page from its beginning.
type reader struct {
	*testing.T
	name               string
	ids, labelled      map[string]bool
	level              int
	h1, mains, focused int
	title              string
}

func (r *reader) wrong(n *html.Node, what string) {
	r.Helper()
	var b strings.Builder
	_ = html.Render(&b, n)
	r.Errorf("%s: %s: %.160s", r.name, what, b.String())
}

func (r *reader) collect(n *html.Node) {
	if id := attr(n, "id"); id != "" {
		if r.ids[id] {
			r.wrong(n, "an id twice")
		}
		r.ids[id] = true
	}
	if n.Data == "label" {
		r.labelled[attr(n, "for")] = true
		elements(n, func(in *html.Node) { r.labelled[attr(in, "name")+"="+attr(in, "value")] = true }, "input")
	}
}

func (r *reader) check(n *html.Node) {
	for _, name := range []string{"for", "aria-labelledby", "aria-describedby", "list"} {
		for _, id := range strings.Fields(attr(n, name)) {
			if !r.ids[id] {
				r.wrong(n, name+" points nowhere")
			}
		}
	}
	if has(n, "tabindex") && attr(n, "tabindex") != "0" || has(n, "onclick") || has(n, "style") {
		r.wrong(n, "an order of its own, or what the policy forbids")
	}
	if has(n, "autofocus") {
		r.focused++
	}
	switch n.Data {
	case "html":
		if attr(n, "lang") != "en" {
			r.wrong(n, "no language")
		}
	case "title":
		r.title = words(n)
	case "main":
		r.mains++
	case "h1", "h2", "h3", "h4":
		r.heading(n)
	case "input", "select", "textarea":
		r.field(n)
	case "a", "button", "summary", "legend", "label", "th", "caption":
		if words(n) == "" && attr(n, "aria-label") == "" {
			r.wrong(n, "no words")
		}
	case "svg", "img":
		if attr(n, "aria-label") == "" && attr(n, "alt") == "" && attr(n, "aria-hidden") != "true" {
			r.wrong(n, "a picture without words")
		}
	case "table", "section", "nav":
		if attr(n, "aria-labelledby") == "" && attr(n, "aria-label") == "" && attr(n, "class") != "narrow" {
			r.wrong(n, "no name")
		}
	}
}

func (r *reader) heading(n *html.Node) {
	level := int(n.Data[1] - '0')
	if level == 1 {
		r.h1++
	}
	if level > r.level+1 || words(n) == "" {
		r.wrong(n, fmt.Sprintf("a heading after one of level %d", r.level))
	}
	r.level = level
}

// field wants a label and a bound on what can be typed, and what is wrong said where it is.
func (r *reader) field(n *html.Node) {
	kind := attr(n, "type")
	if kind == "hidden" || has(n, "hidden") {
		return
	}
	if !r.labelled[attr(n, "id")] && !r.labelled[attr(n, "name")+"="+attr(n, "value")] && attr(n, "aria-label") == "" {
		r.wrong(n, "a field without a label")
	}
	if slices.Contains([]string{"text", "email", "password"}, kind) && (!has(n, "maxlength") || !has(n, "autocomplete")) {
		r.wrong(n, "a field without a bound, or that a browser may guess at")
	}
	if attr(n, "aria-invalid") == "true" && attr(n, "aria-describedby") == "" {
		r.wrong(n, "wrong, and not said why")
	}
}

// words are what is read out of an element.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
