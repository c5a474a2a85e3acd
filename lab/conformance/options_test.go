package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryOptionOfTheDockerfileFrontendIsInTheTable reads the options from BuildKit's source, so that a newer
// BuildKit with an option more fails here.
func TestEveryOptionOfTheDockerfileFrontendIsInTheTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/frontend.md")
	if err != nil {
		t.Fatal(err)
	}
	options := optionsOf(t, "github.com/moby/buildkit/frontend/dockerui")
	if len(options) < 35 {
		t.Fatalf("only %d options were found: %v", len(options), options)
	}
	for _, option := range options {
		if !strings.Contains(string(page), "\n| `"+option) {
			t.Errorf("docs/frontend.md has no row for %s", option)
		}
	}
}

// optionsOf returns what a package calls keys and prefixes, and the literals by which it indexes options.
func optionsOf(t *testing.T, pkg string) []string {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				found = append(found, text)
			}
		}
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if i < len(n.Values) && (strings.HasPrefix(name.Name, "key") || strings.HasSuffix(name.Name, "Prefix")) {
						add(n.Values[i])
					}
				}
			case *ast.IndexExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "opts" {
					add(n.Index)
				}
			}
			return true
		})
	}
	return found
}
