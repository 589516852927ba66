package relay

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// Every code of an event has words for people.
func TestCodesHaveWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				code := Code(spec.Values[0].(*ast.BasicLit).Value)
				codes++
				if code = code[1 : len(code)-1]; code.Words() == "" {
					t.Errorf("%s has no words", code)
				}
			}
		}
		return true
	})
	if codes != len(words) {
		t.Errorf("%d codes, and words for %d", codes, len(words))
	}
}
