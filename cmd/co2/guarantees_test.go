package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuarantees holds docs/guarantees.md to its word: each command there
// runs tests that exist, and each part of make soak is one.
func TestGuarantees(t *testing.T) {
	page, err := os.ReadFile("../../docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), `\|`, "|")
	commands := regexp.MustCompile("`go test \\./(\\S+) -run '?([^'`]+)'?`").FindAllStringSubmatch(text, -1)
	if len(commands) < 10 {
		t.Errorf("%d commands are found in docs/guarantees.md, want more", len(commands))
	}
	for _, c := range commands {
		names := testsOf(t, "../../"+c[1])
		for _, part := range strings.Split(c[2], "|") {
			if !regexp.MustCompile("(?m)" + part).MatchString(names) {
				t.Errorf("no test of %s has a name with %s", c[1], part)
			}
		}
	}
	soak, err := os.ReadFile("../../.ci/soak")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range regexp.MustCompile(`PARTS="?([a-z ]+)`).FindAllStringSubmatch(text, -1) {
		for _, part := range strings.Fields(c[1]) {
			if !strings.Contains(string(soak), "\n\t"+part+") ") {
				t.Errorf("%s is no part of .ci/soak", part)
			}
		}
	}
}

// testsOf are the names of a folder's tests, one a line.
func testsOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1])
		}
	}
	return strings.Join(names, "\n")
}
