package main_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"co2/methods/wire"
)

// needTool returns where a program is. The test is skipped where it is
// missing, which it must not be in CI.
func needTool(t *testing.T, name string) string {
	t.Helper()
	for _, name := range []string{name, "/usr/sbin/" + name} { // not everybody has that in the path
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed in CI", name)
	}
	t.Skipf("no %s here", name)
	return ""
}

// TestUnitsAreSound has systemd read the units as they are shipped, with the
// program where it is here.
func TestUnitsAreSound(t *testing.T) {
	t.Parallel()
	analyze := needTool(t, "systemd-analyze")
	for _, unit := range []string{"../../docs/operate/co2-relay.service", "../../docs/guides/co2-polo.service"} {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("/usr/local/bin/co2 ")) {
			t.Fatalf("%s does not start /usr/local/bin/co2", unit)
		}
		file := filepath.Join(t.TempDir(), filepath.Base(unit))
		if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("/usr/local/bin/co2 "), []byte(binary+" ")), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}

// TestLogrotate rotates the access log as co2.logrotate says, again and again,
// while calls come in: each has its line, once, and none is in a file that was
// rotated before the call was made.
func TestLogrotate(t *testing.T) {
	t.Parallel()
	logrotate := needTool(t, "logrotate")
	dir := t.TempDir()
	logs, config, state := filepath.Join(dir, "logs"), filepath.Join(dir, "co2.logrotate"), filepath.Join(dir, "state")
	file := filepath.Join(logs, "access.log")
	relay := startRelay(t, "--access-log", file, "--log-format", "json")
	text, err := os.ReadFile("../../docs/operate/co2.logrotate")
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.NewReplacer("/var/log/co2/access.log", file, "systemctl reload co2-relay", "kill -HUP "+strconv.Itoa(relay.cmd.Process.Pid)).Replace(string(text))
	if !strings.Contains(rules, file) || !strings.Contains(rules, "kill -HUP") {
		t.Fatalf("co2.logrotate has changed: %s", rules)
	}
	if err := os.WriteFile(config, []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}

	const callers, rotations = 4, 5
	var calls atomic.Int64
	var round atomic.Int64 // rotations that are over
	ctx, stop := context.WithCancel(t.Context())
	var calling sync.WaitGroup
	for range callers {
		calling.Go(func() {
			client := wire.Client{URL: relay.url + "/RPC2"}
			for ctx.Err() == nil {
				client.Call(t.Context(), fmt.Sprintf("no.method.%d.%d", round.Load(), calls.Add(1)), nil)
			}
		})
	}
	for i := range int64(rotations) {
		before := calls.Load()
		eventually(t, "calls are made", func() bool { return calls.Load() > before+20 })
		if out, err := exec.Command(logrotate, "--force", "--state", state, config).CombinedOutput(); err != nil {
			t.Fatalf("logrotate: %v\n%s", err, out)
		}
		relay.said("LOG-REOPEN")
		round.Store(i + 1)
	}
	before := calls.Load()
	eventually(t, "calls are made", func() bool { return calls.Load() > before+20 })
	stop()
	calling.Wait()
	relay.stop()

	seen := map[string]bool{}
	for age := range rotations + 1 {
		oldest := rotations - age // the file of access.log.5.gz holds the first calls
		for line := range strings.Lines(readRotated(t, file, oldest)) {
			var l struct{ Call string }
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if seen[l.Call] {
				t.Errorf("%s has two lines", l.Call)
			}
			seen[l.Call] = true
			if begun, err := strconv.Atoi(strings.Split(l.Call, ".")[2]); err != nil || begun > age {
				t.Errorf("%s, made after %d rotations, is in the file of %d (%v)", l.Call, begun, age, err)
			}
		}
	}
	if int64(len(seen)) != calls.Load() {
		t.Errorf("%d calls have a line, of %d", len(seen), calls.Load())
	}
}

// readRotated reads the file that was rotated so many times.
func readRotated(t *testing.T, file string, times int) string {
	t.Helper()
	if times > 0 {
		file += "." + strconv.Itoa(times)
	}
	if times > 1 {
		file += ".gz"
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if times < 2 {
		return string(text)
	}
	packed, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
