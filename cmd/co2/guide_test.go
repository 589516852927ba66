package main_test

import (
	"os"
	"strings"
	"testing"
)

// TestGuide holds the guide to the script that the other tests run.
func TestGuide(t *testing.T) {
	script, err := os.ReadFile(clients + "satellite.py")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../docs/guides/join-from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(guide), "```python\n")
	block, _, ended := strings.Cut(block, "```\n")
	if !ended || block != string(script) {
		t.Errorf("the guide shows\n%s\nwant testdata/clients/satellite.py:\n%s", block, script)
	}
}
