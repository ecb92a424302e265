package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// waysOut are the ways in which a program can reach the network or another process, by package and name; "*" is all
// of a package. internal/outbound is where they are allowed.
var waysOut = map[string]string{
	"net":                "Dial DialTimeout DialTCP DialUDP DialIP DialUnix Dialer Resolver LookupHost LookupIP LookupAddr LookupMX LookupTXT LookupCNAME",
	"net/http":           "Get Head Post PostForm DefaultClient DefaultTransport Client Transport",
	"net/smtp":           "*",
	"crypto/tls":         "Dial DialWithDialer Dialer Client",
	"os/exec":            "*",
	"syscall":            "Socket Connect Exec ForkExec",
	"net/rpc":            "*",
	"golang.org/x/net/*": "*",
}

// waysIn are allowed besides: the type of a client that is handed in, and what runs the store for tests.
var exempt = map[string]string{
	"store/dynamo/dynamotest": "os/exec", // starts DynamoDB Local, for tests
}

func TestNothingLeavesButThroughOutbound(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "outbound" {
			continue
		}
		for _, use := range uses(t, s.file, waysOut) {
			if pkg, _, _ := strings.Cut(use, "."); exempt[s.pkg] != "" && strings.HasPrefix(use, exempt[s.pkg]) {
				_ = pkg
				continue
			}
			t.Errorf("%s uses %s; only internal/outbound opens connections", s.file, use)
		}
	}
}

// clocks and chance are handed in, so that a run can be repeated.
var chance = map[string]string{
	"time":         "Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker",
	"math/rand":    "*",
	"math/rand/v2": "*",
}

func TestTheCoreReadsNoClock(t *testing.T) {
	core := map[string]bool{}
	for _, pkg := range append(strings.Fields("fault money mail blob documents documents/pdf store store/memory outbox auth voice talk"), domain...) {
		core[pkg] = true
	}
	for _, s := range sources(t) {
		if !core[s.pkg] {
			continue
		}
		for _, use := range uses(t, s.file, chance) {
			t.Errorf("%s uses %s; it is given what it needs", s.file, use)
		}
	}
}

// uses lists the forbidden selectors that a file uses as values or composite literals. A pointer type alone, such as a
// field of type *http.Client that somebody fills, is no way out.
func uses(t *testing.T, file string, forbidden map[string]string) (found []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := importNames(f)
	types := pointerTypes(f)
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || types[sel] {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Obj == nil {
			if p := names[x.Name]; p != "" && banned(forbidden, p, sel.Sel.Name) {
				found = append(found, p+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		p := strings.Trim(spec.Path.Value, `"`)
		name := p[strings.LastIndexByte(p, '/')+1:]
		if name == "v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

func pointerTypes(f *ast.File) map[*ast.SelectorExpr]bool {
	types := map[*ast.SelectorExpr]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if star, ok := n.(*ast.StarExpr); ok {
			if sel, ok := star.X.(*ast.SelectorExpr); ok {
				types[sel] = true
			}
		}
		return true
	})
	return types
}

func banned(forbidden map[string]string, pkg, name string) bool {
	list, ok := forbidden[pkg]
	if !ok {
		return false
	}
	for _, n := range strings.Fields(list) {
		if n == "*" || n == name {
			return true
		}
	}
	return false
}
