package main

import (
	"os"
	"strings"
	"testing"
)

func TestFiguresGoBetweenTheMarks(t *testing.T) {
	doc := "before\n" + figuresStart + "old\n" + figuresEnd + "after\n"
	got, err := replaceFigures([]byte(doc), "new\n")
	if want := strings.Replace(doc, "old", "new", 1); err != nil || string(got) != want {
		t.Errorf("replaceFigures = %q, %v, want %q", got, err, want)
	}
	for _, doc := range []string{"", figuresStart, figuresEnd + figuresStart} {
		if got, err := replaceFigures([]byte(doc), "new"); err == nil {
			t.Errorf("replaceFigures without marks = %q", got)
		}
	}
}

// TestDocument checks that the document can be renewed and is not left empty.
func TestDocument(t *testing.T) {
	doc, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := replaceFigures(doc, ""); err != nil {
		t.Error(err)
	}
	var b strings.Builder
	markdownRow(&b, columns)
	if !strings.Contains(string(doc), b.String()) {
		t.Errorf("%s has no line %s", documentPath, &b)
	}
}
