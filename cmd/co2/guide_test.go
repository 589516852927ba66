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

// TestGuideScriptWantsURL gives the script what people type.
func TestGuideScriptWantsURL(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	for _, url := range []string{"127.0.0.1:2003", "localhost", "http://", "ftp://127.0.0.1:2003", "http://[::1", "http://127.0.0.1:x", ""} {
		got := runProgram(t, cleanEnv(t), "", python, clients+"satellite.py", url)
		if want := "'" + url + "' is no URL of a relay; want one like http://127.0.0.1:2003\n"; got.code != 1 || got.err != want {
			t.Errorf("satellite.py %q: exit code %d, said %q, want %q", url, got.code, got.err, want)
		}
	}
}
