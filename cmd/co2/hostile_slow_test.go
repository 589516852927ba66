package main_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHostileSlow wastes a relay's time in every way at once. Each way ends
// when its time is over, however often another octet comes.
func TestHostileSlow(t *testing.T) {
	t.Parallel()
	quick := startRelay(t, "--head-timeout", "1s", "--body-timeout", "2s", "--idle-timeout", "1s")
	usual := startRelay(t)
	var all sync.WaitGroup
	for _, h := range slow() {
		all.Go(func() { h.check(t, quick) })
	}
	lazy := then(callWith("Content-Length: 1000000\r\n", strings.Repeat(" ", 1000)), " ")
	rate := hostile{"L16", "body below 1 KiB/s", lazy, "408 closed", ""}
	all.Go(func() { rate.check(t, usual) })
	all.Wait()
	nothingSmuggled(t, quick)
}

// then sends head and then piece again and again, with time in between.
func then(head, piece string) sender {
	return sender{say: func(c *conversation) error {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		err := c.say(head)
		for ; err == nil; <-tick.C {
			err = c.say(piece)
		}
		return err
	}}
}

// octetwise sends s one octet at a time, with time in between.
func octetwise(s string) sender {
	return sender{say: func(c *conversation) (err error) {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for i := 0; i < len(s) && err == nil; i++ {
			<-tick.C
			err = c.say(s[i : i+1])
		}
		return err
	}}
}

func slow() []hostile {
	doc := document("relay.register", members("port", number(smugglersPort)))
	return []hostile{
		{"L15", "nothing", raw(""), "closed", ""},
		{"L15", "one octet", raw("P"), "408 closed", ""},
		{"L15", "half a head", raw(callHead), "408 closed", ""},
		{"L15", "head but for its last octet", raw(strings.TrimSuffix(callWith("", ""), "\n")), "408 closed", ""},
		{"L15", "head octet by octet", octetwise(goodCall()), "408 closed", ""},
		{"L15", "fields for ever", then(callHead, "X: y\r\n"), "408 closed", ""},
		{"L15", "a field for ever", then(callHead+"X: ", "y"), "408 closed", ""},
		{"L15", "empty lines for ever", then("", "\r\n"), "closed", ""},
		{"L15", "empty lines without pause", endlessAfter("", strings.Repeat("\r\n", 1<<15)), "closed", ""},
		{"L15", "a good call and half a head", raw(goodCall() + callHead), "OK 408 closed", ""},
		{"L15", "half a head after HEAD", raw(look("HEAD /", "") + callHead), "200 408 closed", ""},
		{"L16", "no body", raw(callWith("Content-Length: 100\r\n", "")), "408 closed", ""},
		{"L16", "body but for its last octet", raw(strings.TrimSuffix(sized("", doc), ">")), "408 closed", ""},
		{"L16", "body octet by octet", then(callWith("Content-Length: 1000\r\n", doc), " "), "408 closed", ""},
		{"L16", "no chunk", raw(callWith(coded, "")), "408 closed", ""},
		{"L16", "half a chunk", raw(callWith(coded, "10\r\n<a/>")), "408 closed", ""},
		{"L16", "chunks of one octet for ever", then(callWith(coded, ""), "1\r\n \r\n"), "408 closed", ""},
		{"L16", "a chunk's size for ever", then(callWith(coded, ""), "0"), "408 closed", ""},
		{"L16", "an extension for ever", then(callWith(coded, "1"), ";x"), "408 closed", ""},
		{"L16", "trailers for ever", then(callWith(coded, fmt.Sprintf("%x\r\n%s\r\n0\r\n", len(doc), doc)), "X: y\r\n"), "408 closed", ""},
		{"L16", "chunks but for the last line", raw(strings.TrimSuffix(chunked(50, doc), "\r\n")), "408 closed", ""},
		{"L16", "Expect and no body", raw(callWith("Content-Length: 100\r\nExpect: 100-continue\r\n", "")), "100 408 closed", ""},
		{"L16", "body of a refused call for ever", then(strings.Replace(callWith("Content-Length: 1000\r\n", ""), "/RPC2", "/nope", 1), " "), "404 closed", ""},
		{"L16", "body of a refused call in chunks for ever", then(strings.Replace(callWith(coded, ""), "/RPC2", "/nope", 1), "1\r\n \r\n"), "404 closed", ""},
		{"L18", "idle after a call", raw(goodCall()), "OK closed", ""},
		{"L18", "empty lines after a call", then(goodCall(), "\r\n"), "OK closed", ""},
		{"L18", "idle after a fault", raw(sized("", "")), "-32700 closed", ""},
	}
}

// TestHostileReader asks for more and more and takes nothing. The relay stops
// reading when it cannot write, and gives up (L17).
func TestHostileReader(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--write-timeout", "1s")
	c, err := open(relay, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	c.conn.SetReadBuffer(4 << 10)
	call := sized("", test1(strings.Repeat("x", 1<<20)))
	for err == nil {
		err = c.say(call)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("L17: calls whose answers nobody takes were still waited for after %v", patience)
	}
	ping(t, relay)
}
