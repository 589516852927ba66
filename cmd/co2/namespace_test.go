package main_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A namespace is a network of its own on this host, made by the test and taken
// down after it, also when it fails. At first it has a loopback that is down.
type namespace struct {
	t    *testing.T
	name string
}

// namespaces counts those this test process made, for their names.
var namespaces atomic.Int64

// namespacePrefix starts the names; the process that made one follows.
const namespacePrefix = "co2test-"

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	needNamespaces(t)
	sweepNamespaces(t)
	n := &namespace{t, fmt.Sprintf("%s%d-%d", namespacePrefix, os.Getpid(), namespaces.Add(1))}
	ip(t, "netns", "add", n.name)
	t.Cleanup(func() { ip(t, "netns", "del", n.name) })
	return n
}

// needNamespaces skips the test where the system lets nobody make networks:
// away from Linux, for users who are not root, in most containers. Who has the
// rights and no ip, or not the rights ip needs, fails in CI.
func needNamespaces(t *testing.T) {
	t.Helper()
	if !mayMakeNamespaces() {
		t.Skip("network namespaces need Linux and the rights CAP_SYS_ADMIN and CAP_NET_ADMIN; discovery is tried on loopback alone here")
	}
	_, err := exec.LookPath("ip")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("the tests may make networks, but cannot: %v; make install-tools brings it", err)
	}
	if err != nil {
		t.Skipf("no networks without ip of iproute2: %v", err)
	}
}

// mayMakeNamespaces reads the rights of this process.
func mayMakeNamespaces() bool {
	const netAdmin, sysAdmin = 1 << 12, 1 << 21 // linux/capability.h
	status, err := os.ReadFile("/proc/self/status")
	if runtime.GOOS != "linux" || err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(status), "\nCapEff:\t")
	line, _, _ := strings.Cut(rest, "\n")
	rights, err := strconv.ParseUint(line, 16, 64)
	return err == nil && rights&(netAdmin|sysAdmin) == netAdmin|sysAdmin
}

// sweepNamespaces takes down what test processes left that were killed.
func sweepNamespaces(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(ip(t, "netns", "list")) {
		name := strings.Fields(line)[0]
		var maker, number int
		if _, err := fmt.Sscanf(name, namespacePrefix+"%d-%d", &maker, &number); err != nil {
			continue
		}
		if errors.Is(syscall.Kill(maker, 0), syscall.ESRCH) {
			exec.Command("ip", "netns", "del", name).Run() // another test may be first
		}
	}
}

// ip runs ip of iproute2.
func ip(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// ip runs ip inside the namespace.
func (n *namespace) ip(args ...string) {
	n.t.Helper()
	ip(n.t, append([]string{"-n", n.name}, args...)...)
}

// up brings an interface up.
func (n *namespace) up(names ...string) {
	n.t.Helper()
	for _, name := range names {
		n.ip("link", "set", name, "up")
	}
}

// cable joins two namespaces by a cable whose ends are called name and are
// down, with these addresses.
func cable(a, b *namespace, name, addressA, addressB string) {
	a.t.Helper()
	ip(a.t, "link", "add", name, "netns", a.name, "type", "veth", "peer", "name", name, "netns", b.name)
	a.ip("address", "add", addressA, "dev", name)
	b.ip("address", "add", addressB, "dev", name)
}

// twoHosts are two networks of one interface each beside the loopback, joined
// by a cable: 10.77.0.1 and 10.77.0.2 on veth0. Neither has a route beyond.
func twoHosts(t *testing.T) (a, b *namespace) {
	t.Helper()
	a, b = newNamespace(t), newNamespace(t)
	cable(a, b, "veth0", "10.77.0.1/24", "10.77.0.2/24")
	a.up("lo", "veth0")
	b.up("lo", "veth0")
	return a, b
}

// inside returns the arguments of ip for a program inside the namespace. It
// sees an empty /run, where the usual socket of a Polo of this host would be.
func (n *namespace) inside(program string, args ...string) []string {
	return n.insideAfter("", program, args...)
}

// insideAfter has the shell prepare the program's own mounts before.
func (n *namespace) insideAfter(prepare, program string, args ...string) []string {
	script := prepare + `mount -t tmpfs none /run && exec "$0" "$@"`
	return append([]string{"netns", "exec", n.name, "unshare", "--mount", "sh", "-c", script, program}, args...)
}

// command is a program inside the namespace, with an environment of its own.
func (n *namespace) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command("ip", n.inside(program, args...)...)
	cmd.Env = cleanEnv(n.t)
	return cmd
}

// start starts co2 inside the namespace.
func (n *namespace) start(args ...string) *process {
	n.t.Helper()
	return startCommand(n.t, n.command(binary, args...))
}

// startWithHome starts co2 inside the namespace, with another home for root.
func (n *namespace) startWithHome(home string, args ...string) *process {
	n.t.Helper()
	users := filepath.Join(n.t.TempDir(), "passwd")
	write(n.t, users, "root:x:0:0::"+home+":/bin/sh\n")
	cmd := exec.Command("ip", n.insideAfter("mount --bind '"+users+"' /etc/passwd && ", binary, args...)...)
	cmd.Env = cleanEnv(n.t)
	return startCommand(n.t, cmd)
}

// run runs co2 inside the namespace to its end.
func (n *namespace) run(args ...string) result {
	n.t.Helper()
	return n.answer("", args...)
}

// answer runs co2 inside the namespace with that on its standard input.
func (n *namespace) answer(stdin string, args ...string) result {
	n.t.Helper()
	return runProgram(n.t, cleanEnv(n.t), stdin, "ip", n.inside(binary, args...)...)
}

// eventuallyWithin waits as eventually does, for what a process does only from time to time.
func eventuallyWithin(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); <-tick.C {
		if ok() {
			return
		}
	}
	t.Fatalf("it did not come to pass within %v that %s", within, what)
}
