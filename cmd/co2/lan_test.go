package main_test

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// retrying is how long it may take until a Polo has tried to join again.
const retrying = 90 * time.Second

// serveIn starts a relay for other hosts inside n.
func serveIn(n *namespace, extra ...string) *server {
	n.t.Helper()
	p := n.start(append([]string{"serve", "--lan", "--state", n.t.TempDir()}, extra...)...)
	p.printed("Next, in another terminal")
	return &server{process: p, url: "http://127.0.0.1:2003"}
}

// finds waits until co2 find with these arguments prints want, whose lines may
// come in any order.
func (n *namespace) finds(want string, args ...string) {
	n.t.Helper()
	var last result
	defer func() {
		if n.t.Failed() {
			n.t.Logf("co2 find %s last ended with %d, printed %q, said %q", strings.Join(args, " "), last.code, last.out, last.err)
		}
	}()
	eventuallyWithin(n.t, retrying, fmt.Sprintf("co2 find %s prints %q", strings.Join(args, " "), want), func() bool {
		last = n.run(append([]string{"find"}, args...)...)
		return last.code == 0 && sorted(last.out) == sorted(want)
	})
}

func sorted(lines string) string {
	return strings.Join(slices.Sorted(strings.Lines(lines)), "")
}

// TestLANFind is a relay on one host that a program on another finds by real
// multicast, without any route for it (marcopolo.md 2.2, 2.3, D18). The
// address is that of the answer.
func TestLANFind(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	serveIn(here)
	there.finds("http://10.77.0.1:2003/RPC2\n")
	here.finds("http://127.0.0.1:2003/RPC2\nhttp://10.77.0.1:2003/RPC2\n")
	stats := here.run("call", "--json", "polo.stats").ok(t).out
	if !strings.Contains(stats, `"interfaces":["lo","veth0"]`) || !strings.Contains(stats, `"trouble":""`) {
		t.Errorf("polo.stats tells %s", stats)
	}
}

// Two relays of one host share its groups: both are found, from there and from
// elsewhere, and the one that is left goes on, by unicast too.
func TestLANFindTwoRelays(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	first := serveIn(here)
	here.finds("http://127.0.0.1:2003/RPC2\nhttp://10.77.0.1:2003/RPC2\n")
	second := here.start("serve", "--listen", ":2103", "--state", t.TempDir())
	second.printed("Next, in another terminal")
	there.finds("http://10.77.0.1:2003/RPC2\nhttp://10.77.0.1:2103/RPC2\n")
	here.finds("http://127.0.0.1:2003/RPC2\nhttp://10.77.0.1:2003/RPC2\nhttp://127.0.0.1:2103/RPC2\nhttp://10.77.0.1:2103/RPC2\n")
	there.finds("10.77.0.1\n", "--shell")
	there.finds("10.77.0.1\n", "--shell", "*")
	there.finds("http://10.77.0.1:2003/RPC2\n", "--node", "10.77.0.1")
	there.run("satellites").wants(t, 1, "2 relays answer by multicast", "--relay http://10.77.0.1:2103/RPC2")
	if got := there.run("find", "--services").ok(t).out; !strings.Contains(got, "port=2003") || !strings.Contains(got, "port=2103") {
		t.Errorf("find --services printed %s", got)
	}
	if strings.Contains(second.err.String(), "discovery cannot answer") {
		t.Errorf("the second said %s", &second.err)
	}
	if code := first.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	there.finds("http://10.77.0.1:2103/RPC2\n")
	second.said("discovery hears unicast again")
	there.finds("http://10.77.0.1:2103/RPC2\n", "--node", "10.77.0.1", "--timeout", "200ms")
}

// TestLANFindNothing keeps a relay for this host alone from being found by
// others.
func TestLANFindNothing(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	p := here.start("serve", "--state", t.TempDir())
	p.printed("Next, in another terminal")
	here.finds("http://127.0.0.1:2003/RPC2\n")
	there.run("find").wants(t, 1, "nothing found")
	there.run("find", "--node", "10.77.0.1").wants(t, 1, "nothing found", "run there, with --lan?")
	there.run("services", "--node", "10.77.0.1").wants(t, 1, "nothing found", "run there, with --lan?")
	here.run("find", "--params", "port:=1", "co2-relay").wants(t, 1, `no answer for "co2-relay" within 1s with these --params; without them: co2 find co2-relay`)
	here.run("serve", "--lan", "--state", t.TempDir()).wants(t, 1, "address already in use", "with --listen in the place of --lan")
}

// TestLANWithoutRoute has no interface at all at first, then one that comes:
// the relay serves, says once what is missing, and is found later (D18).
func TestLANWithoutRoute(t *testing.T) {
	t.Parallel()
	here, there := newNamespace(t), newNamespace(t)
	relay := serveIn(here)
	relay.said("discovery does not hear its groups everywhere and keeps trying")
	here.up("lo")
	relay.said("discovery hears its groups again")
	if got := here.run("call", "--url", relay.url, "ping").ok(t); got.out != "OK\n" {
		t.Errorf("ping answered %q", got.out)
	}
	cable(here, there, "veth0", "10.77.0.1/24", "10.77.0.2/24")
	here.up("veth0")
	there.up("lo", "veth0")
	there.finds("http://10.77.0.1:2003/RPC2\n")
	if said := strings.Count(relay.err.String(), "does not hear"); said != 1 {
		t.Errorf("it was said %d times that there is no network, want once: %s", said, &relay.err)
	}
}

// TestPoloPortTaken has another program on the UDP port, which is no Polo: the
// relay serves, says so once, and is found as soon as that one is gone (D18).
func TestPoloPortTaken(t *testing.T) {
	t.Parallel()
	other, err := net.ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	port := strconv.Itoa(other.LocalAddr().(*net.UDPAddr).Port)
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--state", t.TempDir(), "--polo-port", port)
	url := strings.TrimSuffix(strings.Fields(p.printed("listening"))[1], "/")
	p.printed("Next, in another terminal")
	p.said("another program")
	if got := run(t, "call", "--url", url, "ping").ok(t); got.out != "OK\n" {
		t.Errorf("ping answered %q", got.out)
	}
	run(t, "find", "--polo-port", port, "--timeout", "100ms").wants(t, 1, "nothing found")
	other.Close()
	eventuallyWithin(t, retrying, "the relay is found once the port is free", func() bool {
		r := run(t, "find", "--polo-port", port)
		return r.code == 0 && r.out == url+"/RPC2\n"
	})
	if n := strings.Count(p.err.String(), "another program"); n != 1 {
		t.Errorf("it was said %d times that the port is taken, want once", n)
	}
}

// TestLANSatellite has a satellite and a sender on another host, neither of
// which is told where the relay is.
func TestLANSatellite(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	serveIn(here)
	bob := there.start("satellite", "--nick", "bob")
	bob.said("registered with http://10.77.0.1:2003")
	bob.said("the relay reaches it: ping")
	there.run("send", "mood=calm").ok(t)
	if line := bob.printed("{"); !strings.Contains(line, `"data":{"mood":"calm"}`) {
		t.Errorf("the satellite printed %s", line)
	}
}
