package door_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"co2/registry/door"
)

func TestConnectionsOfOneAddress(t *testing.T) { // L19
	for _, tt := range []struct{ first, same, other string }{
		{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, log := open(t, door.Config{MaxPerPeer: 2}, echo{})
			one, two := p.dial(tt.first), p.dial(tt.same)
			synctest.Wait()
			for range 3 {
				more := p.dial(tt.same)
				if res, body := more.answer(t); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !res.Close {
					t.Errorf("a third connection of %s: status %d %q, want 503 with Retry-After and the end", tt.same, res.StatusCode, body)
				}
				more.ended(t)
			}
			if n := log.has("turned away"); n != 1 {
				t.Errorf("%d lines in the log about it, want 1", n)
			}
			other := p.dial(tt.other)
			for _, c := range []*peer{one, two, other} {
				c.say(call)
				if _, body := c.answer(t); body != "hello" {
					t.Errorf("answer %q, want hello", body)
				}
			}
			one.Close()
			synctest.Wait()
			again := p.dial(tt.same)
			again.say(call)
			if res, _ := again.answer(t); res.StatusCode != 200 {
				t.Errorf("after one has left: status %d, want 200", res.StatusCode)
			}
		})
	}
}

func TestConnectionsWaitForRoom(t *testing.T) { // L19
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 1}, echo{})
		first := p.dial("192.0.2.1")
		second := make(chan *peer)
		go func() { second <- p.dial("192.0.2.2") }()
		synctest.Wait()
		select {
		case <-second:
			t.Fatal("a second connection was accepted, want it to wait")
		default:
		}
		first.Close()
		c := <-second
		c.say(call)
		if _, body := c.answer(t); body != "hello" {
			t.Errorf("answer %q, want hello", body)
		}
	})
}

func TestMemoryOfBodies(t *testing.T) { // L20
	synctest.Test(t, func(t *testing.T) {
		const memory = 400 << 10
		p, _ := open(t, door.Config{MaxBody: memory * 7 / 8, BodyMemory: memory}, echo{})
		held := p.dial("192.0.2.1")
		held.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 350<<10, strings.Repeat("a", 300<<10)))
		synctest.Wait()
		liar := p.dial("192.0.2.1")
		liar.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 40<<10))
		synctest.Wait()
		small := p.dial("192.0.2.2")
		small.say(call)
		if _, body := small.answer(t); body != "hello" {
			t.Errorf("a small body beside large ones is answered %q, want hello", body)
		}
		large := p.dial("192.0.2.2")
		large.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", 250<<10))
		if res, body := large.answer(t); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !res.Close {
			t.Errorf("a body with no room: status %d %q, want 503 with Retry-After, before it is read", res.StatusCode, body)
		}
		chunks := p.dial("192.0.2.3")
		chunks.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n" + strings.Repeat("a", 0x40000) + "\r\n0\r\n\r\n")
		if res, body := chunks.answer(t); res.StatusCode != 503 {
			t.Errorf("chunks with no room: status %d %q, want 503", res.StatusCode, body)
		}
		held.Close()
		liar.Close()
		synctest.Wait()
		for range 3 { // all is given back
			c := p.dial("192.0.2.2")
			c.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 250<<10, strings.Repeat("a", 250<<10)))
			if res, body := c.answer(t); res.StatusCode != 200 || len(body) != 250<<10 {
				t.Errorf("with room again: status %d and %d octets, want all back", res.StatusCode, len(body))
			}
		}
	})
}

func TestHeadLimits(t *testing.T) { // L1, L2
	fields := func(n int) string {
		return "POST / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", n-2) + "Host: x\r\nContent-Length: 0\r\n\r\n"
	}
	octets := func(n int) string {
		const rest = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX: \r\n\r\n"
		return strings.Replace(rest, "X: ", "X: "+strings.Repeat("y", n-len(rest)), 1)
	}
	for _, tt := range []struct {
		name, request string
		status        int
	}{
		{"256 fields", fields(256), 200},
		{"257 fields", fields(257), 431},
		{"64 KiB", octets(64 << 10), 200},
		{"64 KiB and one octet", octets(64<<10 + 1), 431},
		{"one long request line", "POST /" + strings.Repeat("a", 64<<10), 431},
		{"a head without end", "POST / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", 64<<10), 431},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, echo{})
				c := p.dial("192.0.2.1")
				c.say(tt.request)
				if res, body := c.answer(t); res.StatusCode != tt.status || res.Close != (tt.status != 200) {
					t.Errorf("status %d %q, close %t, want %d", res.StatusCode, body, res.Close, tt.status)
				}
			})
		})
	}
}
