package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// An importRule says which of our packages one may need, and why no others.
type importRule struct {
	pkg, reason string
	may         []string
}

// TestImports holds the picture of docs/architecture.md: which of our
// packages each may need, directly or through others.
func TestImports(t *testing.T) {
	rules := []importRule{
		{"co2/methods", "the table knows nothing of the wire, so that scripts and other doors can use it", nil},
		{"co2/methods/wire", "the codec serves every server and client alike", []string{"co2/methods"}},
		{"co2/registry/web", "pages declare the data they show; who has it adapts it",
			[]string{"co2/methods", "co2/methods/wire"}},
		{"co2/registry/door", "the HTTP below knows nothing of XML-RPC, so that it can be judged as HTTP", nil},
		{"co2/registry/conformance", "the suite judges servers, ours too, so it shares no code with any", nil},
		{"co2/docs/operate", "a text for operators, as it stands in the docs", nil},
		{"co2/registry", "a server is the same for relay and satellite, so it knows of neither",
			[]string{"co2/methods", "co2/methods/wire", "co2/registry/door", "co2/registry/web"}},
		{"co2/relay", "the relay reaches the network through its Carrier and is served by whoever has a door; it needs none of them in a test",
			[]string{"co2/methods", "co2/methods/wire"}},
		{"co2/relay/courier", "one way to carry calls; the relay never imports it",
			[]string{"co2/methods", "co2/methods/wire", "co2/relay"}},
		{"co2/relay/history", "one way to remember what a relay does; the relay never imports it",
			[]string{"co2/methods", "co2/methods/wire", "co2/relay"}},
		{"co2/discovery", "polo and marco serve programs that have no relay at all",
			[]string{"co2/methods", "co2/discovery/internal/closing", "co2/discovery/internal/folder", "co2/discovery/internal/spelling"}},
		{"co2/discovery/internal/folder", "files of users are reached in one way, whoever wants them", nil},
		{"co2/discovery/internal/spelling", "old readers need one spelling, whoever writes to them", nil},
		{"co2/discovery/internal/closing", "a socket ends in one way, whoever waits at it", nil},
		{"co2/discovery/binding", "the local doors of a polo, and the way through them, for programs that have no relay at all",
			[]string{"co2/discovery", "co2/discovery/internal/closing", "co2/discovery/internal/folder", "co2/discovery/internal/spelling", "co2/methods"}},
		{"co2/satellite", "the far end is a program of its own: it knows the relay by its protocol alone",
			[]string{"co2/methods", "co2/methods/wire", "co2/registry", "co2/registry/door", "co2/registry/web"}},
	}
	needs := ourImports(t)
	for _, r := range rules {
		for _, dep := range needs[r.pkg] {
			if !slices.Contains(r.may, dep) {
				t.Errorf("%s needs %s, but %s", r.pkg, dep, r.reason)
			}
		}
	}
	for pkg, deps := range needs {
		if pkg != "co2/cmd/co2" && !slices.ContainsFunc(rules, func(r importRule) bool { return r.pkg == pkg }) {
			t.Errorf("%s has no rule here; put it into the picture of docs/architecture.md and into this test", pkg)
		}
		if slices.Contains(deps, "co2/cmd/co2") {
			t.Errorf("%s needs cmd/co2, which is where the parts meet and no part itself", pkg)
		}
	}
}

// ourImports lists for each of our packages which others of ours it needs,
// directly or through others. Tests may need more.
func ourImports(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	needs := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if ours(words[0]) {
			needs[words[0]] = slices.DeleteFunc(words[1:], func(dep string) bool { return !ours(dep) })
		}
	}
	return needs
}

func ours(pkg string) bool { return strings.HasPrefix(pkg, "co2/") }
