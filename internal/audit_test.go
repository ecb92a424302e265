package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"testing"
)

// oneSided are the writes whose audit entry has no state before, or none after, and why. Everything else says what it
// was and what it is (product.md, Audit). A name is the package and the function.
var oneSided = map[string]string{
	"app/pages.change":     "a message is tried again or dropped, as the action's name says; nothing else of it changes",
	"auth.AddPasskey":      "made",
	"auth.ClearFactors":    "secrets: only that they are gone",
	"auth.EndOthers":       "the grants end, each of which says when it was made; their number is told",
	"auth.Link":            "made",
	"auth.failed":          "only told: nothing changes",
	"auth.proven":          "only told: nothing changes",
	"auth.round":           "secrets: only that they changed",
	"auth/invite.Reset":    "secrets: only that they changed",
	"auth/invite.askReset": "only told: a link was asked for",
	"auth/invite.rescue":   "only told: a link was made, by whoever runs the installation",
	"auth/oauth.allow":     "made",
	"auth/oauth.deny":      "only told: nothing changes",
	"auth/oauth.report":    "only told: nothing changes",
	"auth/oauth.round":     "made",
	"charging.wrong":       "the count of wrong codes, which the lock tells; never a code",
	"firm.Admit":           "made",
	"firm.AddPerson":       "made",
	"firm.Invite":          "made",
	"firm.Prove":           "the count of wrong codes, which the lock tells; never a code",
	"firm.Withdraw":        "gone",
	"firm.open":            "made",
	"firm.putCode":         "a secret: only that it changed",
}

// entryOf is a firm.Entry that a function writes into the audit.
type entryOf struct {
	function string
	file     string
	fields   []string
}

// entries finds every composite literal of firm.Entry that is not empty.
func entries(t *testing.T) (list []entryOf) {
	t.Helper()
	for _, s := range sources(t) {
		f, err := parser.ParseFile(token.NewFileSet(), s.file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				literal, ok := n.(*ast.CompositeLit)
				if !ok || len(literal.Elts) == 0 || !isEntry(literal.Type, s.pkg) {
					return true
				}
				e := entryOf{function: s.pkg + "." + function.Name.Name, file: path.Base(s.file)}
				for _, elt := range literal.Elts {
					if pair, ok := elt.(*ast.KeyValueExpr); ok {
						e.fields = append(e.fields, pair.Key.(*ast.Ident).Name)
					}
				}
				list = append(list, e)
				return true
			})
		}
	}
	return list
}

func isEntry(t ast.Expr, pkg string) bool {
	switch t := t.(type) {
	case *ast.SelectorExpr:
		x, ok := t.X.(*ast.Ident)
		return ok && x.Name == "firm" && t.Sel.Name == "Entry"
	case *ast.Ident:
		return pkg == "firm" && t.Name == "Entry"
	}
	return false
}

func TestEveryAuditedChangeSaysWhatItWasAndWhatItIs(t *testing.T) {
	found := map[string]bool{}
	list := entries(t)
	for _, e := range list {
		if slices.Contains(e.fields, "Before") && slices.Contains(e.fields, "After") {
			continue
		}
		found[e.function] = true
		if oneSided[e.function] == "" {
			t.Errorf("%s (%s) audits only %v: say both, or why not", e.function, e.file, e.fields)
		}
	}
	for name := range oneSided {
		if !found[name] {
			t.Errorf("%s is in the table and audits both, or nothing", name)
		}
	}
	if len(list) < 30 {
		t.Errorf("only %d entries were found", len(list))
	}
}
