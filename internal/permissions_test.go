package internal

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// nobodyAsks are the permissions that no act demands yet, each with why it is one all the same.
var nobodyAsks = map[string]string{
	"Disburse": "paying out of trust is no act yet; people are given or denied it now, so that the day it is one nobody has it by surprise",
}

// TestEveryPermissionIsAskedFor: a permission that the console offers and that no module demands protects nothing.
func TestEveryPermissionIsAskedFor(t *testing.T) {
	permissions := map[string]bool{}
	ast.Inspect(parsed(t, "firm/firm.go", nil), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Permission" {
				permissions[v.Names[0].Name] = true
			}
		}
		return true
	})
	asked := map[string]bool{}
	for _, s := range sources(t) {
		if !slices.Contains(domain, s.pkg) || s.file == "firm/firm.go" || s.file == "firm/roles.go" {
			continue
		}
		ast.Inspect(parsed(t, s.file, nil), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "firm" {
					asked[n.Sel.Name] = true
				}
			case *ast.Ident:
				asked[n.Name] = asked[n.Name] || strings.HasPrefix(s.file, "firm/")
			}
			return true
		})
	}
	if len(permissions) < 10 {
		t.Fatalf("only %v", slices.Sorted(maps.Keys(permissions)))
	}
	for p := range permissions {
		if _, argued := nobodyAsks[p]; argued == asked[p] {
			t.Errorf("%s: asked for %t, argued that nobody does %t", p, asked[p], argued)
		}
	}
}
