package web

import (
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"github.com/billingclerk/billingclerk/internal/web/site"
)

func TestEveryTemplateFitsTheTypeOfItsData(t *testing.T) {
	pages := site.Pages()
	if len(pages) < 9 {
		t.Fatalf("only %d pages", len(pages))
	}
	for _, p := range pages {
		if err := templatecheck.CheckHTMLStrict(p.Template, p.Data); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestTheCheckOfTemplatesFindsAFieldThatIsNotThere(t *testing.T) {
	for _, p := range site.Pages() {
		main := p.Template.Lookup("main").Tree.Root.String()
		for text, passes := range map[string]bool{main: true, main + `{{.NoSuchField}}`: false, main + `{{.NoSuchMethod 1}}`: false} {
			changed := template.Must(template.Must(p.Template.Clone()).New("main").Parse(text)).Lookup("layout.html")
			if err := templatecheck.CheckHTMLStrict(changed, p.Data); (err == nil) != passes {
				t.Errorf("%s: ending in %q: %v", p.Name, text[max(0, len(text)-20):], err)
			}
		}
	}
}

func TestEveryTemplateFileIsAPageThatTheCheckSees(t *testing.T) {
	var used []string
	for _, p := range site.Pages() {
		used = append(used, p.Name)
		for _, part := range p.Parts {
			used = append(used, filepath.Base(part))
		}
	}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err == nil && strings.HasSuffix(name, ".html") && name != "layout.html" && !slices.Contains(used, name) {
			t.Errorf("%s belongs to no page", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
