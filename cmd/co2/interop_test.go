package main_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/reference/interop.md and the calls in testdata/rpc/clients anew")

// interopClients are the libraries, each a folder of testdata/clients.
var interopClients = []string{
	"python", "perl-rpc-xml", "perl-xmlrpc-lite", "perl-frontier", "xmlrpc-c", "xmlrpc-cli",
	"ruby", "php", "tcl", "java-axmlrpc", "node", "kolo",
}

// interopChecks are what each is asked (testdata/clients/README.md), in order.
var interopChecks = []string{
	"int", "negative", "i8", "boolean", "string", "markup", "unicode", "astral", "empty-string", "spaces", "double",
	"datetime", "base64", "array", "empty-array", "struct", "empty-struct", "nested", "nil", "list", "fault", "multicall",
}

// interopExceptions are the checks that a client fails through a fault of its
// own, and the rules of xmlrpc.md that say so.
var interopExceptions = map[[2]string]string{
	{"xmlrpc-c", "astral"}:   "refuses characters above U+FFFF, in both directions (V-STR-2)",
	{"xmlrpc-cli", "astral"}: "as xmlrpc-c, whose program it is (V-STR-2)",
	{"tcl", "markup"}:        "writes `<` and `&` as they are, so the call is no XML; does not decode entities (section 11; X6)",
	{"node", "i8"}:           "gives an i8 back as a string (section 11; baalexander/node-xmlrpc#21)",
}

// An outcome is how a check went: ok, no (it failed) or na (the client cannot
// express it), and why.
type outcome struct{ word, why string }

// A report is what a client told.
type report struct {
	version  string
	outcomes map[string]outcome // by check, and "satellite"
}

// TestInterop lets every client call a relay and be its satellite, and holds
// the outcome to docs/reference/interop.md.
func TestInterop(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--rate", "0")
	committed := readMatrix(t)
	var mu sync.Mutex
	reports := map[string]report{}
	t.Cleanup(func() {
		if *update && len(reports) == len(interopClients) {
			writeMatrix(t, reports)
		}
	})
	for _, name := range interopClients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := missing(t, name); why != "" {
				t.Skip(why)
			}
			told := callAll(t, name, relay)
			told.outcomes["satellite"] = heardAsSatellite(t, name, relay)
			mustHold(t, name, told)
			if *update {
				mu.Lock()
				defer mu.Unlock()
				reports[name] = told
				return
			}
			for check, o := range told.outcomes {
				if got, want := o.tick(), committed[name][check]; got != want {
					t.Errorf("%s: %s is %s %s, docs/reference/interop.md says %q; -update writes it anew", name, check, got, o.why, want)
				}
			}
		})
	}
}

// mustHold fails for each check that went wrong, and for each exception that
// is none any more.
func mustHold(t *testing.T, name string, told report) {
	t.Helper()
	for check, o := range told.outcomes {
		reason, excepted := interopExceptions[[2]string{name, check}]
		if failed := o.word == "no"; failed && !excepted {
			t.Errorf("%s: %s failed: %s", name, check, o.why)
		} else if !failed && excepted {
			t.Errorf("%s: %s is %s, but is excepted because it %s", name, check, o.word, reason)
		}
	}
}

// missing says what a client lacks on this machine. In CI nothing may.
func missing(t *testing.T, name string) string {
	t.Helper()
	table, err := os.ReadFile(clients + "PACKAGES.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		part := strings.Fields(line)
		if part[0] != name {
			continue
		}
		if _, err := exec.LookPath(part[1]); err == nil {
			continue
		}
		if _, err := os.Stat(part[1]); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed in CI: Debian's package %s", part[1], part[2])
		}
		return "no " + part[1] + " here; .ci/install-tools installs it"
	}
	return ""
}

// clientCommand runs a client with the person's own settings: its tools keep
// their caches at home.
func clientCommand(ctx context.Context, name, job, url string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, clients+name+"/run", job, url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// callAll runs a client's calls. With -update what it sends is kept.
func callAll(t *testing.T, name string, relay *server) report {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	url := relay.url + "/RPC2"
	var kept *recorder
	if *update && name != "xmlrpc-cli" { // which sends what xmlrpc-c does
		kept = startRecorder(t, relay.addr(), func() string { return checkUnderWay(out.Name()) })
		url = kept.url()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // some are compiled first
	defer cancel()
	cmd := clientCommand(ctx, name, "calls", url)
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, &errs)
	}
	printed, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	if kept != nil {
		kept.save(t, "../../testdata/rpc/clients/"+name)
	}
	return parseReport(t, name, string(printed))
}

// checkUnderWay is the check whose line a client prints next.
func checkUnderWay(path string) string {
	printed, err := os.ReadFile(path)
	if n := bytes.Count(printed, []byte("\n")); err == nil && 0 < n && n <= len(interopChecks) {
		return interopChecks[n-1]
	}
	return "unknown"
}

func parseReport(t *testing.T, name, printed string) report {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	version, ok := strings.CutPrefix(lines[0], "version ")
	if !ok {
		t.Fatalf("%s printed %q, want its version first", name, lines[0])
	}
	told := report{version, map[string]outcome{}}
	var checks []string
	for _, line := range lines[1:] {
		word, rest, _ := strings.Cut(line, " ")
		check, why, _ := strings.Cut(rest, " ")
		if word != "ok" && why == "" || !slices.Contains([]string{"ok", "no", "na"}, word) {
			t.Fatalf("%s printed %q, want ok CHECK, no CHECK WHY or na CHECK WHY", name, line)
		}
		checks = append(checks, check)
		told.outcomes[check] = outcome{word, why}
	}
	if !slices.Equal(checks, interopChecks) {
		t.Fatalf("%s made the checks %q, want %q", name, checks, interopChecks)
	}
	return told
}
