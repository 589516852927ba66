package discovery_test

import (
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"co2/discovery"
)

// inNamespace is set in the environment of a test that runs itself again in a
// network namespace of its own, which ends with it.
const inNamespace = "CO2_TEST_IN_NAMESPACE"

// apart runs the test in a network namespace and returns false, or, inside of
// one, true.
func apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inNamespace) != "" {
		return true
	}
	for _, tool := range []string{"unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, tool, err)
		}
	}
	namespace := []string{"--net"}
	if os.Geteuid() != 0 {
		namespace = []string{"--map-root-user", "--net"}
	}
	if err := exec.Command("unshare", append(namespace, "ip", "link", "set", "lo", "up")...).Run(); err != nil {
		missing(t, "network namespaces", err)
	}
	again := exec.CommandContext(t.Context(), "unshare", append(namespace, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")...)
	again.Env = append(os.Environ(), inNamespace+"=1")
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("in a network namespace: %v\n%s", err, out)
	}
	return false
}

// D18, D2: over real interfaces that come, go and come again, a Polo is found
// in both groups, and asked at its address, as soon as it says it is.
func TestRealInterfacesComeAndGo(t *testing.T) {
	t.Parallel()
	if !apart(t) {
		return
	}
	ip(t, "link", "set", "lo", "up")
	told := make(chan discovery.PoloStats, 100)
	runPolo(t, discovery.PoloConfig{
		Interfaces: discovery.NamedInterfaces("polo0"), Hostname: "polohost",
		Changed: func(s discovery.PoloStats) { told <- s },
	})
	hears := func(want bool) {
		t.Helper()
		for deadline := time.After(time.Minute); ; {
			select {
			case s := <-told:
				if joined := len(s.Groups[0].Interfaces) == 1; joined == want && (s.Trouble == nil) == want {
					return
				}
			case <-deadline:
				t.Fatalf("the Polo does not say that it hears: %t", want)
			}
		}
	}
	hears(false)
	for range 2 {
		ip(t, "link", "add", "polo0", "type", "veth", "peer", "name", "marco0")
		ip(t, "addr", "add", "10.77.0.1/24", "dev", "polo0")
		ip(t, "link", "set", "marco0", "up")
		ip(t, "link", "set", "polo0", "up")
		hears(true)
		for _, group := range discovery.DefaultGroups() {
			found(t, discovery.Query{Groups: []netip.Addr{group}})
		}
		found(t, discovery.Query{Node: "10.77.0.1"})
		ip(t, "link", "del", "polo0")
		hears(false)
	}
}

func found(t *testing.T, q discovery.Query) {
	t.Helper()
	q.Service, q.Timeout, q.Retries, q.MaxNodes = "printer", time.Minute, 10, 1
	nodes, err := discovery.Find(t.Context(), q)
	if err != nil || !slices.ContainsFunc(nodes, func(n discovery.Node) bool { return n.Addr == netip.MustParseAddr("10.77.0.1") }) {
		t.Errorf("Find %+v = %v, %v, want 10.77.0.1", q, nodes, err)
	}
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %q: %v\n%s", args, err, out)
	}
}
