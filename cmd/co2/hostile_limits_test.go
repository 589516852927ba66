package main_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestHostileCrowd opens 2,000 connections that come to nothing. Normal
// service goes on beside them, and they cost little (L-C).
func TestHostileCrowd(t *testing.T) {
	relay := startRelay(t, "--head-timeout", "60s", "--body-timeout", "60s")
	ping(t, relay)
	before := relay.memory(t, "VmRSS")
	sent := []string{
		"", "P", callHead, callWith("Content-Length: 8388608\r\n", "<methodCall>"), callWith(coded, "ffff\r\n<methodCall>"),
		callWith("Content-Length: 100\r\nContent-Encoding: gzip\r\n", gzipHead), goodCall(), "\r\n",
	}
	const crowd = 2000
	for i := range crowd {
		c, err := open(relay, fmt.Sprintf("127.0.0.%d", 1+i%4))
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		if err := c.say(sent[i%len(sent)]); err != nil {
			t.Fatal(err)
		}
	}
	if descriptors := relay.descriptors(t); descriptors >= 0 {
		eventually(t, "the relay holds all connections", func() bool { return relay.descriptors(t) >= crowd })
	}
	bob := startSatellite(t, relay)
	sender := listen(t, nil).register(t, relay)
	for i := range 20 {
		ping(t, relay)
		sender.send(t, relay, number(i))
		wantMessage(t, sender.hostID, fmt.Sprint(i), bob)
	}
	if now := relay.memory(t, "VmRSS"); !raceEnabled && now > before+mayKeep {
		t.Errorf("%d connections took %d MiB, want at most %d", crowd, now-before, mayKeep)
	} else {
		t.Logf("%d connections took %d MiB", crowd, now-before)
	}
}

// descriptors is how many files and connections the process has open, or -1
// where the system does not tell.
func (p *process) descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if errors.Is(err, fs.ErrNotExist) {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// TestHostilePerAddress takes all connections that one address may have. That
// address is turned away, others are not (L19).
func TestHostilePerAddress(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-conns-per-address", "8")
	guests := occupy(t, relay, "127.0.0.3", 8)
	for range 3 {
		c := talk(relay, "127.0.0.3", raw(goodCall()), "503 closed")
		if c.outcome() != "503 closed" || !strings.Contains(c.last.head, "Retry-After: ") {
			t.Errorf("L19: the ninth connection of an address: %s, head %q, want 503 with Retry-After and the end", c.outcome(), c.last.head)
		}
		ping(t, relay)
	}
	guests[0].conn.Close()
	eventually(t, "the address has room again", func() bool {
		return talk(relay, "127.0.0.3", raw(goodCall()), "OK kept").outcome() == "OK kept"
	})
}

// TestHostileTooMany takes all connections there are. More are not taken, and
// served as soon as others end (L19).
func TestHostileTooMany(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-conns", "8")
	before := relay.descriptors(t)
	guests := occupy(t, relay, "127.0.0.1", 8)
	var waiting []*conversation
	for range 20 {
		c, err := open(relay, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		waiting = append(waiting, c)
		c.say(goodCall())
	}
	for _, g := range guests {
		if g.say(goodCall()); !g.hear() || g.last.word != "OK" {
			t.Errorf("L19: a connection within the limit: %s", g.outcome())
		}
	}
	if now := relay.descriptors(t); now > before+8 {
		t.Errorf("L19: the relay took %d connections, want 8", now-before)
	}
	for _, g := range guests {
		g.conn.Close()
	}
	for _, c := range waiting {
		if !c.hear() || c.last.word != "OK" {
			t.Errorf("L19: a connection that had to wait: %s, want OK", c.outcome())
		}
		c.conn.Close()
	}
}

// occupy opens connections that have been served and wait.
func occupy(t *testing.T, relay *server, from string, n int) []*conversation {
	t.Helper()
	var guests []*conversation
	for range n {
		c, err := open(relay, from)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.conn.Close() })
		if err := c.say(goodCall()); err != nil || !c.hear() || c.last.word != "OK" {
			t.Fatalf("L19: a connection within the limit: %v, %s", err, c.outcome())
		}
		guests = append(guests, c)
	}
	return guests
}

// TestHostileBodies sends bodies that never end until they have all the
// memory there is for bodies. What comes then is told to come again, and is
// served when the others have gone (L20).
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-body-memory", "16MiB")
	var guests []*conversation
	for range 2 {
		c, err := open(relay, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		guests = append(guests, c)
		if err := c.say(callWith("Content-Length: 8388608\r\n", strings.Repeat(" ", 5<<20))); err != nil {
			t.Fatal(err)
		}
	}
	large := raw(callWith("Content-Length: 8000000\r\nExpect: 100-continue\r\n", ""))
	eventually(t, "a large body is refused for want of memory", func() bool {
		c := talk(relay, "127.0.0.1", large, "503 closed")
		return c.outcome() == "503 closed" && strings.Contains(c.last.head, "Retry-After: ")
	})
	for _, g := range guests {
		g.conn.Close()
	}
	eventually(t, "a large body is read again", func() bool {
		return talk(relay, "127.0.0.1", made(func() string { return sized("", strings.Repeat(" ", 8_000_000)) }), "-32700 kept").outcome() == "-32700 kept"
	})
	ping(t, relay)
}

// TestHostileExpect waits to be told to go on, as the rule asks (H24).
func TestHostileExpect(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	c, err := open(relay, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	body := document("ping")
	for range 2 {
		c.say(callWith(fmt.Sprintf("Expect: 100-continue\r\nContent-Length: %d\r\n", len(body)), ""))
		if !c.hear() || c.last.word != "100" {
			t.Fatalf("H24: %s, want 100", c.outcome())
		}
		c.say(body)
		if !c.hear() || c.last.word != "OK" {
			t.Fatalf("H24: %s, want OK", c.outcome())
		}
	}
}
