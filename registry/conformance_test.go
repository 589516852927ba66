package registry_test

import (
	"bytes"
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"co2/registry"
	"co2/registry/conformance"
	"co2/registry/door"
)

var (
	suiteURL   = flag.String("url", "", "judge this server instead of our own: an http or https URL")
	suiteLevel = flag.String("level", "co2", "hold it to this level: spec, convention or co2")
	suiteQuick = flag.Bool("quick", false, "leave the limits out, which take seconds and megabytes")
	suiteEcho  = flag.String("echo", "", "a method of it that returns the struct it is given, if it has neither test nor validator1.echoStructTest")
	report     = flag.String("report", "", "write the results to this file, in Markdown")
)

const conformanceDoc = "../docs/reference/conformance.md"

// TestConformance holds a server to the whole suite: our own, or with -url one
// that runs somewhere.
func TestConformance(t *testing.T) {
	level, err := conformance.ParseLevel(*suiteLevel)
	if err != nil {
		t.Fatal(err)
	}
	ours := *suiteURL == ""
	url := *suiteURL
	if ours {
		url = "http://" + serve(t, registry.Config{}, registry.Validator()...).addr + "/RPC2"
	}
	target, err := conformance.Open(url, *suiteEcho, patienceFor(ours))
	if err != nil {
		t.Fatal(err)
	}
	judge := &conformance.Judge{Target: target, Level: level, Exact: ours, Quick: *suiteQuick || testing.Short()}
	results := tryAll(t, judge, ours)
	for _, r := range judge.Habits() {
		t.Run(r.Name(), func(t *testing.T) { tell(t, r) })
		results = append(results, r)
	}
	var table bytes.Buffer
	conformance.Table(&table, results)
	if *report != "" {
		writeFile(t, *report, "# Conformance of "+url+"\n"+table.String())
	}
	if !ours {
		conformance.Summary(os.Stdout, results)
		return
	}
	if level == conformance.CO2 && !judge.Quick && allRan(results) {
		wantDoc(t, conformanceIntro(results)+table.String())
	}
}

// TestSuiteOverTLS holds our own server to all but the limits over TLS.
func TestSuiteOverTLS(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // it has a certificate of its own
	defer certified.Close()
	cfg := registry.Config{Door: door.Config{TLS: &tls.Config{Certificates: certified.TLS.Certificates}}}
	s := serve(t, cfg, registry.Validator()...)
	target, err := conformance.Open("https://"+s.addr+"/RPC2", "", patienceFor(true))
	if err != nil {
		t.Fatal(err)
	}
	judge := &conformance.Judge{Target: target, Level: conformance.CO2, Exact: true, Quick: true}
	results := tryAll(t, judge, true)
	if count := conformance.Tally(append(results, judge.Habits()...)); count.Failed > 0 || count.Passed < 700 {
		t.Errorf("over TLS %v, want all to pass", count)
	}
}

// patienceFor is longer for our own server, which is asked in parallel.
func patienceFor(ours bool) time.Duration {
	if ours {
		return time.Minute
	}
	return conformance.Patience
}

// tryAll tries every case in a test of its own. Our own server gets them side
// by side, one of others may know only one connection at a time.
func tryAll(t *testing.T, judge *conformance.Judge, parallel bool) []conformance.Result {
	cases := conformance.Cases(judge.Level)
	results := make([]conformance.Result, len(cases))
	t.Run("cases", func(t *testing.T) {
		for i, c := range cases {
			t.Run(c.Name(), func(t *testing.T) {
				if parallel && !c.Alone {
					t.Parallel()
				}
				results[i] = judge.Try(c)
				tell(t, results[i])
			})
		}
	})
	return results
}

func tell(t *testing.T, r conformance.Result) {
	t.Helper()
	switch r.Outcome {
	case conformance.Failed:
		t.Errorf("rule %s (%s): %s\nsent     %s\nexpected %s\ngot      %s", r.Rule, r.Level, r.Words, r.Difference.Sent, r.Difference.Want, r.Difference.Got)
	case conformance.NotApplicable:
		t.Skip(r.Why)
	}
}

// allRan is false when -run picked only some of the cases.
func allRan(results []conformance.Result) bool {
	return !slices.ContainsFunc(results, func(r conformance.Result) bool { return r.Outcome == "" })
}

func conformanceIntro(results []conformance.Result) string {
	return fmt.Sprintf(`# Conformance

How a co2 server with `+"`--validator`"+` does in our own conformance suite, rule by rule. The test that runs the suite
writes this table (`+"`go test ./registry -run Conformance -update`"+`) and holds the server to it.
[Testing other servers](../guides/test-a-server.md) tells how to use the suite on yours, and what the levels mean.

%s.
`, strings.Replace(conformance.Tally(results).String(), "pass", "cases pass", 1))
}

// wantDoc holds the results to the table in the docs.
func wantDoc(t *testing.T, got string) {
	t.Helper()
	if *update {
		writeFile(t, conformanceDoc, got)
	}
	want, err := os.ReadFile(conformanceDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	have := slices.Collect(strings.Lines(string(want)))
	for line := range strings.Lines(got) {
		if !slices.Contains(have, line) {
			t.Errorf("%s lacks the line\n%s", conformanceDoc, line)
		}
	}
	t.Errorf("%s is not the table of this run; renew it with -update and look at what changed", conformanceDoc)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
