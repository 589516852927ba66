package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// documentPath is where -write puts the figures: between two marks, so that
// the words around them stay.
const documentPath = root + "/docs/benchmarks.md"

const (
	figuresStart = "<!-- figures: written by make bench BENCH=-write, not by hand -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// write puts the report between the marks of a file.
func (r report) write(path string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	doc, err = replaceFigures(doc, r.markdown())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, doc, 0o644)
}

func replaceFigures(doc []byte, figures string) ([]byte, error) {
	before, rest, found := bytes.Cut(doc, []byte(figuresStart))
	_, after, ended := bytes.Cut(rest, []byte(figuresEnd))
	if !found || !ended {
		return nil, fmt.Errorf("no marks %q and %q", figuresStart, figuresEnd)
	}
	return []byte(string(before) + figuresStart + figures + figuresEnd + string(after)), nil
}

func (r report) markdown() string {
	var b strings.Builder
	for _, c := range r.conditions() {
		fmt.Fprintf(&b, "%s.  \n", c)
	}
	fmt.Fprintf(&b, "**%s.**\n\n", r.summary())
	markdownRow(&b, columns)
	b.WriteString(strings.Repeat("| --- ", len(columns)) + "|\n")
	for _, l := range r.Rows {
		markdownRow(&b, l.cells())
	}
	return b.String()
}

func markdownRow(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}
