package main_test

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSatelliteLine holds the lines to their keys: programs read them.
func TestSatelliteLine(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	began := time.Now()
	run(t, "send", "--relay", relay.url, "--nick", "anna", "word=<&>").ok(t)
	line := bob.printed("{")
	var m map[string]any
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if keys := slices.Sorted(maps.Keys(m)); !slices.Equal(keys, []string{"data", "sender", "time"}) {
		t.Errorf("%s has the keys %q, want data, sender, time", line, keys)
	}
	if !strings.HasPrefix(line, `{"sender":"127.0.0.1:`) || !strings.Contains(line, `,"data":{"word":"<&>"},"time":"`) {
		t.Errorf("line %s, want sender, data as sent, time", line)
	}
	at, err := time.Parse(time.RFC3339Nano, m["time"].(string))
	if err != nil || at.Before(began.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) || at.Location() != time.UTC {
		t.Errorf("time %v (%v), want now in UTC", m["time"], err)
	}
	if bob.out.String() != line {
		t.Errorf("printed %q, want messages alone", &bob.out)
	}
}

func TestSatellitePorts(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	if ln, err := net.Listen("tcp", "127.0.0.1:2004"); err == nil {
		defer ln.Close() // so that it is taken, by us or by another
	}
	p := start(t, "satellite", "--relay", relay.url)
	line := p.said("registered with")
	if !strings.Contains(line, " as 127.0.0.1:") || strings.HasSuffix(line, " 2004") {
		t.Errorf("said %q, want a free port beside the taken 2004", line)
	}
	p.said("the relay reaches it: ping")
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if n := must[int](t, relay, "relay.get_num_satellites"); n != 0 {
		t.Errorf("%d satellites after it left, want 0", n)
	}
}

// TestSatelliteNamedHost reaches a relay by a name that has two addresses:
// the satellite listens where its call came from.
func TestSatelliteNamedHost(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	_, port, _ := net.SplitHostPort(relay.addr())
	p := start(t, "satellite", "--relay", "http://localhost:"+port)
	p.said("the relay reaches it: ping")
	p.stop()
}

// TestSatelliteListensElsewhere listens on another loopback address: its own
// calls come from there too, so the relay calls where it listens.
func TestSatelliteListensElsewhere(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	p := start(t, "satellite", "--relay", relay.url, "--listen", "127.0.0.2:0")
	if line := p.said("registered with"); !strings.Contains(line, " as 127.0.0.2:") {
		t.Errorf("said %q, want it registered at the address it listens on", line)
	}
	p.said("the relay reaches it: ping")
	run(t, "send", "--relay", relay.url, "--data=1").ok(t)
	p.printed(`"data":1`)
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if n := must[int](t, relay, "relay.get_num_satellites"); n != 0 {
		t.Errorf("%d satellites after it left, want 0", n)
	}
}

// TestSatelliteUnreachable has a gateway between satellite and relay, so the
// relay calls the gateway's address, where nobody listens.
func TestSatelliteUnreachable(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	p := start(t, "satellite", "--relay", gateway(t, relay.addr(), "127.0.0.9"), "--listen", "127.0.0.1:0")
	line := p.said("registered with")
	at := line[strings.Index(line, "127.0.0.9:"):strings.Index(line, ", listening")]
	p.said("THE RELAY CANNOT REACH THIS SATELLITE")
	if line := p.said("it tried"); !strings.HasSuffix(line, " http://"+at+"/RPC2") {
		t.Errorf("said %q, want the address the relay called", line)
	}
	if line := p.said("and found"); !strings.Contains(line, "refused") {
		t.Errorf("said %q, want why", line)
	}
	if line := p.said("came from"); !strings.HasSuffix(line, " 127.0.0.9") {
		t.Errorf("said %q, want the address of the call", line)
	}
	p.said("--listen")
	words := must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": at})["way_back"].(string)
	for _, part := range []string{"http://" + at + "/RPC2 cannot be reached: ", "refused", "; the registration came from 127.0.0.9"} {
		if !strings.Contains(words, part) {
			t.Errorf("way_back is %q, want %q in it", words, part)
		}
	}
	if line := relay.said("code=SAT-WAYBACK"); !strings.Contains(line, words) {
		t.Errorf("logged %q, want the same words: %q", line, words)
	}
	p.stop()
}

// gateway passes connections on to addr from another address of this host, as
// NAT does, and returns its URL.
func gateway(t *testing.T, addr, from string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := dialer.Dial("tcp", addr)
			if err != nil {
				in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				wg.Go(func() {
					io.Copy(way[0], way[1])
					way[0].Close()
				})
			}
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return "http://" + ln.Addr().String()
}

func TestSatelliteWaitsForTheRelay(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	relay.stop()
	p := start(t, "satellite", "--relay", relay.url)
	line := p.said("cannot register with")
	if !strings.Contains(line, relay.url) || !strings.Contains(line, "refused") || !strings.Contains(line, "trying again in 1s") {
		t.Errorf("said %q, want where, why and when again", line)
	}
	relay.restart(t)
	p.said("registered with " + relay.url)
	p.said("the relay reaches it: ping")
	p.stop()
}

func TestSatelliteWrongCommandLine(t *testing.T) {
	t.Parallel()
	run(t, "satellite", "--relay", "ftp://127.0.0.1").wants(t, 2, "ftp://127.0.0.1", "want something like http://127.0.0.1:2003")
	run(t, "satellite", "--relay", "127.0.0.1:65536").wants(t, 2, "127.0.0.1:65536", "want something like 10.0.0.7:2003")
	run(t, "satellite", "--relay", "http://u:p@127.0.0.1:2003").wants(t, 2, "no user name")
	relay := startRelay(t)
	run(t, "satellite", "--relay", relay.url, "--listen", "192.0.2.123:0").wants(t, 1, "192.0.2.123", "cannot assign")
}

// TestSatelliteWithoutReader leaves the network when nobody reads its lines
// any more, as in co2 satellite | head -1.
func TestSatelliteWithoutReader(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	read, write := io.Pipe()
	cmd := exec.Command(binary, "satellite", "--relay", relay.url, "--listen", "127.0.0.1:0")
	cmd.Env, cmd.Stderr = cleanEnv(t), write
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := stream{changed: make(chan struct{})}
	go said.fill(read)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	if _, ok := said.next("the relay reaches it", patience); !ok {
		t.Fatalf("said %q", &said)
	}
	out.Close()
	sender := listen(t, nil).register(t, relay)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	eventually(t, "it ends", func() bool { // not always at the first message: another test's child may hold the pipe until it runs its program
		sender.send(t, relay, number(1))
		select {
		case err = <-ended:
			return true
		default:
			return false
		}
	})
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v, want exit code 1", err)
	}
	if ids := must[[]string](t, relay, "relay.get_satellites"); !slices.Equal(ids, []string{sender.hostID}) {
		t.Errorf("satellites %q, want it to have left", ids)
	}
}
