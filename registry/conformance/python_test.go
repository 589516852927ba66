package conformance_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"co2/registry/conformance"
)

// pythonDiffers lists where Python's own server is known to leave the public
// text, and how.
var pythonDiffers = map[string]string{
	"H2 the absolute form of a target":                     "404: it compares the whole target with its paths",
	"H4 HTTP/1.1 without Host":                             "it never looks at Host",
	"H4 two Hosts":                                         "likewise",
	"H10 chunked":                                          "500: it needs Content-Length",
	"H10 Chunked, in any case":                             "likewise",
	"H14 chunks of one octet":                              "likewise",
	"H14 one chunk":                                        "likewise",
	"H14 extensions of a chunk are ignored":                "likewise",
	"H14 trailers are ignored":                             "likewise",
	"H14 leading zeros of a size":                          "likewise",
	"H15 a body that ends early":                           "what came is taken for the whole",
	"H24 Expect: 100-continue":                             "it answers as HTTP/1.0 and never says 100 Continue",
	"X1 charset wins over the declaration":                 "it passes the octets to the parser, without the charset",
	"X11 a CR by reference is kept":                        "it writes CR as it is, and readers make LF of it",
	"X17 what is escaped and what is not":                  "likewise",
	"V-DBL-3 always: doubles have a point and no exponent": "it writes 1e-06",
}

// TestSuiteFindsDifferences runs the suite against a server of others, with
// all it says of the public text, and has it find what is known.
func TestSuiteFindsDifferences(t *testing.T) {
	target, err := conformance.Open(startPython(t), "", 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	judge := &conformance.Judge{Target: target, Level: conformance.Spec}
	var results []conformance.Result
	for _, c := range conformance.Cases(conformance.Spec) {
		results = append(results, judge.Try(c))
	}
	results = append(results, judge.Habits()...)
	failed := map[string]bool{}
	for _, r := range results {
		if r.Outcome != conformance.Failed {
			continue
		}
		failed[r.Name()] = true
		if r.Difference.Sent == "" || r.Difference.Want == "" || r.Difference.Got == "" {
			t.Errorf("%s failed without telling how: %+v", r.Name(), r.Difference)
		}
		if pythonDiffers[r.Name()] == "" {
			t.Logf("not in the list: %s: %+v", r.Name(), r.Difference) // other Pythons may differ
		}
	}
	for name, how := range pythonDiffers {
		if !failed[name] {
			t.Errorf("%s passed, want it to fail: %s", name, how)
		}
	}
	if count := conformance.Tally(results); count.Passed < 150 || count.Failed > 2*len(pythonDiffers) {
		t.Errorf("%v, want that Python's server is found to follow most of the public text", count)
	}
}

// startPython runs Python's server until the test ends, and returns its URL.
func startPython(t *testing.T) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("python3 is needed in CI: %v", err)
	}
	if err != nil {
		t.Skipf("no python3 here: %v", err)
	}
	cmd := exec.Command(python, "testdata/python_server.py")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // it serves until then
		cmd.Wait()
	})
	stuck := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the port of Python's server: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port) + "/RPC2"
}
