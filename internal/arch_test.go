package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/billingclerk/billingclerk/"

// allowed is the table of imports within the product, default deny: a package that is not here may not exist, and
// one that is may import just these. fault is open to all. "domain" stands for the domain modules.
var allowed = map[string]string{
	"fault": "", "money": "", "money/written": "money", "config": "", "outbound": "",
	"mail": "outbound", "blob": "outbound",
	"store": "", "store/memory": "store", "store/sqlite": "store", "store/dynamo": "store outbound",
	"store/storetest": "store", "store/dynamo/dynamotest": "store store/dynamo",
	"store/racetest":     "store store/memory store/sqlite store/storetest store/dynamo/dynamotest",
	"outbox":             "store",
	"firm":               "money outbox store",
	"firm/firmtest":      "firm money store store/memory",
	"clients":            "firm money outbox store",
	"clients/evaluation": "",
	"auth":               "firm money outbox store",
	"auth/token":         "firm",
	"auth/oauth":         "auth/token firm store",
	"auth/invite":        "auth auth/token firm outbox store",
	"timekeeping":        "clients firm money outbox store",
	"ledger":             "clients firm money outbox store",
	"billing":            "timekeeping ledger clients firm money outbox store",
	"documents":          "billing clients firm money money/written blob store documents/pdf",
	"documents/pdf":      "money",
	"charging":           "billing timekeeping ledger clients firm money outbox store",
	"charging/stripe":    "charging money outbound",
	"charging/sandbox":   "charging money outbound",
	"locales":            "",
	"locales/model":      "locales",
	"voice":              "domain money locales",
	"voice/alexa":        "voice firm outbound",
	"talk":               "",
	"web/site":           "firm money money/written",
	"web":                "domain documents money auth blob web/account web/console web/link web/site web/welcome",
	"web/console":        "domain documents money auth blob web/site",
	"web/webtest":        "",
	"web/account":        "auth firm web/site",
	"web/welcome":        "auth auth/invite firm money web/site",
	"web/talkpage":       "talk web/site",
	"web/link":           "auth/oauth firm web/site",
	"app":                "*", "app/cloud": "*", "app/effects": "*", "app/pages": "*",
	"app/skill": "*", "app/web": "*", "app/worker": "*", "app/local": "*",
}

var domain = strings.Fields("firm clients timekeeping ledger billing charging")

// only names the sole importers of libraries that must stay at one edge.
var only = map[string][]string{
	"github.com/arienmalec/alexa-go":                {"voice/alexa"},
	"github.com/aws/aws-sdk-go-v2/service/dynamodb": {"store/dynamo", "store/dynamo/dynamotest"},
	"github.com/aws/aws-sdk-go-v2/service/s3":       {"blob"},
	"github.com/aws/aws-sdk-go-v2/service/sesv2":    {"mail"},
	"github.com/aws/aws-sdk-go-v2/service/ssm":      {"app/cloud"},
	"github.com/stripe/stripe-go":                   {"charging/stripe"},
	"modernc.org/sqlite":                            {"store/sqlite"},
	"codeberg.org/go-pdf/fpdf":                      {"documents/pdf"},
	"github.com/wneessen/go-mail":                   {"mail"},
	"github.com/antzucaro/matchr":                   {"clients"},
	"github.com/bojanz/currency":                    {"money/written"},
	"github.com/go-webauthn/webauthn":               {"auth"},
	"rsc.io/qr":                                     {"auth"},
}

// source is one Go file that is not a test.
type source struct{ pkg, file string }

func sources(t *testing.T) (list []source) {
	t.Helper()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") && !strings.Contains(p, "testdata") {
			list = append(list, source{path.Dir(filepath.ToSlash(p)), p})
		}
		return err
	})
	if err != nil || len(list) < 20 {
		t.Fatalf("%d sources, %v", len(list), err)
	}
	return list
}

func imports(t *testing.T, file string) (list []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, p)
	}
	return list
}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	for _, s := range sources(t) {
		rule, known := allowed[s.pkg]
		if !known {
			t.Errorf("%s: package %q is not in the table", s.file, s.pkg)
			continue
		}
		for _, p := range imports(t, s.file) {
			if ours, ok := strings.CutPrefix(p, module+"internal/"); ok && !may(rule, s.pkg, ours) {
				t.Errorf("%s may not import %s", s.file, ours)
			}
		}
	}
}

func may(rule, pkg, imported string) bool {
	if rule == "*" || imported == "fault" || imported == pkg {
		return true
	}
	fields := strings.Fields(rule)
	return slices.Contains(fields, imported) || slices.Contains(fields, "domain") && slices.Contains(domain, imported)
}

func TestTheTableHasNoPackageThatIsGone(t *testing.T) {
	have := map[string]bool{}
	for _, s := range sources(t) {
		have[s.pkg] = true
	}
	for pkg := range allowed {
		if !have[pkg] {
			t.Errorf("%s is in the table and nowhere else", pkg)
		}
	}
}

func TestLibrariesStayAtTheirEdge(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range imports(t, s.file) {
			for library, packages := range only {
				if (p == library || strings.HasPrefix(p, library+"/")) && !slices.Contains(packages, s.pkg) {
					t.Errorf("%s imports %s, which is only for %v", s.file, p, packages)
				}
			}
		}
	}
}

func TestFunctionsOnlyStartAnApp(t *testing.T) {
	mains, _ := filepath.Glob("../functions/*/*.go")
	if len(mains) < 4 {
		t.Fatalf("only %d mains", len(mains))
	}
	for _, file := range mains {
		for _, p := range imports(t, file) {
			ours, ok := strings.CutPrefix(p, module+"internal/")
			if ok && ours != "config" && ours != "app" && !strings.HasPrefix(ours, "app/") {
				t.Errorf("%s imports %s", file, ours)
			}
		}
	}
}

func TestTheSkillLinksNothingItDoesNotNeed(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "../functions/skill").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, heavy := range []string{
			"modernc.org/sqlite", "codeberg.org/go-pdf", "html/template", "text/template", "github.com/go-webauthn", "github.com/wneessen",
			"github.com/bojanz/currency", "github.com/cockroachdb/apd",
			"github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/alexedwards",
			module + "internal/web", module + "internal/documents", module + "internal/store/memory", module + "internal/charging/sandbox",
		} {
			if dep == heavy || strings.HasPrefix(dep, heavy+"/") {
				t.Errorf("the skill links %s", dep)
			}
		}
	}
}
