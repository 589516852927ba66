package main_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The matrix of docs/reference/interop.md is between these lines.
const (
	matrixPath  = "../../docs/reference/interop.md"
	matrixBegin = "<!-- written by: go test ./cmd/co2 -run 'TestInterop$' -update -->\n"
	matrixEnd   = "<!-- end -->\n"
)

func (o outcome) tick() string {
	return map[string]string{"ok": "✓", "no": "✗", "na": "–"}[o.word]
}

// matrixRows are the checks in the order of the matrix.
func matrixRows() []string { return append(slices.Clone(interopChecks), "satellite") }

// cutMatrix divides the document.
func cutMatrix(t *testing.T) (before, matrix, after string) {
	t.Helper()
	doc, err := os.ReadFile(matrixPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(doc), matrixBegin)
	matrix, after, ended := strings.Cut(rest, matrixEnd)
	if !begun || !ended {
		t.Fatalf("%s has no part between %q and %q", matrixPath, matrixBegin, matrixEnd)
	}
	return before, matrix, after
}

// readMatrix returns the committed ticks by client and check.
func readMatrix(t *testing.T) map[string]map[string]string {
	t.Helper()
	_, matrix, _ := cutMatrix(t)
	ticks := map[string]map[string]string{}
	var names []string
	for line := range strings.Lines(matrix) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		if cells[0] == "check" {
			names = cells[1:]
			for _, name := range names {
				ticks[name] = map[string]string{}
			}
		} else if slices.Contains(matrixRows(), cells[0]) && len(cells) == len(names)+1 {
			for i, name := range names {
				ticks[name][cells[0]] = cells[i+1]
			}
		}
	}
	if !*update && !slices.Equal(names, interopClients) {
		t.Errorf("%s is about %q, want %q", matrixPath, names, interopClients)
	}
	return ticks
}

// writeMatrix writes the document's part anew.
func writeMatrix(t *testing.T, reports map[string]report) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| check | " + strings.Join(interopClients, " | ") + " |\n| ---" + strings.Repeat(" | :-:", len(interopClients)) + " |\n")
	for _, check := range matrixRows() {
		fmt.Fprintf(&b, "| `%s` |", check)
		for _, name := range interopClients {
			fmt.Fprintf(&b, " %s |", reports[name].outcomes[check].tick())
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| client | ran as |\n| --- | --- |\n")
	for _, name := range interopClients {
		fmt.Fprintf(&b, "| %s | %s |\n", name, reports[name].version)
	}
	b.WriteString("\n| | client | check | why |\n| --- | --- | --- | --- |\n")
	for _, word := range []string{"no", "na"} {
		for _, name := range interopClients {
			for _, check := range matrixRows() {
				if o := reports[name].outcomes[check]; o.word == word {
					fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", o.tick(), name, check, whyInMatrix(name, check, o))
				}
			}
		}
	}
	before, _, after := cutMatrix(t)
	if err := os.WriteFile(matrixPath, []byte(before+matrixBegin+b.String()+matrixEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// whyInMatrix prefers our words for a failure to the client's, which may hold
// addresses and the like.
func whyInMatrix(name, check string, o outcome) string {
	if reason, is := interopExceptions[[2]string{name, check}]; is {
		return reason
	}
	return strings.NewReplacer("<", "&lt;", "|", "&#124;").Replace(o.why)
}
