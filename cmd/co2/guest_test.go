package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// startPoloIn starts co2 polo inside the namespace, on the usual UDP port.
func startPoloIn(n *namespace, dir string, extra ...string) *polod {
	n.t.Helper()
	p := newPolod(n.t, dir)
	p.port = "1337"
	p.process = n.start(append(p.args(), extra...)...)
	p.printed("Next, in another terminal")
	return p
}

// A relay is published by the Polo that has the groups already, again when that
// was killed and started anew, and no more when the relay ends; when the Polo
// ends, the relay answers for itself.
func TestRelayAsGuest(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	dir := t.TempDir()
	polo := startPoloIn(here, dir, "--lan")
	relay := serveIn(here, "--polo-socket", polo.socket)
	relay.said("another program, perhaps another polo, has the port")
	relay.said("the relay is published by the Polo that has the port")
	there.finds("http://10.77.0.1:2003/RPC2\n")

	polo.kill() // for a moment the relay may answer for itself
	again := &polod{dir: dir, socket: polo.socket, pidFile: polo.pidFile, port: polo.port}
	again.process = here.start(append(again.args(), "--lan")...)
	again.printed("Next, in another terminal")
	there.finds("http://10.77.0.1:2003/RPC2\n")

	if code := relay.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	there.run("find").wants(t, 1, "nothing found")
	relay = serveIn(here, "--polo-socket", polo.socket)
	there.finds("http://10.77.0.1:2003/RPC2\n")
	again.stop()
	there.finds("http://10.77.0.1:2003/RPC2\n")
	relay.said("discovery hears its groups again")
}

// A relay is published, and taken back, through the TLS door where the Polo has
// no socket that it knows, by the token of its user. The home of root, which
// holds that token, is the test's own.
func TestRelayAsGuestByTLS(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	home, dir := t.TempDir(), t.TempDir()
	polo := newPolod(t, dir)
	polo.process = here.startWithHome(home, "polo", "--dir", dir, "--socket", polo.socket, "--pid-file", polo.pidFile, "--lan")
	polo.printed("and by TLS on 127.0.0.1:1390")
	relay := here.startWithHome(home, "serve", "--lan", "--state", t.TempDir())
	relay.said("the relay is published by the Polo that has the port")
	there.finds("http://10.77.0.1:2003/RPC2\n")
	if got := polo.do("services").ok(t).out; !lineWith(got, "co2-relay ", "-") {
		t.Errorf("services printed %s", got)
	}
	token, err := os.ReadFile(filepath.Join(home, ".polo", "token"))
	if err != nil || len(token) != 44 {
		t.Errorf("the token is %q, %v", token, err)
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	there.run("find").wants(t, 1, "nothing found")
}

// A guest whose token is of another Polo is told which file that is and what to
// do, and is published without a restart once that is done, either way.
func TestRelayAsGuestWithAStaleToken(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	home, dir := t.TempDir(), t.TempDir()
	file := filepath.Join(home, ".polo", "token")
	stale := strings.Repeat("o", 44)
	write(t, file, stale)
	polo := newPolod(t, dir)
	polo.process = here.startWithHome(home, "polo", "--dir", dir, "--socket", polo.socket, "--pid-file", polo.pidFile, "--lan")
	polo.printed("and by TLS on 127.0.0.1:1390")
	relay := here.startWithHome(home, "serve", "--lan", "--state", t.TempDir())
	line := relay.said("does not tell of this relay")
	for _, part := range []string{"remove " + file + ", and a new one is made", "co2 polo --reissue-tokens", "it tries again"} {
		if !strings.Contains(line, part) {
			t.Errorf("said %q, want %q", line, part)
		}
	}
	there.run("find").wants(t, 1, "nothing found")
	renew := here.startWithHome(home, "polo", "--dir", dir, "--reissue-tokens", "root")
	renew.printed("root has a new token")
	relay.said("the relay is published by the Polo that has the port")
	there.finds("http://10.77.0.1:2003/RPC2\n")

	relay.stop()
	write(t, file, stale)
	relay = here.startWithHome(home, "serve", "--lan", "--state", t.TempDir())
	relay.said("does not tell of this relay")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	relay.said("the relay is published by the Polo that has the port")
}

// A relay for this host alone is not told to others by a Polo that answers
// them, and is by one that does not.
func TestRelayAsGuestOfThisHost(t *testing.T) {
	t.Parallel()
	here, _ := twoHosts(t)
	for _, c := range []struct {
		reach, said string
		found       bool
	}{
		{"--lan", "that Polo answers other hosts too", false},
		{"--local", "the relay is published by the Polo", true},
	} {
		polo := startPoloIn(here, t.TempDir(), c.reach)
		relay := here.start("serve", "--state", t.TempDir(), "--polo-socket", polo.socket)
		relay.printed("Next, in another terminal")
		relay.said(c.said)
		if got := here.run("find"); (got.code == 0) != c.found {
			t.Errorf("with co2 polo %s find printed %q, said %q", c.reach, got.out, got.err)
		}
		relay.stop()
		if again := strings.Count(relay.err.String(), c.said); again != 1 {
			t.Errorf("with co2 polo %s it was said %d times: %s", c.reach, again, &relay.err)
		}
		polo.stop()
	}
}

// A guest that listens on one address alone is found at that, though its Polo
// answers this host from the loopback.
func TestFindGuestOfOneAddress(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	for _, reach := range []string{"--lan", "--local"} {
		polo := startPoloIn(here, t.TempDir(), reach)
		relay := here.start("serve", "--listen", "10.77.0.1:2103", "--state", t.TempDir(), "--polo-socket", polo.socket)
		relay.said("the relay is published by the Polo that has the port")
		here.finds("http://10.77.0.1:2103/RPC2\n")
		here.finds("10.77.0.1\n", "--shell")
		if got := here.run("satellites", "--json").ok(t); !strings.Contains(got.err, "http://10.77.0.1:2103/RPC2") {
			t.Errorf("with co2 polo %s satellites said %q", reach, got.err)
		}
		if reach == "--lan" {
			there.finds("http://10.77.0.1:2103/RPC2\n")
		}
		relay.stop()
		polo.stop()
	}
}

// A reload moves a Polo to another interface and port, with what programs have
// published.
func TestPoloMovesAtReload(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	p := newPolod(t, t.TempDir())
	config := filepath.Join(p.dir, "polo.cfg")
	write(t, config, "[polo]\ninterfaces = lo\n")
	p.process = here.start("polo", "--dir", p.dir, "--socket", p.socket, "--pid-file", p.pidFile, "--no-tls")
	p.printed("Next, in another terminal")
	p.do("publish", "lamp", "--root").ok(t)
	here.finds("127.0.0.1\n", "lamp", "--max-nodes", "1")
	there.run("find", "lamp").wants(t, 1, "nothing found")
	write(t, config, "[polo]\ninterfaces = veth0\nport = 1447\n")
	p.signal(syscall.SIGHUP)
	p.said("key=port")
	p.said(`key=interfaces was="by hosts on lo" now="by hosts on veth0"`)
	there.finds("10.77.0.1\n", "lamp", "--polo-port", "1447")
	there.finds("10.77.0.1\n", "lamp", "--polo-port", "1447", "--node", "10.77.0.1")
	there.run("find", "lamp").wants(t, 1, "nothing found")
}

// Commands that publish use the relay where no Polo is, and say so.
func TestPublishByRelay(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	serveIn(here)
	got := here.run("publish", "printer", "port:=9100", "rate:=0.5", "--permanent").ok(t)
	if got.out != "printer\n" || !strings.Contains(got.err, "published by the relay at http://127.0.0.1:2003") {
		t.Errorf("publish printed %q, said %q", got.out, got.err)
	}
	there.finds("10.77.0.1  port=9100  rate=0.5\n", "printer")
	if got := here.run("services").ok(t).out; !lineWith(got, "printer ", "yes") || !lineWith(got, "co2-relay ", "-") {
		t.Errorf("services printed %s", got)
	}
	if got := there.run("services", "--node", "10.77.0.1").ok(t).out; !strings.Contains(got, "printer") { // D2, D47
		t.Errorf("services --node printed %s", got)
	}
	here.run("publish", "mine", "--user").wants(t, 2, "offers no services of users")
	there.run("publish", "printer", "--relay", "10.77.0.1").wants(t, 3, "operator", "run this on the host of the relay")
	here.run("unpublish", "printer", "--delete-file").ok(t)
	there.run("find", "printer").wants(t, 1, "nothing found")
	there.run("services").wants(t, 1, "no Polo on this host can be reached, and no relay: start one with co2 polo or co2 serve", "http://127.0.0.1:2003: ")
	there.run("satellites", "--relay", "10.77.0.1:2999").wants(t, 1, "start that relay with co2 serve --lan")
}

// Two groups keep services apart, and unicast reaches all of them (1, 2.6, D2).
func TestTwoGroups(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	polo := startPoloIn(here, t.TempDir(), "--lan")
	polo.do("publish", "one", "--root", "--group", "224.0.0.112").ok(t)
	polo.do("publish", "two", "--root", "--group", "224.0.0.113").ok(t)
	there.finds("10.77.0.1\n", "one")
	there.finds("10.77.0.1\n", "two", "--group", "224.0.0.113")
	there.run("find", "two").wants(t, 1, "nothing found")
	there.run("find", "one", "--group", "224.0.0.113").wants(t, 1, "nothing found")
	for _, id := range []string{"one", "two"} {
		there.finds("10.77.0.1\n", id, "--node", "10.77.0.1")
	}
}

// Where a Polo answers: with a configuration file on all interfaces, else on
// this host alone, and on those that are named (D18).
func TestPoloReach(t *testing.T) {
	t.Parallel()
	here, there := twoHosts(t)
	for _, c := range []struct {
		config   string
		flags    []string
		said     string
		isThere  bool
		isInside bool
	}{
		{"", nil, "by programs on this machine only", false, true},
		{"[polo]\n", nil, "by every host on the networks of this machine: they are told this host's name", true, true},
		{"[polo]\n", []string{"--local"}, "by programs on this machine only", false, true},
		{"[polo]\ninterfaces = lo\n", nil, "by hosts on lo", false, true},
		{"[polo]\ninterfaces = lo\n", []string{"--interface", "veth0", "--hide-hostname"}, "by hosts on veth0: they are told every service", true, false},
	} {
		dir := t.TempDir()
		if c.config != "" {
			write(t, filepath.Join(dir, "polo.cfg"), c.config)
		}
		write(t, filepath.Join(dir, "services", "lamp"), `{"id": "lamp"}`)
		p := startPoloIn(here, dir, c.flags...)
		if !strings.Contains(p.out.String(), "reachable  "+c.said) {
			t.Errorf("%q %q: printed %s, want %q", c.config, c.flags, &p.out, c.said)
		}
		if c.isInside {
			here.finds("127.0.0.1\n", "lamp", "--max-nodes", "1")
		}
		if c.isThere {
			there.finds("10.77.0.1\n", "lamp")
		} else {
			there.run("find", "lamp").wants(t, 1, "nothing found")
		}
		p.stop()
	}
}
