package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codeForm is what a code of the log looks like.
var codeForm = regexp.MustCompile(`^[A-Z]{3,}(-[A-Z]{2,})+$`)

// TestEveryCodeIsExplained compares the codes in the program with
// docs/operate/events.md, both ways, and looks for lines without a code.
func TestEveryCodeIsExplained(t *testing.T) {
	inCode := map[string]string{} // where
	files := token.NewFileSet()
	for _, dir := range []string{".", "../../relay", "../../registry", "../../discovery", "../../satellite"} {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "conformance") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					if code, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && codeForm.MatchString(code) {
						inCode[code] = files.Position(n.Pos()).String()
					}
				case *ast.CallExpr:
					if isLogLine(n) && !slices.ContainsFunc(n.Args, isCodeKey) {
						t.Errorf("%s: a line of the log without a code", files.Position(n.Pos()))
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	doc, err := os.ReadFile("../../docs/operate/events.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z-]+)` \\| (.+) \\| (.+) \\| (.+) \\|$").FindAllStringSubmatch(string(doc), -1) {
		if explained[row[1]] {
			t.Errorf("events.md explains %s twice", row[1])
		}
		explained[row[1]] = true
		if inCode[row[1]] == "" {
			t.Errorf("events.md explains %s, which nothing says", row[1])
		}
	}
	if len(inCode) < 50 {
		t.Errorf("found only %d codes: %v", len(inCode), inCode)
	}
	for code, where := range inCode {
		if !explained[code] {
			t.Errorf("%s: %s is not in docs/operate/events.md", where, code)
		}
	}
}

// isLogLine reports whether a call writes a line of the log in words of its
// own, and does not pass on those of others.
func isLogLine(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || call.Ellipsis.IsValid() || len(call.Args) < 2 {
		return false
	}
	text := call.Args[0]
	switch f.Sel.Name {
	case "Debug", "Info", "Warn", "Error", "warn", "info", "debug":
	case "tell", "say":
		text = call.Args[1]
	default:
		return false
	}
	for {
		sum, ok := text.(*ast.BinaryExpr)
		if !ok {
			break
		}
		text = sum.X
	}
	lit, ok := text.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && lit.Value != `""`
}

func isCodeKey(arg ast.Expr) bool {
	lit, ok := arg.(*ast.BasicLit)
	return ok && lit.Value == `"code"`
}
