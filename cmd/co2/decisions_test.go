package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDiscoveryReference holds the table of MarcoPolo's decisions to its word:
// each of D1 to D55 is there once, and every test it names exists.
func TestDiscoveryReference(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/discovery.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for prefix, dir := range map[string]string{"": "../../discovery", "binding.": "../../discovery/binding", "co2.": "."} {
		for _, name := range testNames(t, dir) {
			tests[prefix+name] = true
		}
	}
	seen := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (D\d+) \| (.*) \| (.*) \|$`).FindAllStringSubmatch(string(doc), -1) {
		d, words, shown := row[1], row[2], row[3]
		if seen[d] || len(words) < 10 {
			t.Errorf("%s is there twice, or says nothing: %q", d, words)
		}
		seen[d] = true
		for name := range strings.SplitSeq(shown, ", ") {
			if !tests[name] {
				t.Errorf("%s is said to be shown by %q, which is no test", d, name)
			}
		}
	}
	for i := 1; i <= 55; i++ {
		if d := "D" + strconv.Itoa(i); !seen[d] {
			t.Errorf("%s is not in docs/reference/discovery.md", d)
		}
		delete(seen, "D"+strconv.Itoa(i))
	}
	if len(seen) > 0 {
		t.Errorf("%v are no decisions of MarcoPolo", seen)
	}
}

// testNames are the tests and fuzz targets of a folder.
func testNames(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			names = append(names, f[1])
		}
	}
	return names
}
