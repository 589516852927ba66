package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
)

// serveSubscribers is subscribers of the NATS server at an address, each with
// a connection of its own. It takes the commands of peers/tally.h.
func serveSubscribers(addr string, n int) error {
	c := newCounter(n, os.Stdout)
	for i := range n {
		conn, err := nats.Connect("nats://" + addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Subscribe("notify", func(*nats.Msg) { c.count(i) }); err != nil {
			return err
		}
		if err := conn.Flush(); err != nil {
			return err
		}
	}
	fmt.Println("subscribed")
	return c.serve(os.Stdin)
}

// A counter is the Go side of peers/tally.h, for notifies to all.
type counter struct {
	got     []atomic.Int64 // by receiver
	each    atomic.Int64   // for every receiver
	missing atomic.Int64

	mu      sync.Mutex
	out     io.Writer // guarded by mu
	waiting bool      // guarded by mu: nobody knows yet that nothing is missing
}

func newCounter(n int, out io.Writer) *counter {
	return &counter{got: make([]atomic.Int64, n), out: out}
}

// count notes that receiver i got a message.
func (c *counter) count(i int) {
	if c.got[i].Add(1) <= c.each.Load() && c.missing.Add(-1) == 0 {
		c.tellReached(monotonicNow())
	}
}

func (c *counter) tellReached(at monotonic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.waiting {
		return
	}
	c.waiting = false
	var most int64
	for i := range c.got {
		most = max(most, c.got[i].Load())
	}
	fmt.Fprintln(c.out, "reached", int64(at), most)
}

// serve takes commands to the end of in.
func (c *counter) serve(in io.Reader) error {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var each, n int
		if _, err := fmt.Sscanf(lines.Text(), "expect notify %d %d all", &each, &n); err == nil && n == len(c.got) {
			c.expect(each)
		} else if lines.Text() == "enough" {
			c.enough()
		} else {
			return fmt.Errorf("unknown command %q", lines.Text())
		}
	}
	return nil
}

func (c *counter) expect(each int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.got {
		c.got[i].Store(0)
	}
	c.each.Store(int64(each))
	c.missing.Store(int64(each * len(c.got)))
	c.waiting = true
	fmt.Fprintln(c.out, "ready")
}

func (c *counter) enough() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting {
		fmt.Fprintln(c.out, "short", c.missing.Load())
	}
	c.waiting = false
}
