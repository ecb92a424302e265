package site

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"strings"
)

// Page is a template together with the type of its data. Pages are made when the program starts, never later.
type Page[T any] struct{ t *template.Template }

// View is what a template is executed with: the frame for the layout, the data for the page's own "main".
type View[T any] struct {
	Frame Frame
	Data  T
}

// Frame is what the layout around every page shows.
type Frame struct {
	Title   string
	Nonce   string
	Style   string // path of the style sheet
	Icon    string // path of the icon
	Member  bool   // somebody is signed in
	Firm    string
	Person  string
	Nav     []NavLink
	Flash   Notice
	Payer   bool // the page is a payer's: no word of our own navigation
	Scripts []string
}

// NavLink is a link of the navigation.
type NavLink struct {
	Text, Href string
	Here       bool
}

// NewPage parses the layout and one page's template file, which defines "main"; further files are parts that it
// uses. It panics on a template that does not parse, as template.Must does.
func NewPage[T any](files fs.FS, name string, parts ...string) Page[T] {
	t := template.Must(template.New("layout.html").Option("missingkey=error").ParseFS(layoutFiles, "templates/layout.html"))
	t = template.Must(t.ParseFS(files, append([]string{name}, parts...)...))
	if t.Lookup("main") == nil {
		panic("site: " + name + ` defines no "main"`)
	}
	var zero View[T]
	untouched := template.Must(t.Clone()) // once executed, a template cannot be looked into any more
	made = append(made, Made{Name: path.Base(name), Parts: parts, Template: untouched, Data: zero})
	return Page[T]{t}
}

// Made is a page as a test sees it: its template and a value of the type it is executed with.
type Made struct {
	Name     string
	Parts    []string
	Template *template.Template
	Data     any
}

var made []Made

// Pages returns every page of the program, for the test that checks all templates against their data.
func Pages() []Made { return made }

// Write renders the page with a status. It renders in full before the first byte is sent, so a failure can still
// become the error page.
func (p Page[T]) Write(w http.ResponseWriter, r *http.Request, status int, title string, data T, scripts ...string) error {
	var b bytes.Buffer
	view := View[T]{frame(w, r, title), data}
	for _, name := range scripts {
		view.Frame.Scripts = append(view.Frame.Scripts, AssetPath(name))
	}
	if err := p.t.Execute(&b, view); err != nil {
		return fmt.Errorf("render %s: %w", reflect.TypeFor[T](), err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that went away is no error of ours
	return nil
}

// Part renders one of the page's named parts alone, for a script that adds it to a page.
func (p Page[T]) Part(w http.ResponseWriter, name string, data any) error {
	var b bytes.Buffer
	if err := p.t.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("render part %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
	return nil
}

func frame(w http.ResponseWriter, r *http.Request, title string) Frame {
	v := visitOf(r)
	f := Frame{
		Title: title, Nonce: v.nonce, Style: AssetPath("clerk.css"), Icon: AssetPath("icon.svg"),
		Payer: v.route.Who == Payer, Flash: takeNotice(w, r),
	}
	if v.visitor == nil {
		return f
	}
	f.Member, f.Firm, f.Person = true, v.visitor.Firm.Name, v.visitor.Person.Name
	for _, l := range v.site.Nav {
		if l.Needs != "" && v.visitor.May(l.Needs) != nil {
			continue
		}
		here := l.Href == v.route.Path || strings.TrimSuffix(v.route.Path, "{$}") == l.Href
		f.Nav = append(f.Nav, NavLink{l.Text, l.Href, here})
	}
	return f
}

// JSON answers a page's script with what is JSON already, or returns err.
func JSON(w http.ResponseWriter, body []byte, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
	return nil
}
