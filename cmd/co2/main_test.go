package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "co2-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "co2")
	args := []string{"build", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// cleanEnv is the environment of a program under test: nothing of the
// person's own settings, and a home of its own.
func cleanEnv(t *testing.T, more ...string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "CO2_") && !strings.HasPrefix(kv, "XDG_") && !strings.HasPrefix(kv, "HOME=") {
			env = append(env, kv)
		}
	}
	return append(append(env, "HOME="+t.TempDir(), "COLUMNS=", "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "GORACE=atexit_sleep_ms=0", "CO2_LOG_FORMAT=text"), more...)
}

// needPython returns a Python to run clients with. It may be missing on a
// person's machine, never in CI.
func needPython(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("python3 is needed in CI: %v", err)
	}
	t.Skipf("no python3 here: %v", err)
	return ""
}

const clients = "../../testdata/clients/"
